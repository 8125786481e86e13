/* Completing is answered OK once and ALREADY_COMPLETED for ever after, whichever handle asks (L4). */
#include "check.h"

static void the_second_time_is_already_completed(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    // A second hold, so that the instance is Running all the time.
    backstay_deferral other;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("other"), &other));

    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_deferral_fail(held.deferral, text("late")), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);

    // Completing ended the handle; for everything but complete and fail it is a stale one.
    backstay_deferral more;
    CHECK_STATUS(backstay_deferral_dup(held.deferral, &more), BACKSTAY_STALE_HANDLE);
    CHECK_STATUS(backstay_deferral_release(held.deferral), BACKSTAY_STALE_HANDLE);

    // The place in the table is used again, and the old value still says what became of it.
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("more"), &more));
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_ALREADY_COMPLETED);
    CHECK_OK(backstay_deferral_complete(more));

    CHECK_OK(backstay_deferral_complete(other));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.dropped_count == 0);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void the_handles_of_one_deferral_share_one_hold(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral second, third;
    gate_wait(&held.taken);
    CHECK_OK(backstay_deferral_dup(held.deferral, &second));
    CHECK_OK(backstay_deferral_dup(second, &third));

    // Releasing some but not all of them drops nothing.
    CHECK_OK(backstay_deferral_release(held.deferral));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_OK(backstay_deferral_complete(second));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.dropped_count == 0);
    // The third is a good handle to a hold that has gone: answered, and ended by that.
    CHECK_STATUS(backstay_deferral_complete(third), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_deferral_release(third), BACKSTAY_STALE_HANDLE);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(the_second_time_is_already_completed), TEST(the_handles_of_one_deferral_share_one_hold))
