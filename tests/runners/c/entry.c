#include "entry.h"

#include "deferrals.h"
#include "gates.h"

static backstay_status complete(struct stage *stage, struct run *run, const char *label) {
    backstay_status answer;
    /* Nobody must look at the answer of a deferral, and a run does not. */
    if (!deferrals_end(stage, run, label, NULL, &answer)) {
        stage_mistake(stage, stage_nobody(stage, "deferral", label));
    }
    return BACKSTAY_OK;
}

static backstay_status checkpoint(backstay_instance instance) {
    /* A cancelled run goes on with its next act; whether it then fails or returns is the file's say. */
    bool is_canceled;
    return backstay_instance_checkpoint(instance, &is_canceled);
}

static backstay_status unregister(backstay_instance instance) {
    backstay_task task;
    backstay_status status = backstay_instance_task(instance, &task);
    if (status != BACKSTAY_OK) return status;
    status = backstay_task_unregister(task, false);
    const backstay_status released = backstay_task_release(task);
    return status == BACKSTAY_OK ? released : status;
}

static backstay_status fail(backstay_instance instance, const char *error) {
    const backstay_status status = backstay_instance_set_error(instance, view(error));
    return status == BACKSTAY_OK ? BACKSTAY_FAILED : status;
}

static backstay_status fire(struct stage *stage, const char *name) {
    const backstay_task task = stage_task(stage, name);
    if (task.id != 0) return backstay_task_fire(task, NULL, NULL);
    stage_mistake(stage, stage_nobody(stage, "task", name));
    return BACKSTAY_OK;
}

static backstay_status perform_act(struct stage *stage, backstay_instance instance, struct run *run,
                                   const struct act *act) {
    switch (act->kind) {
        case ACT_DEFER: return deferrals_take(stage, instance, run, act->text);
        case ACT_COMPLETE: return complete(stage, run, act->text);
        case ACT_PROGRESS: return backstay_instance_set_progress(instance, act->progress);
        case ACT_HOLD: gates_stand(stage, run); return BACKSTAY_OK;
        case ACT_CHECKPOINT: return checkpoint(instance);
        case ACT_FAIL: return fail(instance, act->text);
        /* C has nothing to throw: this is how it says what a panic or an exception says elsewhere. */
        case ACT_PANIC: return BACKSTAY_PANIC;
        case ACT_UNREGISTER: return unregister(instance);
        case ACT_FIRE: return fire(stage, act->text);
        case ACT_RETURN: return BACKSTAY_OK;
    }
    return BACKSTAY_INTERNAL;
}

/* An act that the library refuses is an error that leaves the run, as in code of an application. */
backstay_status enter(backstay_instance instance, void *user_data) {
    const struct role *role = user_data;
    struct stage *stage = role->stage;
    uint8_t id[16] = {0};
    backstay_status status = backstay_instance_id(instance, id);
    stage_lock(stage);
    struct run *run = stage_run(stage, id);
    stage_unlock(stage);
    const struct act *act = stage_script(stage, role->task, run);
    for (; status == BACKSTAY_OK && act != NULL; act = act->next) {
        status = perform_act(stage, instance, run, act);
        if (act->kind == ACT_RETURN) break;
    }
    return status;
}

void leave(void *user_data) {
    const struct role *role = user_data;
    stage_user_data_ended(role->stage);
}
