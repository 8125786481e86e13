/* Threads that race on shared handles get one of the answers that the header promises, and nothing is left (E1, L4). */
#include "check.h"

#define THREADS 4
#define ROUNDS 150

/* What one round's threads share. Each counts what it was answered; only join orders the counts. */
struct shared {
    backstay_host host;
    backstay_task task;
    backstay_instance instance;
    backstay_deferral deferral[2]; // two handles of one hold
    backstay_subscription subscription;
    pthread_barrier_t start;
};

struct racer {
    struct shared *shared;
    unsigned number;
    int completed, released, started;
};

static bool is_one_of(backstay_status seen, backstay_status a, backstay_status b, backstay_status c) {
    return seen == BACKSTAY_OK || seen == a || seen == b || seen == c;
}

static void never_told(backstay_instance instance, uint32_t number, void *user_data) {
    (void)instance, (void)number, (void)user_data;
}

/* One step on the shared handles; another thread may end each of them at any moment. */
static void step(struct racer *racer, unsigned what) {
    const struct shared *shared = racer->shared;
    const backstay_deferral deferral = shared->deferral[what / 8 % 2];
    const backstay_status stale = BACKSTAY_STALE_HANDLE, over = BACKSTAY_NOT_RUNNING;
    backstay_status seen;
    switch (what % 8) {
    case 0:
    case 1:
        seen = what % 8 == 0 ? backstay_deferral_complete(deferral) : backstay_deferral_fail(deferral, text("raced"));
        CHECK(is_one_of(seen, BACKSTAY_ALREADY_COMPLETED, BACKSTAY_NOT_RUNNING, BACKSTAY_ALREADY_COMPLETED));
        racer->completed += seen == BACKSTAY_OK;
        break;
    case 2: {
        backstay_deferral more;
        seen = backstay_deferral_dup(deferral, &more);
        CHECK(is_one_of(seen, stale, stale, stale));
        if (seen == BACKSTAY_OK) CHECK_OK(backstay_deferral_release(more));
        break;
    }
    case 3:
        CHECK_OK(backstay_instance_cancel(shared->instance, BACKSTAY_CANCEL_FIRST_OWN + racer->number));
        break;
    case 4: {
        backstay_completion completion = {.struct_size = sizeof completion};
        seen = backstay_instance_wait(shared->instance, 0, &completion);
        CHECK(is_one_of(seen, BACKSTAY_TIMED_OUT, BACKSTAY_TIMED_OUT, BACKSTAY_TIMED_OUT));
        break;
    }
    case 5: {
        backstay_deferral more;
        seen = backstay_instance_get_deferral(shared->instance, BACKSTAY_STR("more"), &more);
        CHECK(is_one_of(seen, over, over, over));
        if (seen == BACKSTAY_OK) CHECK(is_one_of(backstay_deferral_complete(more), over, over, over));
        break;
    }
    case 6:
        CHECK_OK(backstay_instance_on_canceled(shared->instance, never_told, NULL, NULL, NULL));
        CHECK_OK(backstay_subscription_cancel(shared->subscription));
        break;
    case 7: {
        backstay_instance instance;
        CHECK_OK(backstay_instance_dup(shared->instance, &instance));
        CHECK_OK(backstay_instance_set_progress(instance, what));
        CHECK_OK(backstay_instance_release(instance));
        seen = backstay_task_fire(shared->task, NULL, NULL);
        CHECK(is_one_of(seen, BACKSTAY_CLOSED, BACKSTAY_UNREGISTERED, BACKSTAY_CLOSED));
        racer->started += seen == BACKSTAY_OK;
        break;
    }
    }
}

static void *race(void *argument) {
    struct racer *racer = argument;
    uint32_t state = racer->number * UINT32_C(2654435761) + 1;
    pthread_barrier_wait(&racer->shared->start);
    for (int turn = 0; turn < 40; turn++) {
        state ^= state << 13, state ^= state >> 17, state ^= state << 5;
        step(racer, state >> 8);
    }
    for (int index = 0; index < 2; index++) {
        racer->released += backstay_deferral_release(racer->shared->deferral[index]) == BACKSTAY_OK;
    }
    // All at once, and with those who still fire: all get a report, and nobody hangs.
    CHECK_OK(backstay_host_shutdown(racer->shared->host, SOON, NULL));
    return NULL;
}

