/* An instance is cancelled once, the first reason stays and is seen at once; 12 to 63 are nobody's (C1, C2, C3). */
#include "check.h"

static void the_first_reason_stays(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);

    bool canceled = true;
    backstay_cancel_reason reason = 99;
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, &reason));
    CHECK(!canceled && reason == 99); // there is no reason yet, so none is written
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_QUIET_HOURS_ENTERED));
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    CHECK(canceled);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_TERMINATING));
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, &reason));
    CHECK(canceled && reason == BACKSTAY_CANCEL_QUIET_HOURS_ENTERED);

    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_CANCELED && completion.canceled);
    CHECK(completion.reason == BACKSTAY_CANCEL_QUIET_HOURS_ENTERED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Cancels what waits for a worker, which shows each reason without running anything (C5). */
static void every_reason_but_12_to_63_is_accepted(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task busy = register_task(host, "busy", occupy, &occupied);
    backstay_task task = register_task(host, "waits", do_nothing, NULL);
    backstay_instance occupier = fire(busy);
    gate_wait(&occupied.entered);
    const backstay_cancel_reason good[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, BACKSTAY_CANCEL_FIRST_OWN, 65,
                                           UINT32_MAX};
    for (size_t index = 0; index < sizeof good / sizeof good[0]; index++) {
        backstay_instance instance = fire(task);
        for (backstay_cancel_reason bad = 12; bad < BACKSTAY_CANCEL_FIRST_OWN; bad++) {
            CHECK_STATUS(backstay_instance_cancel(instance, bad), BACKSTAY_INVALID_ARGUMENT);
        }
        bool canceled = true;
        CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
        CHECK(!canceled);
        CHECK_OK(backstay_instance_cancel(instance, good[index]));
        backstay_completion completion = wait_for(instance);
        CHECK(completion.outcome == BACKSTAY_OUTCOME_CANCELED && completion.reason == good[index]);
        CHECK(completion.ran_ns == 0);
        // On what has ended, too, a reason that nobody may use is refused, and a good one changes nothing.
        CHECK_STATUS(backstay_instance_cancel(instance, 12), BACKSTAY_INVALID_ARGUMENT);
        CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_TERMINATING));
        CHECK(wait_for(instance).reason == good[index]);
        CHECK_OK(backstay_instance_release(instance));
    }
    gate_open(&occupied.leave);
    CHECK(wait_for(occupier).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(occupier));
    CHECK_OK(backstay_task_release(busy));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* To unregister cancels what is Pending with Abort, and what is Running only when asked to (G3). */
static void unregistering_cancels_what_it_says(void) {
    for (int cancel = 0; cancel <= 1; cancel++) {
        struct occupied occupied = OCCUPIED;
        backstay_host host = open_host(1);
        backstay_task task = register_task(host, "occupied", occupy, &occupied);
        backstay_instance running = fire(task);
        gate_wait(&occupied.entered);
        backstay_instance pending = fire(task);
        CHECK_OK(backstay_task_unregister(task, cancel != 0));
        CHECK_STATUS(backstay_task_unregister(task, cancel != 0), BACKSTAY_UNREGISTERED);
        backstay_completion completion = wait_for(pending);
        CHECK(completion.canceled && completion.reason == BACKSTAY_CANCEL_ABORT);
        gate_open(&occupied.leave);
        CHECK(wait_for(running).canceled == (cancel != 0));
        CHECK_OK(backstay_instance_release(running));
        CHECK_OK(backstay_instance_release(pending));
        CHECK_OK(backstay_task_release(task));
        close_host(host);
    }
}

TESTS(TEST(the_first_reason_stays), TEST(every_reason_but_12_to_63_is_accepted),
      TEST(unregistering_cancels_what_it_says))
