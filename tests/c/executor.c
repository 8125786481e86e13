/* With an executor, entry points run on threads of the application: each job once, or released and told (H7). */
#include "model.h"

/* A queue of jobs, for threads of the test. */
struct queue {
    struct count submitted, destroyed;
    backstay_job jobs[16];
    size_t taken;
};

#define QUEUE {.submitted = COUNT, .destroyed = COUNT}

static void submit(backstay_job job, void *user_data) {
    struct queue *queue = user_data;
    pthread_mutex_lock(&queue->submitted.mutex);
    CHECK(queue->submitted.value < sizeof queue->jobs / sizeof queue->jobs[0]);
    queue->jobs[queue->submitted.value++] = job;
    pthread_cond_broadcast(&queue->submitted.grew);
    pthread_mutex_unlock(&queue->submitted.mutex);
}

static backstay_job take_job(struct queue *queue) {
    count_wait(&queue->submitted, queue->taken + 1);
    pthread_mutex_lock(&queue->submitted.mutex);
    const backstay_job job = queue->jobs[queue->taken++];
    pthread_mutex_unlock(&queue->submitted.mutex);
    return job;
}

static void end_queue(void *user_data) {
    struct queue *queue = user_data;
    count_up(&queue->destroyed);
}

static backstay_host open_with(struct queue *queue, backstay_executor_fn executor) {
    backstay_host_options options = {.struct_size = sizeof options, .manual_clock = true, .executor = executor};
    options.executor_data = queue;
    options.executor_destroy = end_queue;
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    return host;
}

static backstay_status note_thread(backstay_instance instance, void *user_data) {
    (void)instance;
    *(pthread_t *)user_data = pthread_self();
    return BACKSTAY_OK;
}

struct worker {
    struct queue *queue;
    size_t jobs;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    for (size_t index = 0; index < worker->jobs; index++) CHECK_OK(backstay_job_run(take_job(worker->queue)));
    return NULL;
}

static void entry_points_run_on_the_applications_thread(void) {
    struct queue queue = QUEUE;
    struct worker worker = {&queue, 3};
    pthread_t seen;
    backstay_host host = open_with(&queue, submit);
    backstay_task task = register_task(host, "note", note_thread, &seen);
    pthread_t thread = start(work, &worker);
    for (size_t index = 0; index < worker.jobs; index++) {
        CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_SUCCEEDED);
        CHECK(pthread_equal(seen, thread) != 0);
    }
    join(thread);
    CHECK_OK(backstay_task_release(task));
    CHECK(count_of(&queue.destroyed) == 0);
    finish_host(host);
    count_wait(&queue.destroyed, 1);
}

static void a_job_runs_once(void) {
    struct queue queue = QUEUE;
    pthread_t seen;
    backstay_host host = open_with(&queue, submit);
    backstay_task task = register_task(host, "note", note_thread, &seen);
    backstay_instance instance = fire(task);
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING);
    backstay_job job = take_job(&queue);
    CHECK_OK(backstay_job_run(job));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED && pthread_equal(seen, pthread_self()) != 0);
    CHECK_STATUS(backstay_job_run(job), BACKSTAY_STALE_HANDLE);
    CHECK_STATUS(backstay_job_release(job), BACKSTAY_STALE_HANDLE);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    count_wait(&queue.destroyed, 1);
}

/* An executor that tries to run the job inside of the call that hands it over, and then keeps it. */
static void run_at_once(backstay_job job, void *user_data) {
    CHECK_STATUS(backstay_job_run(job), BACKSTAY_WOULD_DEADLOCK);
    submit(job, user_data);
}

static void inside_of_the_call_a_job_does_not_run_and_stays_good(void) {
    struct queue queue = QUEUE;
    backstay_host host = open_with(&queue, run_at_once);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    backstay_instance instance = fire(task);
    CHECK(state_of(instance) == BACKSTAY_STATE_PENDING);
    CHECK_OK(backstay_job_run(take_job(&queue)));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    count_wait(&queue.destroyed, 1);
}

/* An executor that has no room. */
static void release_at_once(backstay_job job, void *user_data) {
    count_up(&((struct queue *)user_data)->submitted);
    CHECK_OK(backstay_job_release(job));
}

static void a_released_job_cancels_the_one_that_waits_longest(void) {
    struct queue queue = QUEUE, none = QUEUE;
    backstay_host host = open_with(&queue, submit);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    backstay_instance first = fire(task), second = fire(task);
    CHECK_OK(backstay_job_release(take_job(&queue)));
    CHECK(wait_for(first).outcome == BACKSTAY_OUTCOME_CANCELED && state_of(second) == BACKSTAY_STATE_PENDING);
    CHECK(is_canceled_with(first, BACKSTAY_CANCEL_RESOURCE_REVOCATION));
    CHECK_OK(backstay_job_run(take_job(&queue)));
    CHECK(end_of(second) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(first));
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    count_wait(&queue.destroyed, 1);

    host = open_with(&none, release_at_once);
    task = register_task(host, "nothing", do_nothing, NULL);
    first = fire(task);
    CHECK(wait_for(first).outcome == BACKSTAY_OUTCOME_CANCELED && count_of(&none.submitted) == 1);
    CHECK(is_canceled_with(first, BACKSTAY_CANCEL_RESOURCE_REVOCATION));
    CHECK_OK(backstay_instance_release(first));
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
    count_wait(&none.destroyed, 1);
}

/* The last job may outlive the host; until then the executor's data is needed. */
static void a_job_outlives_its_host_and_finds_nothing_to_do(void) {
    struct queue queue = QUEUE;
    backstay_host host = open_with(&queue, submit);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    backstay_instance instance = fire(task);
    backstay_job job = take_job(&queue);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_CANCELED);
    CHECK(count_of(&queue.destroyed) == 0);
    CHECK_OK(backstay_job_run(job));
    count_wait(&queue.destroyed, 1);
}

static void the_data_is_ended_once_also_when_opening_fails(void) {
    struct queue queue = QUEUE;
    backstay_host none = {7};
    backstay_host_options options = {.struct_size = sizeof options, .executor = submit, .executor_data = &queue,
                                     .executor_destroy = end_queue, .grace_ns = -1};
    CHECK_STATUS(backstay_host_open(&options, &none), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&queue.destroyed) == 1 && none.id == 7);
    options.grace_ns = 0;
    CHECK_STATUS(backstay_host_open(&options, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&queue.destroyed) == 2);
    // Never used is a use, too.
    close_host(open_with(&queue, submit));
    count_wait(&queue.destroyed, 3);
    CHECK(count_of(&queue.destroyed) == 3);
}

TESTS(TEST(entry_points_run_on_the_applications_thread), TEST(a_job_runs_once),
      TEST(inside_of_the_call_a_job_does_not_run_and_stays_good),
      TEST(a_released_job_cancels_the_one_that_waits_longest), TEST(a_job_outlives_its_host_and_finds_nothing_to_do),
      TEST(the_data_is_ended_once_also_when_opening_fails))
