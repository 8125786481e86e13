#include "perform.h"

#include "closing.h"
#include "deferrals.h"
#include "expect.h"
#include "gates.h"
#include "opening.h"
#include "traces.h"

#include <inttypes.h>
#include <string.h>

static struct run *find_run(const struct player *player, const char *name) {
    const struct name *named = player->names;
    while (named != NULL && strcmp(named->name, name) != 0) named = named->older;
    return named == NULL ? NULL : named->run;
}

static void set_name(struct player *player, const char *name, struct run *run) {
    struct name *named = arena_take(&player->stage->arena, sizeof *named);
    *named = (struct name){name, run, player->names};
    player->names = named;
    run->is_named = true;
}

/* The details of a firing that says this text; NULL when it says nothing. */
static const backstay_details *to_details(const struct value *value, backstay_details *details) {
    if (value->text == NULL) return NULL;
    *details = (backstay_details){.struct_size = sizeof *details,
                                  .media_type = BACKSTAY_STR("text/plain"),
                                  .bytes = value->text,
                                  .length = strlen(value->text)};
    return details;
}

static struct trouble fire(struct player *player, backstay_task task, const struct step *step) {
    backstay_details details;
    backstay_instance instance;
    const backstay_details *says = to_details(&step->values[FIRE_DETAILS], &details);
    const backstay_status status = backstay_task_fire(task, says, &instance);
    if (status == BACKSTAY_OK) set_name(player, step->name, stage_keep(player->stage, instance));
    return answered(status);
}

static struct trouble raise_event(struct player *player, const struct step *step) {
    backstay_details details;
    const backstay_details *says = to_details(&step->values[FIRE_DETAILS], &details);
    return answered(backstay_host_raise_event(player->host, view(step->name), says, NULL));
}

/* A look for the oldest instance of a task that has no name yet. */
struct search {
    struct stage *stage;
    backstay_task task;
    struct run *found;
};

static bool is_of_task(struct stage *stage, const struct run *run, backstay_task task) {
    backstay_task other = {0};
    bool is_same = false;
    MUST(stage, backstay_instance_task(run->instance, &other));
    MUST(stage, backstay_task_is_same(task, other, &is_same));
    MUST(stage, backstay_task_release(other));
    return is_same;
}

static bool find_nameless(void *context) {
    struct search *search = context;
    do {
        search->found = traces_next_fired(search->stage, search->found);
    } while (search->found != NULL &&
             (search->found->is_named || !is_of_task(search->stage, search->found, search->task)));
    return search->found != NULL;
}

static struct trouble name_oldest(struct player *player, backstay_task task, const struct step *step) {
    struct search search = {.stage = player->stage, .task = task};
    if (!stage_wait_for(player->stage, find_nameless, &search)) {
        return wrong(arena_format(&player->stage->arena, "expected an instance of %s without a name, saw none",
                                  step->task));
    }
    set_name(player, step->name, search.found);
    return no_trouble();
}

static struct trouble flush(struct player *player) {
    return player->host.id == 0 ? no_trouble() : answered(backstay_host_flush(player->host, PATIENCE));
}

static struct trouble go(struct player *player, struct run *run, const struct step *step) {
    struct stage *stage = player->stage;
    if (!gates_wait_for(stage, run)) {
        backstay_state state = BACKSTAY_STATE_PENDING;
        MUST(stage, backstay_instance_get_state(run->instance, &state));
        return wrong(arena_format(&stage->arena, "expected the run of %s at a hold, saw it elsewhere (%s)",
                                  step->instance, backstay_state_name(state)));
    }
    const struct trouble trouble = flush(player);
    if (trouble.kind != TROUBLE_NONE) return trouble;
    traces_mark(stage, run, "go");
    gates_let_pass(stage, run);
    return no_trouble();
}

static struct trouble end_deferral(struct player *player, struct run *run, const struct step *step) {
    struct stage *stage = player->stage;
    backstay_status answer = BACKSTAY_OK;
    const bool is_known = step->kind == STEP_DROP ? deferrals_drop(stage, run, step->label)
                                                  : deferrals_end(stage, run, step->label, step->error, &answer);
    return is_known ? answered(answer) : wrong(stage_nobody(stage, "deferral", step->label));
}

static struct trouble suspend(struct player *player, const struct subject *subject, const struct step *step) {
    /* No cause is 0, as is an option that does not stand there. */
    const backstay_cause cause = (backstay_cause)step->values[SUSPEND_CAUSE].number;
    switch (step->target) {
        case TARGET_HOST: return answered(backstay_host_suspend(player->host, cause));
        case TARGET_TASK: return answered(backstay_task_suspend(subject->task, cause));
        case TARGET_INSTANCE: return answered(backstay_instance_suspend(subject->run->instance, cause));
    }
    return wrong("suspend: an unknown target");
}

static struct trouble resume(struct player *player, const struct subject *subject, const struct step *step) {
    switch (step->target) {
        case TARGET_HOST: return answered(backstay_host_resume(player->host));
        case TARGET_TASK: return answered(backstay_task_resume(subject->task));
        case TARGET_INSTANCE: return answered(backstay_instance_resume(subject->run->instance));
    }
    return wrong("resume: an unknown target");
}

static struct trouble begin_closing(struct player *player, const struct step *step) {
    const backstay_status status = step->kind == STEP_DRAIN
                                       ? backstay_host_begin_drain(player->host, step->time)
                                       : backstay_host_begin_shutdown(player->host, step->time);
    if (status != BACKSTAY_OK) return answered(status);
    struct report *report = report_await(player->stage, player->host, player->report);
    if (report == NULL) return wrong("no thread to wait for the report");
    player->report = report;
    return no_trouble();
}

