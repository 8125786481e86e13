/*
 * What every test of the C ABI needs: checks that say where and what, a main function, a gate for threads to wait at,
 * and the few lines that open a host and register a task.
 *
 * A check that fails ends the process at once: what follows a broken promise proves nothing. Times are those of a
 * manual clock; a wait for another thread is bounded by SOON and never a sleep.
 */
#ifndef CHECK_H
#define CHECK_H

#include <backstay.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000000)
/* How long a test waits for another thread before it calls that a hang. */
#define SOON (10 * SECOND)

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_STATUS(call, wanted) check_status((call), (wanted), #call, __FILE__, __LINE__)
#define CHECK_OK(call) CHECK_STATUS(call, BACKSTAY_OK)

/* The test is named after its function: `TESTS(TEST(one), TEST(another))` is the main function. */
#define TEST(function) {#function, function}
#define TESTS(...)                                                                                        \
    int main(void) {                                                                                      \
        const struct test tests[] = {__VA_ARGS__};                                                        \
        return run_tests(tests, sizeof tests / sizeof tests[0]);                                          \
    }

struct test {
    const char *name;
    void (*run)(void);
};

/* No exit handlers: another thread may still be inside the library. */
_Noreturn static inline void give_up(void) {
    fflush(NULL);
    _Exit(1);
}

static inline void check_that(bool condition, const char *what, const char *file, int line) {
    if (condition) return;
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    give_up();
}

static inline void check_status(backstay_status seen, backstay_status wanted, const char *call, const char *file,
                                int line) {
    if (seen == wanted) return;
    fprintf(stderr, "%s:%d: %s, not %s: %s\n", file, line, backstay_status_name(seen), backstay_status_name(wanted),
            call);
    give_up();
}

/* Every test leaves no handle behind, so a leak is told with the name of the test that leaks. */
static inline int run_tests(const struct test *tests, size_t count) {
    for (size_t index = 0; index < count; index++) {
        tests[index].run();
        if (backstay_live_handles() != 0) {
            fprintf(stderr, "%s: %llu handles are left\n", tests[index].name,
                    (unsigned long long)backstay_live_handles());
            return 1;
        }
        printf("ok %s\n", tests[index].name);
    }
    return 0;
}

/* A gate is shut until it is opened, once and for all; whoever waits at it for longer than SOON fails the test. */
struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t opened;
    bool is_open;
};

#define GATE {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false}

static inline void gate_open(struct gate *gate) {
    pthread_mutex_lock(&gate->mutex);
    gate->is_open = true;
    pthread_cond_broadcast(&gate->opened);
    pthread_mutex_unlock(&gate->mutex);
}

static inline void gate_wait(struct gate *gate) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += SOON / SECOND;
    pthread_mutex_lock(&gate->mutex);
    int answer = 0;
    while (!gate->is_open && answer == 0) answer = pthread_cond_timedwait(&gate->opened, &gate->mutex, &until);
    pthread_mutex_unlock(&gate->mutex);
    CHECK(answer == 0);
}

static inline pthread_t start(void *(*body)(void *), void *argument) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, body, argument) == 0);
    return thread;
}

static inline void join(pthread_t thread) {
    CHECK(pthread_join(thread, NULL) == 0);
}

/* A host whose time stands still; `workers` 0 is the default. */
static inline backstay_host open_host(uint32_t workers) {
    backstay_host_options options = {.struct_size = sizeof options, .workers = workers, .manual_clock = true};
    backstay_host host;
    CHECK_OK(backstay_host_open(&options, &host));
    return host;
}

/* Ends a host at once and proves that nothing was left in it: no instance, no thread, and no second handle. */
static inline void close_host(backstay_host host) {
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_shutdown(host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.stragglers == 0);
    CHECK_OK(backstay_host_release(host));
}

/* Waits until so many handles are left: the one lent to an abandoned entry point ends when that returns, and nothing
 * else tells of it. */
static inline void await_live_handles(uint64_t wanted) {
    const time_t begin = time(NULL);
    while (backstay_live_handles() != wanted) {
        CHECK(time(NULL) - begin <= SOON / SECOND);
        sched_yield();
    }
}

static inline backstay_str text(const char *zero_terminated) {
    return (backstay_str){zero_terminated, strlen(zero_terminated)};
}

static inline bool is_text(backstay_str seen, const char *wanted) {
    return seen.len == strlen(wanted) && memcmp(seen.ptr, wanted, seen.len) == 0;
}

static inline backstay_task register_task(backstay_host host, const char *name, backstay_run_fn run,
                                          void *user_data) {
    backstay_task_options options = {
        .struct_size = sizeof options, .name = text(name), .run = run, .user_data = user_data};
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    return task;
}

static inline backstay_instance fire(backstay_task task) {
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, NULL, &instance));
    return instance;
}

/* How an instance ended; the views in it are good until its handle is released. */
static inline backstay_completion wait_for(backstay_instance instance) {
    backstay_completion completion = {.struct_size = sizeof completion};
    CHECK_OK(backstay_instance_wait(instance, SOON, &completion));
    return completion;
}

/* An entry point that does nothing. */
static inline backstay_status do_nothing(backstay_instance instance, void *user_data) {
    (void)instance, (void)user_data;
    return BACKSTAY_OK;
}

/* A deferral that the entry point below has taken, and the gate that it opens then. */
struct held {
    backstay_deferral deferral;
    struct gate taken;
};

#define HELD {.taken = GATE}

/* An entry point that hands a deferral to the test and returns; the gate opens a little before it has returned. */
static inline backstay_status hold_on(backstay_instance instance, void *user_data) {
    struct held *held = user_data;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("held"), &held->deferral));
    gate_open(&held->taken);
    return BACKSTAY_OK;
}

/* Returns when every entry point that was fired before has returned, on a host with one worker: it runs one more. */
static inline void await_entry_points(backstay_host host) {
    backstay_task task = register_task(host, "one more", do_nothing, NULL);
    backstay_instance instance = fire(task);
    wait_for(instance);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_OK(backstay_task_release(task));
}

/* An entry point that is occupied until the test lets it go. */
struct occupied {
    struct gate entered, leave;
};

#define OCCUPIED {GATE, GATE}

static inline backstay_status occupy(backstay_instance instance, void *user_data) {
    struct occupied *occupied = user_data;
    (void)instance;
    gate_open(&occupied->entered);
    gate_wait(&occupied->leave);
    return BACKSTAY_OK;
}

#endif
