/* A deferral that is older than it should be is told once, as an event, and stands so in reports (H4). */
#include "model.h"

static void count_overdue(const backstay_event *event, void *user_data) {
    if (event->kind == BACKSTAY_EVENT_OVERDUE) count_up(user_data);
}

/* An instance that is held, on a host that tells what is older than 10 s. */
struct subject {
    backstay_host host;
    struct holds holds;
    struct count told;
    backstay_task task;
    backstay_instance instance;
    backstay_deferral deferral;
};

static void open_subject(struct subject *subject) {
    backstay_host_options options = {
        .struct_size = sizeof options, .overdue_after_ns = 10 * SECOND, .manual_clock = true};
    *subject = (struct subject){.holds = HOLDS, .told = COUNT};
    CHECK_OK(backstay_host_open(&options, &subject->host));
    CHECK_OK(backstay_host_on_event(subject->host, count_overdue, &subject->told, NULL, NULL));
    subject->task = register_task(subject->host, "subject", take_hold, &subject->holds);
    subject->instance = fire(subject->task);
    subject->deferral = hold_of(&subject->holds, 0);
}

static bool is_overdue(const struct subject *subject) {
    backstay_holder holder = {.struct_size = sizeof holder};
    CHECK_OK(backstay_deferral_holder(subject->deferral, &holder));
    return holder.overdue;
}

static void close_subject(struct subject *subject) {
    let_go(&subject->holds, 0);
    CHECK(end_of(subject->instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(subject->task));
    finish_host(subject->host);
}

static void the_hosts_limit_holds_for_all(void) {
    struct subject subject;
    open_subject(&subject);
    advance(subject.host, 10 * SECOND - 1);
    CHECK(count_of(&subject.told) == 0 && !is_overdue(&subject));
    advance(subject.host, 1);
    CHECK(count_of(&subject.told) == 1 && is_overdue(&subject));
    advance(subject.host, 100 * SECOND);
    CHECK(count_of(&subject.told) == 1);
    close_subject(&subject);
}

static void a_deferral_may_have_a_limit_of_its_own(void) {
    struct subject subject;
    open_subject(&subject);
    advance(subject.host, 2 * SECOND);
    // Counted from the taking, which was two seconds ago.
    CHECK_OK(backstay_deferral_set_overdue_after(subject.deferral, 5 * SECOND));
    advance(subject.host, 3 * SECOND - 1);
    CHECK(count_of(&subject.told) == 0);
    advance(subject.host, 1);
    CHECK(count_of(&subject.told) == 1);
    close_subject(&subject);
}

static void a_deferral_that_may_take_for_ever_is_never_told(void) {
    struct subject subject;
    open_subject(&subject);
    CHECK_OK(backstay_deferral_set_overdue_after(subject.deferral, BACKSTAY_FOREVER));
    CHECK_STATUS(backstay_deferral_set_overdue_after(subject.deferral, -1), BACKSTAY_INVALID_ARGUMENT);
    advance(subject.host, 1000 * SECOND);
    CHECK(count_of(&subject.told) == 0 && !is_overdue(&subject));
    close_subject(&subject);
}

static void what_is_completed_in_time_is_not_told(void) {
    struct subject subject;
    open_subject(&subject);
    backstay_host host = subject.host;
    advance(host, 9 * SECOND);
    let_go(&subject.holds, 0);
    CHECK(end_of(subject.instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    advance(host, 100 * SECOND);
    CHECK(count_of(&subject.told) == 0);
    CHECK_OK(backstay_task_release(subject.task));
    close_host(host);
}

TESTS(TEST(the_hosts_limit_holds_for_all), TEST(a_deferral_may_have_a_limit_of_its_own),
      TEST(a_deferral_that_may_take_for_ever_is_never_told), TEST(what_is_completed_in_time_is_not_told))
