/* A deferral whose last handle is released without `complete` lets the instance go and is told as dropped (L5). */
#include "check.h"

static void told(const backstay_completion *completion, void *user_data) {
    *(size_t *)user_data = completion->dropped_count;
}

static void releasing_the_last_handle_completes_and_is_counted(void) {
    struct held held = HELD;
    size_t dropped = 0;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    CHECK_OK(backstay_task_on_completed(task, told, &dropped, NULL, NULL));
    backstay_instance instance = fire(task);
    backstay_deferral second, same;
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("second"), &second));
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));

    CHECK_OK(backstay_deferral_release(held.deferral));
    CHECK_OK(backstay_deferral_release(second));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_OK(backstay_deferral_release(same));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && completion.dropped_count == 2);
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(dropped == 2);

    // To complete afterwards is late, and says so.
    CHECK_STATUS(backstay_deferral_complete(same), BACKSTAY_ALREADY_COMPLETED);
    CHECK_STATUS(backstay_deferral_release(same), BACKSTAY_STALE_HANDLE);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void a_completed_deferral_is_not_dropped_by_its_other_handles(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral other, same;
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("other"), &other));
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK_OK(backstay_deferral_release(same));
    CHECK_OK(backstay_deferral_complete(other));
    CHECK(wait_for(instance).dropped_count == 0);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(releasing_the_last_handle_completes_and_is_counted),
      TEST(a_completed_deferral_is_not_dropped_by_its_other_handles))
