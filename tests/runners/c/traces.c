#include "traces.h"

#include <string.h>

/* The word of an event; NULL for progress, whose events may be merged. */
static const char *word_of(struct arena *arena, const backstay_event *event) {
    struct list conditions = {0};
    switch (event->kind) {
        case BACKSTAY_EVENT_FIRED: return "fired";
        case BACKSTAY_EVENT_WAITS:
            for (size_t index = 0; index < event->condition_count; index++) {
                const backstay_str condition = event->conditions[index];
                list_add(arena, &conditions, arena_cut(arena, condition.ptr, condition.len));
            }
            return arena_format(arena, "waits:%s", list_join(arena, &conditions, ","));
        case BACKSTAY_EVENT_STARTED: return "started";
        case BACKSTAY_EVENT_SUSPENDED: return "suspended";
        case BACKSTAY_EVENT_RESUMED: return "resumed";
        case BACKSTAY_EVENT_CANCELED: return arena_format(arena, "canceled:%s", write_reason(arena, event->reason));
        case BACKSTAY_EVENT_OVERDUE:
            return arena_format(arena, "overdue:%s", arena_cut(arena, event->label.ptr, event->label.len));
        case BACKSTAY_EVENT_COMPLETED:
            return arena_format(arena, "completed:%s", backstay_outcome_name(event->outcome));
        default: return NULL;
    }
}

/* The event's handle is lent for the call, so what is kept is one of our own. */
static void keep(struct stage *stage, backstay_instance lent) {
    backstay_instance instance = {0};
    MUST(stage, backstay_instance_dup(lent, &instance));
    if (instance.id != 0) stage_keep(stage, instance);
}

static void told(const backstay_event *event, void *user_data) {
    struct stage *stage = user_data;
    const char *word = word_of(&stage->arena, event);
    if (word == NULL) return;
    if (event->kind == BACKSTAY_EVENT_FIRED) keep(stage, event->instance);
    stage_lock(stage);
    struct run *run = stage_run(stage, event->instance_id);
    list_add(&stage->arena, &run->trace, word);
    if (event->kind == BACKSTAY_EVENT_FIRED) {
        *stage->last_fired = run;
        stage->last_fired = &run->next_fired;
    }
    run->has_started = run->has_started || event->kind == BACKSTAY_EVENT_STARTED;
    run->has_completed = run->has_completed || event->kind == BACKSTAY_EVENT_COMPLETED;
    stage_changed(stage);
    stage_unlock(stage);
}

static void ended(void *user_data) {
    stage_user_data_ended(user_data);
}

backstay_status traces_watch(struct stage *stage, backstay_host host, backstay_subscription *subscription) {
    stage_user_data_given(stage);
    return backstay_host_on_event(host, told, stage, ended, subscription);
}

void traces_mark(struct stage *stage, struct run *run, const char *mark) {
    const char *entry = arena_format(&stage->arena, "<%s>", mark);
    stage_lock(stage);
    list_add(&stage->arena, &run->trace, entry);
    stage_unlock(stage);
}

struct list traces_of(struct stage *stage, const struct run *run) {
    struct list copy = {0};
    stage_lock(stage);
    for (size_t index = 0; index < run->trace.count; index++) {
        list_add(&stage->arena, &copy, run->trace.items[index]);
    }
    stage_unlock(stage);
    return copy;
}

struct run *traces_next_fired(struct stage *stage, const struct run *run) {
    stage_lock(stage);
    struct run *next = run == NULL ? stage->first_fired : run->next_fired;
    stage_unlock(stage);
    return next;
}
