/* Code can stand still until it is asked to stop, which wakes it; not for ever when that never comes (C3). */
#include "model.h"

struct waits {
    struct gate entered;
    backstay_status answer;
    bool canceled;
    backstay_cancel_reason reason;
};

#define WAITS {.entered = GATE, .reason = 99}

static backstay_status wait_for_it(backstay_instance instance, void *user_data) {
    struct waits *waits = user_data;
    gate_open(&waits->entered);
    waits->answer = backstay_instance_wait_canceled(instance, SOON, &waits->canceled, &waits->reason);
    return BACKSTAY_CANCELED;
}

static void a_cancellation_wakes_the_entry_point(void) {
    struct waits waits = WAITS;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "waits", wait_for_it, &waits);
    backstay_instance instance = fire(task);
    gate_wait(&waits.entered);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_FIRST_OWN + 1));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK_OK(waits.answer);
    CHECK(waits.canceled && waits.reason == BACKSTAY_CANCEL_FIRST_OWN + 1);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* On the thread that holds a deferral, which is where most waiting is done. */
struct holder {
    backstay_instance instance;
    struct waits waits;
};

static void *wait_elsewhere(void *argument) {
    struct holder *holder = argument;
    wait_for_it(holder->instance, &holder->waits);
    return NULL;
}

static void a_finish_without_one_wakes_too(void) {
    struct held held = HELD;
    struct holder holder = {.waits = WAITS};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    holder.instance = fire(task);
    gate_wait(&held.taken);
    pthread_t thread = start(wait_elsewhere, &holder);
    gate_wait(&holder.waits.entered);
    CHECK_OK(backstay_deferral_complete(held.deferral));
    join(thread);
    CHECK_OK(holder.waits.answer);
    CHECK(!holder.waits.canceled && holder.waits.reason == 99);
    // It will never be, so there is nothing to wait for.
    bool canceled = true;
    CHECK_OK(backstay_instance_wait_canceled(holder.instance, BACKSTAY_FOREVER, &canceled, NULL));
    CHECK(!canceled);
    CHECK_OK(backstay_instance_release(holder.instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void the_time_is_bounded(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    bool canceled = true;
    backstay_cancel_reason reason = 99;
    gate_wait(&held.taken);
    CHECK_STATUS(backstay_instance_wait_canceled(instance, 0, &canceled, &reason), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_instance_wait_canceled(instance, 1, &canceled, &reason), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_instance_wait_canceled(instance, -1, &canceled, &reason), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_instance_wait_canceled(instance, 0, NULL, &reason), BACKSTAY_INVALID_ARGUMENT);
    CHECK(canceled && reason == 99); // nothing was written
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* A holder waits through its deferral, and is thereby known to know (C9). */
static void a_holder_sleeps_until_then_and_has_noticed(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_holder holder = {.struct_size = sizeof holder};
    bool canceled = true;
    backstay_cancel_reason reason = 99;
    gate_wait(&held.taken);
    CHECK_STATUS(backstay_deferral_wait_canceled(held.deferral, 1, &canceled, &reason), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_deferral_wait_canceled(held.deferral, 0, NULL, &reason), BACKSTAY_INVALID_ARGUMENT);
    CHECK(canceled && reason == 99);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_QUIET_HOURS_ENTERED));
    CHECK_OK(backstay_deferral_holder(held.deferral, &holder));
    CHECK(!holder.noticed);
    canceled = false;
    CHECK_OK(backstay_deferral_wait_canceled(held.deferral, BACKSTAY_FOREVER, &canceled, &reason));
    CHECK(canceled && reason == BACKSTAY_CANCEL_QUIET_HOURS_ENTERED);
    CHECK_OK(backstay_deferral_holder(held.deferral, &holder));
    CHECK(holder.noticed);
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(a_cancellation_wakes_the_entry_point), TEST(a_finish_without_one_wakes_too), TEST(the_time_is_bounded),
      TEST(a_holder_sleeps_until_then_and_has_noticed))
