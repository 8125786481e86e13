/*
 * What tests of the model need beyond check.h: a task of any options in one line, a list that instances are held by,
 * a count of calls that can be waited for, and short questions with their checks.
 */
#ifndef MODEL_H
#define MODEL_H

#include "check.h"

/* A task of these options, which need no struct_size; without an entry point it does nothing. */
static inline backstay_task register_as(backstay_host host, backstay_task_options options) {
    backstay_task task;
    options.struct_size = sizeof options;
    if (options.run == NULL) options.run = do_nothing;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    return task;
}

static inline backstay_state state_of(backstay_instance instance) {
    backstay_state state;
    CHECK_OK(backstay_instance_get_state(instance, &state));
    return state;
}

static inline bool is_canceled_with(backstay_instance instance, backstay_cancel_reason wanted) {
    bool canceled = false;
    backstay_cancel_reason reason = wanted + 1;
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, &reason));
    return canceled && reason == wanted;
}

static inline bool is_canceled(backstay_instance instance) {
    bool canceled = true;
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    return canceled;
}

/* How many instances of a task run and how many wait. */
static inline bool counts_are(backstay_task task, size_t running, size_t pending) {
    size_t seen_running = running + 1, seen_pending = pending + 1;
    CHECK_OK(backstay_task_counts(task, &seen_running, &seen_pending));
    return seen_running == running && seen_pending == pending;
}

static inline void advance(backstay_host host, int64_t by_ns) {
    CHECK_OK(backstay_host_advance(host, by_ns));
}

static inline void flush(backstay_host host) {
    CHECK_OK(backstay_host_flush(host, SOON));
}

/* How an instance ended, whose handle is given up. */
static inline backstay_outcome end_of(backstay_instance instance) {
    const backstay_outcome outcome = wait_for(instance).outcome;
    CHECK_OK(backstay_instance_release(instance));
    return outcome;
}

/* Ends a host when everything alive has finished by itself: an entry point may still be on its way out. */
static inline void finish_host(backstay_host host) {
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_begin_drain(host, BACKSTAY_FOREVER));
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.abandoned == 0 && report.stragglers == 0);
    CHECK_OK(backstay_host_release(host));
}

/* A number that goes up, and can be waited for; longer than SOON is a hang. */
struct count {
    pthread_mutex_t mutex;
    pthread_cond_t grew;
    size_t value;
};

#define COUNT {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0}

static inline void count_up(void *user_data) {
    struct count *count = user_data;
    pthread_mutex_lock(&count->mutex);
    count->value++;
    pthread_cond_broadcast(&count->grew);
    pthread_mutex_unlock(&count->mutex);
}

static inline size_t count_of(struct count *count) {
    pthread_mutex_lock(&count->mutex);
    const size_t value = count->value;
    pthread_mutex_unlock(&count->mutex);
    return value;
}

static inline void count_wait(struct count *count, size_t wanted) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SOON / SECOND;
    pthread_mutex_lock(&count->mutex);
    int answer = 0;
    while (count->value < wanted && answer == 0) answer = pthread_cond_timedwait(&count->grew, &count->mutex, &until);
    pthread_mutex_unlock(&count->mutex);
    CHECK(answer == 0);
}

static inline void count_completion(const backstay_completion *completion, void *user_data) {
    (void)completion;
    count_up(user_data);
}

/* The deferrals of instances that hold on, in the order of their starts. */
struct holds {
    struct count taken;
    backstay_deferral deferral[8];
};

#define HOLDS {.taken = COUNT}

/* An entry point that adds a deferral to the list and returns, a little after the test may see it there: where that
 * matters, a host with one worker and await_entry_points. */
static inline backstay_status take_hold(backstay_instance instance, void *user_data) {
    struct holds *holds = user_data;
    backstay_deferral deferral;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("hold"), &deferral));
    pthread_mutex_lock(&holds->taken.mutex);
    CHECK(holds->taken.value < sizeof holds->deferral / sizeof holds->deferral[0]);
    holds->deferral[holds->taken.value++] = deferral;
    pthread_cond_broadcast(&holds->taken.grew);
    pthread_mutex_unlock(&holds->taken.mutex);
    return BACKSTAY_OK;
}

/* The deferral of the instance that started as number `index`, as soon as there is one. */
static inline backstay_deferral hold_of(struct holds *holds, size_t index) {
    count_wait(&holds->taken, index + 1);
    pthread_mutex_lock(&holds->taken.mutex);
    const backstay_deferral deferral = holds->deferral[index];
    pthread_mutex_unlock(&holds->taken.mutex);
    return deferral;
}

static inline void let_go(struct holds *holds, size_t index) {
    CHECK_OK(backstay_deferral_complete(hold_of(holds, index)));
}

#endif