/* The first firing of a round holds on; the others, which race with the shutdown, do nothing. */
static backstay_status hold_first(backstay_instance instance, void *user_data) {
    struct held *held = user_data;
    pthread_mutex_lock(&held->taken.mutex);
    const bool is_first = !held->taken.is_open;
    pthread_mutex_unlock(&held->taken.mutex);
    return is_first ? hold_on(instance, held) : BACKSTAY_OK;
}

static void count(const backstay_completion *completion, void *user_data) {
    (void)completion;
    ++*(int *)user_data;
}

static void one_completion_wins_and_nothing_is_left(void) {
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct held held = HELD;
        struct shared shared;
        struct racer racers[THREADS];
        pthread_t threads[THREADS];
        int completions = 0;
        CHECK_OK(backstay_host_open(NULL, &shared.host));
        shared.task = register_task(shared.host, "raced", hold_first, &held);
        CHECK_OK(backstay_task_on_completed(shared.task, count, &completions, NULL, NULL));
        shared.instance = fire(shared.task);
        gate_wait(&held.taken);
        shared.deferral[0] = held.deferral;
        CHECK_OK(backstay_deferral_dup(held.deferral, &shared.deferral[1]));
        CHECK_OK(backstay_instance_on_canceled(shared.instance, never_told, NULL, NULL, &shared.subscription));
        CHECK(pthread_barrier_init(&shared.start, NULL, THREADS) == 0);
        for (unsigned index = 0; index < THREADS; index++) {
            racers[index] = (struct racer){.shared = &shared, .number = round * THREADS + index};
            threads[index] = start(race, &racers[index]);
        }
        int completed = 0, released = 0, started = 1;
        for (int index = 0; index < THREADS; index++) {
            join(threads[index]);
            completed += racers[index].completed;
            released += racers[index].released;
            started += racers[index].started;
        }
        // The hold was completed at most once, and neither handle was ended twice.
        CHECK(completed <= 1 && released <= 2 && completed + released <= 2);
        // Every firing has told its end exactly once, whichever way it ended (L2).
        CHECK(completions == started);
        backstay_completion completion = wait_for(shared.instance);
        CHECK(completion.outcome != BACKSTAY_OUTCOME_ABANDONED);
        CHECK(completion.dropped_count == (completed == 0 ? 1 : 0));
        pthread_barrier_destroy(&shared.start);
        CHECK_OK(backstay_subscription_release(shared.subscription));
        CHECK_OK(backstay_instance_release(shared.instance));
        CHECK_OK(backstay_task_release(shared.task));
        CHECK_OK(backstay_host_release(shared.host));
        CHECK(backstay_live_handles() == 0);
    }
}

static void *release_all(void *argument) {
    struct racer *racer = argument;
    const struct shared *shared = racer->shared;
    pthread_barrier_wait(&racer->shared->start);
    racer->released += backstay_instance_release(shared->instance) == BACKSTAY_OK;
    racer->released += backstay_task_release(shared->task) == BACKSTAY_OK;
    racer->released += backstay_host_release(shared->host) == BACKSTAY_OK;
    return NULL;
}

/* Who releases what another one has released is told so; it never ends somebody else's handle. */
static void every_handle_is_released_by_one_thread_only(void) {
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct shared shared = {.host = open_host(0)};
        struct racer racers[THREADS];
        pthread_t threads[THREADS];
        shared.task = register_task(shared.host, "nothing", do_nothing, NULL);
        shared.instance = fire(shared.task);
        wait_for(shared.instance);
        CHECK(pthread_barrier_init(&shared.start, NULL, THREADS) == 0);
        for (unsigned index = 0; index < THREADS; index++) {
            racers[index] = (struct racer){.shared = &shared, .number = index};
            threads[index] = start(release_all, &racers[index]);
        }
        int released = 0;
        for (int index = 0; index < THREADS; index++) {
            join(threads[index]);
            released += racers[index].released;
        }
        CHECK(released == 3 && backstay_live_handles() == 0);
        pthread_barrier_destroy(&shared.start);
    }
}

TESTS(TEST(one_completion_wins_and_nothing_is_left), TEST(every_handle_is_released_by_one_thread_only))