static struct trouble compare_trace(struct player *player, const struct run *run, const struct step *step) {
    const struct list seen = traces_of(player->stage, run);
    if (list_equals(&seen, &step->list)) return no_trouble();
    struct arena *arena = &player->stage->arena;
    return wrong(arena_format(arena, "expected %s, saw %s", list_join(arena, &step->list, " "),
                              list_join(arena, &seen, " ")));
}

/* What is written down before a step by hand that names an instance; NULL for others. `go` does so itself. */
static const char *mark_of(struct arena *arena, const struct step *step) {
    switch (step->kind) {
        case STEP_DEFER: return arena_format(arena, "defer:%s", step->label);
        case STEP_COMPLETE: return arena_format(arena, "complete:%s", step->label);
        case STEP_DROP: return arena_format(arena, "drop:%s", step->label);
        case STEP_FAIL: return arena_format(arena, "fail:%s", step->label);
        case STEP_PROGRESS: return arena_format(arena, "progress:%" PRIu32, step->progress);
        case STEP_CANCEL: return "cancel";
        case STEP_SUSPEND: return step->target == TARGET_INSTANCE ? "suspend" : NULL;
        case STEP_RESUME: return step->target == TARGET_INSTANCE ? "resume" : NULL;
        default: return NULL;
    }
}

static struct trouble call(struct player *player, const struct subject *subject, const struct step *step) {
    struct stage *stage = player->stage;
    struct run *run = subject->run;
    const backstay_host host = player->host;
    switch (step->kind) {
        case STEP_CONDITION: return answered(backstay_host_set_condition(host, view(step->name), step->is_on));
        case STEP_TASK: return register_task(stage, host, step);
        case STEP_RUN: return stage_set_script(stage, step->name, step->acts);
        case STEP_FIRE: return fire(player, subject->task, step);
        case STEP_RAISE: return raise_event(player, step);
        case STEP_NEW: return name_oldest(player, subject->task, step);
        case STEP_GO: return go(player, run, step);
        case STEP_DEFER: return answered(deferrals_take(stage, run->instance, run, step->label));
        case STEP_COMPLETE:
        case STEP_DROP:
        case STEP_FAIL: return end_deferral(player, run, step);
        case STEP_PROGRESS: return answered(backstay_instance_set_progress(run->instance, step->progress));
        case STEP_CANCEL: return answered(backstay_instance_cancel(run->instance, step->reason));
        case STEP_SUSPEND: return suspend(player, subject, step);
        case STEP_RESUME: return resume(player, subject, step);
        case STEP_UNREGISTER: return answered(backstay_task_unregister(subject->task, step->cancels));
        case STEP_ENABLE: return answered(backstay_task_enable(subject->task));
        case STEP_ADVANCE: return answered(backstay_host_advance(host, step->time));
        case STEP_DRAIN:
        case STEP_SHUTDOWN: return begin_closing(player, step);
        case STEP_JOINED:
            if (player->report == NULL) return wrong("nothing has been drained or shut down");
            return report_compare(player->report, step);
        case STEP_EXPECT: return expect(subject, step);
        case STEP_TRACE: return compare_trace(player, run, step);
        case STEP_HOST:
        case STEP_REFUSED: break; /* Both are dealt with before a host is needed. */
    }
    return no_trouble();
}

static struct trouble open(struct player *player, const struct step *step) {
    return open_host(player->stage, step, &player->host, &player->events);
}

/* Answered as the library answers a search for it. */
static struct trouble not_found(struct stage *stage, const char *task) {
    return refused(BACKSTAY_NOT_FOUND, arena_format(&stage->arena, "no task \"%s\" was registered", task));
}

/* The step itself. With `marks`, a step that names an instance leaves a mark in its trace. */
static struct trouble act(struct player *player, const struct step *step, bool marks) {
    struct stage *stage = player->stage;
    if (step->kind == STEP_HOST) return open(player, step);
    if (player->host.id == 0) {
        const struct step no_options = {.kind = STEP_HOST};
        const struct trouble trouble = open(player, &no_options);
        if (trouble.kind != TROUBLE_NONE) return trouble;
    }
    struct subject subject = {.stage = stage, .host = player->host};
    if (step->instance != NULL) {
        subject.run = find_run(player, step->instance);
        if (subject.run == NULL) return wrong(stage_nobody(stage, "instance", step->instance));
        const char *mark = marks ? mark_of(&stage->arena, step) : NULL;
        if (mark != NULL) traces_mark(stage, subject.run, mark);
    }
    if (step->task != NULL) {
        subject.task = stage_task(stage, step->task);
        if (subject.task.id == 0) return not_found(stage, step->task);
    }
    return call(player, &subject, step);
}

static struct trouble refuse(struct player *player, const struct step *step) {
    struct arena *arena = &player->stage->arena;
    const char *expected = backstay_status_name(step->status);
    const struct trouble trouble = act(player, step->refused, false);
    if (trouble.kind == TROUBLE_NONE) return wrong(arena_format(arena, "expected %s, saw OK", expected));
    if (trouble.kind == TROUBLE_WRONG) return trouble;
    if (trouble.status == step->status) return no_trouble();
    const char *seen = backstay_status_name(trouble.status);
    return wrong(arena_format(arena, "expected %s, saw %s (%s)", expected, seen, trouble.text));
}

struct trouble perform(struct player *player, const struct step *step) {
    struct trouble trouble =
        step->kind == STEP_REFUSED ? refuse(player, step) : act(player, step, true);
    if (trouble.kind == TROUBLE_NONE) trouble = flush(player);
    return trouble.kind == TROUBLE_NONE ? stage_trouble(player->stage) : trouble;
}
