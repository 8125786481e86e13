/* Built only where glib is installed. */
#include "peers.h"

#include "countdown.h"

#include <gio/gio.h>

static void count_job(gpointer job, gpointer countdown) {
    (void)job;
    countdown_step(countdown);
}

double play_glib_pool(uint64_t size) {
    struct countdown countdown;
    countdown_open(&countdown);
    countdown_begin(&countdown, size);
    /* Exclusive: the two threads are started here and are the pool's own, as those of a host are. */
    GThreadPool *pool = g_thread_pool_new(count_job, &countdown, 2, TRUE, NULL);
    CHECK(pool != NULL);

    const uint64_t begin = now_ns();
    /* A job is any pointer but NULL. */
    for (uint64_t job = 0; job < size; job++) CHECK(g_thread_pool_push(pool, &countdown, NULL));
    countdown_wait(&countdown);
    const double cost = cost_since(begin, size);

    g_thread_pool_free(pool, FALSE, TRUE);
    countdown_close(&countdown);
    return cost;
}

static void count_call(GCancellable *cancellable, gpointer calls) {
    (void)cancellable;
    ++*(uint64_t *)calls;
}

double play_glib_cancellable(uint64_t size) {
    uint64_t calls = 0;
    GCancellable **cancellables = g_new(GCancellable *, size);
    for (uint64_t index = 0; index < size; index++) {
        cancellables[index] = g_cancellable_new();
        CHECK(g_cancellable_connect(cancellables[index], G_CALLBACK(count_call), &calls, NULL) != 0);
    }

    const uint64_t begin = now_ns();
    for (uint64_t index = 0; index < size; index++) g_cancellable_cancel(cancellables[index]);
    const double cost = cost_since(begin, size);

    CHECK(calls == size);
    for (uint64_t index = 0; index < size; index++) g_object_unref(cancellables[index]);
    g_free(cancellables);
    return cost;
}
