/*
 * The sample that every introduction to background tasks shows: the entry point takes a deferral and returns, a thread
 * reports progress at every tick, a cancellation ends it early, and the completed deferral ends the instance.
 *
 *   canonical              ticks ten times
 *   canonical TICKS        ticks for ever, and is cancelled after so many
 */
#include <backstay.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_NS 1000000 /* a millisecond, for who watches */

/* What the ticking thread has: a handle of its own to the instance, and the hold on it. */
struct ticker {
    backstay_instance instance;
    backstay_deferral deferral;
    uint32_t last;
};

static void *tick(void *argument) {
    struct ticker *ticker = argument;
    bool canceled = false;
    // To wait for the cancellation is a sleep that the cancellation ends: TIMED_OUT is the tick.
    for (uint32_t progress = 0; progress < ticker->last && !canceled; progress += 10) {
        if (backstay_instance_wait_canceled(ticker->instance, TICK_NS, &canceled, NULL) != BACKSTAY_TIMED_OUT) break;
        backstay_instance_set_progress(ticker->instance, progress + 10);
    }
    backstay_instance_release(ticker->instance);
    backstay_deferral_complete(ticker->deferral);
    free(ticker);
    return NULL;
}

static void on_canceled(backstay_instance instance, backstay_cancel_reason reason, void *user_data) {
    (void)instance, (void)user_data;
    printf("canceled: %s\n", backstay_cancel_reason_name(reason));
}

static backstay_status run(backstay_instance instance, void *user_data) {
    pthread_t thread;
    struct ticker *ticker = calloc(1, sizeof *ticker);
    if (ticker == NULL) return BACKSTAY_OUT_OF_MEMORY;
    ticker->last = *(const uint32_t *)user_data > 0 ? UINT32_MAX : 100;
    backstay_instance_on_canceled(instance, on_canceled, NULL, NULL, NULL);
    backstay_status status = backstay_instance_dup(instance, &ticker->instance);
    if (status == BACKSTAY_OK) {
        status = backstay_instance_get_deferral(instance, BACKSTAY_STR("ticking"), &ticker->deferral);
    }
    if (status == BACKSTAY_OK && pthread_create(&thread, NULL, tick, ticker) == 0) {
        pthread_detach(thread);
        return BACKSTAY_OK;
    }
    backstay_deferral_release(ticker->deferral);
    backstay_instance_release(ticker->instance);
    free(ticker);
    return status == BACKSTAY_OK ? BACKSTAY_OUT_OF_MEMORY : status;
}

/* Cancels what has ticked as often as was asked for. */
static void on_progress(backstay_instance instance, uint32_t progress, void *user_data) {
    const uint32_t *cancel_at = user_data;
    printf("progress: %u\n", progress);
    if (*cancel_at > 0 && progress >= *cancel_at) backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT);
}

static void on_completed(const backstay_completion *completion, void *user_data) {
    (void)user_data;
    printf("completed: %s at %u\n", backstay_outcome_name(completion->outcome), completion->progress);
}

int main(int count, char **arguments) {
    uint32_t cancel_at = count > 1 ? (uint32_t)strtoul(arguments[1], NULL, 10) * 10 : 0;
    backstay_host host;
    backstay_task task;
    backstay_error error = {.struct_size = sizeof error};
    backstay_task_options options = {.struct_size = sizeof options, .name = BACKSTAY_STR("sample"), .run = run};
    options.user_data = &cancel_at;
    if (backstay_host_open(NULL, &host) != BACKSTAY_OK) return 1;
    if (backstay_task_register(host, &options, &task, &error) != BACKSTAY_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    backstay_task_on_progress(task, on_progress, &cancel_at, NULL, NULL);
    backstay_task_on_completed(task, on_completed, NULL, NULL, NULL);
    const backstay_status status = backstay_task_fire(task, NULL, NULL);
    // Waits for the end of what was fired, and for what is told of it.
    backstay_host_drain(host, BACKSTAY_FOREVER, NULL);
    backstay_task_release(task);
    backstay_host_release(host);
    return status != BACKSTAY_OK;
}
