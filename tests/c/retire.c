/*
 * A handle is good once and never again, however many are made and released, and whatever takes their slots later.
 *
 * A handle is `type 8 | salt 8 | generation 24 | index 24`. A slot serves one handle after another, each with a higher
 * generation, and retires with its last one. With NARROW_GENERATIONS in the environment the library is one whose slots
 * have 7 generations, so that thousands of slots retire here.
 */
#include "check.h"

#define INDEX(id) ((id)&0xFFFFFF)
#define GENERATIONS 7
#define HANDLES 6000
#define THREADS 4

static int compare(const void *left, const void *right) {
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

/* Sorts the values, and proves that none was given twice. */
static void check_all_different(uint64_t *values, size_t count) {
    qsort(values, count, sizeof *values, compare);
    for (size_t index = 1; index < count; index++) CHECK(values[index - 1] != values[index]);
}

static uint64_t highest_index(const uint64_t *values, size_t count) {
    uint64_t highest = 0;
    for (size_t index = 0; index < count; index++) {
        if (INDEX(values[index]) > highest) highest = INDEX(values[index]);
    }
    return highest;
}

/* So many handles through one slot after another, of two types in turn, released at once. */
static void make_and_release(backstay_host host, backstay_task task, uint64_t *values, size_t count) {
    for (size_t index = 0; index < count; index += 2) {
        backstay_host another_host;
        backstay_task another_task;
        CHECK_OK(backstay_host_dup(host, &another_host));
        CHECK_OK(backstay_host_release(another_host));
        CHECK_OK(backstay_task_dup(task, &another_task));
        CHECK_OK(backstay_task_release(another_task));
        values[index] = another_host.id;
        values[index + 1] = another_task.id;
    }
}

static void check_stale(const uint64_t *values, size_t count) {
    for (size_t index = 0; index < count; index += 2) {
        const backstay_host host = {values[index]};
        const backstay_task task = {values[index + 1]};
        backstay_host_state state;
        CHECK_STATUS(backstay_host_get_state(host, &state), BACKSTAY_STALE_HANDLE);
        CHECK_STATUS(backstay_host_release(host), BACKSTAY_STALE_HANDLE);
        CHECK_STATUS(backstay_task_counts(task, NULL, NULL), BACKSTAY_STALE_HANDLE);
        CHECK_STATUS(backstay_task_release(task), BACKSTAY_STALE_HANDLE);
    }
}

/* Nothing is alive but two handles; only retired slots can make the indices grow. */
static void check_slots(const uint64_t *values, size_t count) {
    const uint64_t highest = highest_index(values, count);
    const bool is_narrow = getenv("NARROW_GENERATIONS") != NULL;
    CHECK(is_narrow ? highest >= count / GENERATIONS - 1 : highest < 100);
}

static uint64_t values[HANDLES * THREADS];

static void an_ended_handle_is_stale_for_ever(void) {
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    make_and_release(host, task, values, HANDLES);
    check_stale(values, HANDLES);
    // Others have been through the slots meanwhile, and where the generations are used up nobody will be again.
    make_and_release(host, task, values + HANDLES, HANDLES);
    check_stale(values, 2 * HANDLES);
    check_slots(values, 2 * HANDLES);
    check_all_different(values, 2 * HANDLES);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* What slots they were in does not matter to those that are alive. */
static void what_is_alive_stays_good_while_slots_retire(void) {
    backstay_host host = open_host(1), kept[64];
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    for (int index = 0; index < 64; index++) {
        CHECK_OK(backstay_host_dup(host, &kept[index]));
        make_and_release(host, task, values, 64);
    }
    for (int index = 0; index < 64; index++) {
        backstay_host_state state;
        CHECK_OK(backstay_host_get_state(kept[index], &state));
        CHECK_OK(backstay_host_release(kept[index]));
        CHECK_STATUS(backstay_host_get_state(kept[index], &state), BACKSTAY_STALE_HANDLE);
    }
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

struct maker {
    backstay_host host;
    backstay_task task;
    uint64_t *values;
};

static void *make_and_release_there(void *argument) {
    const struct maker *maker = argument;
    make_and_release(maker->host, maker->task, maker->values, HANDLES);
    return NULL;
}

static void no_value_is_given_twice_to_threads_that_race(void) {
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    struct maker makers[THREADS];
    pthread_t threads[THREADS];
    for (int index = 0; index < THREADS; index++) {
        makers[index] = (struct maker){host, task, values + (size_t)index * HANDLES};
        threads[index] = start(make_and_release_there, &makers[index]);
    }
    for (int index = 0; index < THREADS; index++) join(threads[index]);
    check_stale(values, HANDLES * THREADS);
    check_slots(values, HANDLES * THREADS);
    check_all_different(values, HANDLES * THREADS);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(an_ended_handle_is_stale_for_ever), TEST(what_is_alive_stays_good_while_slots_retire),
      TEST(no_value_is_given_twice_to_threads_that_race))
