/* Operations on tasks. */
#include "world.h"

#define OK CAN(BACKSTAY_OK)
#define INVALID CAN(BACKSTAY_INVALID_ARGUMENT)

/* Options of which each field may be wrong; texts in memory of their own. */
struct options {
    backstay_task_options *memory;
    struct text name, group, event, condition;
    struct user_data *data;
    backstay_str *conditions;
    /* Whether nothing is wrong that is INVALID_ARGUMENT, and whether the user data is known to the library. */
    bool is_good, is_known;
};

static struct options take_options(struct input *input, uint64_t host) {
    struct options options = {.name = take_text(input), .group = take_text(input), .event = take_text(input),
                              .condition = take_text(input), .is_good = true, .is_known = true};
    bool are_times_good[3];
    const backstay_trigger_kind trigger = below(input, 2) == 0 ? BACKSTAY_TRIGGER_MANUAL : below(input, 5);
    const bool is_clock = trigger == BACKSTAY_TRIGGER_AFTER || trigger == BACKSTAY_TRIGGER_EVERY;
    options.data = new_user_data(input, host);
    options.conditions = malloc(sizeof *options.conditions);
    options.conditions[0] = options.condition.view;
    backstay_task_options fields = {
        .struct_size = sizeof fields,
        .name = options.name.view,
        .group = below(input, 2) == 0 ? (backstay_str){0} : options.group.view,
        .trigger = trigger,
        .period_ns = take_time(input, &are_times_good[0]),
        .deadline_ns = take_time(input, &are_times_good[1]),
        .grace_ns = take_time(input, &are_times_good[2]),
        .conditions = options.conditions,
        .condition_count = rarely(input, 4),
        .cancel_on_condition_loss = rarely(input, 2),
        .when_busy = below(input, 7),
        .max_running = below(input, 3),
        .max_pending = below(input, 4),
        .max_failures = below(input, 3),
        .if_exists = below(input, 5),
        .on_shutdown = below(input, 4),
        .language = below(input, 5),
        .file = below(input, 2) == 0 ? NULL : "file.c",
        .run = rarely(input, 16) ? NULL : entry_point,
        .user_data = options.data,
        .destroy = end_user_data,
    };
    // What the trigger does not need is wrong to say.
    if (trigger == BACKSTAY_TRIGGER_EVENT || rarely(input, 16)) fields.event = options.event.view;
    if (!is_clock && are_times_good[0] && !rarely(input, 16)) fields.period_ns = 0;
    options.is_good = options.name.is_good && (fields.group.len == 0 || options.group.is_good) &&
                      (fields.condition_count == 0 || options.condition.is_good) &&
                      (fields.event.len == 0 || (options.event.is_good && trigger == BACKSTAY_TRIGGER_EVENT)) &&
                      (fields.period_ns == 0 || is_clock) && trigger <= BACKSTAY_TRIGGER_EVENT &&
                      fields.when_busy <= BACKSTAY_WHEN_BUSY_REPLACE &&
                      fields.if_exists <= BACKSTAY_IF_EXISTS_REPLACE_AND_CANCEL &&
                      fields.on_shutdown <= BACKSTAY_ON_SHUTDOWN_LEAVE && fields.language <= BACKSTAY_LANGUAGE_PYTHON;
    for (int time = 0; time < 3; time++) options.is_good = options.is_good && are_times_good[time];
    size_t size = sizeof fields;
    if (rarely(input, 16)) {
        fields.struct_size = below(input, 2) == 0 ? below(input, 8) : UINT32_MAX - take(input);
        options.is_good = options.is_known = false;
    } else if (rarely(input, 16)) {
        // Longer than this library knows, with nothing in it, or with something.
        size += 16;
        fields.struct_size = (uint32_t)size;
    }
    options.memory = calloc(1, size);
    memcpy(options.memory, &fields, sizeof fields);
    if (size > sizeof fields && below(input, 2) == 1) {
        ((unsigned char *)options.memory)[size - 1] = 1;
        options.is_good = false;
    }
    return options;
}

static void free_options(struct options *options) {
    free_text(&options->name), free_text(&options->group), free_text(&options->event), free_text(&options->condition);
    free(options->conditions);
    free(options->memory);
}

/* A description may be nonsense in more ways than are worth repeating here. */
static uint32_t may_be_registered(const struct options *options) {
    return options->is_good ? OK | CAN(BACKSTAY_INVALID_TASK) : INVALID | CAN(BACKSTAY_INVALID_TASK);
}

