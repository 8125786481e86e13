/* A good and a released handle of every type for tests that call with wrong ones, and the proof that all is well. */
#ifndef WORLD_H
#define WORLD_H

#include "every_call.h"

/* One living object of each type, and one released handle of each. */
struct world {
    struct held held;
    uint64_t live[TYPES], released[TYPES];
    backstay_host jobs_host;
};

static struct world world = {.held = HELD};

/* Keeps the job, which the test is to run or to release. */
static inline void keep_job(backstay_job job, void *user_data) {
    *(uint64_t *)user_data = job.id;
}

/* A host of its own, whose executor has been handed two jobs: one is good, one was released. */
static inline void open_jobs(void) {
    backstay_host_options options = {.struct_size = sizeof options, .manual_clock = true, .executor = keep_job};
    options.executor_data = &world.live[JOB];
    CHECK_OK(backstay_host_open(&options, &world.jobs_host));
    backstay_task task = register_task(world.jobs_host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    world.released[JOB] = world.live[JOB];
    CHECK_OK(backstay_job_release((backstay_job){world.released[JOB]})); // cancels what was fired
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    CHECK_OK(backstay_task_release(task));
}

/* The good job still runs, once, and nothing else has run. */
static inline void close_jobs(void) {
    backstay_drain_report report = {.struct_size = sizeof report};
    CHECK_OK(backstay_host_drain(world.jobs_host, 0, &report));
    CHECK(report.remaining == 1 && report.succeeded == 0);
    CHECK_OK(backstay_job_run((backstay_job){world.live[JOB]}));
    CHECK_OK(backstay_host_shutdown(world.jobs_host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.succeeded == 1 && report.canceled == 0);
    CHECK_OK(backstay_host_release(world.jobs_host));
}

static inline void open_world(void) {
    world = (struct world){.held = HELD};
    open_jobs();
    backstay_host host = open_host(1), host_2;
    backstay_task task = register_task(host, "held", hold_on, &world.held), task_2;
    backstay_instance instance = fire(task), instance_2;
    backstay_deferral deferral_2;
    backstay_subscription subscription, subscription_2;
    await_entry_points(host); // what was lent to them has ended, so that handles can be counted
    CHECK_OK(backstay_instance_on_canceled(instance, never_told, NULL, NULL, &subscription));
    CHECK_OK(backstay_host_dup(host, &host_2));
    CHECK_OK(backstay_task_dup(task, &task_2));
    CHECK_OK(backstay_instance_dup(instance, &instance_2));
    CHECK_OK(backstay_deferral_dup(world.held.deferral, &deferral_2));
    CHECK_OK(backstay_subscription_dup(subscription, &subscription_2));
    const uint64_t live[] = {host.id, task.id, instance.id, world.held.deferral.id, subscription.id};
    const uint64_t released[] = {host_2.id, task_2.id, instance_2.id, deferral_2.id, subscription_2.id};
    memcpy(world.live, live, sizeof live); // the jobs have their places already
    memcpy(world.released, released, sizeof released);
    CHECK_OK(backstay_host_release(host_2));
    CHECK_OK(backstay_task_release(task_2));
    CHECK_OK(backstay_instance_release(instance_2));
    CHECK_OK(backstay_deferral_release(deferral_2));
    CHECK_OK(backstay_subscription_release(subscription_2));
}

/* All is as it was: as many handles, the host open, the instance held and not cancelled, its deferral pending. */
static inline void close_world(void) {
    const backstay_host host = {world.live[HOST]};
    const backstay_instance instance = {world.live[INSTANCE]};
    backstay_host_state state;
    size_t count = 0;
    bool canceled = true;
    CHECK(backstay_live_handles() == TYPES + 1);
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK(state == BACKSTAY_HOST_OPEN);
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    CHECK_OK(backstay_instance_holders(instance, NULL, 0, &count));
    CHECK(!canceled && count == 1);
    CHECK_OK(backstay_subscription_release((backstay_subscription){world.live[SUBSCRIPTION]}));
    CHECK_OK(backstay_deferral_complete((backstay_deferral){world.live[DEFERRAL]}));
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release((backstay_task){world.live[TASK]}));
    close_host(host);
    close_jobs();
}

#endif
