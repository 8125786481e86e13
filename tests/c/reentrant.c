/* Everything may be called from inside every callback: no lock of the library is held then (E1, E2, G4). */
#include "check.h"

static backstay_host host;
static struct occupied spare = OCCUPIED;
/* In how many callbacks everything was called; they run on two threads. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int calls;

static void nothing_completed(const backstay_completion *completion, void *user_data) {
    (void)completion, (void)user_data;
}

static void nothing_told(backstay_instance instance, uint32_t number, void *user_data) {
    (void)instance, (void)number, (void)user_data;
}

/* A life of its own inside a callback: another host is opened, used, and shut down. */
static void use_another_host(void) {
    backstay_host another = open_host(0);
    backstay_task task = register_task(another, "inner", do_nothing, NULL);
    backstay_instance instance = fire(task);
    wait_for(instance);
    CHECK_OK(backstay_host_advance(another, SECOND));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(another);
}

/* All that can be done to the host that calls. The names are numbered, since callbacks overlap. */
static void use_own_host(void) {
    static int number;
    char name[32];
    pthread_mutex_lock(&mutex);
    snprintf(name, sizeof name, "inner %d", ++number);
    pthread_mutex_unlock(&mutex);
    backstay_task task = register_task(host, name, do_nothing, NULL), same;
    backstay_subscription completed, progress;
    backstay_host_state state;
    backstay_host dup;
    size_t running, pending;
    CHECK_OK(backstay_host_task(host, text(name), &same));
    CHECK_OK(backstay_task_release(same));
    CHECK_OK(backstay_task_on_completed(task, nothing_completed, NULL, NULL, &completed));
    CHECK_OK(backstay_task_on_progress(task, nothing_told, NULL, NULL, &progress));
    backstay_instance instance = fire(task);
    CHECK_OK(backstay_instance_on_canceled(instance, nothing_told, NULL, NULL, NULL));
    CHECK_OK(backstay_task_counts(task, &running, &pending));
    CHECK_OK(backstay_instance_set_progress(instance, 1));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK_OK(backstay_host_dup(host, &dup));
    CHECK_OK(backstay_host_release(dup));
    CHECK_OK(backstay_task_unregister(task, true));
    CHECK_OK(backstay_subscription_cancel(completed));
    CHECK_OK(backstay_subscription_release(completed));
    CHECK_OK(backstay_subscription_release(progress));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
}

/* What was fired inside callbacks may still run; on a manual clock a drain waits until nothing does. */
static void drain_and_close(void) {
    CHECK_OK(backstay_host_drain(host, SOON, NULL));
    close_host(host);
}

static void use_everything(void) {
    use_another_host();
    use_own_host();
    CHECK(backstay_live_handles() > 0);
    pthread_mutex_lock(&mutex);
    calls++;
    pthread_mutex_unlock(&mutex);
}

/* And to the instance that calls. A task fires, unregisters and cancels itself (G4). */
static backstay_status run(backstay_instance instance, void *user_data) {
    backstay_deferral deferral, failed, dropped;
    backstay_instance same, another;
    backstay_task task;
    backstay_completion completion = {.struct_size = sizeof completion};
    size_t count;
    (void)user_data;
    use_everything();
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("done"), &deferral));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("failed"), &failed));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("dropped"), &dropped));
    CHECK_OK(backstay_instance_holders(instance, NULL, 0, &count));
    CHECK(count == 3);
    CHECK_OK(backstay_deferral_instance(deferral, &same));
    CHECK_OK(backstay_deferral_complete(deferral));
    CHECK_OK(backstay_deferral_fail(failed, text("on purpose")));
    CHECK_OK(backstay_deferral_release(dropped));
    CHECK_OK(backstay_instance_task(same, &task));
    backstay_status fired = backstay_task_fire(task, NULL, &another);
    if (fired == BACKSTAY_OK) {
        // It ends: what fires next is cancelled before it starts, or finds the task unregistered.
        backstay_status unregistered = backstay_task_unregister(task, false);
        CHECK(unregistered == BACKSTAY_OK || unregistered == BACKSTAY_UNREGISTERED);
        CHECK_OK(backstay_instance_wait(another, SOON, &completion));
        CHECK(completion.outcome == BACKSTAY_OUTCOME_CANCELED || completion.outcome == BACKSTAY_OUTCOME_FAILED);
        CHECK_OK(backstay_instance_release(another));
    } else {
        CHECK_STATUS(fired, BACKSTAY_UNREGISTERED);
    }
    CHECK_OK(backstay_instance_set_progress(same, 5));
    CHECK_OK(backstay_instance_cancel(same, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_instance_release(same));
    return BACKSTAY_OK;
}

static void told(backstay_instance instance, uint32_t number, void *user_data) {
    bool canceled;
    (void)number, (void)user_data;
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    use_everything();
}

static void completed(const backstay_completion *completion, void *user_data) {
    (void)completion, (void)user_data;
    use_everything();
}

static void destroy(void *user_data) {
    (void)user_data;
    use_everything();
}

static void every_callback_may_call_everything(void) {
    host = open_host(0);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("outer"), .run = run};
    options.destroy = destroy;
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    CHECK_OK(backstay_task_on_completed(task, completed, NULL, destroy, NULL));
    CHECK_OK(backstay_task_on_progress(task, told, NULL, destroy, NULL));
    backstay_instance instance = fire(task);
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_FAILED);
    CHECK_OK(backstay_host_flush(host, SOON));
    // At least: run, progress, two ends of instances, and the end of each user data.
    CHECK(calls >= 7);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    drain_and_close();
}

/* Its handlers are called before the entry point's host can end: handlers of a cancellation do all of this, too. */
static void a_canceled_handler_may_call_everything(void) {
    host = open_host(0);
    calls = 0;
    backstay_task task = register_task(host, "occupied", occupy, &spare);
    backstay_instance instance = fire(task);
    gate_wait(&spare.entered);
    CHECK_OK(backstay_instance_on_canceled(instance, told, NULL, destroy, NULL));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(calls == 2);
    gate_open(&spare.leave);
    wait_for(instance);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    drain_and_close();
}

/* The user data of a refused registration is ended inside that call, on the thread of the caller, under no lock. */
static void destroy_inside_a_refused_call_may_call_everything(void) {
    host = open_host(0);
    calls = 0;
    backstay_task_options options = {.struct_size = sizeof options, .run = do_nothing, .destroy = destroy};
    backstay_task task = register_task(host, "name", do_nothing, NULL), none;
    options.name = text("name");
    CHECK_STATUS(backstay_task_register(host, &options, &none, NULL), BACKSTAY_NAME_TAKEN);
    CHECK_STATUS(backstay_task_on_completed(task, NULL, NULL, destroy, NULL), BACKSTAY_INVALID_ARGUMENT);
    backstay_subscription subscription;
    CHECK_OK(backstay_task_on_completed(task, nothing_completed, NULL, destroy, &subscription));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK(calls == 3);
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK_OK(backstay_task_release(task));
    drain_and_close();
}

TESTS(TEST(every_callback_may_call_everything), TEST(a_canceled_handler_may_call_everything),
      TEST(destroy_inside_a_refused_call_may_call_everything))
