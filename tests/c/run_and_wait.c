/* An entry point runs once for each firing with its user data, and `wait` tells how the instance ended (L1). */
#include "check.h"

static int runs;

static backstay_status count(backstay_instance instance, void *user_data) {
    backstay_state state;
    CHECK_OK(backstay_instance_get_state(instance, &state));
    CHECK(state == BACKSTAY_STATE_RUNNING);
    CHECK_OK(backstay_instance_set_progress(instance, 40));
    CHECK_OK(backstay_instance_set_progress(instance, 42));
    *(int *)user_data += 1;
    return BACKSTAY_OK;
}

static void a_task_runs_and_its_end_is_told(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "count", count, &runs);
    backstay_instance instance = fire(task);
    backstay_completion completion = wait_for(instance);
    CHECK(runs == 1);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && !completion.canceled);
    CHECK(completion.progress == 42 && completion.dropped_count == 0 && completion.holder_count == 0);
    CHECK(is_text(completion.task, "count") && completion.error.len == 0 && completion.error_type.len == 0);

    uint8_t id[16];
    CHECK_OK(backstay_instance_id(instance, id));
    CHECK(memcmp(id, completion.instance_id, sizeof id) == 0);
    uint32_t progress = 0;
    CHECK_OK(backstay_instance_set_progress(instance, 7));
    CHECK_OK(backstay_instance_get_progress(instance, &progress));
    CHECK(progress == 42); // what is set after the end is ignored (E6)

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void a_task_is_found_by_its_name_and_by_its_instance(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "count", count, &runs), found, same;
    backstay_instance instance;
    CHECK_STATUS(backstay_host_task(host, text("other"), &found), BACKSTAY_NOT_FOUND);
    CHECK_OK(backstay_host_task(host, text("count"), &found));
    instance = fire(found);
    wait_for(instance);
    CHECK_OK(backstay_instance_task(instance, &same));
    CHECK_OK(backstay_task_unregister(same, false));
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_UNREGISTERED);

    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_task_release(found));
    CHECK_OK(backstay_task_release(same));
    close_host(host);
}

static void what_waits_for_a_worker_is_pending_and_counted(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task_options options = {.struct_size = sizeof options, .name = text("one"), .max_pending = 1};
    options.run = occupy;
    options.user_data = &occupied;
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    backstay_instance first = fire(task);
    gate_wait(&occupied.entered);
    backstay_instance second = fire(task);
    size_t running = 0, pending = 0;
    CHECK_OK(backstay_task_counts(task, &running, &pending));
    CHECK(running == 1 && pending == 1);
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_CURRENTLY_RUNNING);
    CHECK_STATUS(backstay_instance_wait(first, 0, NULL), BACKSTAY_TIMED_OUT);
    CHECK_STATUS(backstay_instance_wait(second, 1, NULL), BACKSTAY_TIMED_OUT);
    gate_open(&occupied.leave);
    wait_for(first);
    wait_for(second);

    CHECK_OK(backstay_instance_release(first));
    CHECK_OK(backstay_instance_release(second));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* The defaults, too, on the machine's clock: a program that knows nothing but NULL. */
static void a_host_of_defaults_ends_by_itself(void) {
    backstay_host host;
    backstay_host_state state;
    CHECK_OK(backstay_host_open(NULL, &host));
    backstay_task task = register_task(host, "count", count, &runs);
    int before = runs;
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    CHECK_OK(backstay_host_drain(host, SOON, NULL));
    CHECK(runs == before + 1);
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK(state == BACKSTAY_HOST_CLOSED);
    CHECK_STATUS(backstay_task_fire(task, NULL, NULL), BACKSTAY_CLOSED);
    CHECK_STATUS(backstay_host_advance(host, 1), BACKSTAY_NOT_MANUAL_CLOCK);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

TESTS(TEST(a_task_runs_and_its_end_is_told), TEST(a_task_is_found_by_its_name_and_by_its_instance),
      TEST(what_waits_for_a_worker_is_pending_and_counted), TEST(a_host_of_defaults_ends_by_itself))
