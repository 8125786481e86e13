/* Releasing a subscription leaves it attached; cancelling detaches for good, and waits for a call in flight (E4). */
#include "check.h"

static void count(const backstay_completion *completion, void *user_data) {
    (void)completion;
    ++*(int *)user_data;
}

static void run_once(backstay_host host, backstay_task task) {
    backstay_instance instance = fire(task);
    wait_for(instance);
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK_OK(backstay_instance_release(instance));
}

static void only_cancel_detaches(void) {
    int released = 0, cancelled = 0;
    backstay_subscription first, second, same;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, count, &released, NULL, &first));
    CHECK_OK(backstay_task_on_completed(task, count, &cancelled, NULL, &second));
    CHECK_OK(backstay_subscription_dup(second, &same));
    CHECK_OK(backstay_subscription_release(first));
    CHECK_OK(backstay_subscription_release(second));
    run_once(host, task);
    CHECK(released == 1 && cancelled == 1);
    CHECK_OK(backstay_subscription_cancel(same));
    run_once(host, task);
    CHECK(released == 2 && cancelled == 1);
    CHECK_OK(backstay_subscription_cancel(same));
    CHECK_OK(backstay_subscription_release(same));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* A handler in flight, its end, and a thread that cancels it meanwhile. */
struct flight {
    struct occupied occupied;
    struct gate cancelling;
    backstay_subscription subscription;
    bool has_left, left_before_cancel_returned, destroyed;
};

static void fly(const backstay_completion *completion, void *user_data) {
    struct flight *flight = user_data;
    (void)completion;
    gate_open(&flight->occupied.entered);
    gate_wait(&flight->occupied.leave);
    flight->has_left = true;
}

static void land(void *user_data) {
    ((struct flight *)user_data)->destroyed = true;
}

static void *cancel(void *argument) {
    struct flight *flight = argument;
    gate_open(&flight->cancelling);
    CHECK_OK(backstay_subscription_cancel(flight->subscription));
    flight->left_before_cancel_returned = flight->has_left && flight->destroyed;
    return NULL;
}

static void cancel_waits_for_the_call_in_flight(void) {
    struct flight flight = {.occupied = OCCUPIED, .cancelling = GATE};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, fly, &flight, land, &flight.subscription));
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    gate_wait(&flight.occupied.entered);
    pthread_t thread = start(cancel, &flight);
    gate_wait(&flight.cancelling);
    // It cannot be seen that a thread waits; but if it does not, the call is still in flight when it returns.
    for (int turn = 0; turn < 1000; turn++) sched_yield();
    gate_open(&flight.occupied.leave);
    join(thread);
    CHECK(flight.left_before_cancel_returned);
    CHECK_OK(backstay_subscription_release(flight.subscription));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* A handler that cancels its own subscription: called once, ended after the call, never waited for. */
struct own {
    backstay_subscription subscription;
    int called, destroyed;
};

static void cancel_own(const backstay_completion *completion, void *user_data) {
    struct own *own = user_data;
    (void)completion;
    own->called++;
    CHECK_OK(backstay_subscription_cancel(own->subscription));
    CHECK_OK(backstay_subscription_release(own->subscription));
    CHECK(own->destroyed == 0);
}

static void end_own(void *user_data) {
    ((struct own *)user_data)->destroyed++;
}

static void a_handler_may_cancel_itself(void) {
    struct own own = {.called = 0};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, cancel_own, &own, end_own, &own.subscription));
    run_once(host, task);
    run_once(host, task);
    CHECK(own.called == 1 && own.destroyed == 1);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Two handlers of two hosts that cancel each other while both run: neither waits for the other. */
struct pair {
    struct gate entered[2];
    backstay_subscription subscription[2];
};

static struct pair pair;

static void cancel_the_other(const backstay_completion *completion, void *user_data) {
    const size_t me = *(size_t *)user_data, other = 1 - me;
    (void)completion;
    gate_open(&pair.entered[me]);
    gate_wait(&pair.entered[other]);
    CHECK_OK(backstay_subscription_cancel(pair.subscription[other]));
}

static void two_handlers_may_cancel_each_other(void) {
    size_t numbers[] = {0, 1};
    backstay_host hosts[2];
    pair = (struct pair){.entered = {GATE, GATE}};
    for (size_t index = 0; index < 2; index++) {
        hosts[index] = open_host(0);
        backstay_task task = register_task(hosts[index], "nothing", do_nothing, NULL);
        CHECK_OK(backstay_task_on_completed(task, cancel_the_other, &numbers[index], NULL, &pair.subscription[index]));
        CHECK_OK(backstay_task_release(task));
    }
    for (size_t index = 0; index < 2; index++) {
        backstay_task task;
        CHECK_OK(backstay_host_task(hosts[index], text("nothing"), &task));
        CHECK_OK(backstay_task_fire(task, NULL, NULL));
        CHECK_OK(backstay_task_release(task));
    }
    for (size_t index = 0; index < 2; index++) {
        CHECK_OK(backstay_host_drain(hosts[index], SOON, NULL));
        CHECK_OK(backstay_host_flush(hosts[index], SOON));
    }
    // Only now has neither handler to cancel the other any more.
    for (size_t index = 0; index < 2; index++) {
        CHECK_OK(backstay_subscription_release(pair.subscription[index]));
        CHECK_OK(backstay_host_release(hosts[index]));
    }
}

TESTS(TEST(only_cancel_detaches), TEST(cancel_waits_for_the_call_in_flight), TEST(a_handler_may_cancel_itself),
      TEST(two_handlers_may_cancel_each_other))
