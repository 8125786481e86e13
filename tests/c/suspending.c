/* Host, task and instance are suspended apart: what runs stands still at checkpoints, nothing starts (S1, S2). */
#include "model.h"

static bool is_suspended(backstay_instance instance) {
    bool is_suspended = false;
    CHECK_OK(backstay_instance_is_suspended(instance, &is_suspended));
    return is_suspended;
}

static uint32_t suspended_count(backstay_instance instance) {
    uint32_t count = 99;
    CHECK_OK(backstay_instance_suspended_count(instance, &count));
    return count;
}

static uint32_t throttled(backstay_instance instance, backstay_counter which) {
    uint32_t count = 99;
    CHECK_OK(backstay_instance_throttle_count(instance, which, &count));
    return count;
}

/* An instance that is held. */
struct subject {
    backstay_host host;
    struct holds holds;
    backstay_task task;
    backstay_instance instance;
};

static void open_subject(struct subject *subject) {
    *subject = (struct subject){.host = open_host(0), .holds = HOLDS};
    subject->task = register_task(subject->host, "subject", take_hold, &subject->holds);
    subject->instance = fire(subject->task);
    hold_of(&subject->holds, 0);
}

static void close_subject(struct subject *subject, uint32_t wanted) {
    let_go(&subject->holds, 0);
    backstay_completion completion = wait_for(subject->instance);
    CHECK(completion.suspended_count == wanted);
    CHECK_OK(backstay_instance_release(subject->instance));
    CHECK_OK(backstay_task_release(subject->task));
    finish_host(subject->host);
}

static void each_level_needs_its_own_resume(void) {
    struct subject subject;
    bool task = false, host = true;
    open_subject(&subject);
    CHECK_OK(backstay_instance_suspend(subject.instance, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_task_suspend(subject.task, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_host_suspend(subject.host, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_host_suspend(subject.host, BACKSTAY_CAUSE_NONE));
    CHECK(is_suspended(subject.instance));
    CHECK_OK(backstay_host_resume(subject.host));
    CHECK_OK(backstay_host_is_suspended(subject.host, &host));
    CHECK_OK(backstay_task_is_suspended(subject.task, &task));
    CHECK(host && task && is_suspended(subject.instance));
    CHECK_OK(backstay_host_resume(subject.host));
    CHECK_OK(backstay_host_resume(subject.host)); // one too many changes nothing
    CHECK_OK(backstay_task_resume(subject.task));
    CHECK_OK(backstay_host_is_suspended(subject.host, &host));
    CHECK_OK(backstay_task_is_suspended(subject.task, &task));
    CHECK(!host && !task && is_suspended(subject.instance));
    CHECK_OK(backstay_instance_resume(subject.instance));
    CHECK(!is_suspended(subject.instance));
    close_subject(&subject, 1); // it was one suspension, whatever its number of causes
}

static void causes_decide_which_counters_count(void) {
    struct subject subject;
    open_subject(&subject);
    CHECK_OK(backstay_instance_suspend(subject.instance, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_instance_resume(subject.instance));
    CHECK(throttled(subject.instance, BACKSTAY_COUNTER_ALL) == 0);
    CHECK_OK(backstay_host_suspend(subject.host, BACKSTAY_CAUSE_CPU));
    CHECK_OK(backstay_task_suspend(subject.task, BACKSTAY_CAUSE_NETWORK));
    CHECK_OK(backstay_task_resume(subject.task));
    CHECK_OK(backstay_host_resume(subject.host));
    CHECK_OK(backstay_instance_suspend(subject.instance, BACKSTAY_CAUSE_NETWORK));
    CHECK_OK(backstay_instance_resume(subject.instance));
    CHECK(suspended_count(subject.instance) == 3 && throttled(subject.instance, BACKSTAY_COUNTER_ALL) == 2);
    CHECK(throttled(subject.instance, BACKSTAY_COUNTER_CPU) == 1);
    CHECK(throttled(subject.instance, BACKSTAY_COUNTER_NETWORK) == 2);

    CHECK_STATUS(backstay_host_suspend(subject.host, 3), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_task_suspend(subject.task, 3), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_instance_suspend(subject.instance, UINT32_MAX), BACKSTAY_INVALID_ARGUMENT);
    uint32_t count = 99;
    CHECK_STATUS(backstay_instance_throttle_count(subject.instance, 3, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count == 99 && !is_suspended(subject.instance));
    close_subject(&subject, 3);
}

static void what_is_suspended_starts_nothing(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "waits", do_nothing, NULL);
    CHECK_OK(backstay_task_suspend(task, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_host_suspend(host, BACKSTAY_CAUSE_NONE));
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_task_resume(task));
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING);
    CHECK_OK(backstay_host_resume(host));
    backstay_completion completion = wait_for(instance);
    // It never ran while that was so, and has felt nothing.
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.suspended_count == 0);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* An entry point that passes a checkpoint before and after the test has suspended it. */
struct walk {
    struct gate begun, suspended, passed;
    bool canceled;
};

static backstay_status pass_checkpoints(backstay_instance instance, void *user_data) {
    struct walk *walk = user_data;
    bool canceled = true;
    CHECK_OK(backstay_instance_checkpoint(instance, &canceled));
    CHECK(!canceled);
    gate_open(&walk->begun);
    gate_wait(&walk->suspended);
    CHECK_OK(backstay_instance_checkpoint(instance, &walk->canceled));
    gate_open(&walk->passed);
    return BACKSTAY_OK;
}

static bool is_open(struct gate *gate) {
    pthread_mutex_lock(&gate->mutex);
    const bool is_open = gate->is_open;
    pthread_mutex_unlock(&gate->mutex);
    return is_open;
}

/* It is let go by a resume or, which wakes it too, by a cancellation. */
static void a_checkpoint_stands_still_until_resumed_or_cancelled(void) {
    for (int cancel = 0; cancel <= 1; cancel++) {
        struct walk walk = {.begun = GATE, .suspended = GATE, .passed = GATE};
        backstay_host host = open_host(0);
        backstay_task task = register_task(host, "walk", pass_checkpoints, &walk);
        backstay_instance instance = fire(task);
        bool canceled = true;
        gate_wait(&walk.begun);
        CHECK_OK(backstay_instance_checkpoint_within(instance, 0, &canceled));
        CHECK(!canceled);
        CHECK_OK(backstay_task_suspend(task, BACKSTAY_CAUSE_NONE));
        gate_open(&walk.suspended);
        canceled = true;
        CHECK_STATUS(backstay_instance_checkpoint_within(instance, 1, &canceled), BACKSTAY_TIMED_OUT);
        CHECK(canceled && !is_open(&walk.passed)); // nothing was written
        if (cancel) {
            CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
        } else {
            CHECK_OK(backstay_task_resume(task));
        }
        gate_wait(&walk.passed);
        CHECK(end_of(instance) == (cancel ? BACKSTAY_OUTCOME_CANCELED : BACKSTAY_OUTCOME_SUCCEEDED));
        CHECK(walk.canceled == (cancel != 0));
        CHECK_OK(backstay_task_release(task));
        close_host(host);
    }
}

TESTS(TEST(each_level_needs_its_own_resume), TEST(causes_decide_which_counters_count),
      TEST(what_is_suspended_starts_nothing), TEST(a_checkpoint_stands_still_until_resumed_or_cancelled))
