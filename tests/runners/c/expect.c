#include "expect.h"

#include "options.h"

#include <string.h>

/* The state, which counts once its event was delivered as well: a mark that is written next then stands after it. */
static const char *see_state(const struct subject *subject) {
    struct stage *stage = subject->stage;
    backstay_state state = BACKSTAY_STATE_PENDING;
    MUST(stage, backstay_instance_get_state(subject->run->instance, &state));
    const char *name = backstay_state_name(state);
    stage_lock(stage);
    const bool has_started = subject->run->has_started, has_completed = subject->run->has_completed;
    stage_unlock(stage);
    const bool is_untold = (state == BACKSTAY_STATE_RUNNING && !has_started) ||
                           (state == BACKSTAY_STATE_FINISHED && !has_completed);
    return is_untold ? arena_format(&stage->arena, "%s without its event", name) : name;
}

/* What there is only when all is over: the outcome, the error and who was dropped. */
static void see_completion(const struct subject *subject, const char *seen[]) {
    struct arena *arena = &subject->stage->arena;
    backstay_completion completion = {.struct_size = sizeof completion};
    const backstay_status status = backstay_instance_wait(subject->run->instance, 0, &completion);
    if (status == BACKSTAY_TIMED_OUT) return;
    MUST(subject->stage, status);
    struct list dropped = {0};
    for (size_t index = 0; index < completion.dropped_count; index++) {
        list_add(arena, &dropped, arena_format(arena, "%s", completion.dropped[index].label));
    }
    seen[INSTANCE_OUTCOME] = backstay_outcome_name(completion.outcome);
    seen[INSTANCE_ERROR] = arena_cut(arena, completion.error.ptr, completion.error.len);
    seen[INSTANCE_DROPPED] = list_join(arena, &dropped, ",");
}

/* The details that are text. */
static const char *see_details(const struct subject *subject) {
    const backstay_str text = BACKSTAY_STR("text/plain");
    backstay_details details = {.struct_size = sizeof details};
    MUST(subject->stage, backstay_instance_details(subject->run->instance, &details));
    const backstay_str type = details.media_type;
    if (type.len != text.len || memcmp(type.ptr, text.ptr, text.len) != 0) return "";
    return arena_cut(&subject->stage->arena, details.bytes, details.length);
}

static void see_instance(const struct subject *subject, const char *seen[]) {
    struct stage *stage = subject->stage;
    const backstay_instance instance = subject->run->instance;
    bool is_canceled = false;
    backstay_cancel_reason reason = BACKSTAY_CANCEL_ABORT;
    size_t deferrals = 0;
    uint32_t progress = 0, suspended = 0, throttled = 0;
    int64_t remaining = BACKSTAY_FOREVER;
    seen[INSTANCE_STATE] = see_state(subject);
    see_completion(subject, seen);
    MUST(stage, backstay_instance_is_canceled(instance, &is_canceled, &reason));
    MUST(stage, backstay_instance_holders(instance, NULL, 0, &deferrals));
    MUST(stage, backstay_instance_get_progress(instance, &progress));
    MUST(stage, backstay_instance_suspended_count(instance, &suspended));
    MUST(stage, backstay_instance_throttle_count(instance, BACKSTAY_COUNTER_ALL, &throttled));
    MUST(stage, backstay_instance_remaining(instance, &remaining));
    if (is_canceled) seen[INSTANCE_REASON] = write_reason(&stage->arena, reason);
    seen[INSTANCE_DEFERRALS] = write_number(&stage->arena, deferrals);
    seen[INSTANCE_PROGRESS] = write_number(&stage->arena, progress);
    seen[INSTANCE_SUSPENDED] = write_number(&stage->arena, suspended);
    seen[INSTANCE_THROTTLED] = write_number(&stage->arena, throttled);
    seen[INSTANCE_DETAILS] = see_details(subject);
    if (remaining != BACKSTAY_FOREVER) seen[INSTANCE_REMAINING] = write_duration(&stage->arena, remaining);
}

static void see_task(const struct subject *subject, const char *seen[]) {
    struct stage *stage = subject->stage;
    size_t running = 0, pending = 0;
    bool is_registered = false, is_disabled = false;
    MUST(stage, backstay_task_counts(subject->task, &running, &pending));
    MUST(stage, backstay_task_is_registered(subject->task, &is_registered));
    MUST(stage, backstay_task_is_disabled(subject->task, &is_disabled));
    seen[SEEN_TASK_RUNNING] = write_number(&stage->arena, running);
    seen[SEEN_TASK_PENDING] = write_number(&stage->arena, pending);
    seen[SEEN_TASK_REGISTERED] = is_registered ? "yes" : "no";
    seen[SEEN_TASK_DISABLED] = is_disabled ? "yes" : "no";
}

static void see_host(const struct subject *subject, const char *seen[]) {
    struct stage *stage = subject->stage;
    size_t stragglers = 0, holders = 0;
    backstay_host_state state = BACKSTAY_HOST_OPEN;
    MUST(stage, backstay_host_stragglers(subject->host, NULL, 0, &stragglers));
    MUST(stage, backstay_host_holders(subject->host, NULL, 0, &holders));
    MUST(stage, backstay_host_get_state(subject->host, &state));
    seen[SEEN_HOST_STRAGGLERS] = write_number(&stage->arena, stragglers);
    seen[SEEN_HOST_HOLDERS] = write_number(&stage->arena, holders);
    seen[SEEN_HOST_STATE] = backstay_host_state_name(state);
}

/* An `expect` that looks until it sees what it wants. */
struct look {
    const struct subject *subject;
    const struct step *step;
    const char *seen[OPTIONS_MAX];
};

static bool look(void *context) {
    struct look *look = context;
    *look = (struct look){.subject = look->subject, .step = look->step};
    switch (look->step->target) {
        case TARGET_HOST: see_host(look->subject, look->seen); break;
        case TARGET_TASK: see_task(look->subject, look->seen); break;
        case TARGET_INSTANCE: see_instance(look->subject, look->seen); break;
    }
    return is_as_expected(look->step, look->seen);
}

struct trouble expect(const struct subject *subject, const struct step *step) {
    struct look looking = {.subject = subject, .step = step};
    if (stage_wait_for(subject->stage, look, &looking)) return no_trouble();
    return differs(&subject->stage->arena, step, looking.seen);
}

bool is_as_expected(const struct step *step, const char *seen[]) {
    for (size_t index = 0; step->options[index].key != NULL; index++) {
        const char *expected = step->values[index].text;
        if (expected != NULL && (seen[index] == NULL || strcmp(expected, seen[index]) != 0)) return false;
    }
    return true;
}

struct trouble differs(struct arena *arena, const struct step *step, const char *seen[]) {
    const char *expected_text = "expected", *seen_text = "saw";
    for (size_t index = 0; step->options[index].key != NULL; index++) {
        const char *key = step->options[index].key, *expected = step->values[index].text;
        if (expected == NULL) continue;
        expected_text = arena_format(arena, "%s %s=%s", expected_text, key, expected);
        seen_text = seen[index] == NULL ? arena_format(arena, "%s no %s", seen_text, key)
                                        : arena_format(arena, "%s %s=%s", seen_text, key, seen[index]);
    }
    return wrong(arena_format(arena, "%s, %s", expected_text, seen_text));
}
