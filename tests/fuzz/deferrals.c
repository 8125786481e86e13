/* Operations on deferrals, and on what is released like them: subscriptions and jobs. */
#include "world.h"

#define OK CAN(BACKSTAY_OK)
#define OVER CAN(BACKSTAY_ALREADY_COMPLETED)

extern _Thread_local bool may_not_wait;

/* What may have been said of a pending hold: that of an instance that was abandoned is gone. */
static uint32_t if_pending(uint64_t id) {
    if (!holds_still(id)) return OVER;
    return OK | (atomic_load(&world.may_abandon) ? CAN(BACKSTAY_NOT_RUNNING) | OVER : 0);
}

/* To complete is answered with OK once, or once with NOT_RUNNING, and later with ALREADY_COMPLETED. */
static uint32_t if_completed(uint64_t id) {
    if (!holds_still(id)) return OVER | COMPLETES;
    return OK | COMPLETES | (atomic_load(&world.may_abandon) ? CAN(BACKSTAY_NOT_RUNNING) : 0);
}

static void deferral_complete(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_deferral_complete((backstay_deferral){subject.id});
    answered("deferral_complete", subject, seen, if_completed(subject.id));
    if (subject.what == GOOD) hold_has_ended(subject.id), has_ended(subject.id);
}

static void deferral_fail(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    struct text error = take_text(input), type = take_text(input);
    const bool is_typed = below(input, 2) == 0, is_good = error.is_good && (type.is_good || !is_typed);
    if (subject.what != BUSY) {
        const backstay_deferral deferral = {subject.id};
        const backstay_status seen = is_typed ? backstay_deferral_fail_typed(deferral, error.view, type.view)
                                              : backstay_deferral_fail(deferral, error.view);
        // With a wrong text the handle stays good.
        answered("deferral_fail", subject, seen,
                 is_good ? if_completed(subject.id) : CAN(BACKSTAY_INVALID_ARGUMENT) | COMPLETES);
        if (subject.what == GOOD && is_good) hold_has_ended(subject.id), has_ended(subject.id);
    }
    free_text(&error), free_text(&type);
}

GIVES(DEFERRAL, backstay_deferral, deferral_dup, DEFERRAL, OK)
GIVES(DEFERRAL, backstay_deferral, deferral_instance, INSTANCE, OK)
RELEASES_ONE(DEFERRAL, backstay_deferral, deferral_release)

/* `deferral_is_canceled`, and `deferral_wait_canceled` without a wait. */
static void deferral_is_canceled(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    if (subject.what == BUSY) return;
    struct result canceled = new_result(sizeof(bool), 0), reason = new_result(sizeof(uint32_t), 0);
    const backstay_deferral deferral = {subject.id};
    const bool waits = take(input) % 2;
    const backstay_status seen =
        waits ? backstay_deferral_wait_canceled(deferral, 0, (void *)canceled.memory, (void *)reason.memory)
              : backstay_deferral_is_canceled(deferral, (void *)canceled.memory, (void *)reason.memory);
    const bool is_ok = waits ? answered("deferral_wait_canceled", subject, seen, OK | CAN(BACKSTAY_TIMED_OUT))
                             : answered("deferral_is_canceled", subject, seen, OK);
    const bool is_canceled = is_ok && *(bool *)(void *)canceled.memory;
    check_result(&canceled, is_ok);
    check_result(&reason, is_canceled);
}

/* `deferral_set_note` and `deferral_set_stack`. */
static void deferral_set_note(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    struct text text = take_text(input);
    const bool is_note = below(input, 2) == 0;
    if (subject.what != BUSY) {
        const backstay_deferral deferral = {subject.id};
        const backstay_status seen = is_note ? backstay_deferral_set_note(deferral, text.view)
                                             : backstay_deferral_set_stack(deferral, text.view);
        answered(is_note ? "deferral_set_note" : "deferral_set_stack", subject, seen,
                 IF(text.is_good, if_pending(subject.id)));
    }
    free_text(&text);
}

static void deferral_set_overdue_after(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    bool is_good;
    const int64_t age = take_time(input, &is_good);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_deferral_set_overdue_after((backstay_deferral){subject.id}, age);
    answered("deferral_set_overdue_after", subject, seen, IF(is_good, if_pending(subject.id)));
}

static void deferral_set_language(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    const bool is_good = !rarely(input, 8);
    const backstay_language language = is_good ? below(input, 4) : 4 + take(input);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_deferral_set_language((backstay_deferral){subject.id}, language);
    answered("deferral_set_language", subject, seen, IF(is_good, if_pending(subject.id)));
}

static void deferral_stack(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    if (subject.what == BUSY) return;
    const size_t capacity = take(input);
    struct result text = new_result(capacity, 0), length = new_result(sizeof(size_t), 0);
    char *buffer = capacity == 0 ? NULL : (void *)text.memory;
    const backstay_status seen =
        backstay_deferral_stack((backstay_deferral){subject.id}, buffer, capacity, (void *)length.memory);
    const bool is_ok = answered("deferral_stack", subject, seen, if_pending(subject.id));
    check_result(&text, is_ok);
    check_result(&length, is_ok);
}

static void deferral_holder(struct input *input) {
    const struct subject subject = choose(input, DEFERRAL);
    if (subject.what == BUSY) return;
    bool is_good;
    struct result holder = take_result(input, sizeof(backstay_holder), &is_good);
    const backstay_status seen = backstay_deferral_holder((backstay_deferral){subject.id}, (void *)holder.memory);
    check_result(&holder, answered("deferral_holder", subject, seen, IF(is_good, if_pending(subject.id))));
}

static void subscription_cancel(struct input *input) {
    const struct subject subject = choose(input, SUBSCRIPTION);
    if (subject.what == BUSY) return;
    const backstay_subscription subscription = {subject.id};
    const bool is_within = below(input, 2) == 0, is_negative = is_within && rarely(input, 8);
    const backstay_status seen =
        is_within ? backstay_subscription_cancel_within(subscription, is_negative ? -1 : BACKSTAY_FOREVER)
                  : backstay_subscription_cancel(subscription);
    answered("subscription_cancel", subject, seen, IF(!is_negative, OK));
}

GIVES(SUBSCRIPTION, backstay_subscription, subscription_dup, SUBSCRIPTION, OK)
RELEASES_ONE(SUBSCRIPTION, backstay_subscription, subscription_release)

/* The job runs on this thread, which is waited for. */
static void job_run(struct input *input) {
    const struct subject subject = choose(input, JOB);
    if (subject.what == BUSY) return;
    may_not_wait = true;
    if (answered("job_run", subject, backstay_job_run((backstay_job){subject.id}), OK)) has_ended(subject.id);
    may_not_wait = false;
}

RELEASES_ONE(JOB, backstay_job, job_release)

operation *const deferral_operations[] = {
    deferral_complete, deferral_fail,      deferral_dup,        deferral_instance,    deferral_release,
    deferral_is_canceled, deferral_set_note, deferral_set_overdue_after, deferral_stack, deferral_holder,
    deferral_set_language, subscription_cancel, subscription_dup, subscription_release, job_run,         job_run,
    job_release,       NULL,
};
