#include "opening.h"

#include "entry.h"
#include "traces.h"

/* How many entry points run at once unless the file says otherwise: the same on every machine. */
#define WORKERS 4

/* In the options of C zero means default; no time has a name of its own. */
static int64_t time_of(const struct value *value) {
    return value->text != NULL && value->number == 0 ? BACKSTAY_NO_TIME : value->number;
}

/* A value that C cannot ask for, since zero means default there; the library would refuse it. */
static bool is_unsayable(const struct value *value) {
    return value->text != NULL && value->number == 0;
}

struct trouble open_host(struct stage *stage, const struct step *step, backstay_host *host,
                         backstay_subscription *events) {
    const struct value *values = step->values;
    if (is_unsayable(&values[HOST_WORKERS])) {
        return refused(BACKSTAY_INVALID_ARGUMENT, "workers: 0 means default in C and cannot be asked for");
    }
    backstay_host_options options = {.struct_size = sizeof options, .manual_clock = true};
    options.workers = values[HOST_WORKERS].text == NULL ? WORKERS : (uint32_t)values[HOST_WORKERS].number;
    options.grace_ns = time_of(&values[HOST_GRACE]);
    options.overdue_after_ns = time_of(&values[HOST_OVERDUE_AFTER]);
    const backstay_status status = backstay_host_open(&options, host);
    if (status == BACKSTAY_OK) MUST(stage, traces_watch(stage, *host, events));
    return answered(status);
}

/* The first option that C cannot give this value; NULL when it can say it all. */
static const char *unsayable_option(const struct value *values) {
    if (is_unsayable(&values[TASK_MAX_RUNNING])) return "max-running";
    if (is_unsayable(&values[TASK_MAX_FAILURES])) return "max-failures";
    const char *group = values[TASK_GROUP].text;
    return group != NULL && *group == 0 ? "group" : NULL;
}

static void set_trigger(backstay_task_options *options, const struct value *trigger) {
    options->trigger = trigger->trigger;
    options->period_ns = trigger->number;
    if (trigger->trigger == BACKSTAY_TRIGGER_EVENT) options->event = view(trigger->text);
}

static void set_conditions(struct arena *arena, backstay_task_options *options, const struct list *names) {
    backstay_str *conditions = arena_take(arena, names->count * sizeof *conditions);
    for (size_t index = 0; index < names->count; index++) conditions[index] = view(names->items[index]);
    options->conditions = conditions;
    options->condition_count = names->count;
}

struct trouble register_task(struct stage *stage, backstay_host host, const struct step *step) {
    const struct value *values = step->values;
    const char *unsayable = unsayable_option(values), *group = values[TASK_GROUP].text;
    if (unsayable != NULL) {
        return refused(BACKSTAY_INVALID_TASK,
                       arena_format(&stage->arena, "%s: means default in C and cannot be asked for", unsayable));
    }
    struct role *role = arena_take(&stage->arena, sizeof *role);
    role->stage = stage;
    role->task = group == NULL ? step->name : arena_format(&stage->arena, "%s/%s", group, step->name);

    backstay_task_options options = {.struct_size = sizeof options, .name = view(step->name)};
    if (group != NULL) options.group = view(group);
    set_trigger(&options, &values[TASK_TRIGGER]);
    set_conditions(&stage->arena, &options, &step->list);
    options.cancel_on_condition_loss = values[TASK_CANCEL_ON_LOSS].text != NULL;
    options.deadline_ns = time_of(&values[TASK_DEADLINE]);
    options.grace_ns = time_of(&values[TASK_GRACE]);
    options.when_busy = (backstay_when_busy)values[TASK_BUSY].number;
    options.max_running = (uint32_t)values[TASK_MAX_RUNNING].number;
    options.max_failures = (uint32_t)values[TASK_MAX_FAILURES].number;
    options.if_exists = (backstay_if_exists)values[TASK_IF_EXISTS].number;
    options.file = __FILE__;
    options.line = __LINE__;
    options.run = enter;
    options.user_data = role;
    options.destroy = leave;

    /* Whatever becomes of the registering, `leave` is called once. */
    stage_user_data_given(stage);
    backstay_task task;
    backstay_error error = {.struct_size = sizeof error};
    const backstay_status status = backstay_task_register(host, &options, &task, &error);
    if (status != BACKSTAY_OK) return refused(status, arena_format(&stage->arena, "%s", error.text));
    stage_set_task(stage, role->task, task);
    return no_trouble();
}
