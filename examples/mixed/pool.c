#define _POSIX_C_SOURCE 200809L

#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "files.h"

static struct {
    pthread_mutex_t lock;
    pthread_cond_t queued;
    pthread_cond_t ended;
    struct work *head;
    struct work **tail;
    size_t wanted;
    size_t running;
    bool stopping;
} pool = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, &pool.head, 0, 0, false};

static struct work *next_work(void) {
    pthread_mutex_lock(&pool.lock);
    while (pool.head == NULL && !pool.stopping) pthread_cond_wait(&pool.queued, &pool.lock);
    struct work *work = pool.head;
    if (work != NULL) {
        pool.head = work->next;
        if (pool.head == NULL) pool.tail = &pool.head;
    }
    pthread_mutex_unlock(&pool.lock);
    return work;
}

static void *work_on(void *memory) {
    struct scratch scratch = {memory, (unsigned char *)memory + FILE_BLOCK};
    struct work *work;
    while ((work = next_work()) != NULL) work->run(work, &scratch);
    free(memory);

    pthread_mutex_lock(&pool.lock);
    pool.running--;
    pthread_cond_broadcast(&pool.ended);
    pthread_mutex_unlock(&pool.lock);
    return NULL;
}

static int start_one(void) {
    void *memory = malloc(2 * FILE_BLOCK);
    if (memory == NULL) return ENOMEM;
    pthread_t thread;
    int error = pthread_create(&thread, NULL, work_on, memory);
    if (error != 0) {
        free(memory);
        return error;
    }
    pthread_detach(thread);
    pool.running++;
    return 0;
}

void pool_set_threads(size_t count) {
    pthread_mutex_lock(&pool.lock);
    pool.wanted = count;
    pthread_mutex_unlock(&pool.lock);
}

int pool_start(void) {
    // Signals are for Python's main thread: one that lands here would wake nobody there.
    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    pthread_mutex_lock(&pool.lock);
    pool.stopping = false;
    int error = 0;
    if (pool.running == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        size_t wanted = pool.wanted > 0 ? pool.wanted : cores > 0 ? (size_t)cores : 1;
        while (error == 0 && pool.running < wanted) error = start_one();
    }
    if (pool.running > 0) error = 0;
    pthread_mutex_unlock(&pool.lock);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

void pool_submit(struct work *list, bool first) {
    if (list == NULL) return;
    struct work *last = list;
    while (last->next != NULL) last = last->next;

    pthread_mutex_lock(&pool.lock);
    if (first) {
        last->next = pool.head;
        if (pool.head == NULL) pool.tail = &last->next;
        pool.head = list;
    } else {
        *pool.tail = list;
        pool.tail = &last->next;
    }
    pthread_cond_broadcast(&pool.queued);
    pthread_mutex_unlock(&pool.lock);
}

size_t pool_stop(unsigned milliseconds) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(milliseconds / 1000);
    until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }

    pthread_mutex_lock(&pool.lock);
    pool.stopping = true;
    pthread_cond_broadcast(&pool.queued);
    int error = 0;
    while (pool.running > 0 && error == 0) error = pthread_cond_timedwait(&pool.ended, &pool.lock, &until);
    size_t left = pool.running;
    pthread_mutex_unlock(&pool.lock);
    return left;
}
