/* The carriers of C. */
#include "office.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_THREADS = 16 };

static pthread_t threads[MOST_THREADS];
static uint32_t thread_count;

static void wrong(uint32_t number, const char *what, backstay_status status) {
    char text[100];
    snprintf(text, sizeof text, "%s: %s", what, backstay_status_name(status));
    office_wrong(BACKSTAY_LANGUAGE_C, number, text);
}

static void take(struct parcel parcel) {
    char label[16];
    const backstay_instance instance = {parcel.handle};
    backstay_deferral deferral = {0};
    const int length = snprintf(label, sizeof label, "%u", (unsigned)parcel.number);
    const backstay_status status =
        backstay_instance_get_deferral(instance, ((backstay_str){label, (size_t)length}), &deferral);
    backstay_instance_release(instance);
    office_taken(parcel.number, status, deferral);
}

static bool has_ended(backstay_deferral deferral) {
    backstay_instance instance;
    backstay_state state = BACKSTAY_STATE_PENDING;
    if (backstay_deferral_instance(deferral, &instance) != BACKSTAY_OK) return false;
    backstay_instance_get_state(instance, &state);
    backstay_instance_release(instance);
    return state == BACKSTAY_STATE_FINISHED;
}

/* Reports say that C has it, and who took it; of an instance that was abandoned meanwhile, who had it then. */
static void look(struct parcel parcel, backstay_deferral deferral) {
    backstay_holder holder = {.struct_size = sizeof holder};
    const backstay_status status = backstay_deferral_holder(deferral, &holder);
    if (status != BACKSTAY_OK) {
        wrong(parcel.number, "holder", status);
    } else if ((uint32_t)atoi(holder.label) != parcel.number || holder.site_language != parcel.taker ||
               (holder.language != BACKSTAY_LANGUAGE_C && !has_ended(deferral))) {
        wrong(parcel.number, "the holder is another", status);
    }
}

static void act(struct parcel parcel, backstay_deferral deferral) {
    backstay_instance instance;
    bool canceled;
    if (parcel.acts & ACT_NOTE) backstay_deferral_set_note(deferral, BACKSTAY_STR("in C"));
    if (!(parcel.acts & (ACT_CANCEL | ACT_CHECKPOINT))) return;
    backstay_status status = backstay_deferral_instance(deferral, &instance);
    if (status == BACKSTAY_OK && parcel.acts & ACT_CANCEL) {
        status = backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT);
    }
    if (status == BACKSTAY_OK && parcel.acts & ACT_CHECKPOINT) status = backstay_instance_checkpoint(instance, &canceled);
    if (status != BACKSTAY_OK) wrong(parcel.number, "act", status);
    backstay_instance_release(instance);
}

static void carry(struct parcel parcel) {
    const backstay_deferral deferral = {parcel.handle};
    look(parcel, deferral);
    act(parcel, deferral);
    if (!(parcel.acts & (ACT_COMPLETE | ACT_FAIL | ACT_DROP))) {
        office_pass(parcel.number, deferral);
        return;
    }
    backstay_status status, again = BACKSTAY_ALREADY_COMPLETED;
    if (parcel.acts & ACT_COMPLETE) status = backstay_deferral_complete(deferral);
    else if (parcel.acts & ACT_FAIL) status = backstay_deferral_fail(deferral, BACKSTAY_STR("on purpose"));
    else status = backstay_deferral_release(deferral);
    if (parcel.acts & ACT_AGAIN) again = backstay_deferral_complete(deferral);
    office_ended(parcel.number, status, again);
}

static void *work(void *unused) {
    (void)unused;
    for (;;) {
        const struct parcel parcel = office_receive(BACKSTAY_LANGUAGE_C);
        if (parcel.kind == PARCEL_NONE) return NULL;
        if (parcel.kind == PARCEL_TAKE) take(parcel);
        else carry(parcel);
    }
}

/* The details are the number of the instance. */
static backstay_status run(backstay_instance instance, void *user_data) {
    (void)user_data;
    char number[16] = {0};
    backstay_details details = {.struct_size = sizeof details};
    backstay_deferral guard;
    backstay_status status = backstay_instance_details(instance, &details);
    if (status == BACKSTAY_OK) status = backstay_instance_get_deferral(instance, BACKSTAY_STR("guard"), &guard);
    if (status != BACKSTAY_OK) return status;
    memcpy(number, details.bytes, details.length < sizeof number ? details.length : sizeof number - 1);
    office_open((uint32_t)strtoul(number, NULL, 10), instance, guard);
    return BACKSTAY_OK;
}

static void completed(const backstay_completion *completion, void *user_data) {
    (void)user_data;
    office_completed(BACKSTAY_LANGUAGE_C, completion->instance_id);
}

/* One whose instances are never given up, and one whose instances may be: their grace is short. */
int carry_in_c(backstay_host host, uint32_t count) {
    static const char *const names[] = {"patient C", "hasty C"};
    for (size_t index = 0; index < 2; index++) {
        backstay_task_options options = {.struct_size = sizeof options, .run = run};
        backstay_task task;
        options.name = (backstay_str){names[index], strlen(names[index])};
        options.grace_ns = index == 0 ? BACKSTAY_FOREVER : 1;
        backstay_status status = backstay_task_register(host, &options, &task, NULL);
        if (status == BACKSTAY_OK) status = backstay_task_release(task);
        if (status != BACKSTAY_OK) return status;
    }
    while (thread_count < count && thread_count < MOST_THREADS) {
        if (pthread_create(&threads[thread_count], NULL, work, NULL) != 0) return BACKSTAY_OUT_OF_MEMORY;
        thread_count++;
    }
    return BACKSTAY_OK;
}

int listen_in_c(backstay_host host) {
    backstay_task tasks[16];
    size_t count = 0;
    backstay_status status = backstay_host_tasks(host, tasks, 16, &count);
    for (size_t index = 0; index < count && index < 16; index++) {
        if (status == BACKSTAY_OK) status = backstay_task_on_completed(tasks[index], completed, NULL, NULL, NULL);
        backstay_task_release(tasks[index]);
    }
    return status;
}

void join_c(void) {
    while (thread_count > 0) pthread_join(threads[--thread_count], NULL);
}
