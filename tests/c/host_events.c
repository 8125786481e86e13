/* A host tells everything that happens to its instances, in order, with all that there is to say (on_event, E3). */
#include "model.h"

#define MOST 32

/* One event, copied from the call that told it. */
struct told {
    backstay_event_kind kind;
    char task[16], group[16], label[16], conditions[32];
    uint8_t instance_id[16];
    backstay_cancel_reason reason;
    backstay_outcome outcome;
    uint32_t progress;
    bool canceled;
};

struct log {
    struct count calls;
    struct told told[MOST];
    backstay_instance kept; // a dup of what the first event lent
    uint64_t lent;
};

static void copy(char *to, size_t room, backstay_str from) {
    CHECK(from.len < room);
    memcpy(to, from.ptr, from.len);
    to[from.len] = 0;
}

static void write_down(const backstay_event *event, void *user_data) {
    struct log *log = user_data;
    struct told *told = &log->told[count_of(&log->calls)];
    CHECK(event->struct_size == sizeof *event && count_of(&log->calls) < MOST);
    told->kind = event->kind;
    copy(told->task, sizeof told->task, event->task);
    copy(told->group, sizeof told->group, event->group);
    copy(told->label, sizeof told->label, event->label);
    told->conditions[0] = 0;
    for (size_t index = 0; index < event->condition_count; index++) {
        char name[16];
        copy(name, sizeof name, event->conditions[index]);
        strcat(told->conditions, name);
        strcat(told->conditions, ";");
    }
    memcpy(told->instance_id, event->instance_id, sizeof told->instance_id);
    told->reason = event->reason;
    told->outcome = event->outcome;
    told->progress = event->progress;
    told->canceled = event->canceled;
    // The instance is good for the call, and what it says agrees with the event.
    uint8_t id[16];
    CHECK_OK(backstay_instance_id(event->instance, id));
    CHECK(memcmp(id, event->instance_id, sizeof id) == 0);
    if (log->kept.id == 0) {
        log->lent = event->instance.id;
        CHECK_OK(backstay_instance_dup(event->instance, &log->kept));
    }
    count_up(&log->calls);
}

/* The events so far are of these kinds, in this order, all of one instance of the task; none is left out. */
static void check_kinds(struct log *log, const backstay_event_kind *kinds, size_t count) {
    CHECK(count_of(&log->calls) == count);
    for (size_t index = 0; index < count; index++) {
        const struct told *told = &log->told[index];
        const bool is_right = told->kind == kinds[index];
        if (!is_right) fprintf(stderr, "event %zu is %s\n", index, backstay_event_kind_name(told->kind));
        CHECK(is_right && strcmp(told->task, "subject") == 0 && strcmp(told->group, "events") == 0);
        CHECK(memcmp(told->instance_id, log->told[0].instance_id, sizeof told->instance_id) == 0);
    }
}

static const backstay_str conditions[] = {BACKSTAY_STR_INIT("network"), BACKSTAY_STR_INIT("power")};

