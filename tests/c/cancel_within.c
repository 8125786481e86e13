/* Detaching can be given a time: over too early, there is no further call, and the user data ends once (E4). */
#include "model.h"

/* A handler that is occupied until the test lets it go. */
struct handler {
    struct occupied occupied;
    struct count calls, destroyed;
};

#define HANDLER {OCCUPIED, COUNT, COUNT}

static void be_slow(backstay_instance instance, uint32_t progress, void *user_data) {
    struct handler *handler = user_data;
    (void)progress;
    count_up(&handler->calls);
    occupy(instance, &handler->occupied);
}

static void end_handler(void *user_data) {
    struct handler *handler = user_data;
    count_up(&handler->destroyed);
}

struct subject {
    backstay_host host;
    struct held held;
    backstay_task task;
    backstay_instance instance;
    backstay_subscription subscription;
};

static void open_subject(struct subject *subject, struct handler *handler) {
    *subject = (struct subject){.host = open_host(0), .held = HELD};
    subject->task = register_task(subject->host, "subject", hold_on, &subject->held);
    CHECK_OK(backstay_task_on_progress(subject->task, be_slow, handler, end_handler, &subject->subscription));
    subject->instance = fire(subject->task);
    gate_wait(&subject->held.taken);
}

static void close_subject(struct subject *subject) {
    CHECK_OK(backstay_deferral_complete(subject->held.deferral));
    CHECK(end_of(subject->instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_subscription_release(subject->subscription));
    CHECK_OK(backstay_task_release(subject->task));
    finish_host(subject->host);
}

static void the_time_is_over_while_the_call_runs(void) {
    struct handler handler = HANDLER;
    struct subject subject;
    open_subject(&subject, &handler);
    CHECK_OK(backstay_instance_set_progress(subject.instance, 1));
    gate_wait(&handler.occupied.entered);
    CHECK_STATUS(backstay_subscription_cancel_within(subject.subscription, 0), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_subscription_cancel_within(subject.subscription, 1), BACKSTAY_TIMED_OUT);
    CHECK(count_of(&handler.destroyed) == 0);
    CHECK_OK(backstay_instance_set_progress(subject.instance, 2)); // of which it is not told
    gate_open(&handler.occupied.leave);
    CHECK_OK(backstay_subscription_cancel_within(subject.subscription, SOON)); // now it waits in vain no more
    CHECK(count_of(&handler.destroyed) == 1);
    flush(subject.host);
    close_subject(&subject);
    CHECK(count_of(&handler.calls) == 1 && count_of(&handler.destroyed) == 1);
}

static void without_a_call_there_is_nothing_to_wait_for(void) {
    struct handler handler = HANDLER;
    struct subject subject;
    open_subject(&subject, &handler);
    CHECK_STATUS(backstay_subscription_cancel_within(subject.subscription, -1), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&handler.destroyed) == 0);
    CHECK_OK(backstay_subscription_cancel_within(subject.subscription, 0));
    CHECK(count_of(&handler.destroyed) == 1);
    CHECK_OK(backstay_subscription_cancel_within(subject.subscription, 0));
    CHECK_OK(backstay_instance_set_progress(subject.instance, 1));
    flush(subject.host);
    close_subject(&subject);
    CHECK(count_of(&handler.calls) == 0 && count_of(&handler.destroyed) == 1);
}

TESTS(TEST(the_time_is_over_while_the_call_runs), TEST(without_a_call_there_is_nothing_to_wait_for))
