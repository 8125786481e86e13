/* Conditions gate the start, when fired and again at the start; losing one cancels only who asked for that (F2, F3). */
#include "model.h"

static const backstay_str network_and_power[] = {BACKSTAY_STR_INIT("network"), BACKSTAY_STR_INIT("power")};

static bool holds_now(backstay_host host, const char *name) {
    bool on = false;
    CHECK_OK(backstay_host_condition(host, text(name), &on));
    return on;
}

static void set(backstay_host host, const char *name, bool on) {
    CHECK_OK(backstay_host_set_condition(host, text(name), on));
    CHECK(holds_now(host, name) == on);
}

static void an_instance_starts_when_all_conditions_hold(void) {
    backstay_host host = open_host(1);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("sync"), .conditions = network_and_power, .condition_count = 2});
    CHECK(!holds_now(host, "network")); // what was never set does not hold
    backstay_instance instance = fire(task);
    set(host, "power", true);
    await_entry_points(host);
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING && counts_are(task, 0, 1));
    set(host, "network", true);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);

    // And without waiting, while they hold.
    CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* The condition held when it was fired and holds no more when the only worker is free. */
static void conditions_are_looked_at_again_at_the_start(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task busy = register_task(host, "busy", occupy, &occupied);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("sync"), .conditions = network_and_power, .condition_count = 1});
    set(host, "network", true);
    backstay_instance occupier = fire(busy), instance = fire(task);
    gate_wait(&occupied.entered);
    set(host, "network", false);
    gate_open(&occupied.leave);
    CHECK(end_of(occupier) == BACKSTAY_OUTCOME_SUCCEEDED);
    await_entry_points(host);
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING);
    set(host, "network", true);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(busy));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void losing_a_condition_cancels_only_who_asked_for_that(void) {
    struct holds asked = HOLDS, not_asked = HOLDS;
    backstay_host host = open_host(2);
    backstay_task_options options = {.conditions = network_and_power, .condition_count = 2, .run = take_hold};
    options.name = text("not asked");
    options.user_data = &not_asked;
    backstay_task stays = register_as(host, options);
    options.name = text("asked");
    options.user_data = &asked;
    options.cancel_on_condition_loss = true;
    backstay_task goes = register_as(host, options);
    set(host, "network", true);
    set(host, "power", true);
    backstay_instance going = fire(goes), staying = fire(stays);
    hold_of(&asked, 0);
    hold_of(&not_asked, 0);

    set(host, "something else", true);
    set(host, "something else", false);
    CHECK(!is_canceled(going));
    set(host, "power", false);
    CHECK(is_canceled_with(going, BACKSTAY_CANCEL_CONDITION_LOSS) && !is_canceled(staying));
    // What waits is not cancelled: it has lost nothing that it had.
    backstay_instance pending = fire(goes);
    set(host, "network", false);
    CHECK(state_of(pending) == BACKSTAY_STATE_PENDING && !is_canceled(pending));

    let_go(&asked, 0);
    let_go(&not_asked, 0);
    CHECK(end_of(going) == BACKSTAY_OUTCOME_CANCELED);
    CHECK(end_of(staying) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(pending));
    CHECK_OK(backstay_task_release(goes));
    CHECK_OK(backstay_task_release(stays));
    close_host(host);
}

static void a_condition_has_a_name(void) {
    backstay_host host = open_host(0);
    bool on = true;
    CHECK_STATUS(backstay_host_set_condition(host, text(""), true), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_set_condition(host, text("\xff"), true), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_condition(host, text("\xff"), &on), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_condition(host, text("network"), NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK(on && !holds_now(host, ""));
    close_host(host);
}

TESTS(TEST(an_instance_starts_when_all_conditions_hold), TEST(conditions_are_looked_at_again_at_the_start),
      TEST(losing_a_condition_cancels_only_who_asked_for_that), TEST(a_condition_has_a_name))
