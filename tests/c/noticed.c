/* Asked and noticed are two facts: a holder that looks through its deferral is noted, and so is the instance (C9). */
#include "model.h"

static backstay_holder holder_of(backstay_deferral deferral) {
    backstay_holder holder = {.struct_size = sizeof holder};
    CHECK_OK(backstay_deferral_holder(deferral, &holder));
    return holder;
}

static void who_has_looked_is_told_from_who_has_not(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral looks = {0}, sleeps = {0};
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("looks"), &looks));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("sleeps"), &sleeps));
    bool canceled = true;
    backstay_cancel_reason reason = 99;
    CHECK_OK(backstay_deferral_is_canceled(looks, &canceled, &reason));
    CHECK(!canceled && reason == 99 && !holder_of(looks).noticed);

    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ENERGY_SAVER));
    advance(host, 2 * SECOND);
    backstay_holder holder = holder_of(looks);
    CHECK(holder.canceled && holder.reason == BACKSTAY_CANCEL_ENERGY_SAVER && !holder.noticed);
    CHECK(holder.asked_ns == 2 * SECOND && holder.age_ns == 2 * SECOND);
    CHECK_OK(backstay_deferral_is_canceled(looks, &canceled, &reason));
    CHECK(canceled && reason == BACKSTAY_CANCEL_ENERGY_SAVER);
    advance(host, SECOND);
    CHECK_OK(backstay_deferral_is_canceled(looks, &canceled, NULL)); // the first look counts
    holder = holder_of(looks);
    CHECK(holder.noticed && holder.noticed_after_ns == 2 * SECOND && holder.asked_ns == 3 * SECOND);
    CHECK(!holder_of(sleeps).noticed);

    CHECK_OK(backstay_deferral_complete(looks));
    CHECK_OK(backstay_deferral_complete(sleeps));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.noticed && completion.noticed_after_ns == 2 * SECOND);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void code_that_never_looks_has_not_noticed(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.canceled && !completion.noticed);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* After the completion, another handle still learns of the cancellation. */
static void a_completed_deferral_can_still_look(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral same, other;
    bool canceled = false;
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("other"), &other));
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_deferral_is_canceled(same, &canceled, NULL));
    CHECK(canceled);
    CHECK_STATUS(backstay_deferral_is_canceled(same, NULL, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK_OK(backstay_deferral_release(same));
    CHECK_OK(backstay_deferral_complete(other));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(who_has_looked_is_told_from_who_has_not), TEST(code_that_never_looks_has_not_noticed),
      TEST(a_completed_deferral_can_still_look))
