/* When the grace is over what is held is abandoned; who completes then is told NOT_RUNNING once (C6, L4). */
#include "check.h"

static void it_is_answered_not_running_once(void) {
    struct held held = HELD;
    backstay_host host = open_host(1);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("held"), .grace_ns = 3 * SECOND};
    options.run = hold_on;
    options.user_data = &held;
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    backstay_instance instance = fire(task);
    backstay_deferral same;
    await_entry_points(host); // or the entry point would hold it, too
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));

    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_SERVICING_UPDATE));
    CHECK_OK(backstay_host_advance(host, 3 * SECOND - 1));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_OK(backstay_host_advance(host, 1));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_ABANDONED && completion.holder_count == 1);
    CHECK(completion.canceled && completion.reason == BACKSTAY_CANCEL_SERVICING_UPDATE);
    CHECK(completion.ran_ns == 3 * SECOND);

    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_NOT_RUNNING);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_deferral_fail(same, text("late")), BACKSTAY_ALREADY_COMPLETED);
    completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_ABANDONED && completion.error.len == 0);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* An error that was told before the abandonment is kept: the completion carries it and the reason (L6). */
static void an_abandoned_completion_carries_the_first_error(void) {
    struct held held = HELD;
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral other;
    await_entry_points(host); // or the entry point would hold it, too
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("never completed"), &other));
    CHECK_OK(backstay_deferral_fail(held.deferral, text("disk full")));
    CHECK_OK(backstay_instance_cancel(instance, 64));
    CHECK_OK(backstay_host_advance(host, 5 * SECOND)); // the host's default grace
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_ABANDONED && completion.reason == 64);
    CHECK(is_text(completion.error, "disk full"));
    CHECK_STATUS(backstay_deferral_release(other), BACKSTAY_OK);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* The thread of an entry point that does not return is a straggler until it does, and then no more (C6). */
static void an_abandoned_entry_point_is_a_straggler_until_it_returns(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task stuck = register_task(host, "stuck", occupy, &occupied);
    backstay_task next = register_task(host, "next", do_nothing, NULL);
    backstay_instance instance = fire(stuck);
    gate_wait(&occupied.entered);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_host_advance(host, 5 * SECOND));
    CHECK(wait_for(instance).holder_count == 1);
    // Its worker was replaced: the only one of this host is free again.
    backstay_instance another = fire(next);
    wait_for(another);
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_drain(host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.stragglers == 1);
    gate_open(&occupied.leave);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_instance_release(another));
    CHECK_OK(backstay_task_release(stuck));
    CHECK_OK(backstay_task_release(next));
    await_live_handles(1);
    CHECK_OK(backstay_host_release(host));
}

TESTS(TEST(it_is_answered_not_running_once), TEST(an_abandoned_completion_carries_the_first_error),
      TEST(an_abandoned_entry_point_is_a_straggler_until_it_returns))
