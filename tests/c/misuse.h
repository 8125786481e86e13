/* Good objects for the tests that call with everything else wrong, and the proof that it left no trace. */
#ifndef MISUSE_H
#define MISUSE_H

#include "check.h"

#define CHECK_INVALID(call) CHECK_STATUS(call, BACKSTAY_INVALID_ARGUMENT)

/* Good objects of each type, so that only the other arguments can be wrong. */
static backstay_host host;
static backstay_task task;
static backstay_instance instance;
static struct held held = HELD;
static int destroyed;

static inline void destroy(void *user_data) {
    ++*(int *)user_data;
}

static inline void open_world(void) {
    held = (struct held)HELD;
    host = open_host(1);
    task = register_task(host, "held", hold_on, &held);
    instance = fire(task);
    await_entry_points(host); // what was lent to them has ended, so that handles can be counted
}

/* Nothing of all that was refused has left a trace. */
static inline void close_world(void) {
    backstay_deferral deferral = held.deferral;
    size_t running = 9, pending = 9;
    CHECK(backstay_live_handles() == 4);
    CHECK_OK(backstay_task_counts(task, &running, &pending));
    CHECK(running == 1 && pending == 0);
    CHECK_OK(backstay_deferral_complete(deferral));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.dropped_count == 0 && !completion.canceled);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

#endif
