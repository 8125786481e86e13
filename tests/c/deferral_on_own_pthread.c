/* A deferral keeps the instance alive after its entry point returned, and any thread may complete it (L1, L3). */
#include "check.h"

/* What the entry point hands to its thread. */
struct work {
    struct gate go;
    backstay_deferral deferral;
    pthread_t thread;
    bool done;
};

static void *work_on(void *argument) {
    struct work *work = argument;
    backstay_instance instance;
    backstay_deferral more;
    gate_wait(&work->go);
    // The entry point has returned, but a hold is left: one more deferral can be had, through the first.
    CHECK_OK(backstay_deferral_instance(work->deferral, &instance));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("more"), &more));
    CHECK_OK(backstay_deferral_complete(work->deferral));
    work->done = true;
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_deferral_complete(more));
    return NULL;
}

static backstay_status hand_over(backstay_instance instance, void *user_data) {
    struct work *work = user_data;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("work"), &work->deferral));
    work->thread = start(work_on, work);
    return BACKSTAY_OK;
}

static void the_instance_ends_with_the_thread_not_with_the_entry_point(void) {
    struct work work = {.go = GATE};
    // With one worker the second task runs only when the first entry point has returned.
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "work", hand_over, &work);
    backstay_task next = register_task(host, "next", do_nothing, NULL);
    backstay_instance instance = fire(task), after = fire(next);
    wait_for(after);
    CHECK_OK(backstay_instance_release(after));

    backstay_state state;
    CHECK_OK(backstay_instance_get_state(instance, &state));
    CHECK(state == BACKSTAY_STATE_RUNNING);
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    gate_open(&work.go);
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    // What the thread wrote before it completed is seen by who waited, without another lock.
    CHECK(work.done);
    CHECK_OK(backstay_instance_get_state(instance, &state));
    CHECK(state == BACKSTAY_STATE_FINISHED);

    join(work.thread);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_task_release(next));
    close_host(host);
}

static void a_deferral_that_completes_first_does_not_end_the_entry_point(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "occupied", occupy, &occupied);
    backstay_instance instance = fire(task);
    backstay_deferral deferral;
    gate_wait(&occupied.entered);
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("short"), &deferral));
    CHECK_OK(backstay_deferral_complete(deferral));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    gate_open(&occupied.leave);
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void there_is_no_deferral_of_what_is_pending_or_finished(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "occupied", occupy, &occupied);
    backstay_instance running = fire(task), pending;
    backstay_deferral deferral = {7};
    gate_wait(&occupied.entered);
    pending = fire(task);
    CHECK_STATUS(backstay_instance_get_deferral(pending, text("early"), &deferral), BACKSTAY_NOT_RUNNING);
    gate_open(&occupied.leave);
    wait_for(running);
    wait_for(pending);
    CHECK_STATUS(backstay_instance_get_deferral(running, text("late"), &deferral), BACKSTAY_NOT_RUNNING);
    CHECK(deferral.id == 7);

    CHECK_OK(backstay_instance_release(running));
    CHECK_OK(backstay_instance_release(pending));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(the_instance_ends_with_the_thread_not_with_the_entry_point),
      TEST(a_deferral_that_completes_first_does_not_end_the_entry_point),
      TEST(there_is_no_deferral_of_what_is_pending_or_finished))
