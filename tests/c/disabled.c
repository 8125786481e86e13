/* A task that fails too often in a row is disabled until it is enabled by hand (G6). */
#include "model.h"

static backstay_status return_it(backstay_instance instance, void *user_data) {
    (void)instance;
    return *(backstay_status *)user_data;
}

static bool is_disabled(backstay_task task) {
    bool is_disabled = false;
    CHECK_OK(backstay_task_is_disabled(task, &is_disabled));
    return is_disabled;
}

static backstay_status returns = BACKSTAY_FAILED;

static backstay_task fragile_task(backstay_host host) {
    return register_as(host, (backstay_task_options){.name = text("fragile"), .max_failures = 2, .run = return_it,
                                                     .user_data = &returns});
}

static void run_with(backstay_task task, backstay_status status) {
    returns = status;
    const backstay_outcome wanted = status == BACKSTAY_OK ? BACKSTAY_OUTCOME_SUCCEEDED : BACKSTAY_OUTCOME_FAILED;
    CHECK(end_of(fire(task)) == wanted);
}

static void failures_in_a_row_disable_it_and_enable_lets_it_run_again(void) {
    backstay_host host = open_host(0);
    backstay_task task = fragile_task(host);
    run_with(task, BACKSTAY_FAILED);
    CHECK(!is_disabled(task));
    run_with(task, BACKSTAY_FAILED);
    CHECK(is_disabled(task));
    backstay_instance none = {7};
    CHECK_STATUS(backstay_task_fire(task, NULL, &none), BACKSTAY_DISABLED);
    CHECK(none.id == 7);
    char words[256];
    CHECK_OK(backstay_task_explain(task, words, sizeof words, NULL));
    CHECK(strstr(words, "disabled") != NULL);

    CHECK_OK(backstay_task_enable(task));
    CHECK(!is_disabled(task));
    run_with(task, BACKSTAY_FAILED); // the count has begun anew
    CHECK(!is_disabled(task));
    run_with(task, BACKSTAY_OK);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void a_success_between_them_breaks_the_row(void) {
    backstay_host host = open_host(0);
    backstay_task task = fragile_task(host);
    for (int turn = 0; turn < 3; turn++) {
        run_with(task, BACKSTAY_FAILED);
        run_with(task, BACKSTAY_OK);
    }
    CHECK(!is_disabled(task));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void without_a_limit_nothing_disables_it(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "robust", return_it, &returns);
    for (int turn = 0; turn < 5; turn++) run_with(task, BACKSTAY_FAILED);
    CHECK(!is_disabled(task));
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_STATUS(backstay_task_enable(task), BACKSTAY_UNREGISTERED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(failures_in_a_row_disable_it_and_enable_lets_it_run_again), TEST(a_success_between_them_breaks_the_row),
      TEST(without_a_limit_nothing_disables_it))
