/*
 * What the steps of a scenario share with the runs of its tasks: one monitor, whose lock guards everything below.
 *
 * No function of the library that may wait is called under the lock, and callbacks of the library take it.
 */
#ifndef STAGE_H
#define STAGE_H

#include "names.h"
#include "step.h"
#include "trouble.h"

#include <time.h>

/* How long an expectation waits, by the machine's clock. */
#define PATIENCE (5 * SECOND)

/* Where a run stands. */
enum gate { GATE_ELSEWHERE, GATE_STANDING, GATE_MAY_PASS };

/* A deferral that a step or a run has taken. */
struct kept {
    const char *label;
    backstay_deferral deferral;
    /* It was dropped, so there is nothing left to ask. */
    bool is_dropped;
    struct kept *next;
};

/* One instance, as this file knows it. */
struct run {
    uint8_t id[16];
    /* None before it was told or fired; then the same until the file is over. */
    backstay_instance instance;
    /* What has happened to it so far: the host's events, with marks of the steps by hand between them. */
    struct list trace;
    bool has_started, has_completed;
    /* Its entry point knows what to do. */
    bool has_entered;
    /* The file has a name for it. */
    bool is_named;
    enum gate gate;
    struct kept *deferrals;
    struct run *next, *next_fired;
};

/* What the runs of a task do from some step on. */
struct script {
    const char *task;
    const struct act *acts;
    struct script *older;
};

/* A task that was registered. */
struct registered {
    const char *name;
    backstay_task task;
    struct registered *older;
};

struct stage {
    struct arena arena;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /* How often something changed, by which a wait knows that nothing has come since it looked. */
    size_t changes;
    struct run *runs;
    /* In the order of firing. */
    struct run *first_fired, **last_fired;
    /* The newest first. */
    struct script *scripts;
    struct registered *tasks;
    /* Nobody stands at a hold any more. */
    bool is_released;
    /* How many callbacks have user data that the library has not ended. */
    size_t user_data;
    /* The first thing that a run or a callback could not do. */
    const char *mistake;
};

struct stage *stage_new(void);
void stage_free(struct stage *stage);

void stage_lock(struct stage *stage);
void stage_unlock(struct stage *stage);

/* Under the lock: wakes everybody who waits for a change. */
void stage_changed(struct stage *stage);

/* Under the lock: waits for a change; false when it is `until` by the machine's clock. */
bool stage_wait(struct stage *stage, const struct timespec *until);

/* The machine's time, so many nanoseconds from now. */
struct timespec stage_time(int64_t from_now);

/* Looks until there is something to see, at every change and every few milliseconds, for at most PATIENCE. */
bool stage_wait_for(struct stage *stage, bool (*look)(void *context), void *context);

/* Under the lock: what is known of the instance of this id. */
struct run *stage_run(struct stage *stage, const uint8_t id[16]);

/* What is known of this instance. Takes the handle. */
struct run *stage_keep(struct stage *stage, backstay_instance instance);

/* Remembers that something could not be done; the first mistake counts, and fails the file. */
void stage_mistake(struct stage *stage, const char *mistake);

/* The first mistake so far, as trouble. */
struct trouble stage_trouble(struct stage *stage);

/* There is no task, instance or deferral of that name in the file so far. */
const char *stage_nobody(struct stage *stage, const char *what, const char *name);

/* Says what later runs of that task do. */
struct trouble stage_set_script(struct stage *stage, const char *task, const struct act *acts);

/* What this run of that task does, from its first act on; NULL when no `run` said so. */
const struct act *stage_script(struct stage *stage, const char *task, struct run *run);

/* Takes the handle of a task that was registered. */
void stage_set_task(struct stage *stage, const char *name, backstay_task task);

/* The task last registered under that name, also when it was unregistered since; 0 when there is none. */
backstay_task stage_task(struct stage *stage, const char *name);

/* Counts the user data on the stage that the library was given, and that it has ended. */
void stage_user_data_given(struct stage *stage);
void stage_user_data_ended(struct stage *stage);

/* A call that nothing in a file can make fail: when it does, the file fails with it. */
#define MUST(stage, call) stage_must((stage), (call), #call)
void stage_must(struct stage *stage, backstay_status status, const char *call);

#endif
