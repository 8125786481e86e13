/* What the library calls. Each callback does what the bytes of its user data say, and checks every answer. */
#include "world.h"

/* Set on threads that somebody waits for at once, where an entry point must not be occupied. */
_Thread_local bool may_not_wait = false;

/* Besides `can`: NOT_RUNNING when instances may be abandoned, which is looked at after the call. */
#define UNLESS_ABANDONED (UINT32_C(1) << 29)

/* Whether this answer may be, unless another thread has guessed the handle and ended it meanwhile. */
static bool said(const char *call, uint64_t id, backstay_status seen, uint32_t can) {
    trace(call, id, seen);
    if (can & UNLESS_ABANDONED && atomic_load(&world.may_abandon)) can |= CAN(BACKSTAY_NOT_RUNNING) | CAN(BACKSTAY_OK);
    if ((can & CAN(seen)) == 0 && is_live(id)) {
        fprintf(stderr, "%s(%#llx) was answered with %s in a callback\n", call, (unsigned long long)id,
                backstay_status_name(seen));
        wrong("the answer is one of those that may be", __FILE__, __LINE__);
    }
    return seen == BACKSTAY_OK;
}

/* The handles that belong to a callback until it returns. */
struct mine {
    uint64_t handles[16];
    int count;
};

static void keep(struct mine *mine, enum kind kind, uint64_t id, uint64_t like) {
    given(kind, id, OF_A_CALLBACK, like);
    mine->handles[mine->count++] = id;
}

static void take_deferral(struct mine *mine, backstay_instance lent, uint8_t how, uint32_t can) {
    backstay_deferral deferral, same;
    const backstay_status seen = backstay_instance_get_deferral(lent, BACKSTAY_STR("of a callback"), &deferral);
    if (!said("instance_get_deferral", lent.id, seen, can)) return;
    keep(mine, DEFERRAL, deferral.id, 0);
    if (how & 1) {
        if (!said("deferral_dup", deferral.id, backstay_deferral_dup(deferral, &same), CAN(BACKSTAY_OK))) return;
        keep(mine, DEFERRAL, same.id, deferral.id);
    }
    if (how & 2) {
        const backstay_status ending =
            how & 4 ? backstay_deferral_fail(deferral, BACKSTAY_STR("failed")) : backstay_deferral_complete(deferral);
        said("deferral_complete", deferral.id, ending, CAN(BACKSTAY_OK) | UNLESS_ABANDONED);
        hold_has_ended(deferral.id);
        has_ended(deferral.id);
        CHECK(backstay_deferral_complete(deferral) == BACKSTAY_ALREADY_COMPLETED);
    }
}

/* What would wait for itself is refused, unless the host's handle has ended. */
static void try_to_deadlock(uint64_t host, uint8_t how) {
    if (host == 0) return;
    const backstay_host handle = {host};
    const uint32_t can = CAN(BACKSTAY_WOULD_DEADLOCK) | CAN(BACKSTAY_STALE_HANDLE);
    backstay_status seen = BACKSTAY_OK;
    switch (how % 5) {
    case 0: seen = backstay_host_flush(handle, BACKSTAY_FOREVER); break;
    case 1: seen = backstay_host_advance(handle, 1); break;
    case 2: seen = backstay_host_drain(handle, BACKSTAY_FOREVER, NULL); break;
    case 3: seen = backstay_host_shutdown(handle, BACKSTAY_FOREVER, NULL); break;
    case 4: seen = backstay_host_wait(handle, BACKSTAY_FOREVER, NULL); break;
    }
    trace("a call that would deadlock", host, seen);
    CHECK(can & CAN(seen));
}

static void look_at_details(backstay_instance lent) {
    backstay_details details = {.struct_size = sizeof details};
    if (backstay_instance_details(lent, &details) != BACKSTAY_OK) return;
    uint64_t sum = 0;
    for (size_t index = 0; index < details.length; index++) sum += ((const unsigned char *)details.bytes)[index];
    for (size_t index = 0; index < details.media_type.len; index++) sum += (unsigned char)details.media_type.ptr[index];
    // The bytes are read for the sake of reading them.
    volatile uint64_t seen = sum;
    (void)seen;
}

