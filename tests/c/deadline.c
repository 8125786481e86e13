/* A deadline runs from the start, stands still while suspended, and cancels with ExecutionTimeExceeded (C7, S3). */
#include "model.h"

static int64_t remaining(backstay_instance instance) {
    int64_t remaining = -1;
    CHECK_OK(backstay_instance_remaining(instance, &remaining));
    return remaining;
}

static backstay_task with_deadline(backstay_host host, int64_t deadline_ns, struct holds *holds) {
    return register_as(host, (backstay_task_options){.name = text("limited"), .deadline_ns = deadline_ns,
                                                     .grace_ns = 5 * SECOND, .run = take_hold,
                                                     .user_data = holds});
}

static void what_runs_longer_is_cancelled(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    backstay_task task = with_deadline(host, 30 * SECOND, &holds);
    backstay_instance instance = fire(task);
    int64_t deadline = -1;
    hold_of(&holds, 0);
    CHECK_OK(backstay_instance_deadline(instance, &deadline));
    CHECK(deadline == 30 * SECOND && remaining(instance) == 30 * SECOND);
    advance(host, 30 * SECOND - 1);
    CHECK(!is_canceled(instance) && remaining(instance) == 1);
    // The deferral does not extend it.
    advance(host, 1);
    CHECK(is_canceled_with(instance, BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED) && remaining(instance) == 0);
    let_go(&holds, 0);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void it_is_all_there_before_the_start_and_stands_still_after_the_end(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    backstay_task task = with_deadline(host, 30 * SECOND, &holds);
    CHECK_OK(backstay_task_suspend(task, BACKSTAY_CAUSE_NONE));
    backstay_instance instance = fire(task);
    advance(host, 100 * SECOND);
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING && remaining(instance) == 30 * SECOND);
    CHECK_OK(backstay_task_resume(task));
    hold_of(&holds, 0);
    advance(host, 10 * SECOND);
    let_go(&holds, 0);
    CHECK(wait_for(instance).ran_ns == 10 * SECOND);
    advance(host, 100 * SECOND);
    CHECK(remaining(instance) == 20 * SECOND && !is_canceled(instance));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void it_stands_still_while_suspended(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(1);
    backstay_task task = with_deadline(host, 30 * SECOND, &holds);
    backstay_instance instance = fire(task);
    hold_of(&holds, 0);
    await_entry_points(host);
    advance(host, 10 * SECOND);
    CHECK_OK(backstay_host_suspend(host, BACKSTAY_CAUSE_CPU));
    advance(host, 100 * SECOND);
    CHECK(remaining(instance) == 20 * SECOND && !is_canceled(instance));
    CHECK_OK(backstay_host_resume(host));
    advance(host, 20 * SECOND);
    CHECK(is_canceled_with(instance, BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED));
    // Grace does not stand still.
    CHECK_OK(backstay_host_suspend(host, BACKSTAY_CAUSE_CPU));
    advance(host, 5 * SECOND);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_ABANDONED);
    CHECK_STATUS(backstay_deferral_complete(hold_of(&holds, 0)), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* To leave it out and to say that it never comes is the same. */
static void without_one_there_is_no_end(void) {
    const int64_t none[] = {0, BACKSTAY_FOREVER};
    for (int index = 0; index < 2; index++) {
        struct holds holds = HOLDS;
        backstay_host host = open_host(0);
        backstay_task task = with_deadline(host, none[index], &holds);
        backstay_instance instance = fire(task);
        int64_t deadline = -1;
        hold_of(&holds, 0);
        advance(host, 1000000 * SECOND);
        CHECK_OK(backstay_instance_deadline(instance, &deadline));
        CHECK(deadline == BACKSTAY_FOREVER && remaining(instance) == BACKSTAY_FOREVER && !is_canceled(instance));
        let_go(&holds, 0);
        CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
        CHECK_OK(backstay_task_release(task));
        close_host(host);
    }
}

/* Zero is said by a word of its own, since 0 is the default; a deadline of zero would make no sense. */
static void a_grace_may_be_no_time_and_a_deadline_not(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(1);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("impatient"), .run = take_hold,
                                     .grace_ns = BACKSTAY_NO_TIME, .user_data = &holds};
    backstay_task task = register_as(host, options);
    backstay_instance instance = fire(task);
    await_entry_points(host);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    advance(host, 0);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_ABANDONED);
    CHECK_STATUS(backstay_deferral_complete(hold_of(&holds, 0)), BACKSTAY_NOT_RUNNING);
    options.deadline_ns = BACKSTAY_NO_TIME;
    CHECK_STATUS(backstay_task_validate(&options, NULL), BACKSTAY_INVALID_TASK);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* The grace of a task, or else that of the host. */
static void the_host_tells_its_grace(void) {
    const struct {
        int64_t set, told;
    } cases[] = {{0, 5 * SECOND}, {BACKSTAY_NO_TIME, 0}, {7 * SECOND, 7 * SECOND},
                 {BACKSTAY_FOREVER, BACKSTAY_FOREVER}};
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        backstay_host_options options = {.struct_size = sizeof options, .grace_ns = cases[index].set};
        backstay_host host;
        int64_t grace = -1;
        options.manual_clock = true;
        CHECK_OK(backstay_host_open(&options, &host));
        CHECK_OK(backstay_host_grace(host, &grace));
        CHECK(grace == cases[index].told);
        close_host(host);
    }
}

TESTS(TEST(what_runs_longer_is_cancelled), TEST(it_is_all_there_before_the_start_and_stands_still_after_the_end),
      TEST(it_stands_still_while_suspended), TEST(without_one_there_is_no_end),
      TEST(a_grace_may_be_no_time_and_a_deadline_not), TEST(the_host_tells_its_grace))
