/* What would wait for the thread that calls is refused with WOULD_DEADLOCK, in every callback (E8). */
#include "check.h"

/* The host of the callback, another one, and in how many callbacks everything was tried. */
struct hosts {
    backstay_host own, other;
    int tried;
};

static void try_all(struct hosts *hosts) {
    backstay_drain_report report = {.struct_size = sizeof report, .succeeded = 77};
    CHECK_STATUS(backstay_host_shutdown(hosts->own, 0, &report), BACKSTAY_WOULD_DEADLOCK);
    CHECK_STATUS(backstay_host_drain(hosts->own, 0, &report), BACKSTAY_WOULD_DEADLOCK);
    CHECK_STATUS(backstay_host_flush(hosts->own, 0), BACKSTAY_WOULD_DEADLOCK);
    CHECK_STATUS(backstay_host_advance(hosts->own, 1), BACKSTAY_WOULD_DEADLOCK);
    CHECK(report.succeeded == 77);
    // A second handle is no way around it.
    backstay_host same;
    CHECK_OK(backstay_host_dup(hosts->own, &same));
    CHECK_STATUS(backstay_host_flush(same, BACKSTAY_FOREVER), BACKSTAY_WOULD_DEADLOCK);
    CHECK_OK(backstay_host_release(same));
    // Refused before anything was done: the host takes what comes.
    backstay_host_state state;
    CHECK_OK(backstay_host_get_state(hosts->own, &state));
    CHECK(state == BACKSTAY_HOST_OPEN);
    // Another host does not wait for this thread.
    CHECK_OK(backstay_host_flush(hosts->other, SOON));
    CHECK_OK(backstay_host_advance(hosts->other, 1));
    hosts->tried++;
}

static backstay_status run(backstay_instance instance, void *user_data) {
    backstay_instance same;
    backstay_completion completion = {.struct_size = sizeof completion, .progress = 77};
    try_all(user_data);
    CHECK_STATUS(backstay_instance_wait(instance, BACKSTAY_FOREVER, &completion), BACKSTAY_WOULD_DEADLOCK);
    CHECK_OK(backstay_instance_dup(instance, &same));
    CHECK_STATUS(backstay_instance_wait(same, 0, NULL), BACKSTAY_WOULD_DEADLOCK);
    CHECK(completion.progress == 77);
    CHECK_OK(backstay_instance_release(same));
    CHECK_OK(backstay_instance_set_progress(instance, 1));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    return BACKSTAY_OK;
}

static void told(backstay_instance instance, uint32_t number, void *user_data) {
    (void)instance, (void)number;
    try_all(user_data);
}

static void completed(const backstay_completion *completion, void *user_data) {
    (void)completion;
    try_all(user_data);
}

static void every_callback_is_refused_what_would_wait_for_it(void) {
    struct hosts hosts = {open_host(0), open_host(0), 0};
    backstay_task task = register_task(hosts.own, "try", run, &hosts);
    CHECK_OK(backstay_task_on_completed(task, completed, &hosts, NULL, NULL));
    CHECK_OK(backstay_task_on_progress(task, told, &hosts, NULL, NULL));
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_instance_on_canceled(instance, told, &hosts, NULL, NULL));
    wait_for(instance);
    CHECK_OK(backstay_host_flush(hosts.own, SOON));
    CHECK(hosts.tried >= 3); // run, progress, completed; canceled only when it was attached before the end
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(hosts.own);
    close_host(hosts.other);
}

static backstay_status wait_in_run(backstay_instance instance, void *user_data) {
    (void)instance;
    wait_for(*(backstay_instance *)user_data);
    return BACKSTAY_OK;
}

/* To wait for another instance is no deadlock by itself, and is not refused. */
static void an_entry_point_may_wait_for_another_instance(void) {
    struct held held = HELD;
    backstay_host host = open_host(2);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance awaited = fire(task);
    gate_wait(&held.taken);
    backstay_task waiting = register_task(host, "waiting", wait_in_run, &awaited);
    backstay_instance waiter = fire(waiting);
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(wait_for(waiter).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(awaited));
    CHECK_OK(backstay_instance_release(waiter));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_task_release(waiting));
    close_host(host);
}

static backstay_status end_the_host(backstay_instance instance, void *user_data) {
    (void)instance;
    CHECK_OK(backstay_host_begin_shutdown(*(backstay_host *)user_data, SOON));
    return BACKSTAY_OK;
}

static void a_shutdown_can_be_begun_from_anywhere(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "end", end_the_host, &host);
    backstay_instance instance = fire(task);
    backstay_completion completion = wait_for(instance);
    CHECK(completion.canceled && completion.reason == BACKSTAY_CANCEL_TERMINATING);
    backstay_host_state state;
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK(state == BACKSTAY_HOST_CLOSED);
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_CLOSED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(every_callback_is_refused_what_would_wait_for_it), TEST(an_entry_point_may_wait_for_another_instance),
      TEST(a_shutdown_can_be_begun_from_anywhere))
