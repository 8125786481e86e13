/* Operations on hosts. */
#include "world.h"

#define OK CAN(BACKSTAY_OK)

static void host_open(struct input *input) {
    bool is_good = true, is_known = true;
    uint32_t size = sizeof(backstay_host_options);
    struct user_data *executor = new_user_data(input, 0), *log = new_user_data(input, 0);
    backstay_host_options options = {
        .workers = 1 + below(input, 2),
        .grace_ns = take_time(input, &is_good),
        .manual_clock = true,
        .capture_stacks = rarely(input, 32),
        .executor = below(input, 2) == 0 ? on_job : NULL,
        .executor_data = executor,
        .executor_destroy = end_user_data,
        .log = on_log,
        .log_data = log,
        .log_destroy = end_user_data,
    };
    // A struct that ends before the clock is a host of real time, whose graces would have to be waited for; one that
    // ends with a field has no user data behind it.
    if (rarely(input, 8)) {
        size = below(input, 2) == 0 ? below(input, 8) : UINT32_MAX - take(input);
        is_good = is_known = false;
    }
    options.struct_size = size;
    backstay_host_options *memory = malloc(sizeof options);
    memcpy(memory, &options, sizeof options);
    struct result result = new_result(sizeof(uint64_t), 0);
    const backstay_status seen = backstay_host_open(memory, (void *)result.memory);
    trace("host_open", *(uint64_t *)(void *)result.memory, seen);
    CHECK(seen == (is_good ? BACKSTAY_OK : BACKSTAY_INVALID_ARGUMENT));
    if (seen == BACKSTAY_OK) given(HOST, *(uint64_t *)(void *)result.memory, OURS, 0);
    check_result(&result, seen == BACKSTAY_OK);
    free(memory);
    // What was refused has ended its user data, if it was told about it.
    if (!is_known) end_user_data(executor), end_user_data(log);
    CHECK(seen == BACKSTAY_OK || (is_ended(world.user_data_count - 1) && is_ended(world.user_data_count - 2)));
}

READS(HOST, backstay_host, host_get_state, sizeof(backstay_host_state), OK)
READS(HOST, backstay_host, host_grace, sizeof(int64_t), OK)
READS(HOST, backstay_host, host_is_suspended, sizeof(bool), OK)
GIVES(HOST, backstay_host, host_dup, HOST, OK)
ACTS(HOST, backstay_host, host_resume, OK)

static void host_release(struct input *input) {
    const struct subject subject = choose(input, HOST);
    if (subject.what == BUSY) return;
    // The last one begins a shutdown.
    atomic_store(&world.may_abandon, true);
    const backstay_status seen = backstay_host_release((backstay_host){subject.id});
    if (answered("host_release", subject, seen, OK | RELEASES)) has_ended(subject.id);
}

static void host_suspend(struct input *input) {
    const struct subject subject = choose(input, HOST);
    const uint32_t cause = below(input, 4);
    if (subject.what == BUSY) return;
    const backstay_status seen = backstay_host_suspend((backstay_host){subject.id}, cause);
    answered("host_suspend", subject, seen, IF(cause <= BACKSTAY_CAUSE_NETWORK, OK));
}

static void host_set_condition(struct input *input) {
    const struct subject subject = choose(input, HOST);
    struct text name = take_text(input);
    const bool on = below(input, 2) == 1;
    if (subject.what != BUSY) {
        const backstay_status seen = backstay_host_set_condition((backstay_host){subject.id}, name.view, on);
        answered("host_set_condition", subject, seen, IF(name.is_good && name.view.len != 0, OK));
    }
    free_text(&name);
}

static void host_condition(struct input *input) {
    const struct subject subject = choose(input, HOST);
    struct text name = take_text(input);
    struct result result = new_result(sizeof(bool), 0);
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_status seen =
            backstay_host_condition((backstay_host){subject.id}, name.view, (void *)result.memory);
        is_ok = answered("host_condition", subject, seen, IF(name.is_good, OK));
    }
    check_result(&result, is_ok);
    free_text(&name);
}

static void host_raise_event(struct input *input) {
    const struct subject subject = choose(input, HOST);
    struct text name = take_text(input);
    struct result result = new_result(sizeof(size_t), 0);
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_status seen =
            backstay_host_raise_event((backstay_host){subject.id}, name.view, NULL, (void *)result.memory);
        is_ok = answered("host_raise_event", subject, seen, IF(name.is_good, OK | CAN(BACKSTAY_CLOSED)));
    }
    check_result(&result, is_ok);
    free_text(&name);
}

/* `host_task` without a group, `host_group_task` with one. */
static void host_task(struct input *input) {
    const struct subject subject = choose(input, HOST);
    struct text name = take_text(input), group = take_text(input);
    struct result result = new_result(sizeof(uint64_t), 0);
    const bool in_group = below(input, 2) == 0;
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_host host = {subject.id};
        const backstay_status seen = in_group
                                         ? backstay_host_group_task(host, group.view, name.view, (void *)result.memory)
                                         : backstay_host_task(host, name.view, (void *)result.memory);
        const bool is_good = name.is_good && (group.is_good || !in_group);
        is_ok = answered("host_task", subject, seen, IF(is_good, OK | CAN(BACKSTAY_NOT_FOUND)));
        if (is_ok) given(TASK, *(uint64_t *)(void *)result.memory, OURS, 0);
    }
    check_result(&result, is_ok);
    free_text(&name), free_text(&group);
}