/* One step of a callback's script on the instance that was lent to it. */
static void act(struct mine *mine, backstay_instance lent, const struct user_data *data, bool is_entry_point,
                uint8_t what) {
    const uint32_t ok = CAN(BACKSTAY_OK);
    const uint8_t how = what / 16;
    bool canceled;
    backstay_state state;
    backstay_instance same;
    backstay_task task;
    switch (what % 16) {
    case 1: take_deferral(mine, lent, how, ok | (is_entry_point ? UNLESS_ABANDONED : CAN(BACKSTAY_NOT_RUNNING))); break;
    case 2: said("instance_set_progress", lent.id, backstay_instance_set_progress(lent, how), ok); break;
    case 3:
        if (said("instance_dup", lent.id, backstay_instance_dup(lent, &same), ok)) keep(mine, INSTANCE, same.id, 0);
        break;
    case 4:
        said("instance_set_error", lent.id, backstay_instance_set_error(lent, BACKSTAY_STR("set")),
             is_entry_point ? ok : CAN(BACKSTAY_NOT_RUNNING));
        break;
    case 5:
        if (is_entry_point) {
            const backstay_status seen = backstay_instance_wait(lent, BACKSTAY_FOREVER, NULL);
            // An abandoned instance is finished while its entry point still runs.
            said("instance_wait", lent.id, seen, CAN(BACKSTAY_WOULD_DEADLOCK) | UNLESS_ABANDONED);
        }
        break;
    case 6: try_to_deadlock(data->host, how); break;
    case 7:
        if (said("instance_task", lent.id, backstay_instance_task(lent, &task), ok)) {
            keep(mine, TASK, task.id, 0);
            if (atomic_fetch_sub(&world.fuel, 1) <= 0) break;
            if (how & 1) backstay_task_fire(task, NULL, NULL);
            if (how & 2) atomic_store(&world.may_abandon, true);
            if (how & 2) backstay_task_unregister(task, how & 4);
        }
        break;
    case 8:
        said("instance_cancel", lent.id, backstay_instance_cancel(lent, BACKSTAY_CANCEL_FIRST_OWN + how), ok);
        break;
    case 9:
        atomic_store(&world.may_abandon, true);
        backstay_host_begin_shutdown((backstay_host){data->host}, how & 1 ? 0 : BACKSTAY_FOREVER);
        break;
    case 10: look_at_details(lent); break;
    case 11:
        said("instance_is_canceled", lent.id, backstay_instance_is_canceled(lent, &canceled, NULL), ok);
        said("instance_get_state", lent.id, backstay_instance_get_state(lent, &state), ok);
        break;
    case 12:
        // A handler is never made to wait; an entry point would be, and nobody would resume it.
        if (!is_entry_point) said("instance_checkpoint", lent.id, backstay_instance_checkpoint(lent, &canceled), ok);
        said("instance_checkpoint_within", lent.id, backstay_instance_checkpoint_within(lent, 0, &canceled),
             ok | CAN(BACKSTAY_TIMED_OUT));
        break;
    case 13: // What is lent may be released; the rest of the script is refused.
        if (said("instance_release", lent.id, backstay_instance_release(lent), ok)) has_ended(lent.id);
        break;
    case 14:
        if (is_entry_point && !may_not_wait) {
            pthread_mutex_lock(&world.gate);
            pthread_mutex_unlock(&world.gate);
        }
        break;
    }
}

static void play(backstay_instance lent, const struct user_data *data, bool is_entry_point) {
    struct mine mine = {.count = 0};
    if (lent.id == 0) return;
    given(INSTANCE, lent.id, OF_A_CALLBACK, 0);
    for (size_t step = 1; step < sizeof data->script && is_live(lent.id); step++) {
        act(&mine, lent, data, is_entry_point, data->script[step]);
    }
    for (int index = 0; index < mine.count; index++) now_belongs_to(OURS, mine.handles[index]);
    now_belongs_to(RETURNED, lent.id);
}

backstay_status entry_point(backstay_instance instance, void *user_data) {
    const struct user_data *data = user_data;
    CHECK(!is_ended(data->number));
    const backstay_status answer = data->script[0] < 0x80 ? BACKSTAY_OK : -(backstay_status)(data->script[0] % 64);
    play(instance, data, true);
    CHECK(!is_ended(data->number));
    return answer;
}

void on_number(backstay_instance instance, uint32_t number, void *user_data) {
    const struct user_data *data = user_data;
    (void)number;
    CHECK(!is_ended(data->number));
    if (has_room()) play(instance, data, false);
    CHECK(!is_ended(data->number));
}

static bool is_good_text(backstay_str text) {
    return is_utf8((const unsigned char *)text.ptr, text.len);
}

void on_completed(const backstay_completion *completion, void *user_data) {
    const struct user_data *data = user_data;
    CHECK(!is_ended(data->number));
    CHECK(completion->struct_size == sizeof *completion && completion->outcome <= BACKSTAY_OUTCOME_ABANDONED);
    CHECK(is_good_text(completion->task) && is_good_text(completion->group) && is_good_text(completion->error));
    for (size_t index = 0; index < completion->holder_count; index++) {
        CHECK(completion->holders[index].struct_size == sizeof(backstay_holder));
    }
    for (size_t index = 0; index < completion->dropped_count; index++) {
        CHECK(completion->dropped[index].kind == BACKSTAY_HOLDER_DEFERRAL);
    }
    try_to_deadlock(data->host, data->script[1]);
}

void on_event(const backstay_event *event, void *user_data) {
    const struct user_data *data = user_data;
    CHECK(!is_ended(data->number));
    CHECK(event->kind <= BACKSTAY_EVENT_COMPLETED && is_good_text(event->task) && is_good_text(event->label));
    for (size_t index = 0; index < event->condition_count; index++) CHECK(is_good_text(event->conditions[index]));
    if (has_room()) play(event->instance, data, false);
}

void on_job(backstay_job job, void *user_data) {
    const struct user_data *data = user_data;
    CHECK(!is_ended(data->number));
    if (data->script[0] & 1) CHECK(backstay_job_run(job) == BACKSTAY_WOULD_DEADLOCK);
    if (data->script[0] & 2) {
        CHECK(backstay_job_release(job) == BACKSTAY_OK);
        // Its value is known all the same, or giving it again would not be seen.
        given(JOB, job.id, OURS, 0);
        has_ended(job.id);
    } else {
        given(JOB, job.id, OURS, 0);
    }
}

void on_log(backstay_str line, void *user_data) {
    const struct user_data *data = user_data;
    CHECK(!is_ended(data->number) && is_good_text(line));
    if (line.len != 0) CHECK(memchr(line.ptr, '\n', line.len) == NULL);
}
