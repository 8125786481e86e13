/* A small real program of a user of the installed library: a task runs, a thread of its own keeps the instance with a
 * deferral and completes it, the host is shut down, and nothing is left. */
#include <backstay.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                                                                              \
    do {                                                                                                              \
        if (!(condition)) {                                                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                                           \
            exit(1);                                                                                                  \
        }                                                                                                             \
    } while (0)

struct upload {
    pthread_t thread;
    backstay_deferral deferral;
    bool done;
};

static void *upload(void *argument) {
    struct upload *upload = argument;
    upload->done = true;
    CHECK(backstay_deferral_complete(upload->deferral) == BACKSTAY_OK);
    return NULL;
}

static backstay_status copy(backstay_instance instance, void *user_data) {
    struct upload *part = user_data;
    CHECK(backstay_instance_get_deferral(instance, BACKSTAY_STR("upload"), &part->deferral) == BACKSTAY_OK);
    CHECK(pthread_create(&part->thread, NULL, upload, part) == 0);
    return BACKSTAY_OK;
}

int main(void) {
    struct upload part = {.done = false};
    backstay_host host;
    backstay_task task;
    backstay_instance instance;
    backstay_task_options options = {.struct_size = sizeof options, .name = BACKSTAY_STR("copy")};
    backstay_completion completion = {.struct_size = sizeof completion};
    options.run = copy;
    options.user_data = &part;

    CHECK(backstay_abi_version() >> 16 == BACKSTAY_ABI_MAJOR);
    CHECK(backstay_host_open(NULL, &host) == BACKSTAY_OK);
    CHECK(backstay_task_register(host, &options, &task, NULL) == BACKSTAY_OK);
    CHECK(backstay_task_fire(task, NULL, &instance) == BACKSTAY_OK);
    CHECK(backstay_instance_wait(instance, BACKSTAY_FOREVER, &completion) == BACKSTAY_OK);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_SUCCEEDED && part.done);
    CHECK(backstay_host_shutdown(host, 5000000000, NULL) == BACKSTAY_OK);
    CHECK(backstay_instance_release(instance) == BACKSTAY_OK);
    CHECK(backstay_task_release(task) == BACKSTAY_OK);
    CHECK(backstay_host_release(host) == BACKSTAY_OK);
    CHECK(pthread_join(part.thread, NULL) == 0);
    CHECK(backstay_live_handles() == 0);
    puts(BACKSTAY_VERSION);
    return 0;
}