static void task_register(struct input *input) {
    const struct subject subject = choose(input, HOST);
    if (subject.what == BUSY) return;
    struct options options = take_options(input, subject.id);
    const int number = options.data->number;
    bool is_error_good;
    struct result task = new_result(sizeof(uint64_t), 0);
    struct result error = take_result(input, sizeof(backstay_error), &is_error_good);
    uint32_t can = may_be_registered(&options) | CAN(BACKSTAY_CLOSED) | CAN(BACKSTAY_NAME_TAKEN);
    if (options.memory->if_exists != BACKSTAY_IF_EXISTS_FAIL) atomic_store(&world.may_abandon, true);
    const backstay_status seen =
        backstay_task_register((backstay_host){subject.id}, options.memory, (void *)task.memory, (void *)error.memory);
    // Of an unknown handle and a bad description either may be told.
    if (subject.what != GOOD) can |= INVALID | CAN(BACKSTAY_INVALID_TASK);
    const bool is_ok = answered("task_register", subject, seen, can);
    if (is_ok) given(TASK, *(uint64_t *)(void *)task.memory, OURS, 0);
    // What was refused has ended the user data, if it could be found.
    if (!options.is_known) end_user_data(options.data);
    CHECK(is_ok || is_ended(number));
    check_result(&task, is_ok);
    check_result(&error, true);
    free_options(&options);
}

static void task_validate(struct input *input) {
    struct options options = take_options(input, 0);
    bool is_error_good;
    struct result error = take_result(input, sizeof(backstay_error), &is_error_good);
    const backstay_status seen = backstay_task_validate(options.memory, (void *)error.memory);
    trace("task_validate", 0, seen);
    CHECK(may_be_registered(&options) & CAN(seen));
    end_user_data(options.data);
    check_result(&error, seen != BACKSTAY_OK);
    free_options(&options);
}

static void task_fire(struct input *input) {
    const struct subject subject = choose(input, TASK);
    if (subject.what == BUSY) return;
    struct text media_type = take_text(input), bytes = take_text(input);
    struct user_data *object = NULL;
    backstay_details details = {.struct_size = sizeof details, .kind = below(input, 4)};
    bool is_good = details.kind <= BACKSTAY_DETAILS_OPAQUE;
    bool is_known = true, is_answer_good;
    if (details.kind == BACKSTAY_DETAILS_OPAQUE) {
        object = new_user_data(input, 0);
        details.object = object;
        details.object_type = &world;
        details.destroy = end_user_data;
    } else {
        details.media_type = media_type.view;
        details.bytes = bytes.view.ptr;
        details.length = bytes.view.len;
        // Bytes may be any, but there must be as many as is said.
        is_good = is_good && media_type.is_good && (bytes.view.len == 0 || bytes.memory != NULL);
    }
    if (rarely(input, 16)) details.struct_size = below(input, 8), is_good = is_known = false;
    struct result instance = new_result(sizeof(uint64_t), 0);
    struct result answer = take_result(input, sizeof(backstay_fire_answer), &is_answer_good);
    const bool has_details = below(input, 2) == 0 || object != NULL, has_out = below(input, 4) != 0;
    const bool has_answer = below(input, 2) == 0;
    const uint32_t fired = OK | CAN(BACKSTAY_CLOSED) | CAN(BACKSTAY_UNREGISTERED) | CAN(BACKSTAY_DISABLED) |
                           CAN(BACKSTAY_CURRENTLY_RUNNING);
    const bool are_good = (is_good || !has_details) && (is_answer_good || !has_answer);
    const backstay_status seen = backstay_task_fire_with_answer(
        (backstay_task){subject.id}, has_details ? &details : NULL, has_out ? (void *)instance.memory : NULL,
        has_answer ? (void *)answer.memory : NULL);
    const bool is_ok = answered("task_fire_with_answer", subject, seen, IF(are_good, fired));
    // A merged firing gives a new handle to an instance that was there.
    if (is_ok && has_out) given(INSTANCE, *(uint64_t *)(void *)instance.memory, OURS, 0);
    if (object != NULL && !is_known) end_user_data(object);
    check_result(&instance, is_ok);
    check_result(&answer, is_ok);
    free_text(&media_type), free_text(&bytes);
}

static void task_unregister(struct input *input) {
    const struct subject subject = choose(input, TASK);
    if (subject.what == BUSY) return;
    atomic_store(&world.may_abandon, true);
    const backstay_status seen = backstay_task_unregister((backstay_task){subject.id}, take(input) & 1);
    answered("task_unregister", subject, seen, OK | CAN(BACKSTAY_UNREGISTERED));
}

static void task_counts(struct input *input) {
    const struct subject subject = choose(input, TASK);
    if (subject.what == BUSY) return;
    struct result counts = new_result(2 * sizeof(size_t), 0);
    size_t *running = (void *)counts.memory;
    const backstay_status seen = backstay_task_counts((backstay_task){subject.id}, running, running + 1);
    check_result(&counts, answered("task_counts", subject, seen, OK));
}

