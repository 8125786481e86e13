/* The steps of a scenario as plain structs. Names are those of the file: tasks of a group are called `GROUP/NAME`. */
#ifndef STEP_H
#define STEP_H

#include "memory.h"

#include <backstay.h>

enum step_kind {
    STEP_HOST,
    STEP_CONDITION,
    STEP_TASK,
    STEP_RUN,
    STEP_FIRE,
    STEP_RAISE,
    STEP_NEW,
    STEP_GO,
    STEP_DEFER,
    STEP_COMPLETE,
    STEP_DROP,
    STEP_FAIL,
    STEP_PROGRESS,
    STEP_CANCEL,
    STEP_SUSPEND,
    STEP_RESUME,
    STEP_UNREGISTER,
    STEP_ENABLE,
    STEP_ADVANCE,
    STEP_DRAIN,
    STEP_SHUTDOWN,
    STEP_JOINED,
    STEP_EXPECT,
    STEP_REFUSED,
    STEP_TRACE
};

/* What is suspended, resumed or looked at. */
enum target { TARGET_HOST, TARGET_TASK, TARGET_INSTANCE };

/* What an option was read as. */
struct value {
    /* As the language writes it; NULL when the option does not stand there. */
    const char *text;
    /* A number, nanoseconds, a reason, or the constant of a word; of a trigger its period. */
    int64_t number;
    /* Of a trigger: its kind. */
    backstay_trigger_kind trigger;
};

/* Where each option stands among the values of its step. */
enum { HOST_WORKERS, HOST_GRACE, HOST_OVERDUE_AFTER };
enum {
    TASK_TRIGGER,
    TASK_CONDITION,
    TASK_CANCEL_ON_LOSS,
    TASK_DEADLINE,
    TASK_GRACE,
    TASK_BUSY,
    TASK_MAX_RUNNING,
    TASK_MAX_FAILURES,
    TASK_GROUP,
    TASK_IF_EXISTS
};
enum { FIRE_DETAILS };
enum { SUSPEND_CAUSE };
enum { JOINED_FINISHED, JOINED_ABANDONED, JOINED_HOLDERS };
enum {
    INSTANCE_STATE,
    INSTANCE_OUTCOME,
    INSTANCE_REASON,
    INSTANCE_ERROR,
    INSTANCE_DEFERRALS,
    INSTANCE_PROGRESS,
    INSTANCE_SUSPENDED,
    INSTANCE_THROTTLED,
    INSTANCE_DETAILS,
    INSTANCE_DROPPED,
    INSTANCE_REMAINING
};
enum { SEEN_TASK_RUNNING, SEEN_TASK_PENDING, SEEN_TASK_REGISTERED, SEEN_TASK_DISABLED };
enum { SEEN_HOST_STRAGGLERS, SEEN_HOST_HOLDERS, SEEN_HOST_STATE };

/* As many as the step with the most of them has. */
enum { OPTIONS_MAX = INSTANCE_REMAINING + 1 };

enum act_kind {
    ACT_DEFER,
    ACT_COMPLETE,
    ACT_PROGRESS,
    ACT_HOLD,
    ACT_CHECKPOINT,
    ACT_FAIL,
    ACT_PANIC,
    ACT_UNREGISTER,
    ACT_FIRE,
    ACT_RETURN
};

/* One act of a run. */
struct act {
    enum act_kind kind;
    /* A label, the text of an error, or the name of a task. */
    const char *text;
    uint32_t progress;
    struct act *next;
};

/* One step. What its kind does not use is zero. */
struct step {
    /* Its line, from 1. */
    size_t line;
    enum step_kind kind;
    /* An instance, and a task, that there must be by now. */
    const char *instance, *task;
    /* What the step gives a name to, or names for itself: an instance, a task, an event, a condition. */
    const char *name;
    const char *label;
    /* The text of an error. */
    const char *error;
    enum target target;
    bool cancels, is_on;
    uint32_t progress;
    backstay_cancel_reason reason;
    int64_t time;
    /* The options, and the table that says which value is whose. */
    const struct option *options;
    struct value values[OPTIONS_MAX];
    /* The conditions of a task, or the events of a trace. */
    struct list list;
    struct act *acts;
    /* The step that must be refused, and with what. */
    struct step *refused;
    backstay_status status;
    struct step *next;
};

#endif