static void every_kind_is_told_with_its_fields(void) {
    const backstay_event_kind kinds[] = {
        BACKSTAY_EVENT_FIRED,   BACKSTAY_EVENT_WAITS,    BACKSTAY_EVENT_STARTED,
        BACKSTAY_EVENT_PROGRESS, BACKSTAY_EVENT_SUSPENDED, BACKSTAY_EVENT_RESUMED,
        BACKSTAY_EVENT_OVERDUE, BACKSTAY_EVENT_CANCELED, BACKSTAY_EVENT_COMPLETED};
    enum { FIRED, WAITS, STARTED, PROGRESS, SUSPENDED, RESUMED, OVERDUE, CANCELED, COMPLETED, KINDS };
    static struct log log = {.calls = COUNT};
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    CHECK_OK(backstay_host_on_event(host, write_down, &log, NULL, NULL));
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("subject"), .group = text("events"), .conditions = conditions,
                                      .condition_count = 2, .run = take_hold, .user_data = &holds});
    backstay_instance instance = fire(task);
    for (int index = 0; index < 2; index++) CHECK_OK(backstay_host_set_condition(host, conditions[index], true));
    CHECK_OK(backstay_deferral_set_overdue_after(hold_of(&holds, 0), 3 * SECOND));
    CHECK_OK(backstay_instance_set_progress(instance, 41));
    flush(host);
    CHECK_OK(backstay_instance_suspend(instance, BACKSTAY_CAUSE_NONE));
    CHECK_OK(backstay_instance_resume(instance));
    advance(host, 3 * SECOND);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_QUIET_HOURS_ENTERED));
    let_go(&holds, 0);
    wait_for(instance);
    flush(host);

    check_kinds(&log, kinds, KINDS);
    for (int index = 0; index < KINDS; index++) {
        const struct told *told = &log.told[index];
        CHECK(strcmp(told->conditions, index == WAITS ? "network;power;" : "") == 0);
        CHECK(strcmp(told->label, index == OVERDUE ? "hold" : "") == 0);
        CHECK(told->canceled == (index >= CANCELED));
        CHECK(told->reason == (index >= CANCELED ? BACKSTAY_CANCEL_QUIET_HOURS_ENTERED : 0));
        CHECK(told->progress == (index == PROGRESS || index == COMPLETED ? 41 : 0));
    }
    CHECK(log.told[COMPLETED].outcome == BACKSTAY_OUTCOME_CANCELED);
    // What was lent has ended with its call, and the dup of it has not.
    uint8_t id[16];
    CHECK_STATUS(backstay_instance_id((backstay_instance){log.lent}, id), BACKSTAY_STALE_HANDLE);
    CHECK_OK(backstay_instance_id(log.kept, id));
    CHECK(memcmp(id, log.told[0].instance_id, sizeof id) == 0);
    CHECK_OK(backstay_instance_release(log.kept));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Cancelled before it started: it is told of its end, and never of a start. */
static void what_never_starts_is_told_too(void) {
    const backstay_event_kind kinds[] = {BACKSTAY_EVENT_FIRED, BACKSTAY_EVENT_WAITS, BACKSTAY_EVENT_CANCELED,
                                         BACKSTAY_EVENT_COMPLETED};
    static struct log log = {.calls = COUNT};
    backstay_host host = open_host(0);
    CHECK_OK(backstay_host_on_event(host, write_down, &log, NULL, NULL));
    backstay_task task = register_as(host, (backstay_task_options){.name = text("subject"), .group = text("events"),
                                                                  .conditions = conditions, .condition_count = 1});
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    flush(host);
    check_kinds(&log, kinds, sizeof kinds / sizeof kinds[0]);
    CHECK(log.told[3].outcome == BACKSTAY_OUTCOME_CANCELED && log.told[3].reason == BACKSTAY_CANCEL_ABORT);
    CHECK_OK(backstay_instance_release(log.kept));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* It ends with its subscription, or with the host, or at once when there is nothing left to tell. */
static void the_user_data_is_ended_once(void) {
    struct count cancelled = COUNT, ended = COUNT, late = COUNT, refused = COUNT;
    backstay_host host = open_host(0);
    backstay_subscription subscription;
    CHECK_STATUS(backstay_host_on_event(host, NULL, &refused, count_up, &subscription), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&refused) == 1);
    CHECK_OK(backstay_host_on_event(host, write_down, &cancelled, count_up, &subscription));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK(count_of(&cancelled) == 1);
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK_OK(backstay_host_on_event(host, write_down, &ended, count_up, NULL));
    CHECK(count_of(&ended) == 0);
    CHECK_OK(backstay_host_shutdown(host, 0, NULL));
    CHECK(count_of(&ended) == 1);
    CHECK_OK(backstay_host_on_event(host, write_down, &late, count_up, NULL));
    CHECK(count_of(&late) == 1 && count_of(&cancelled) == 1);
    CHECK_OK(backstay_host_release(host));
}

TESTS(TEST(every_kind_is_told_with_its_fields), TEST(what_never_starts_is_told_too),
      TEST(the_user_data_is_ended_once))