static void task_explain(struct input *input) {
    const struct subject subject = choose(input, TASK);
    if (subject.what == BUSY) return;
    const size_t capacity = take(input);
    struct result text = new_result(capacity, 0), length = new_result(sizeof(size_t), 0);
    char *buffer = capacity == 0 ? NULL : (void *)text.memory;
    const backstay_status seen =
        backstay_task_explain((backstay_task){subject.id}, buffer, capacity, (void *)length.memory);
    const bool is_ok = answered("task_explain", subject, seen, OK);
    if (is_ok && capacity != 0) CHECK(strnlen(buffer, capacity) < capacity);
    check_result(&text, is_ok);
    check_result(&length, is_ok);
}

/* The view of a name is good as long as the handle, so it is read behind the call. */
static void task_name(struct input *input) {
    const struct subject subject = choose(input, TASK);
    if (subject.what == BUSY) return;
    struct result name = new_result(sizeof(backstay_str), 0);
    const bool is_name = below(input, 2) == 0;
    const backstay_task task = {subject.id};
    const backstay_status seen =
        is_name ? backstay_task_name(task, (void *)name.memory) : backstay_task_group(task, (void *)name.memory);
    const bool is_ok = answered(is_name ? "task_name" : "task_group", subject, seen, OK);
    const backstay_str *view = (void *)name.memory;
    if (is_ok && subject.what == GOOD) CHECK(is_utf8((const unsigned char *)view->ptr, view->len));
    check_result(&name, is_ok);
}

static void task_is_same(struct input *input) {
    const struct subject subject = choose(input, TASK), other = choose(input, TASK);
    if (subject.what == BUSY || other.what == BUSY) return;
    struct result same = new_result(sizeof(bool), 0);
    const backstay_status seen =
        backstay_task_is_same((backstay_task){subject.id}, (backstay_task){other.id}, (void *)same.memory);
    // Of two handles that are both wrong either may be told.
    const bool is_ok = subject.what == GOOD ? answered("task_is_same", other, seen, OK)
                                            : other.what == GOOD && answered("task_is_same", subject, seen, OK);
    if (subject.what != GOOD && other.what != GOOD) CHECK(seen != BACKSTAY_OK);
    check_result(&same, is_ok);
}

static void task_suspend(struct input *input) {
    const struct subject subject = choose(input, TASK);
    const uint32_t cause = below(input, 4);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_task_suspend((backstay_task){subject.id}, cause);
    answered("task_suspend", subject, seen, IF(cause <= BACKSTAY_CAUSE_NETWORK, OK));
}

/* `task_on_progress` and `task_on_completed`, and `host_on_event`, which is of the same kind. */
static void task_on_completed(struct input *input) {
    const unsigned which = below(input, 3);
    const struct subject subject = choose(input, which == 2 ? HOST : TASK);
    if (subject.what == BUSY) return;
    struct user_data *data = new_user_data(input, which == 2 ? subject.id : 0);
    const int number = data->number;
    struct result out = new_result(sizeof(uint64_t), 0);
    const bool has_function = !rarely(input, 16), has_out = below(input, 4) != 0;
    backstay_subscription *place = has_out ? (void *)out.memory : NULL;
    const backstay_task task = {subject.id};
    const backstay_status seen =
        which == 0   ? backstay_task_on_completed(task, has_function ? on_completed : NULL, data, end_user_data, place)
        : which == 1 ? backstay_task_on_progress(task, has_function ? on_number : NULL, data, end_user_data, place)
                     : backstay_host_on_event((backstay_host){subject.id}, has_function ? on_event : NULL, data,
                                              end_user_data, place);
    const char *const names[] = {"task_on_completed", "task_on_progress", "host_on_event"};
    const bool is_ok = answered(names[which], subject, seen, IF(has_function, OK));
    if (is_ok && has_out) given(SUBSCRIPTION, place->id, OURS, 0);
    CHECK(is_ok || is_ended(number));
    check_result(&out, is_ok);
}

READS(TASK, backstay_task, task_is_registered, sizeof(bool), OK)
READS(TASK, backstay_task, task_is_disabled, sizeof(bool), OK)
READS(TASK, backstay_task, task_is_suspended, sizeof(bool), OK)
GIVES(TASK, backstay_task, task_dup, TASK, OK)
ACTS(TASK, backstay_task, task_enable, OK | CAN(BACKSTAY_UNREGISTERED))
ACTS(TASK, backstay_task, task_resume, OK)
RELEASES_ONE(TASK, backstay_task, task_release)

/* Registering and firing stand here more than once, since everything else needs what they make. */
operation *const task_operations[] = {
    task_register, task_register,      task_register,    task_fire,         task_fire,   task_fire,
    task_fire,     task_validate,      task_unregister,  task_counts,       task_explain, task_name,
    task_is_same,  task_suspend,       task_on_completed, task_is_registered, task_is_disabled, task_is_suspended,
    task_dup,      task_enable,        task_resume,      task_release,      NULL,
};
