/* Long after the instance, its task and its host have gone, completing again is still answered, and harmless (L4). */
#include "check.h"

static void it_is_already_completed_when_the_instance_the_task_and_the_host_are_gone(void) {
    struct held held = HELD;
    backstay_deferral kept;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_deferral_dup(held.deferral, &kept));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_ALREADY_COMPLETED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_OK(backstay_task_release(task));
    close_host(host);

    CHECK(backstay_live_handles() == 1);
    CHECK_OK(backstay_deferral_instance(kept, &instance));
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_STATUS(backstay_deferral_fail(kept, text("much too late")), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_ALREADY_COMPLETED);
}

static void an_error_that_comes_too_late_changes_nothing(void) {
    struct held held = HELD;
    backstay_deferral kept;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_deferral_dup(held.deferral, &kept));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    CHECK_STATUS(backstay_deferral_fail(kept, text("late")), BACKSTAY_ALREADY_COMPLETED);
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.error.len == 0);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(it_is_already_completed_when_the_instance_the_task_and_the_host_are_gone),
      TEST(an_error_that_comes_too_late_changes_nothing))
