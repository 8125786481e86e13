/* Everything that is wrong with a description is told at once, each with its field, also without registering (G2). */
#include "model.h"

static backstay_error error;
static struct count destroyed = COUNT;

static backstay_task_options good(void) {
    return (backstay_task_options){.struct_size = sizeof(backstay_task_options), .name = text("good"),
                                   .run = do_nothing, .user_data = &destroyed, .destroy = count_up};
}

static bool tells(const char *field) {
    return strstr(error.text, field) != NULL;
}

/* Both functions must find the same, and only the one that takes the user data ends it. */
static void check_wrong(backstay_host host, backstay_task_options options, backstay_status wanted) {
    backstay_task none = {7};
    const size_t before = count_of(&destroyed);
    error = (backstay_error){.struct_size = sizeof error};
    CHECK_STATUS(backstay_task_register(host, &options, &none, &error), wanted);
    CHECK(none.id == 7 && error.status == wanted && count_of(&destroyed) == before + 1);
    const backstay_error registered = error;
    error = (backstay_error){.struct_size = sizeof error};
    CHECK_STATUS(backstay_task_validate(&options, &error), wanted);
    CHECK(error.status == wanted && strcmp(registered.text, error.text) == 0);
    CHECK_STATUS(backstay_task_validate(&options, NULL), wanted);
    CHECK(count_of(&destroyed) == before + 1);
}

static void a_good_description_has_no_faults_and_is_not_registered(void) {
    backstay_host host = open_host(0);
    backstay_task none;
    backstay_task_options options = good();
    error = (backstay_error){.struct_size = sizeof error, .status = 77};
    CHECK_OK(backstay_task_validate(&options, &error));
    CHECK(error.status == 77 && error.text[0] == 0); // written only on failure
    CHECK_STATUS(backstay_host_task(host, text("good"), &none), BACKSTAY_NOT_FOUND);
    close_host(host);
}

/* Descriptions of which no sense can be made. */
static void faults_of_the_task_are_told_together(void) {
    const backstay_str twice[] = {text("network"), text("network"), text("")};
    backstay_host host = open_host(0);
    backstay_task_options options = good();
    options.name = text("");
    options.run = NULL;
    options.trigger = BACKSTAY_TRIGGER_EVERY; // with a period of 0
    options.conditions = twice;
    options.condition_count = 3;
    options.group = text("two\nlines");
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("name: ") && tells("run: ") && tells("period_ns: ") && tells("conditions: ") && tells("group: "));

    options = good();
    options.cancel_on_condition_loss = true;
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("cancel_on_condition_loss: ") && !tells("name: ") && !tells("run: "));

    options = good();
    options.trigger = BACKSTAY_TRIGGER_EVENT; // without a name of the event
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("event: "));

    options = good();
    options.deadline_ns = BACKSTAY_NO_TIME;
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("deadline_ns: "));
    close_host(host);
}

/* Arguments that are outside of what any task could have: together, and with the faults of the task. */
static void wrong_arguments_are_told_together(void) {
    backstay_host host = open_host(0);
    backstay_task_options options = good();
    options.period_ns = -1;
    options.deadline_ns = -1;
    options.grace_ns = BACKSTAY_NO_TIME + 1;
    options.trigger = 99;
    options.when_busy = 99;
    options.if_exists = 99;
    options.on_shutdown = 99;
    options.language = 99;
    options.event = text("\xff");
    options.condition_count = 1;
    options.name = text("");
    check_wrong(host, options, BACKSTAY_INVALID_ARGUMENT);
    CHECK(tells("period_ns: ") && tells("deadline_ns: ") && tells("grace_ns: ") && tells("trigger: "));
    CHECK(tells("when_busy: ") && tells("if_exists: ") && tells("on_shutdown: ") && tells("language: "));
    CHECK(tells("event: ") && tells("conditions: ") && tells("name: "));
    close_host(host);
}

/* What is set for another trigger would be forgotten in silence, so it is a fault. */
static void what_does_not_fit_the_trigger_is_told(void) {
    backstay_host host = open_host(0);
    backstay_task_options options = good();
    options.period_ns = SECOND;
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("period_ns: "));
    options = good();
    options.event = text("saved");
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(tells("event: "));
    close_host(host);
}

static void a_text_that_is_too_long_is_cut_off(void) {
    char long_name[600];
    memset(long_name, 'x', sizeof long_name);
    long_name[0] = '\n';
    const backstay_str twice[] = {{long_name, sizeof long_name}, {long_name, sizeof long_name}};
    backstay_host host = open_host(0);
    backstay_task_options options = good();
    options.conditions = twice;
    options.condition_count = 2;
    check_wrong(host, options, BACKSTAY_INVALID_TASK);
    CHECK(strlen(error.text) == sizeof error.text - 1);
    close_host(host);
}

static void options_that_say_nothing_are_refused(void) {
    backstay_task_options options = {.struct_size = 0};
    error = (backstay_error){.struct_size = sizeof error};
    CHECK_STATUS(backstay_task_validate(NULL, &error), BACKSTAY_INVALID_ARGUMENT);
    CHECK(tells("options"));
    CHECK_STATUS(backstay_task_validate(&options, &error), BACKSTAY_INVALID_ARGUMENT);
    CHECK(tells("struct_size"));
}

TESTS(TEST(a_good_description_has_no_faults_and_is_not_registered), TEST(faults_of_the_task_are_told_together),
      TEST(wrong_arguments_are_told_together), TEST(what_does_not_fit_the_trigger_is_told),
      TEST(a_text_that_is_too_long_is_cut_off), TEST(options_that_say_nothing_are_refused))
