/* Operations on nothing in particular, and the races of two threads on one handle. */
#include "world.h"

extern _Thread_local bool may_not_wait;

/* ---- Words: any number has a name, any text may be one ---- */

static void words(struct input *input) {
    const uint32_t number = rarely(input, 4) ? (uint32_t)take_number(input) : take(input);
    struct text text = take_text(input);
    struct result status = new_result(sizeof(backstay_status), 0), reason = new_result(sizeof(uint32_t), 0);
    const char *const names[] = {
        backstay_status_name(-(backstay_status)(number % 64)), backstay_status_message((backstay_status)number),
        backstay_state_name(number), backstay_outcome_name(number), backstay_cancel_reason_name(number),
        backstay_host_state_name(number), backstay_language_name(number), backstay_event_kind_name(number),
        backstay_version(),
    };
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) CHECK(names[index][0] != 0);
    const backstay_status of_status = backstay_status_from_name(text.view, (void *)status.memory);
    const backstay_status of_reason = backstay_cancel_reason_from_name(text.view, (void *)reason.memory);
    CHECK(text.is_good || (of_status == BACKSTAY_INVALID_ARGUMENT && of_reason == BACKSTAY_INVALID_ARGUMENT));
    check_result(&status, of_status == BACKSTAY_OK);
    check_result(&reason, of_reason == BACKSTAY_OK);
    CHECK(backstay_abi_version() == (BACKSTAY_ABI_MAJOR << 16 | BACKSTAY_ABI_MINOR));
    CHECK(backstay_get_api() != NULL);
    free_text(&text);
}

/* Only a handler can say that it failed; what is said elsewhere is forgotten or refused. */
static void handler_failed(struct input *input) {
    struct text text = take_text(input);
    const backstay_status seen = backstay_handler_failed(text.view);
    CHECK(text.is_good || seen == BACKSTAY_INVALID_ARGUMENT);
    free_text(&text);
}

/* ---- Entry points that are occupied on their workers ---- */

static void shut_gate(struct input *input) {
    (void)input;
    if (!world.is_gate_shut) pthread_mutex_lock(&world.gate);
    world.is_gate_shut = true;
}

static void open_gate(struct input *input) {
    (void)input;
    if (world.is_gate_shut) pthread_mutex_unlock(&world.gate);
    world.is_gate_shut = false;
}

/* ---- Races ---- */

/* What one thread does to the handle, and what it was answered. */
struct racer {
    uint64_t id, given;
    enum kind kind;
    enum { USES, DUPS, RELEASES_IT, COMPLETES_IT } how;
    backstay_status seen;
};

static backstay_status use(enum kind kind, uint64_t id) {
    uint32_t state;
    size_t count;
    switch (kind) {
    case HOST: return backstay_host_get_state((backstay_host){id}, &state);
    case TASK: return backstay_task_counts((backstay_task){id}, &count, NULL);
    case INSTANCE: return backstay_instance_get_state((backstay_instance){id}, &state);
    case DEFERRAL: return backstay_deferral_is_canceled((backstay_deferral){id}, &(bool){false}, NULL);
    case SUBSCRIPTION: return backstay_subscription_cancel((backstay_subscription){id});
    default: return backstay_job_release((backstay_job){id});
    }
}

static backstay_status dup_it(enum kind kind, uint64_t id, uint64_t *given_id) {
    switch (kind) {
    case HOST: return backstay_host_dup((backstay_host){id}, (void *)given_id);
    case TASK: return backstay_task_dup((backstay_task){id}, (void *)given_id);
    case INSTANCE: return backstay_instance_dup((backstay_instance){id}, (void *)given_id);
    case DEFERRAL: return backstay_deferral_dup((backstay_deferral){id}, (void *)given_id);
    default: return backstay_subscription_dup((backstay_subscription){id}, (void *)given_id);
    }
}

