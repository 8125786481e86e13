#include "deferrals.h"

#include <string.h>

backstay_status deferrals_take(struct stage *stage, backstay_instance instance, struct run *run, const char *label) {
    struct kept *kept = arena_take(&stage->arena, sizeof *kept);
    kept->label = label;
    /* Both under the lock: who has seen the holder finds the deferral. */
    stage_lock(stage);
    const backstay_status status = backstay_instance_get_deferral(instance, view(label), &kept->deferral);
    if (status == BACKSTAY_OK) {
        struct kept **last = &run->deferrals;
        while (*last != NULL) last = &(*last)->next;
        *last = kept;
    }
    stage_unlock(stage);
    return status;
}

static bool is_pending(const struct kept *kept) {
    backstay_holder holder = {.struct_size = sizeof holder};
    return !kept->is_dropped && backstay_deferral_holder(kept->deferral, &holder) == BACKSTAY_OK;
}

/* Under the lock: the one that a step means. */
static struct kept *chosen(struct run *run, const char *label) {
    struct kept *last = NULL;
    for (struct kept *kept = run->deferrals; kept != NULL; kept = kept->next) {
        if (strcmp(kept->label, label) != 0) continue;
        if (is_pending(kept)) return kept;
        last = kept;
    }
    return last;
}

bool deferrals_end(struct stage *stage, struct run *run, const char *label, const char *error,
                   backstay_status *answer) {
    stage_lock(stage);
    const struct kept *kept = chosen(run, label);
    const bool is_dropped = kept != NULL && kept->is_dropped;
    const backstay_deferral deferral = kept == NULL ? (backstay_deferral){0} : kept->deferral;
    stage_unlock(stage);
    if (kept == NULL) return false;
    if (is_dropped) {
        /* A dropped deferral counts as completed, and the file asks about a completed one. */
        *answer = BACKSTAY_ALREADY_COMPLETED;
    } else if (error == NULL) {
        *answer = backstay_deferral_complete(deferral);
    } else {
        *answer = backstay_deferral_fail(deferral, view(error));
    }
    return true;
}

/* Completing a deferral has ended its handle, so there may be nothing left to release. */
static void release(struct stage *stage, backstay_deferral deferral) {
    const backstay_status released = backstay_deferral_release(deferral);
    if (released != BACKSTAY_STALE_HANDLE) MUST(stage, released);
}

bool deferrals_drop(struct stage *stage, struct run *run, const char *label) {
    stage_lock(stage);
    struct kept *kept = chosen(run, label);
    const bool is_here = kept != NULL && !kept->is_dropped;
    if (is_here) kept->is_dropped = true;
    stage_unlock(stage);
    if (is_here) release(stage, kept->deferral);
    return kept != NULL;
}

void deferrals_release(struct stage *stage) {
    for (;;) {
        struct kept *kept = NULL;
        stage_lock(stage);
        for (struct run *run = stage->runs; run != NULL && kept == NULL; run = run->next) {
            kept = run->deferrals;
            while (kept != NULL && kept->is_dropped) kept = kept->next;
        }
        if (kept != NULL) kept->is_dropped = true;
        stage_unlock(stage);
        if (kept == NULL) return;
        release(stage, kept->deferral);
    }
}
