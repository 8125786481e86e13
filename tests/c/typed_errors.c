/* A wrapper gives an error the name of its type in its own language; by default that is the name of the status (L7). */
#include "model.h"

/* What an entry point says, and how. */
struct says {
    const char *text, *type;
    backstay_status returns;
};

static backstay_status say(backstay_instance instance, void *user_data) {
    const struct says *says = user_data;
    CHECK_OK(backstay_instance_set_error(instance, text("not this one")));
    if (says->type != NULL) {
        CHECK_OK(backstay_instance_set_error_typed(instance, text(says->text), text(says->type)));
    } else {
        CHECK_OK(backstay_instance_set_error(instance, text(says->text)));
    }
    return says->returns;
}

static void the_last_error_of_an_entry_point_counts_with_its_type(void) {
    struct says cases[] = {{"disk full", "std::system_error", BACKSTAY_FAILED},
                           {"disk full", NULL, BACKSTAY_OUT_OF_MEMORY},
                           {"forgotten", "std::system_error", BACKSTAY_OK}};
    const char *const types[] = {"std::system_error", "OUT_OF_MEMORY", ""};
    backstay_host host = open_host(0);
    for (int index = 0; index < 3; index++) {
        backstay_task task = register_task(host, "says", say, &cases[index]);
        backstay_instance instance = fire(task);
        backstay_completion completion = wait_for(instance);
        CHECK(is_text(completion.error, index < 2 ? "disk full" : "") && is_text(completion.error_type, types[index]));
        CHECK_STATUS(backstay_instance_set_error_typed(instance, text("late"), text("late")), BACKSTAY_NOT_RUNNING);
        CHECK_OK(backstay_instance_release(instance));
        CHECK_OK(backstay_task_unregister(task, false));
        CHECK_OK(backstay_task_release(task));
    }
    close_host(host);
}

static void a_deferral_fails_with_a_type_too(void) {
    const char *const types[] = {"ValueError", NULL};
    backstay_host host = open_host(0);
    for (int index = 0; index < 2; index++) {
        struct held held = HELD;
        backstay_task task = register_task(host, "held", hold_on, &held);
        backstay_instance instance = fire(task);
        gate_wait(&held.taken);
        CHECK_STATUS(backstay_deferral_fail_typed(held.deferral, text("\xff"), text("x")), BACKSTAY_INVALID_ARGUMENT);
        CHECK_STATUS(backstay_deferral_fail_typed(held.deferral, text("x"), text("\xff")), BACKSTAY_INVALID_ARGUMENT);
        if (types[index] != NULL) {
            CHECK_OK(backstay_deferral_fail_typed(held.deferral, text("no photo"), text(types[index])));
            CHECK_STATUS(backstay_deferral_fail_typed(held.deferral, text("x"), text("x")), BACKSTAY_ALREADY_COMPLETED);
        } else {
            CHECK_OK(backstay_deferral_fail(held.deferral, text("no photo")));
        }
        backstay_completion completion = wait_for(instance);
        CHECK(completion.outcome == BACKSTAY_OUTCOME_FAILED && is_text(completion.error, "no photo"));
        CHECK(is_text(completion.error_type, index == 0 ? "ValueError" : "FAILED"));
        CHECK_OK(backstay_instance_release(instance));
        CHECK_OK(backstay_task_unregister(task, false));
        CHECK_OK(backstay_task_release(task));
    }
    close_host(host);
}

TESTS(TEST(the_last_error_of_an_entry_point_counts_with_its_type), TEST(a_deferral_fails_with_a_type_too))
