/* The calls that led to the taking of a deferral: captured by the host when asked, or given by a wrapper (H4). */
#include "model.h"

static size_t stack_of(backstay_deferral deferral, char *buffer, size_t capacity) {
    size_t length = 99;
    CHECK_OK(backstay_deferral_stack(deferral, buffer, capacity, &length));
    return length;
}

static void check_stack(bool capture_stacks) {
    struct holds holds = HOLDS;
    char stack[65536], few[8];
    backstay_host_options options = {
        .struct_size = sizeof options, .manual_clock = true, .capture_stacks = capture_stacks};
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    backstay_task task = register_task(host, "held", take_hold, &holds);
    backstay_instance instance = fire(task);
    backstay_deferral deferral = hold_of(&holds, 0);
    const size_t length = stack_of(deferral, stack, sizeof stack);
    // Which names stand in it depends on how the program was built; that there are some does not.
    CHECK(capture_stacks == (length > 0) && (length >= sizeof stack || strlen(stack) == length));

    CHECK_OK(backstay_deferral_set_stack(deferral, text("in copy.py:12\nin main.py:3")));
    CHECK(stack_of(deferral, stack, sizeof stack) == 26 && strcmp(stack, "in copy.py:12\nin main.py:3") == 0);
    CHECK(stack_of(deferral, few, sizeof few) == 26 && strcmp(few, "in copy") == 0);
    CHECK(stack_of(deferral, NULL, 0) == 26);
    CHECK_STATUS(backstay_deferral_set_stack(deferral, text("\xff")), BACKSTAY_INVALID_ARGUMENT);
    let_go(&holds, 0);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void there_is_none_by_default(void) {
    check_stack(false);
}

static void a_host_that_is_asked_to_captures_them(void) {
    check_stack(true);
}

TESTS(TEST(there_is_none_by_default), TEST(a_host_that_is_asked_to_captures_them))
