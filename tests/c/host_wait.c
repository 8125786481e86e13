/* Whoever begins the end of a host, another thread can wait for it and gets the same report (H2, E8). */
#include "model.h"

static void before_anything_has_begun_the_time_is_over(void) {
    backstay_host host = open_host(0);
    backstay_drain_report report = {.struct_size = sizeof report, .state = 77};
    CHECK_STATUS(backstay_host_wait(host, 0, &report), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_host_wait(host, 1, NULL), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_host_wait(host, -1, &report), BACKSTAY_INVALID_ARGUMENT);
    CHECK(report.state == 77);
    close_host(host);
}

static void *begin_shutdown(void *argument) {
    CHECK_OK(backstay_host_begin_shutdown(*(backstay_host *)argument, BACKSTAY_FOREVER));
    return NULL;
}

static void it_gets_the_report_of_what_another_thread_begins(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", take_hold, &holds);
    backstay_instance instance = fire(task);
    hold_of(&holds, 0);
    pthread_t thread = start(begin_shutdown, &host);
    bool canceled = false;
    CHECK_OK(backstay_instance_wait_canceled(instance, SOON, &canceled, NULL));
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_STATUS(backstay_host_wait(host, 0, &report), BACKSTAY_TIMED_OUT); // it is still held
    let_go(&holds, 0);
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.canceled == 1 && report.succeeded == 0);
    join(thread);
    // Later ones get the same.
    CHECK_OK(backstay_host_wait(host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.canceled == 1);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

/* The time of a drain is over: it says who is left, and the host goes on draining. */
static void a_drain_that_is_over_too_early_names_who_is_left(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", take_hold, &holds);
    backstay_instance instance = fire(task);
    hold_of(&holds, 0);
    CHECK_OK(backstay_host_begin_drain(host, 3 * SECOND));
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_CLOSED);
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_STATUS(backstay_host_wait(host, 0, &report), BACKSTAY_TIMED_OUT);
    advance(host, 3 * SECOND);
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_DRAINING && report.remaining == 1 && report.holder_count >= 1);
    CHECK(!is_canceled(instance));
    let_go(&holds, 0);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.remaining == 0 && report.succeeded == 1);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

/* From inside one can begin an end, and not wait for it. */
static backstay_status begin_inside(backstay_instance instance, void *user_data) {
    backstay_host host;
    (void)user_data;
    CHECK_OK(backstay_instance_host(instance, &host));
    CHECK_OK(backstay_host_begin_drain(host, BACKSTAY_FOREVER));
    CHECK_STATUS(backstay_host_wait(host, 0, NULL), BACKSTAY_WOULD_DEADLOCK);
    return backstay_host_release(host);
}

static void an_entry_point_may_begin_the_end_it_belongs_to(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "inside", begin_inside, NULL);
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.succeeded == 1);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

/* The host of an instance, as long as anybody has a handle to it. */
static void an_instance_names_its_host_while_that_has_a_handle(void) {
    backstay_host host = open_host(0), same, none = {7};
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    backstay_instance instance = fire(task);
    wait_for(instance);
    CHECK_OK(backstay_instance_host(instance, &same));
    CHECK_OK(backstay_host_set_condition(host, text("shared"), true));
    bool on = false;
    CHECK_OK(backstay_host_condition(same, text("shared"), &on));
    CHECK(on && same.id != host.id);
    CHECK_OK(backstay_host_release(host));
    // This one alone keeps it open.
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    finish_host(same);
    CHECK_STATUS(backstay_instance_host(instance, &none), BACKSTAY_CLOSED);
    CHECK(none.id == 7);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
}

TESTS(TEST(before_anything_has_begun_the_time_is_over), TEST(it_gets_the_report_of_what_another_thread_begins),
      TEST(a_drain_that_is_over_too_early_names_who_is_left), TEST(an_entry_point_may_begin_the_end_it_belongs_to),
      TEST(an_instance_names_its_host_while_that_has_a_handle))
