/* What a shutdown does with the instances of a task: cancel and wait, only wait, or cancel and leave (H2). */
#include "model.h"

/* One instance that is held, of a task with this policy, and a shutdown that has begun. */
struct subject {
    backstay_host host;
    struct holds holds;
    backstay_task task;
    backstay_instance instance;
};

static void open_subject(struct subject *subject, backstay_on_shutdown on_shutdown) {
    *subject = (struct subject){.host = open_host(1), .holds = HOLDS};
    subject->task = register_as(
        subject->host, (backstay_task_options){.name = text("subject"), .on_shutdown = on_shutdown,
                                               .run = take_hold, .user_data = &subject->holds});
    subject->instance = fire(subject->task);
    hold_of(&subject->holds, 0);
    await_entry_points(subject->host);
    CHECK_OK(backstay_host_begin_shutdown(subject->host, 10 * SECOND));
}

static backstay_drain_report report_of(backstay_host host) {
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_wait(host, SOON, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED);
    return report;
}

static void close_subject(struct subject *subject, backstay_outcome wanted) {
    CHECK(end_of(subject->instance) == wanted);
    CHECK_OK(backstay_task_release(subject->task));
    CHECK_OK(backstay_host_release(subject->host));
}

static void by_default_it_is_cancelled_and_waited_for(void) {
    struct subject subject;
    open_subject(&subject, BACKSTAY_ON_SHUTDOWN_CANCEL);
    CHECK(is_canceled_with(subject.instance, BACKSTAY_CANCEL_TERMINATING));
    CHECK_STATUS(backstay_host_wait(subject.host, 0, NULL), BACKSTAY_TIMED_OUT);
    let_go(&subject.holds, 0);
    CHECK(report_of(subject.host).canceled == 1);
    close_subject(&subject, BACKSTAY_OUTCOME_CANCELED);
}

static void what_is_to_finish_is_not_cancelled_and_waited_for(void) {
    struct subject subject;
    open_subject(&subject, BACKSTAY_ON_SHUTDOWN_FINISH);
    CHECK(!is_canceled(subject.instance));
    advance(subject.host, 9 * SECOND);
    CHECK_STATUS(backstay_host_wait(subject.host, 0, NULL), BACKSTAY_TIMED_OUT);
    let_go(&subject.holds, 0);
    const backstay_drain_report report = report_of(subject.host);
    CHECK(report.succeeded == 1 && report.canceled == 0 && report.abandoned == 0);
    close_subject(&subject, BACKSTAY_OUTCOME_SUCCEEDED);
}

static void what_is_to_finish_and_does_not_is_abandoned_in_the_end(void) {
    struct subject subject;
    open_subject(&subject, BACKSTAY_ON_SHUTDOWN_FINISH);
    advance(subject.host, 10 * SECOND);
    CHECK(report_of(subject.host).abandoned == 1);
    CHECK(is_canceled_with(subject.instance, BACKSTAY_CANCEL_TERMINATING));
    CHECK_STATUS(backstay_deferral_complete(hold_of(&subject.holds, 0)), BACKSTAY_NOT_RUNNING);
    close_subject(&subject, BACKSTAY_OUTCOME_ABANDONED);
}

static void what_is_to_be_left_is_cancelled_and_not_waited_for(void) {
    struct subject subject;
    open_subject(&subject, BACKSTAY_ON_SHUTDOWN_LEAVE);
    CHECK(report_of(subject.host).abandoned == 1); // time has not moved
    CHECK(is_canceled_with(subject.instance, BACKSTAY_CANCEL_TERMINATING));
    CHECK_STATUS(backstay_deferral_complete(hold_of(&subject.holds, 0)), BACKSTAY_NOT_RUNNING);
    close_subject(&subject, BACKSTAY_OUTCOME_ABANDONED);
}

TESTS(TEST(by_default_it_is_cancelled_and_waited_for), TEST(what_is_to_finish_is_not_cancelled_and_waited_for),
      TEST(what_is_to_finish_and_does_not_is_abandoned_in_the_end),
      TEST(what_is_to_be_left_is_cancelled_and_not_waited_for))
