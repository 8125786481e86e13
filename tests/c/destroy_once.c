/* User data is ended exactly once, after the last call, on every way that a callback can go. */
#include "check.h"

/* Counts under a lock, since destroy runs on any thread; `called` must not grow any more once it was destroyed. */
struct data {
    pthread_mutex_t mutex;
    int called, destroyed, called_late;
};

#define DATA {PTHREAD_MUTEX_INITIALIZER, 0, 0, 0}

static void call(struct data *data) {
    pthread_mutex_lock(&data->mutex);
    data->called++;
    data->called_late += data->destroyed;
    pthread_mutex_unlock(&data->mutex);
}

static void destroy(void *user_data) {
    struct data *data = user_data;
    pthread_mutex_lock(&data->mutex);
    data->destroyed++;
    pthread_mutex_unlock(&data->mutex);
}

static bool was(struct data *data, int called, int destroyed) {
    pthread_mutex_lock(&data->mutex);
    const bool matches = data->called == called && data->destroyed == destroyed && data->called_late == 0;
    pthread_mutex_unlock(&data->mutex);
    return matches;
}

static backstay_status run(backstay_instance instance, void *user_data) {
    (void)instance;
    call(user_data);
    return BACKSTAY_OK;
}

static void completed(const backstay_completion *completion, void *user_data) {
    (void)completion;
    call(user_data);
}

static void told(backstay_instance instance, uint32_t number, void *user_data) {
    (void)instance, (void)number;
    call(user_data);
}

static backstay_status try_to_register(backstay_host host, const char *name, struct data *data, backstay_task *out) {
    backstay_task_options options = {
        .struct_size = sizeof options, .name = text(name), .run = run, .user_data = data, .destroy = destroy};
    return backstay_task_register(host, &options, out, NULL);
}

static void an_entry_point_goes_with_its_task(void) {
    struct data unregistered = DATA, left = DATA;
    backstay_host host = open_host(0);
    backstay_task first, second;
    CHECK_OK(try_to_register(host, "unregistered", &unregistered, &first));
    CHECK_OK(try_to_register(host, "left to the shutdown", &left, &second));
    backstay_instance instance = fire(first);
    wait_for(instance);
    CHECK(was(&unregistered, 1, 0));
    CHECK_OK(backstay_task_unregister(first, false));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(was(&unregistered, 1, 1) && was(&left, 0, 0));

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(first));
    CHECK_OK(backstay_task_release(second));
    close_host(host);
    CHECK(was(&unregistered, 1, 1) && was(&left, 0, 1));
}

static void a_refused_registration_ends_its_data_at_once(void) {
    struct data kept = DATA, taken = DATA, nameless = DATA, no_host = DATA, no_out = DATA, closed = DATA;
    backstay_host host = open_host(0);
    backstay_task task, none;
    CHECK_OK(try_to_register(host, "name", &kept, &task));
    CHECK_STATUS(try_to_register(host, "name", &taken, &none), BACKSTAY_NAME_TAKEN);
    CHECK_STATUS(try_to_register(host, "", &nameless, &none), BACKSTAY_INVALID_TASK);
    CHECK_STATUS(try_to_register((backstay_host){0}, "other", &no_host, &none), BACKSTAY_INVALID_HANDLE);
    CHECK_STATUS(try_to_register(host, "other", &no_out, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK(was(&kept, 0, 0) && was(&taken, 0, 1) && was(&nameless, 0, 1) && was(&no_host, 0, 1));
    CHECK(was(&no_out, 0, 1));
    CHECK_OK(backstay_host_drain(host, 0, NULL));
    CHECK_STATUS(try_to_register(host, "late", &closed, &none), BACKSTAY_CLOSED);
    CHECK(was(&closed, 0, 1) && was(&kept, 0, 1));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

static void a_handler_goes_with_its_task_its_instance_or_its_cancellation(void) {
    struct data of_task = DATA, cancelled = DATA, progress = DATA, of_instance = DATA, released = DATA;
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_subscription subscription;
    CHECK_OK(backstay_task_on_completed(task, completed, &of_task, destroy, NULL));
    CHECK_OK(backstay_task_on_progress(task, told, &progress, destroy, NULL));
    CHECK_OK(backstay_task_on_completed(task, completed, &released, destroy, &subscription));
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK_OK(backstay_task_on_completed(task, completed, &cancelled, destroy, &subscription));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK(was(&cancelled, 0, 1));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK_OK(backstay_subscription_release(subscription));

    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_on_canceled(instance, told, &of_instance, destroy, NULL));
    CHECK_OK(backstay_instance_set_progress(instance, 1));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(instance);
    CHECK_OK(backstay_host_flush(host, SOON));
    // Never cancelled: the handler of that ends uncalled with its instance; those of the task stay.
    CHECK(was(&of_instance, 0, 1) && was(&of_task, 1, 0) && was(&released, 1, 0) && was(&progress, 1, 0));
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(was(&of_task, 1, 1) && was(&released, 1, 1) && was(&progress, 1, 1) && was(&cancelled, 0, 1));

    // The task has ended: a handler that comes now has nothing to wait for.
    struct data late = DATA;
    CHECK_OK(backstay_task_on_completed(task, completed, &late, destroy, NULL));
    CHECK(was(&late, 0, 1));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    CHECK(was(&of_task, 1, 1) && was(&of_instance, 0, 1) && was(&late, 0, 1));
}

static void a_shutdown_ends_what_is_attached(void) {
    struct data of_task = DATA, of_instance = DATA, subscribed = DATA;
    struct held held = HELD;
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "held", hold_on, &held);
    CHECK_OK(backstay_task_on_completed(task, completed, &of_task, destroy, NULL));
    backstay_instance instance = fire(task);
    await_entry_points(host);
    CHECK_OK(backstay_instance_on_canceled(instance, told, &of_instance, destroy, NULL));
    backstay_subscription subscription;
    CHECK_OK(backstay_instance_on_canceled(instance, told, &subscribed, destroy, &subscription));
    close_host(host);
    CHECK(was(&of_task, 1, 1) && was(&of_instance, 1, 1) && was(&subscribed, 1, 1));
    CHECK_OK(backstay_subscription_cancel(subscription));
    CHECK_OK(backstay_subscription_release(subscription));
    CHECK(was(&subscribed, 1, 1));
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
}

/* Nobody shuts it down: the last handle that goes does, and the events of that are still delivered (H2). */
static void destroy_and_open(void *user_data) {
    gate_open(user_data);
}

static void the_last_handle_of_a_host_ends_what_is_attached(void) {
    struct gate destroyed = GATE;
    backstay_host host = open_host(0);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("left"), .run = do_nothing};
    options.user_data = &destroyed;
    options.destroy = destroy_and_open;
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
    gate_wait(&destroyed);
}

TESTS(TEST(an_entry_point_goes_with_its_task), TEST(a_refused_registration_ends_its_data_at_once),
      TEST(a_handler_goes_with_its_task_its_instance_or_its_cancellation), TEST(a_shutdown_ends_what_is_attached),
      TEST(the_last_handle_of_a_host_ends_what_is_attached))
