/* Canceled handlers are called once each, after the reason can be seen and before Completed (C3, C4, C5). */
#include "check.h"

/* What the handlers of one test have seen, in the order in which they were called. */
struct seen {
    backstay_cancel_reason reason;
    int canceled, completed, destroyed;
    int calls_before_completed;
};

static void on_canceled(backstay_instance instance, backstay_cancel_reason reason, void *user_data) {
    struct seen *seen = user_data;
    bool canceled = false;
    backstay_cancel_reason asked = 0;
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, &asked));
    CHECK(canceled && asked == reason);
    CHECK(seen->completed == 0);
    seen->reason = reason;
    seen->canceled++;
}

static void on_completed(const backstay_completion *completion, void *user_data) {
    struct seen *seen = user_data;
    CHECK(completion->struct_size == sizeof *completion && completion->canceled);
    seen->calls_before_completed = seen->canceled;
    seen->completed++;
}

static void on_destroy(void *user_data) {
    ((struct seen *)user_data)->destroyed++;
}

static void it_is_called_once_with_the_reason_and_before_completed(void) {
    struct held held = HELD;
    struct seen seen = {0};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    CHECK_OK(backstay_task_on_completed(task, on_completed, &seen, NULL, NULL));
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_on_canceled(instance, on_canceled, &seen, on_destroy, NULL));
    CHECK_OK(backstay_instance_on_canceled(instance, on_canceled, &seen, on_destroy, NULL));
    CHECK(seen.canceled == 0);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_IDLE_TASK));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_UNINSTALL));
    // Ended at once, and still both handlers come before Completed.
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(seen.canceled == 2 && seen.calls_before_completed == 2 && seen.completed == 1);
    CHECK(seen.reason == BACKSTAY_CANCEL_IDLE_TASK && seen.destroyed == 2);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* It occupies the events thread until the test lets it go, so that nothing can be delivered meanwhile. */
static void block(backstay_instance instance, backstay_cancel_reason reason, void *user_data) {
    struct occupied *occupied = user_data;
    (void)instance, (void)reason;
    gate_open(&occupied->entered);
    gate_wait(&occupied->leave);
}

static void one_attached_after_the_cancellation_is_called_but_never_inside_the_call(void) {
    struct held held = HELD;
    struct seen seen = {0};
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_on_canceled(instance, block, &occupied, NULL, NULL));
    CHECK_OK(backstay_instance_cancel(instance, 1000));
    gate_wait(&occupied.entered);
    CHECK_OK(backstay_instance_on_canceled(instance, on_canceled, &seen, on_destroy, NULL));
    CHECK(seen.canceled == 0 && seen.destroyed == 0);
    gate_open(&occupied.leave);
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(seen.canceled == 1 && seen.reason == 1000 && seen.destroyed == 1);

    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void one_attached_after_the_end_is_destroyed_uncalled(void) {
    struct seen seen = {0};
    backstay_subscription subscription = {0};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    backstay_instance instance = fire(task);
    wait_for(instance);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_instance_on_canceled(instance, on_canceled, &seen, on_destroy, &subscription));
    CHECK(seen.destroyed == 1);
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(seen.canceled == 0 && seen.destroyed == 1);
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK_OK(backstay_subscription_release(subscription));

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void a_pending_instance_tells_both_events_and_never_runs(void) {
    struct occupied occupied = OCCUPIED;
    struct seen seen = {0};
    backstay_host host = open_host(1);
    backstay_task busy = register_task(host, "busy", occupy, &occupied);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, on_completed, &seen, NULL, NULL));
    backstay_instance occupier = fire(busy);
    gate_wait(&occupied.entered);
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_instance_on_canceled(instance, on_canceled, &seen, NULL, NULL));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(seen.canceled == 1 && seen.calls_before_completed == 1 && seen.completed == 1);
    gate_open(&occupied.leave);
    wait_for(occupier);

    CHECK_OK(backstay_instance_release(occupier));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(busy));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(it_is_called_once_with_the_reason_and_before_completed),
      TEST(one_attached_after_the_cancellation_is_called_but_never_inside_the_call),
      TEST(one_attached_after_the_end_is_destroyed_uncalled), TEST(a_pending_instance_tells_both_events_and_never_runs))
