/* A clock fires once after a time, or every so often by schedule; what is late is merged, never replayed (F5). */
#include "model.h"

static backstay_task by_clock(backstay_host host, backstay_trigger_kind trigger, int64_t period_ns,
                              backstay_run_fn run, void *user_data) {
    return register_as(host, (backstay_task_options){.name = text("clock"), .trigger = trigger,
                                                     .period_ns = period_ns, .run = run, .user_data = user_data});
}

static backstay_status count_run(backstay_instance instance, void *user_data) {
    (void)instance;
    count_up(user_data);
    return BACKSTAY_OK;
}

static bool is_registered(backstay_task task) {
    bool is_registered = false;
    CHECK_OK(backstay_task_is_registered(task, &is_registered));
    return is_registered;
}

/* The name is looked for first: that waits for a finish that has been told and is not through yet. */
static bool is_gone(backstay_host host, backstay_task task) {
    backstay_task found;
    return backstay_host_task(host, text("clock"), &found) == BACKSTAY_NOT_FOUND && !is_registered(task);
}

static void after_fires_once_and_unregisters_the_task(void) {
    struct count runs = COUNT, completions = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = by_clock(host, BACKSTAY_TRIGGER_AFTER, 3 * SECOND, count_run, &runs);
    CHECK_OK(backstay_task_on_completed(task, count_completion, &completions, NULL, NULL));
    advance(host, 3 * SECOND - 1);
    CHECK(count_of(&runs) == 0 && is_registered(task));
    advance(host, 1);
    // Its end is told although the task is gone by then.
    count_wait(&completions, 1);
    CHECK(is_gone(host, task));
    advance(host, 10 * SECOND);
    CHECK(count_of(&runs) == 1 && count_of(&completions) == 1);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* The task stays as long as its one instance runs. */
static void after_unregisters_not_before_the_end(void) {
    struct holds holds = HOLDS;
    struct count ended = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = by_clock(host, BACKSTAY_TRIGGER_AFTER, SECOND, take_hold, &holds);
    CHECK_OK(backstay_task_on_completed(task, count_completion, &ended, NULL, NULL));
    advance(host, SECOND);
    hold_of(&holds, 0);
    CHECK(is_registered(task));
    let_go(&holds, 0);
    count_wait(&ended, 1);
    CHECK(is_gone(host, task));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void every_fires_by_schedule(void) {
    struct count runs = COUNT, completions = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = by_clock(host, BACKSTAY_TRIGGER_EVERY, 2 * SECOND, count_run, &runs);
    CHECK_OK(backstay_task_on_completed(task, count_completion, &completions, NULL, NULL));
    advance(host, 2 * SECOND - 1); // the first is one period after the registration
    CHECK(count_of(&runs) == 0);
    for (size_t turn = 1; turn <= 5; turn++) {
        advance(host, 2 * SECOND); // one nanosecond before the next
        count_wait(&completions, turn);
        CHECK(count_of(&runs) == turn);
    }
    CHECK_OK(backstay_task_unregister(task, false));
    advance(host, 10 * SECOND);
    CHECK(count_of(&runs) == 5);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void what_is_late_is_merged(void) {
    struct holds holds = HOLDS;
    struct count ended = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = by_clock(host, BACKSTAY_TRIGGER_EVERY, SECOND, take_hold, &holds);
    CHECK_OK(backstay_task_on_completed(task, count_completion, &ended, NULL, NULL));
    advance(host, SECOND);
    hold_of(&holds, 0);
    advance(host, 7 * SECOND); // seven more are due while the first one runs
    CHECK(counts_are(task, 1, 1));
    let_go(&holds, 0);
    let_go(&holds, 1); // all seven are this one
    count_wait(&ended, 2);
    CHECK(counts_are(task, 0, 0));
    advance(host, SECOND); // and the schedule goes on
    let_go(&holds, 2);
    count_wait(&ended, 3);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void only_a_manual_clock_can_be_moved(void) {
    backstay_host host;
    CHECK_OK(backstay_host_open(NULL, &host));
    CHECK_STATUS(backstay_host_advance(host, SECOND), BACKSTAY_NOT_MANUAL_CLOCK);
    close_host(host);
}

TESTS(TEST(after_fires_once_and_unregisters_the_task), TEST(after_unregisters_not_before_the_end),
      TEST(every_fires_by_schedule), TEST(what_is_late_is_merged),
      TEST(only_a_manual_clock_can_be_moved))
