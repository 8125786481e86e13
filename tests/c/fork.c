/* A child made by fork gets FORKED from every function and exits without hanging; the parent goes on (H6). */
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every_call.h"

/* Where the library is busy when the process forks: its locks may be held by a thread that the child has not. */
struct busy {
    backstay_task task;
    struct gate started;
    pthread_mutex_t mutex;
    bool stop;
};

static bool is_to_stop(struct busy *busy) {
    pthread_mutex_lock(&busy->mutex);
    const bool stop = busy->stop;
    pthread_mutex_unlock(&busy->mutex);
    return stop;
}

static void *be_busy(void *argument) {
    struct busy *busy = argument;
    while (!is_to_stop(busy)) {
        backstay_instance instance = fire(busy->task);
        gate_open(&busy->started);
        wait_for(instance);
        CHECK_OK(backstay_instance_release(instance));
    }
    return NULL;
}

/* Runs in the child. It takes no lock and allocates nothing while it calls, as the header's promise is about us. */
static void be_the_child(backstay_host host) {
    // Whoever hangs is killed, which the parent sees.
    alarm(SOON / SECOND);
    backstay_host another = {7};
    CHECK_STATUS(backstay_host_open(NULL, &another), BACKSTAY_FORKED);
    CHECK(another.id == 7);
    FOR_EVERY_CALL(call) {
        CHECK_REFUSED(call, 0, BACKSTAY_FORKED);
        CHECK_REFUSED(call, host.id, BACKSTAY_FORKED);
        CHECK_REFUSED(call, UINT64_MAX, BACKSTAY_FORKED);
    }
    CHECK(backstay_live_handles() == 0);
    CHECK(strcmp(backstay_status_name(BACKSTAY_FORKED), "FORKED") == 0);
    CHECK(backstay_abi_version() == (BACKSTAY_ABI_MAJOR << 16 | BACKSTAY_ABI_MINOR));
#ifndef __SANITIZE_ADDRESS__
    // The long way out, with what was registered to run at exit. (A leak check cannot run without the other threads.)
    exit(0);
#else
    _exit(0);
#endif
}

static void the_child_is_refused_and_the_parent_goes_on(void) {
    struct busy busy = {.started = GATE, .mutex = PTHREAD_MUTEX_INITIALIZER};
    backstay_host host = open_host(0);
    busy.task = register_task(host, "nothing", do_nothing, NULL);
    pthread_t thread = start(be_busy, &busy);
    gate_wait(&busy.started);
    for (int round = 0; round < 20; round++) {
        fflush(NULL); // or the child would write it again
        const pid_t child = fork();
        CHECK(child >= 0);
        if (child == 0) be_the_child(host);
        int answer = 0;
        CHECK(waitpid(child, &answer, 0) == child);
        CHECK(WIFEXITED(answer) && WEXITSTATUS(answer) == 0);
    }
    pthread_mutex_lock(&busy.mutex);
    busy.stop = true;
    pthread_mutex_unlock(&busy.mutex);
    join(thread);

    backstay_instance instance = fire(busy.task);
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(busy.task));
    close_host(host);
}

TESTS(TEST(the_child_is_refused_and_the_parent_goes_on))
