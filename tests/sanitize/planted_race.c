/*
 * Two real races, each of which ThreadSanitizer must report: `in_the_program` between two entry points that share user
 * data, and `in_the_library`, which writes the answers of two threads to one place.
 *
 * Both threads leave the barrier before either writes, and the one that writes first lets nothing go afterwards that the
 * other takes before its own write: a relaxed flag says that it is its turn, which orders nothing. Two writes at the very
 * same moment may escape ThreadSanitizer, since each looks for the other before either has left its mark.
 */
#include <backstay.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static pthread_barrier_t barrier;
static atomic_bool first_is_done;
/* Nothing else in its line: ThreadSanitizer has room for four accesses to what lies together, and forgets others. */
static _Alignas(64) struct { int number; char rest[60]; } shared;

/* True for the thread that writes first; the other one waits here until that has happened. The runner bounds the wait. */
static bool meet(void) {
    if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) return true;
    while (!atomic_load_explicit(&first_is_done, memory_order_relaxed)) sched_yield();
    return false;
}

static void leave(bool is_first) {
    if (is_first) atomic_store_explicit(&first_is_done, true, memory_order_relaxed);
}

static backstay_status racing_in_the_program(backstay_instance instance, void *user_data) {
    (void)instance;
    const bool is_first = meet();
    *(int *)user_data = 1;
    leave(is_first);
    return BACKSTAY_OK;
}

static int race_in_the_program(backstay_host host) {
    backstay_task_options options = {.struct_size = sizeof options, .run = racing_in_the_program, .user_data = &shared.number};
    backstay_task task;
    options.name = BACKSTAY_STR("racing");
    if (backstay_task_register(host, &options, &task, NULL) != BACKSTAY_OK) return 1;
    for (int firing = 0; firing < 2; firing++) {
        if (backstay_task_fire(task, NULL, NULL) != BACKSTAY_OK) return 1;
    }
    return backstay_task_release(task);
}

struct answer {
    backstay_host host;
    backstay_host_state state;
};

static void *racing_in_the_library(void *argument) {
    struct answer *answer = argument;
    const bool is_first = meet();
    backstay_host_get_state(answer->host, &answer->state);
    leave(is_first);
    return NULL;
}

static int race_in_the_library(backstay_host host) {
    struct answer answer = {.host = host};
    pthread_t threads[2];
    for (int index = 0; index < 2; index++) {
        if (pthread_create(&threads[index], NULL, racing_in_the_library, &answer) != 0) return 1;
    }
    for (int index = 0; index < 2; index++) pthread_join(threads[index], NULL);
    return 0;
}

/* ThreadSanitizer ends the program with 66 when it has reported something. */
int main(int count, char **arguments) {
    const backstay_host_options options = {.struct_size = sizeof options, .workers = 2};
    backstay_host host;
    if (count != 2 || pthread_barrier_init(&barrier, NULL, 2) != 0) return 1;
    if (backstay_host_open(&options, &host) != BACKSTAY_OK) return 1;
    const bool in_library = strcmp(arguments[1], "in_the_library") == 0;
    const int code = in_library ? race_in_the_library(host) : race_in_the_program(host);
    if (code != 0 || backstay_host_drain(host, BACKSTAY_FOREVER, NULL) != BACKSTAY_OK) return 1;
    return backstay_host_release(host);
}
