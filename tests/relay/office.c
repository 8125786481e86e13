#include "office.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

enum { LANGUAGES = 4 };

struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct parcel *parcels;
    size_t first, count, capacity;
};

struct told {
    pthread_mutex_t lock;
    uint8_t (*ids)[16];
    size_t count, capacity;
};

static struct queue queues[LANGUAGES];
static struct told told[LANGUAGES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t over = PTHREAD_COND_INITIALIZER;
static bool is_over;
static char wrong[200];
static atomic_size_t left;
struct plan plan;

static void *grown(void *array, size_t *capacity, size_t size) {
    *capacity = *capacity == 0 ? 1024 : *capacity * 2;
    array = realloc(array, *capacity * size);
    if (array == NULL) abort();
    return array;
}

static void send_to(uint32_t language, struct parcel parcel) {
    struct queue *queue = &queues[language];
    pthread_mutex_lock(&queue->lock);
    if (queue->count == queue->capacity) {
        // What stands before the first place moves behind the last one.
        const size_t before = queue->capacity;
        queue->parcels = grown(queue->parcels, &queue->capacity, sizeof *queue->parcels);
        memcpy(queue->parcels + before, queue->parcels, queue->first * sizeof *queue->parcels);
    }
    queue->parcels[(queue->first + queue->count++) % queue->capacity] = parcel;
    pthread_cond_signal(&queue->changed);
    pthread_mutex_unlock(&queue->lock);
}

struct parcel office_receive(uint32_t language) {
    struct queue *queue = &queues[language];
    struct parcel parcel = {.kind = PARCEL_NONE};
    pthread_mutex_lock(&queue->lock);
    while (queue->count == 0 && !is_over) pthread_cond_wait(&queue->changed, &queue->lock);
    if (queue->count > 0) {
        parcel = queue->parcels[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
    }
    pthread_mutex_unlock(&queue->lock);
    return parcel;
}

static void close_office(void) {
    pthread_mutex_lock(&lock);
    for (size_t language = 0; language < LANGUAGES; language++) pthread_mutex_lock(&queues[language].lock);
    is_over = true;
    for (size_t language = 0; language < LANGUAGES; language++) {
        pthread_cond_broadcast(&queues[language].changed);
        pthread_mutex_unlock(&queues[language].lock);
    }
    pthread_cond_broadcast(&over);
    pthread_mutex_unlock(&lock);
}

void office_wrong(uint32_t language, uint32_t number, const char *what) {
    pthread_mutex_lock(&lock);
    if (wrong[0] == 0) {
        snprintf(wrong, sizeof wrong, "%s, deferral %u: %s", backstay_language_name(language), (unsigned)number, what);
    }
    pthread_mutex_unlock(&lock);
    close_office();
}

void office_open(uint32_t instance_number, backstay_instance instance, backstay_deferral guard) {
    struct planned_instance *planned = &plan.instances[instance_number];
    planned->guard = guard;
    atomic_store(&planned->to_take, planned->count);
    for (uint32_t number = planned->first; number < planned->first + planned->count; number++) {
        const struct ticket *ticket = &plan.tickets[number];
        struct parcel parcel = {.kind = PARCEL_TAKE, .number = number, .taker = ticket->taker};
        backstay_instance dup;
        const backstay_status status = backstay_instance_dup(instance, &dup);
        if (status != BACKSTAY_OK) {
            office_wrong(ticket->taker, number, backstay_status_name(status));
            return;
        }
        parcel.handle = dup.id;
        send_to(ticket->taker, parcel);
    }
}

static void one_less(void) {
    if (atomic_fetch_sub(&left, 1) == 1) close_office();
}

void office_taken(uint32_t number, int32_t status, backstay_deferral deferral) {
    struct ticket *ticket = &plan.tickets[number];
    struct planned_instance *planned = &plan.instances[ticket->instance];
    ticket->taken = status;
    if (status == BACKSTAY_OK) office_pass(number, deferral);
    // What is taken now holds the instance, or it was given up.
    if (atomic_fetch_sub(&planned->to_take, 1) == 1) {
        planned->guard_answer = backstay_deferral_complete(planned->guard);
        one_less();
    }
    if (status != BACKSTAY_OK) one_less();
}

void office_pass(uint32_t number, backstay_deferral deferral) {
    struct ticket *ticket = &plan.tickets[number];
    const struct hop hop = ticket->hops[ticket->next++];
    send_to(hop.language, (struct parcel){.kind = PARCEL_CARRY,
                                          .number = number,
                                          .acts = hop.acts,
                                          .taker = ticket->taker,
                                          .handle = deferral.id});
}

void office_ended(uint32_t number, int32_t status, int32_t again) {
    struct ticket *ticket = &plan.tickets[number];
    ticket->answer = status;
    ticket->again = again;
    one_less();
}

void office_completed(uint32_t language, const uint8_t instance_id[16]) {
    struct told *list = &told[language];
    pthread_mutex_lock(&list->lock);
    if (list->count == list->capacity) list->ids = grown(list->ids, &list->capacity, sizeof *list->ids);
    memcpy(list->ids[list->count++], instance_id, 16);
    pthread_mutex_unlock(&list->lock);
}

void office_prepare(void) {
    for (size_t language = 0; language < LANGUAGES; language++) {
        pthread_mutex_init(&queues[language].lock, NULL);
        pthread_cond_init(&queues[language].changed, NULL);
        pthread_mutex_init(&told[language].lock, NULL);
    }
    // Each deferral and each guard.
    atomic_store(&left, plan.ticket_count + plan.instance_count);
}

bool office_wait(unsigned seconds, size_t *missing) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += seconds;
    int waited = 0;
    pthread_mutex_lock(&lock);
    while (!is_over && waited != ETIMEDOUT) waited = pthread_cond_timedwait(&over, &lock, &until);
    const bool ended = is_over;
    pthread_mutex_unlock(&lock);
    *missing = atomic_load(&left);
    return ended;
}

const char *office_said(void) {
    return wrong;
}

const uint8_t *office_told(uint32_t language, size_t *bytes) {
    *bytes = told[language].count * 16;
    return (const uint8_t *)told[language].ids;
}
