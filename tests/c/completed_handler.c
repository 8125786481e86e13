/* The end of one instance can be told by a handler of its own, before those of its task and host (E3, E4). */
#include "model.h"

/* The order in which handlers were called. */
static char order[8];

static void note(char who) {
    order[strlen(order)] = who;
}

static void by_instance(const backstay_completion *completion, void *user_data) {
    CHECK(completion->outcome == BACKSTAY_OUTCOME_SUCCEEDED && is_text(completion->task, "held"));
    CHECK(*(uint32_t *)user_data == completion->progress);
    note('i');
}

static void by_task(const backstay_completion *completion, void *user_data) {
    (void)completion, (void)user_data;
    note('t');
}

static void by_host(const backstay_event *event, void *user_data) {
    (void)user_data;
    if (event->kind == BACKSTAY_EVENT_COMPLETED) note('h');
}

static void it_is_told_once_and_first(void) {
    struct held held = HELD;
    uint32_t progress = 42;
    memset(order, 0, sizeof order);
    backstay_host host = open_host(0);
    CHECK_OK(backstay_host_on_event(host, by_host, NULL, NULL, NULL));
    backstay_task task = register_task(host, "held", hold_on, &held);
    CHECK_OK(backstay_task_on_completed(task, by_task, NULL, NULL, NULL));
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_instance_on_completed(instance, by_instance, &progress, NULL, NULL));
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_set_progress(instance, progress));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    flush(host);
    CHECK(strcmp(order, "ith") == 0);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void the_user_data_is_ended_once_on_every_way(void) {
    struct count called = COUNT, cancelled = COUNT, late = COUNT, refused = COUNT, ended = COUNT;
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_subscription subscription;
    gate_wait(&held.taken);
    CHECK_STATUS(backstay_instance_on_completed(instance, NULL, &refused, count_up, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&refused) == 1);
    CHECK_OK(backstay_instance_on_completed(instance, by_task, &cancelled, count_up, &subscription));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK(count_of(&cancelled) == 1);
    CHECK_OK(backstay_instance_on_completed(instance, count_completion, &called, NULL, NULL));
    CHECK_OK(backstay_instance_on_completed(instance, by_task, &ended, count_up, NULL));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    flush(host);
    CHECK(count_of(&called) == 1 && count_of(&ended) == 1);
    // What has ended tells nothing any more; who comes late looks himself.
    CHECK_OK(backstay_instance_on_completed(instance, count_completion, &late, count_up, &subscription));
    CHECK(count_of(&late) == 1);
    CHECK_OK(backstay_instance_wait(instance, 0, NULL));
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    CHECK(count_of(&called) == 1 && count_of(&cancelled) == 1 && count_of(&late) == 1 && count_of(&ended) == 1);
}

TESTS(TEST(it_is_told_once_and_first), TEST(the_user_data_is_ended_once_on_every_way))
