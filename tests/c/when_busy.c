/* What becomes of a firing while the task is busy: one policy a test (F4). */
#include "model.h"

static backstay_task busy_task(backstay_host host, backstay_when_busy when_busy, uint32_t max_running,
                               struct holds *holds) {
    return register_as(host, (backstay_task_options){.name = text("busy"), .when_busy = when_busy,
                                                     .max_running = max_running, .run = take_hold,
                                                     .user_data = holds});
}

static void release_all(backstay_host host, backstay_task task, const backstay_instance *instances, size_t count) {
    for (size_t index = 0; index < count; index++) CHECK_OK(backstay_instance_release(instances[index]));
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
}

static void parallel_runs_all_at_once_or_as_many_as_may(void) {
    struct holds holds = HOLDS, two = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = busy_task(host, BACKSTAY_WHEN_BUSY_PARALLEL, 0, &holds);
    backstay_instance instances[] = {fire(task), fire(task), fire(task)};
    hold_of(&holds, 2);
    CHECK(counts_are(task, 3, 0));
    for (size_t index = 0; index < 3; index++) let_go(&holds, index);
    release_all(host, task, instances, 3);

    host = open_host(4);
    task = busy_task(host, BACKSTAY_WHEN_BUSY_PARALLEL, 2, &two);
    backstay_instance limited[] = {fire(task), fire(task), fire(task)};
    hold_of(&two, 1);
    CHECK(counts_are(task, 2, 1) && state_of(limited[2]) == BACKSTAY_STATE_PENDING);
    let_go(&two, 0);
    let_go(&two, 2);
    let_go(&two, 1);
    release_all(host, task, limited, 3);
}

static void queue_starts_them_in_order(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = busy_task(host, BACKSTAY_WHEN_BUSY_QUEUE, 0, &holds);
    backstay_instance instances[] = {fire(task), fire(task), fire(task)};
    for (size_t index = 0; index < 3; index++) {
        hold_of(&holds, index);
        CHECK(counts_are(task, 1, 2 - index));
        CHECK(state_of(instances[index]) == BACKSTAY_STATE_RUNNING);
        let_go(&holds, index);
        CHECK(wait_for(instances[index]).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    }
    release_all(host, task, instances, 3);
}

static void coalesce_lets_one_wait_with_the_latest_details(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = busy_task(host, BACKSTAY_WHEN_BUSY_COALESCE, 0, &holds);
    backstay_instance instances[3] = {fire(task)};
    hold_of(&holds, 0);
    backstay_details details = {.struct_size = sizeof details, .bytes = "old", .length = 3};
    CHECK_OK(backstay_task_fire(task, &details, &instances[1]));
    details.bytes = "new";
    CHECK_OK(backstay_task_fire(task, &details, &instances[2]));
    uint8_t id[2][16];
    CHECK_OK(backstay_instance_id(instances[1], id[0]));
    CHECK_OK(backstay_instance_id(instances[2], id[1]));
    CHECK(memcmp(id[0], id[1], sizeof id[0]) == 0 && counts_are(task, 1, 1));
    CHECK_OK(backstay_instance_details(instances[1], &details));
    CHECK(details.length == 3 && memcmp(details.bytes, "new", 3) == 0);
    let_go(&holds, 0);
    let_go(&holds, 1);
    CHECK(wait_for(instances[2]).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    release_all(host, task, instances, 3);
}

static void reject_refuses(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = busy_task(host, BACKSTAY_WHEN_BUSY_REJECT, 0, &holds);
    backstay_instance first = fire(task), refused = {7};
    hold_of(&holds, 0);
    CHECK_STATUS(backstay_task_fire(task, NULL, &refused), BACKSTAY_CURRENTLY_RUNNING);
    CHECK(refused.id == 7 && counts_are(task, 1, 0));
    let_go(&holds, 0);
    CHECK(wait_for(first).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    backstay_instance instances[] = {first, fire(task)};
    let_go(&holds, 1);
    release_all(host, task, instances, 2);
}

static void replace_cancels_what_runs_and_what_waits(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = busy_task(host, BACKSTAY_WHEN_BUSY_REPLACE, 0, &holds);
    backstay_instance instances[3] = {fire(task)};
    hold_of(&holds, 0);
    instances[1] = fire(task);
    CHECK(is_canceled_with(instances[0], BACKSTAY_CANCEL_ABORT));
    CHECK(state_of(instances[0]) == BACKSTAY_STATE_RUNNING && state_of(instances[1]) == BACKSTAY_STATE_PENDING);
    instances[2] = fire(task);
    CHECK(wait_for(instances[1]).outcome == BACKSTAY_OUTCOME_CANCELED);
    CHECK(is_canceled_with(instances[1], BACKSTAY_CANCEL_ABORT));
    let_go(&holds, 0);
    let_go(&holds, 1); // the third is the second to start
    CHECK(wait_for(instances[0]).outcome == BACKSTAY_OUTCOME_CANCELED);
    CHECK(wait_for(instances[2]).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    release_all(host, task, instances, 3);
}

static void no_more_wait_than_max_pending(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(4);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("busy"), .when_busy = BACKSTAY_WHEN_BUSY_QUEUE, .max_pending = 1,
                                      .run = take_hold, .user_data = &holds});
    backstay_instance instances[2] = {fire(task)};
    hold_of(&holds, 0);
    instances[1] = fire(task);
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_CURRENTLY_RUNNING);
    let_go(&holds, 0);
    let_go(&holds, 1);
    release_all(host, task, instances, 2);
}

/* Parallel for what is fired by hand, coalesce for clocks and events, with one at a time. */
static void the_default_depends_on_the_trigger(void) {
    struct holds by_hand = HOLDS, by_event = HOLDS;
    backstay_host host = open_host(4);
    backstay_task manual = busy_task(host, BACKSTAY_WHEN_BUSY_DEFAULT, 0, &by_hand);
    backstay_task bound = register_as(
        host, (backstay_task_options){.name = text("bound"), .trigger = BACKSTAY_TRIGGER_EVENT, .event = text("go"),
                                      .run = take_hold, .user_data = &by_event});
    for (size_t index = 0; index < 3; index++) {
        CHECK_OK(backstay_task_fire(manual, NULL, NULL));
        CHECK_OK(backstay_host_raise_event(host, text("go"), NULL, NULL));
        hold_of(&by_event, 0);
    }
    hold_of(&by_hand, 2);
    CHECK(counts_are(manual, 3, 0) && counts_are(bound, 1, 1));
    for (size_t index = 0; index < 3; index++) let_go(&by_hand, index);
    for (size_t index = 0; index < 2; index++) let_go(&by_event, index);
    CHECK_OK(backstay_task_release(bound));
    release_all(host, manual, NULL, 0);
}

TESTS(TEST(parallel_runs_all_at_once_or_as_many_as_may), TEST(queue_starts_them_in_order),
      TEST(coalesce_lets_one_wait_with_the_latest_details), TEST(reject_refuses),
      TEST(replace_cancels_what_runs_and_what_waits), TEST(no_more_wait_than_max_pending),
      TEST(the_default_depends_on_the_trigger))
