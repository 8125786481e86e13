/* A thread that code still occupies after its instance was abandoned is listed until that code returns (C6). */
#include "model.h"

static size_t stragglers(backstay_host host, backstay_straggler *list, size_t capacity) {
    size_t count = 99;
    CHECK_OK(backstay_host_stragglers(host, list, capacity, &count));
    return count;
}

/* Nothing tells of the return but the list. */
static void await_none(backstay_host host) {
    const time_t begin = time(NULL);
    while (stragglers(host, NULL, 0) != 0) {
        CHECK(time(NULL) - begin <= SOON / SECOND);
        sched_yield();
    }
}

static void an_entry_point_that_does_not_stop_is_listed_until_it_returns(void) {
    struct occupied first = OCCUPIED, second = OCCUPIED;
    backstay_host host = open_host(2);
    backstay_task_options options = {
        .group = text("deaf"), .grace_ns = 5 * SECOND, .run = occupy, .user_data = &first};
    options.name = text("first");
    backstay_task tasks[2] = {register_as(host, options)};
    options.name = text("second");
    options.user_data = &second;
    tasks[1] = register_as(host, options);
    backstay_instance instances[] = {fire(tasks[0]), fire(tasks[1])};
    gate_wait(&first.entered);
    gate_wait(&second.entered);
    uint8_t id[16];
    CHECK_OK(backstay_instance_id(instances[0], id));
    CHECK_OK(backstay_instance_cancel(instances[0], BACKSTAY_CANCEL_ABORT));
    CHECK(stragglers(host, NULL, 0) == 0);
    advance(host, 5 * SECOND);
    CHECK(end_of(instances[0]) == BACKSTAY_OUTCOME_ABANDONED);
    advance(host, 2 * SECOND);

    backstay_straggler list[2] = {{.struct_size = sizeof list[0]}, {.struct_size = 99}};
    CHECK(stragglers(host, list, 2) == 1 && list[1].struct_size == 99);
    CHECK(!list[0].in_handler && memcmp(list[0].instance_id, id, sizeof id) == 0);
    CHECK(list[0].given_up_for_ns == 2 * SECOND);
    CHECK(strcmp(list[0].task, "first") == 0 && strcmp(list[0].group, "deaf") == 0);
    // Its worker was replaced: others still run beside the second one.
    await_entry_points(host);

    CHECK_OK(backstay_instance_cancel(instances[1], BACKSTAY_CANCEL_ABORT));
    advance(host, 5 * SECOND);
    CHECK(end_of(instances[1]) == BACKSTAY_OUTCOME_ABANDONED);
    list[1].struct_size = 99;
    CHECK(stragglers(host, list, 1) == 2 && list[1].struct_size == 99);
    size_t count = 99;
    CHECK_STATUS(backstay_host_stragglers(host, NULL, 1, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_stragglers(host, list, 2, NULL), BACKSTAY_INVALID_ARGUMENT);
    list[0].struct_size = 0;
    CHECK_STATUS(backstay_host_stragglers(host, list, 2, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count == 99);

    gate_open(&first.leave);
    gate_open(&second.leave);
    await_none(host);
    for (int index = 0; index < 2; index++) CHECK_OK(backstay_task_release(tasks[index]));
    close_host(host);
    await_live_handles(0); // those lent to them end a little later
}

/* A Canceled handler can be in the way as well. */
static void stay_there(backstay_instance instance, backstay_cancel_reason reason, void *user_data) {
    (void)reason;
    occupy(instance, user_data);
}

static void a_handler_that_does_not_return_is_listed_as_one(void) {
    struct occupied occupied = OCCUPIED;
    struct held held = HELD;
    backstay_host_options settings = {.struct_size = sizeof settings, .workers = 1, .grace_ns = 1};
    backstay_host host;
    CHECK_OK(backstay_host_open(&settings, &host)); // by the machine's clock: advance would wait for the handler
    backstay_task task = register_task(host, "deaf", hold_on, &held);
    backstay_instance instance = fire(task);
    await_entry_points(host);
    CHECK_OK(backstay_instance_on_canceled(instance, stay_there, &occupied, NULL, NULL));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_ABANDONED);
    gate_wait(&occupied.entered);
    const time_t begin = time(NULL);
    backstay_straggler straggler = {.struct_size = sizeof straggler};
    // It is given a moment after the grace, when it began that late.
    while (stragglers(host, &straggler, 1) == 0) {
        CHECK(time(NULL) - begin <= SOON / SECOND);
        sched_yield();
    }
    CHECK(straggler.in_handler && strcmp(straggler.task, "deaf") == 0);
    gate_open(&occupied.leave);
    await_none(host);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    await_live_handles(0);
}

TESTS(TEST(an_entry_point_that_does_not_stop_is_listed_until_it_returns),
      TEST(a_handler_that_does_not_return_is_listed_as_one))
