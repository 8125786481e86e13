/* What nobody else would hear arrives in the host's log, one line a call, also what a handler says of itself (E5). */
#include "model.h"

struct log {
    struct count lines, destroyed;
    char text[4][256];
};

#define LOG {.lines = COUNT, .destroyed = COUNT}

static void write_line(backstay_str line, void *user_data) {
    struct log *log = user_data;
    pthread_mutex_lock(&log->lines.mutex);
    CHECK(log->lines.value < 4 && line.len < sizeof log->text[0]);
    memcpy(log->text[log->lines.value++], line.ptr, line.len);
    pthread_cond_broadcast(&log->lines.grew);
    pthread_mutex_unlock(&log->lines.mutex);
}

static void end_log(void *user_data) {
    count_up(&((struct log *)user_data)->destroyed);
}

static backstay_host open_with(struct log *log, backstay_executor_fn executor) {
    backstay_host_options options = {.struct_size = sizeof options, .manual_clock = true, .executor = executor,
                                     .log = write_line, .log_data = log, .log_destroy = end_log};
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    return host;
}

static void says(struct log *log, size_t line, const char *words) {
    count_wait(&log->lines, line + 1);
    pthread_mutex_lock(&log->lines.mutex);
    if (strstr(log->text[line], words) == NULL) fprintf(stderr, "%s\n", log->text[line]);
    CHECK(strstr(log->text[line], words) != NULL && strchr(log->text[line], '\n') == NULL);
    pthread_mutex_unlock(&log->lines.mutex);
}

/* What a wrapper of a language with exceptions does at the end of its trampoline; the last words count. */
static void fail(const backstay_completion *completion, void *user_data) {
    (void)completion;
    count_up(user_data);
    CHECK_OK(backstay_handler_failed(text("not this")));
    CHECK_OK(backstay_handler_failed(text("disk full\nwhile writing")));
}

static void a_handler_that_failed_is_told_and_harms_nobody(void) {
    struct log log = LOG;
    struct count failing = COUNT, other = COUNT;
    backstay_host host = open_with(&log, NULL);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, fail, &failing, NULL, NULL));
    CHECK_OK(backstay_task_on_completed(task, count_completion, &other, NULL, NULL));
    for (size_t turn = 1; turn <= 2; turn++) {
        CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_SUCCEEDED);
        flush(host);
        CHECK(count_of(&failing) == turn && count_of(&other) == turn && count_of(&log.lines) == turn);
        says(&log, turn - 1, "disk full");
    }
    CHECK_STATUS(backstay_handler_failed(text("\xff")), BACKSTAY_INVALID_ARGUMENT);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    CHECK(count_of(&log.lines) == 2);
    count_wait(&log.destroyed, 1);
}

/* Outside of any handler it is about nothing, and no handler that comes later is blamed. */
static void who_fails_outside_of_a_handler_is_not_told(void) {
    struct log log = LOG;
    struct count calls = COUNT;
    backstay_host host = open_with(&log, NULL);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, count_completion, &calls, NULL, NULL));
    backstay_handler_failed(text("nobody"));
    CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_SUCCEEDED);
    flush(host);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    CHECK(count_of(&calls) == 1 && count_of(&log.lines) == 0);
    count_wait(&log.destroyed, 1);
}

/* What it calls afterwards, here an executor of the same host by its firing, does not unsay it. */
static void fail_and_fire(backstay_instance instance, uint32_t progress, void *user_data) {
    (void)instance, (void)progress;
    CHECK_OK(backstay_handler_failed(text("disk full")));
    CHECK_OK(backstay_task_fire(*(backstay_task *)user_data, NULL, NULL));
}

static void *run_job(void *argument) {
    CHECK_OK(backstay_job_run(*(backstay_job *)argument));
    free(argument);
    return NULL;
}

static void run_elsewhere(backstay_job job, void *user_data) {
    backstay_job *copy = malloc(sizeof *copy);
    (void)user_data;
    CHECK(copy != NULL);
    *copy = job;
    CHECK(pthread_detach(start(run_job, copy)) == 0);
}

static void what_a_handler_calls_afterwards_does_not_unsay_it(void) {
    struct log log = LOG;
    struct held held = HELD;
    backstay_host host = open_with(&log, run_elsewhere);
    backstay_task held_task = register_task(host, "held", hold_on, &held);
    backstay_task fired = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_progress(held_task, fail_and_fire, &fired, NULL, NULL));
    backstay_instance instance = fire(held_task);
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_set_progress(instance, 1));
    flush(host);
    CHECK(count_of(&log.lines) == 1);
    says(&log, 0, "disk full");
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(held_task));
    CHECK_OK(backstay_task_release(fired));
    finish_host(host);
    count_wait(&log.destroyed, 1);
}

static void let_fall(backstay_job job, void *user_data) {
    (void)user_data;
    CHECK_OK(backstay_job_release(job));
}

static void a_job_that_nobody_runs_is_told(void) {
    struct log log = LOG;
    backstay_host host = open_with(&log, let_fall);
    backstay_task task = register_task(host, "unlucky", do_nothing, NULL);
    CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_CANCELED);
    says(&log, 0, "unlucky");
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    count_wait(&log.destroyed, 1);
}

/* A handler that is still inside when the grace is over: events go on without it, which is told (E9). */
static void stay(backstay_instance instance, backstay_cancel_reason reason, void *user_data) {
    (void)reason;
    occupy(instance, user_data);
}

static void a_handler_that_does_not_return_is_told(void) {
    struct log log = LOG;
    struct held held = HELD;
    struct occupied occupied = OCCUPIED;
    backstay_host_options options = {.struct_size = sizeof options, .workers = 1, .grace_ns = 1, .log = write_line};
    options.log_data = &log;
    options.log_destroy = end_log;
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    backstay_task task = register_task(host, "deaf", hold_on, &held);
    backstay_instance instance = fire(task);
    await_entry_points(host);
    CHECK_OK(backstay_instance_on_canceled(instance, stay, &occupied, NULL, NULL));
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    says(&log, 0, "a handler of deaf");
    gate_open(&occupied.leave);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_ABANDONED);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_shutdown(host, 0, NULL));
    CHECK_OK(backstay_host_release(host));
    count_wait(&log.destroyed, 1);
    await_live_handles(0); // the one lent to the handler ends when that returns
}

static void the_data_is_ended_once_also_when_opening_fails(void) {
    struct log log = LOG;
    backstay_host none = {7};
    backstay_host_options options = {.struct_size = sizeof options, .log = write_line, .log_data = &log,
                                     .log_destroy = end_log, .overdue_after_ns = -1};
    CHECK_STATUS(backstay_host_open(&options, &none), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&log.destroyed) == 1 && none.id == 7);
    close_host(open_with(&log, NULL));
    count_wait(&log.destroyed, 2);
    CHECK(count_of(&log.destroyed) == 2 && count_of(&log.lines) == 0);
}

TESTS(TEST(a_handler_that_failed_is_told_and_harms_nobody), TEST(who_fails_outside_of_a_handler_is_not_told),
      TEST(what_a_handler_calls_afterwards_does_not_unsay_it), TEST(a_job_that_nobody_runs_is_told),
      TEST(a_handler_that_does_not_return_is_told), TEST(the_data_is_ended_once_also_when_opening_fails))