static backstay_status release(enum kind kind, uint64_t id) {
    switch (kind) {
    case HOST: return backstay_host_release((backstay_host){id});
    case TASK: return backstay_task_release((backstay_task){id});
    case INSTANCE: return backstay_instance_release((backstay_instance){id});
    case DEFERRAL: return backstay_deferral_release((backstay_deferral){id});
    case SUBSCRIPTION: return backstay_subscription_release((backstay_subscription){id});
    default: return backstay_job_run((backstay_job){id});
    }
}

static void *run_racer(void *argument) {
    struct racer *racer = argument;
    may_not_wait = true;
    switch (racer->how) {
    case USES: racer->seen = use(racer->kind, racer->id); break;
    case DUPS: racer->seen = dup_it(racer->kind, racer->id, &racer->given); break;
    case RELEASES_IT: racer->seen = release(racer->kind, racer->id); break;
    case COMPLETES_IT: racer->seen = backstay_deferral_complete((backstay_deferral){racer->id}); break;
    }
    may_not_wait = false;
    trace("in a race", racer->id, racer->seen);
    return NULL;
}

static struct racer take_racer(struct input *input, struct subject subject) {
    const unsigned how = below(input, subject.kind == DEFERRAL ? 4 : 3);
    // A job has no other handle, and what uses it ends it.
    return (struct racer){.id = subject.id, .kind = subject.kind, .how = subject.kind == JOB ? how & 2 : how};
}

static bool ends(const struct racer *racer) {
    return racer->how >= RELEASES_IT || racer->kind == JOB;
}

/* Whether this one has ended the handle: completing ends it whatever is said of the hold. */
static bool has_won(const struct racer *racer, bool was_held) {
    const bool is_late = racer->how == COMPLETES_IT && was_held && racer->seen == BACKSTAY_NOT_RUNNING;
    return ends(racer) && (racer->seen == BACKSTAY_OK || is_late);
}

/* Two threads on one good handle: one of them ends it if one wants to, and the other is told so or was before. */
static void race(struct input *input) {
    const struct subject subject = choose(input, (enum kind)below(input, KINDS));
    struct racer racers[2] = {take_racer(input, subject), take_racer(input, subject)};
    if (subject.what != GOOD) return;
    pthread_t thread;
    const bool was_held = holds_still(subject.id);
    if (subject.kind == HOST) atomic_store(&world.may_abandon, true);
    CHECK(pthread_create(&thread, NULL, run_racer, &racers[1]) == 0);
    run_racer(&racers[0]);
    CHECK(pthread_join(thread, NULL) == 0);

    int winners = 0;
    bool is_completed = false;
    for (int index = 0; index < 2; index++) {
        const struct racer *racer = &racers[index];
        if (racer->given != 0) given(racer->kind, racer->given, OURS, racer->id);
        winners += has_won(racer, was_held);
        is_completed = is_completed || racer->how == COMPLETES_IT;
        const bool is_late = ends(&racers[1 - index]);
        const uint32_t late = CAN(BACKSTAY_STALE_HANDLE) | CAN(BACKSTAY_ALREADY_COMPLETED);
        const uint32_t can = CAN(BACKSTAY_OK) | (is_late ? late : 0) |
                             (racer->how == COMPLETES_IT ? CAN(BACKSTAY_NOT_RUNNING) | late : 0);
        CHECK(can & CAN(racer->seen));
    }
    // Of a hold that had ended by another handle, completing says so and ends this handle all the same.
    const bool is_clear = was_held || !is_completed;
    const bool must_end = ends(&racers[0]) || ends(&racers[1]);
    CHECK(winners <= 1 && (!is_clear || winners == (must_end ? 1 : 0)));
    if (must_end && is_completed && (racers[0].how == COMPLETES_IT) == (racers[1].how == COMPLETES_IT)) {
        hold_has_ended(subject.id);
    } else if (is_completed && has_won(&racers[racers[0].how == COMPLETES_IT ? 0 : 1], was_held)) {
        hold_has_ended(subject.id);
    }
    if (must_end) has_ended(subject.id);
}

operation *const other_operations[] = {words, handler_failed, shut_gate, open_gate, race, race, NULL};
