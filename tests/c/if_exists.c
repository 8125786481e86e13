/* A name is unique in its group, and `if_exists` says who gets it (G1). */
#include "model.h"

static backstay_status try_to_register(backstay_host host, backstay_if_exists if_exists, struct count *destroyed,
                                       backstay_task *out) {
    backstay_task_options options = {.struct_size = sizeof options, .name = text("name"), .if_exists = if_exists,
                                     .run = do_nothing, .user_data = destroyed, .destroy = count_up};
    return backstay_task_register(host, &options, out, NULL);
}

static bool is_same(backstay_task task, backstay_task other) {
    bool is_same = false;
    CHECK_OK(backstay_task_is_same(task, other, &is_same));
    return is_same;
}

static bool is_registered(backstay_task task) {
    bool is_registered = false;
    CHECK_OK(backstay_task_is_registered(task, &is_registered));
    return is_registered;
}

/* The old task, one instance of which is held. */
struct old {
    backstay_host host;
    struct holds holds;
    backstay_task task;
    backstay_instance instance;
};

static void open_old(struct old *old) {
    *old = (struct old){.host = open_host(0), .holds = HOLDS};
    old->task = register_as(old->host, (backstay_task_options){.name = text("name"), .run = take_hold,
                                                               .user_data = &old->holds});
    old->instance = fire(old->task);
    hold_of(&old->holds, 0);
}

static void close_old(struct old *old, backstay_outcome wanted) {
    let_go(&old->holds, 0);
    CHECK(end_of(old->instance) == wanted);
    CHECK_OK(backstay_task_release(old->task));
    finish_host(old->host);
}

static void fail_refuses_the_new_one(void) {
    struct old old;
    struct count destroyed = COUNT;
    backstay_task none = {7};
    open_old(&old);
    CHECK_STATUS(try_to_register(old.host, BACKSTAY_IF_EXISTS_FAIL, &destroyed, &none), BACKSTAY_NAME_TAKEN);
    CHECK(none.id == 7 && count_of(&destroyed) == 1 && is_registered(old.task));
    close_old(&old, BACKSTAY_OUTCOME_SUCCEEDED);
}

static void replace_takes_the_name_and_lets_the_old_one_finish(void) {
    struct old old;
    struct count destroyed = COUNT;
    backstay_task task, found;
    open_old(&old);
    CHECK_OK(try_to_register(old.host, BACKSTAY_IF_EXISTS_REPLACE, &destroyed, &task));
    CHECK(!is_same(task, old.task) && !is_registered(old.task) && is_registered(task));
    CHECK_STATUS(backstay_task_fire(old.task, NULL, NULL), BACKSTAY_UNREGISTERED);
    CHECK_OK(backstay_host_task(old.host, text("name"), &found));
    CHECK(is_same(found, task) && !is_canceled(old.instance) && count_of(&destroyed) == 0);
    CHECK(end_of(fire(found)) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(found));
    CHECK_OK(backstay_task_release(task));
    close_old(&old, BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK(count_of(&destroyed) == 1);
}

static void replace_and_cancel_cancels_what_runs_of_the_old_one(void) {
    struct old old;
    struct count destroyed = COUNT;
    backstay_task task;
    open_old(&old);
    CHECK_OK(try_to_register(old.host, BACKSTAY_IF_EXISTS_REPLACE_AND_CANCEL, &destroyed, &task));
    CHECK(is_canceled_with(old.instance, BACKSTAY_CANCEL_ABORT) && !is_registered(old.task));
    CHECK_OK(backstay_task_release(task));
    close_old(&old, BACKSTAY_OUTCOME_CANCELED);
}

static void keep_gives_the_old_one_back(void) {
    struct old old;
    struct count destroyed = COUNT;
    backstay_task task;
    open_old(&old);
    CHECK_OK(try_to_register(old.host, BACKSTAY_IF_EXISTS_KEEP, &destroyed, &task));
    // Another handle to the same task; what the new one brought along has ended.
    CHECK(is_same(task, old.task) && task.id != old.task.id && count_of(&destroyed) == 1);
    CHECK(counts_are(task, 1, 0));
    CHECK_OK(backstay_task_release(task));
    close_old(&old, BACKSTAY_OUTCOME_SUCCEEDED);
}

static backstay_status count_run(backstay_instance instance, void *user_data) {
    (void)instance;
    count_up(user_data);
    return BACKSTAY_OK;
}

static void keep_keeps_the_schedule_and_replace_begins_a_new_one(void) {
    struct count runs = COUNT;
    backstay_host host = open_host(0);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("clock"), .run = count_run,
                                     .trigger = BACKSTAY_TRIGGER_EVERY, .period_ns = 10 * SECOND,
                                     .if_exists = BACKSTAY_IF_EXISTS_KEEP, .user_data = &runs};
    backstay_task first = register_as(host, options);
    advance(host, 6 * SECOND);
    backstay_task same = register_as(host, options);
    advance(host, 4 * SECOND);
    count_wait(&runs, 1);
    advance(host, 6 * SECOND);
    options.if_exists = BACKSTAY_IF_EXISTS_REPLACE;
    backstay_task other = register_as(host, options);
    advance(host, 10 * SECOND - 1);
    CHECK(count_of(&runs) == 1);
    advance(host, 1);
    count_wait(&runs, 2);
    CHECK_OK(backstay_task_release(first));
    CHECK_OK(backstay_task_release(same));
    CHECK_OK(backstay_task_release(other));
    finish_host(host);
}

TESTS(TEST(fail_refuses_the_new_one), TEST(replace_takes_the_name_and_lets_the_old_one_finish),
      TEST(replace_and_cancel_cancels_what_runs_of_the_old_one), TEST(keep_gives_the_old_one_back),
      TEST(keep_keeps_the_schedule_and_replace_begins_a_new_one))