static void host_tasks(struct input *input) {
    const struct subject subject = choose(input, HOST);
    struct text group = take_text(input);
    const size_t capacity = below(input, 4);
    struct result tasks = new_result(capacity * sizeof(backstay_task), 0), count = new_result(sizeof(size_t), 0);
    const bool in_group = below(input, 2) == 0;
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_host host = {subject.id};
        backstay_task *buffer = capacity == 0 ? NULL : (void *)tasks.memory;
        const backstay_status seen =
            in_group ? backstay_host_group_tasks(host, group.view, buffer, capacity, (void *)count.memory)
                     : backstay_host_tasks(host, buffer, capacity, (void *)count.memory);
        is_ok = answered("host_tasks", subject, seen, IF(group.is_good || !in_group, OK));
        for (size_t index = 0; is_ok && index < capacity && index < *(size_t *)(void *)count.memory; index++) {
            given(TASK, buffer[index].id, OURS, 0);
        }
    }
    check_result(&tasks, is_ok);
    check_result(&count, is_ok);
    free_text(&group);
}

/* Both write a text into a buffer of the caller. */
static void host_snapshot_json(struct input *input) {
    const struct subject subject = choose(input, HOST);
    const size_t capacity = take(input) * (size_t)(below(input, 2) == 0 ? 1 : 64);
    struct result text = new_result(capacity, 0), length = new_result(sizeof(size_t), 0);
    const bool is_json = below(input, 2) == 0;
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_host host = {subject.id};
        char *buffer = capacity == 0 ? NULL : (void *)text.memory;
        size_t *place = (void *)length.memory;
        const backstay_status seen = is_json ? backstay_host_snapshot_json(host, buffer, capacity, place)
                                             : backstay_host_groups(host, buffer, capacity, place);
        is_ok = answered(is_json ? "host_snapshot_json" : "host_groups", subject, seen, OK);
        if (is_ok && is_json && capacity != 0) CHECK(strnlen(buffer, capacity) < capacity);
    }
    check_result(&text, is_ok);
    check_result(&length, is_ok);
}

/* Both write structs of one size into an array whose first element says that size. */
static void host_holders(struct input *input) {
    const struct subject subject = choose(input, HOST);
    const bool of_holders = below(input, 2) == 0;
    const size_t size = of_holders ? sizeof(backstay_holder) : sizeof(backstay_straggler);
    const size_t capacity = below(input, 4);
    struct result array = new_result(capacity * size, capacity == 0 ? 0 : (uint32_t)size);
    struct result count = new_result(sizeof(size_t), 0);
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_host host = {subject.id};
        void *buffer = capacity == 0 ? NULL : array.memory;
        const backstay_status seen =
            of_holders ? backstay_host_holders(host, buffer, capacity, (void *)count.memory)
                       : backstay_host_stragglers(host, buffer, capacity, (void *)count.memory);
        is_ok = answered(of_holders ? "host_holders" : "host_stragglers", subject, seen, OK);
    }
    check_result(&array, is_ok);
    check_result(&count, is_ok);
}

static void host_flush(struct input *input) {
    const struct subject subject = choose(input, HOST);
    if (subject.what == BUSY) return;
    const bool is_negative = rarely(input, 8);
    const backstay_status seen = backstay_host_flush((backstay_host){subject.id}, is_negative ? -1 : BACKSTAY_FOREVER);
    answered("host_flush", subject, seen, IF(!is_negative, OK));
}

static void host_advance(struct input *input) {
    const struct subject subject = choose(input, HOST);
    bool is_good;
    const int64_t by = take_time(input, &is_good);
    if (subject.what == BUSY) return;
    atomic_store(&world.may_abandon, true);
    answered("host_advance", subject, backstay_host_advance((backstay_host){subject.id}, by), IF(is_good, OK));
}

/* A clock that nobody moves: what waits for more than no time would wait for ever. */
static void host_shutdown(struct input *input) {
    const struct subject subject = choose(input, HOST);
    bool is_good;
    struct result report = take_result(input, sizeof(backstay_drain_report), &is_good);
    const unsigned how = below(input, 3);
    const bool is_null = below(input, 2) == 0;
    bool is_ok = false;
    if (subject.what != BUSY) {
        const backstay_host host = {subject.id};
        void *out = is_null ? NULL : report.memory;
        atomic_store(&world.may_abandon, true);
        const backstay_status seen = how == 0   ? backstay_host_drain(host, 0, out)
                                     : how == 1 ? backstay_host_shutdown(host, 0, out)
                                                : backstay_host_wait(host, 0, out);
        const uint32_t can = IF(is_null || is_good, OK | (how == 2 ? CAN(BACKSTAY_TIMED_OUT) : 0));
        is_ok = answered(how == 0 ? "host_drain" : how == 1 ? "host_shutdown" : "host_wait", subject, seen, can);
    }
    check_result(&report, is_ok);
}

static void host_begin_shutdown(struct input *input) {
    const struct subject subject = choose(input, HOST);
    bool is_good;
    const int64_t time = take_time(input, &is_good);
    const bool is_drain = below(input, 2) == 0;
    if (subject.what == BUSY) return;
    const backstay_host host = {subject.id};
    atomic_store(&world.may_abandon, true);
    const backstay_status seen =
        is_drain ? backstay_host_begin_drain(host, time) : backstay_host_begin_shutdown(host, time);
    answered(is_drain ? "host_begin_drain" : "host_begin_shutdown", subject, seen, IF(is_good, OK));
}

operation *const host_operations[] = {
    host_open,          host_get_state, host_grace,         host_is_suspended,   host_dup,
    host_resume,        host_release,   host_suspend,       host_set_condition,  host_condition,
    host_raise_event,   host_task,      host_tasks,         host_snapshot_json,  host_holders,
    host_flush,         host_advance,   host_shutdown,      host_begin_shutdown, NULL,
};
