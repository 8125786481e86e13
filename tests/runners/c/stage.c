#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How soon a waiting expectation looks again when no change comes: not everything that it looks at is an event. */
#define GLANCE (SECOND / 500)

struct stage *stage_new(void) {
    struct stage *stage = calloc(1, sizeof *stage);
    if (stage == NULL) abort();
    arena_init(&stage->arena);
    pthread_mutex_init(&stage->mutex, NULL);
    pthread_cond_init(&stage->changed, NULL);
    stage->last_fired = &stage->first_fired;
    return stage;
}

void stage_free(struct stage *stage) {
    /* The last of those who changed something may still be leaving the lock. */
    stage_lock(stage);
    stage_unlock(stage);
    pthread_cond_destroy(&stage->changed);
    pthread_mutex_destroy(&stage->mutex);
    arena_free(&stage->arena);
    free(stage);
}

void stage_lock(struct stage *stage) {
    pthread_mutex_lock(&stage->mutex);
}

void stage_unlock(struct stage *stage) {
    pthread_mutex_unlock(&stage->mutex);
}

void stage_changed(struct stage *stage) {
    stage->changes++;
    pthread_cond_broadcast(&stage->changed);
}

bool stage_wait(struct stage *stage, const struct timespec *until) {
    return pthread_cond_timedwait(&stage->changed, &stage->mutex, until) == 0;
}

struct timespec stage_time(int64_t from_now) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    const int64_t nanoseconds = time.tv_nsec + from_now;
    time.tv_sec += (time_t)(nanoseconds / SECOND);
    time.tv_nsec = (long)(nanoseconds % SECOND);
    return time;
}

static bool is_over(const struct timespec *time) {
    const struct timespec now = stage_time(0);
    return now.tv_sec > time->tv_sec || (now.tv_sec == time->tv_sec && now.tv_nsec >= time->tv_nsec);
}

bool stage_wait_for(struct stage *stage, bool (*look)(void *context), void *context) {
    const struct timespec until = stage_time(PATIENCE);
    for (;;) {
        stage_lock(stage);
        const size_t before = stage->changes;
        stage_unlock(stage);
        const bool is_last = is_over(&until);
        if (look(context)) return true;
        if (is_last) return false;
        const struct timespec glance = stage_time(GLANCE);
        stage_lock(stage);
        if (stage->changes == before) stage_wait(stage, &glance);
        stage_unlock(stage);
    }
}

struct run *stage_run(struct stage *stage, const uint8_t id[16]) {
    for (struct run *run = stage->runs; run != NULL; run = run->next) {
        if (memcmp(run->id, id, sizeof run->id) == 0) return run;
    }
    struct run *run = arena_take(&stage->arena, sizeof *run);
    memcpy(run->id, id, sizeof run->id);
    run->next = stage->runs;
    stage->runs = run;
    return run;
}

struct run *stage_keep(struct stage *stage, backstay_instance instance) {
    uint8_t id[16] = {0};
    MUST(stage, backstay_instance_id(instance, id));
    stage_lock(stage);
    struct run *run = stage_run(stage, id);
    const backstay_instance other = run->instance;
    if (other.id == 0) run->instance = instance;
    stage_unlock(stage);
    /* One handle is enough. */
    if (other.id != 0) MUST(stage, backstay_instance_release(instance));
    return run;
}

void stage_mistake(struct stage *stage, const char *mistake) {
    stage_lock(stage);
    if (stage->mistake == NULL) stage->mistake = mistake;
    stage_changed(stage);
    stage_unlock(stage);
}

struct trouble stage_trouble(struct stage *stage) {
    stage_lock(stage);
    const char *mistake = stage->mistake;
    stage_unlock(stage);
    return mistake == NULL ? no_trouble() : wrong(mistake);
}

const char *stage_nobody(struct stage *stage, const char *what, const char *name) {
    return arena_format(&stage->arena, "there is no %s \"%s\" at this point of the file", what, name);
}

static bool have_entered(void *context) {
    struct stage *stage = context;
    bool entered = true;
    stage_lock(stage);
    for (struct run *run = stage->runs; run != NULL; run = run->next) {
        if (run->has_started && !run->has_entered) entered = false;
    }
    stage_unlock(stage);
    return entered;
}

struct trouble stage_set_script(struct stage *stage, const char *task, const struct act *acts) {
    /* A run that was seen to have started is not a later one, so each of those takes its script first. */
    if (!stage_wait_for(stage, have_entered, stage)) {
        return wrong("expected every started run to enter, saw one that does not");
    }
    struct script *script = arena_take(&stage->arena, sizeof *script);
    script->task = task;
    script->acts = acts;
    stage_lock(stage);
    script->older = stage->scripts;
    stage->scripts = script;
    stage_unlock(stage);
    return no_trouble();
}

const struct act *stage_script(struct stage *stage, const char *task, struct run *run) {
    stage_lock(stage);
    const struct script *script = stage->scripts;
    while (script != NULL && strcmp(script->task, task) != 0) script = script->older;
    run->has_entered = true;
    stage_changed(stage);
    stage_unlock(stage);
    return script == NULL ? NULL : script->acts;
}

void stage_set_task(struct stage *stage, const char *name, backstay_task task) {
    struct registered *registered = arena_take(&stage->arena, sizeof *registered);
    registered->name = name;
    registered->task = task;
    stage_lock(stage);
    registered->older = stage->tasks;
    stage->tasks = registered;
    stage_unlock(stage);
}

backstay_task stage_task(struct stage *stage, const char *name) {
    stage_lock(stage);
    const struct registered *registered = stage->tasks;
    while (registered != NULL && strcmp(registered->name, name) != 0) registered = registered->older;
    stage_unlock(stage);
    return registered == NULL ? (backstay_task){0} : registered->task;
}

void stage_user_data_given(struct stage *stage) {
    stage_lock(stage);
    stage->user_data++;
    stage_unlock(stage);
}

void stage_user_data_ended(struct stage *stage) {
    stage_lock(stage);
    stage->user_data--;
    stage_changed(stage);
    stage_unlock(stage);
}

void stage_must(struct stage *stage, backstay_status status, const char *call) {
    if (status == BACKSTAY_OK) return;
    const char *name = backstay_status_name(status);
    stage_mistake(stage, arena_format(&stage->arena, "expected OK, saw %s of %s", name, call));
}
