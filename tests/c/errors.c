/* What an entry point returns is told on the completion, in the words it gave or else in ours (L6, L7, C8). */
#include "check.h"

/* What an entry point is to say and to return, and what the completion must tell of it. */
struct ending {
    const char *says;
    backstay_status returns;
    backstay_outcome outcome;
    const char *error, *error_type;
};

static backstay_status end_like(backstay_instance instance, void *user_data) {
    const struct ending *ending = user_data;
    if (ending->says != NULL) {
        // The last text counts, and it may be given through another handle to the same run.
        backstay_instance same;
        CHECK_OK(backstay_instance_set_error(instance, text("not this one")));
        CHECK_OK(backstay_instance_dup(instance, &same));
        CHECK_OK(backstay_instance_set_error(same, text(ending->says)));
        CHECK_OK(backstay_instance_release(same));
    }
    return ending->returns;
}

static void each_return_has_its_outcome(void) {
    const backstay_outcome failed = BACKSTAY_OUTCOME_FAILED;
    struct ending endings[] = {
        {NULL, BACKSTAY_OK, BACKSTAY_OUTCOME_SUCCEEDED, "", ""},
        {"forgotten", BACKSTAY_OK, BACKSTAY_OUTCOME_SUCCEEDED, "", ""},
        {NULL, BACKSTAY_FAILED, failed, "the work failed", "FAILED"},
        {"disk full", BACKSTAY_FAILED, failed, "disk full", "FAILED"},
        {"", BACKSTAY_FAILED, failed, "", "FAILED"},
        {"\xc3\xa9t\xc3\xa9", BACKSTAY_OUT_OF_MEMORY, failed, "\xc3\xa9t\xc3\xa9", "OUT_OF_MEMORY"},
        {NULL, BACKSTAY_NOT_FOUND, failed, "there is nothing by that name", "NOT_FOUND"},
        // Nobody asked it to stop, so to say CANCELED is an error like another.
        {NULL, BACKSTAY_CANCELED, failed, "the work was left because it was cancelled", "CANCELED"},
        // Numbers that are no status of ours: C may return anything.
        {NULL, 1, failed, "the work failed", "FAILED"},
        {"errno 5", -999, failed, "errno 5", "FAILED"},
        {NULL, INT32_MIN, failed, "the work failed", "FAILED"},
    };
    backstay_host host = open_host(0);
    for (size_t index = 0; index < sizeof endings / sizeof endings[0]; index++) {
        backstay_task task = register_task(host, "ends", end_like, &endings[index]);
        backstay_instance instance = fire(task);
        backstay_completion completion = wait_for(instance);
        CHECK(completion.outcome == endings[index].outcome);
        CHECK(is_text(completion.error, endings[index].error));
        CHECK(is_text(completion.error_type, endings[index].error_type));
        // The text belongs to one run: this handle never had an entry point of its own.
        CHECK_STATUS(backstay_instance_set_error(instance, text("late")), BACKSTAY_NOT_RUNNING);
        CHECK_OK(backstay_instance_release(instance));
        CHECK_OK(backstay_task_unregister(task, false));
        CHECK_OK(backstay_task_release(task));
    }
    close_host(host);
}

static backstay_status cancel_oneself(backstay_instance instance, void *user_data) {
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ENERGY_SAVER));
    return *(backstay_status *)user_data;
}

/* After a cancellation CANCELED is a return; another error is still an error, and keeps the reason (L6). */
static void canceled_is_a_return_only_after_a_cancellation(void) {
    backstay_host host = open_host(0);
    backstay_status returns = BACKSTAY_CANCELED;
    backstay_task task = register_task(host, "cancels", cancel_oneself, &returns);
    backstay_instance instance = fire(task);
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_CANCELED && completion.error.len == 0);
    CHECK(completion.reason == BACKSTAY_CANCEL_ENERGY_SAVER);
    CHECK_OK(backstay_instance_release(instance));

    returns = BACKSTAY_FAILED;
    instance = fire(task);
    completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_FAILED && completion.canceled);
    CHECK(completion.reason == BACKSTAY_CANCEL_ENERGY_SAVER && is_text(completion.error, "the work failed"));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void the_first_error_counts_and_the_instance_still_waits(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral second;
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("second"), &second));
    CHECK_OK(backstay_deferral_fail(held.deferral, text("first")));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_OK(backstay_deferral_fail(second, text("second")));
    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_FAILED && completion.dropped_count == 0);
    CHECK(is_text(completion.error, "first") && is_text(completion.error_type, "FAILED"));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Every number has a name and a sentence, also one that is none. */
static void every_status_has_words(void) {
    for (backstay_status status = BACKSTAY_INTERNAL; status <= BACKSTAY_OK; status++) {
        CHECK(strcmp(backstay_status_name(status), "UNKNOWN") != 0);
        CHECK(strlen(backstay_status_message(status)) > 0);
    }
    CHECK(strcmp(backstay_status_name(BACKSTAY_NOT_RUNNING), "NOT_RUNNING") == 0);
    CHECK(strcmp(backstay_status_name(1), "UNKNOWN") == 0);
    CHECK(strcmp(backstay_status_name(BACKSTAY_INTERNAL - 1), "UNKNOWN") == 0);
    CHECK(backstay_status_message(INT32_MIN) != NULL);
    CHECK(backstay_abi_version() >> 16 == BACKSTAY_ABI_MAJOR);
    CHECK((backstay_abi_version() & 0xFFFF) == BACKSTAY_ABI_MINOR);
}

TESTS(TEST(each_return_has_its_outcome), TEST(canceled_is_a_return_only_after_a_cancellation),
      TEST(the_first_error_counts_and_the_instance_still_waits), TEST(every_status_has_words))
