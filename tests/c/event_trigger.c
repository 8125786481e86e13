/* An event fires every task that is bound to it, says how many, and shares one set of details among them (F6). */
#include "model.h"

/* What the entry point of a bound task saw. */
struct seen {
    struct count calls;
    const void *bytes;
    char copy[8];
};

#define SEEN {.calls = COUNT}

static backstay_status look(backstay_instance instance, void *user_data) {
    struct seen *seen = user_data;
    backstay_details details = {.struct_size = sizeof details};
    CHECK_OK(backstay_instance_details(instance, &details));
    CHECK(details.length < sizeof seen->copy);
    pthread_mutex_lock(&seen->calls.mutex);
    seen->bytes = details.bytes;
    memset(seen->copy, 0, sizeof seen->copy);
    if (details.length > 0) memcpy(seen->copy, details.bytes, details.length);
    pthread_mutex_unlock(&seen->calls.mutex);
    count_up(&seen->calls);
    return BACKSTAY_OK;
}

static backstay_task register_for(backstay_host host, const char *name, const char *event, struct seen *seen) {
    return register_as(host, (backstay_task_options){.name = text(name), .trigger = BACKSTAY_TRIGGER_EVENT,
                                                     .event = text(event), .run = look, .user_data = seen});
}

static size_t raise_event(backstay_host host, const char *event, const backstay_details *details) {
    size_t fired = 99;
    CHECK_OK(backstay_host_raise_event(host, text(event), details, &fired));
    return fired;
}

static void every_task_that_is_bound_is_fired_with_the_same_details(void) {
    struct seen first = SEEN, second = SEEN, other = SEEN;
    const backstay_details details = {
        .struct_size = sizeof details, .media_type = text("text/plain"), .bytes = "photo", .length = 5};
    backstay_host host = open_host(0);
    backstay_task tasks[] = {register_for(host, "first", "saved", &first),
                             register_for(host, "second", "saved", &second),
                             register_for(host, "other", "deleted", &other)};
    CHECK(raise_event(host, "saved", &details) == 2);
    count_wait(&first.calls, 1);
    count_wait(&second.calls, 1);
    CHECK(strcmp(first.copy, "photo") == 0 && strcmp(second.copy, "photo") == 0);
    // Both carry one copy, and not the caller's.
    CHECK(first.bytes == second.bytes && first.bytes != details.bytes);

    CHECK(raise_event(host, "deleted", NULL) == 1);
    count_wait(&other.calls, 1);
    CHECK(other.copy[0] == 0);
    // Nobody has to want the number.
    CHECK_OK(backstay_host_raise_event(host, text("deleted"), NULL, NULL));
    count_wait(&other.calls, 2);
    for (int index = 0; index < 3; index++) CHECK_OK(backstay_task_release(tasks[index]));
    finish_host(host);
    CHECK(count_of(&first.calls) == 1 && count_of(&second.calls) == 1);
}

static void an_event_is_an_edge(void) {
    struct seen seen = SEEN;
    backstay_host host = open_host(0);
    CHECK(raise_event(host, "saved", NULL) == 0);
    backstay_task task = register_for(host, "late", "saved", &seen);
    flush(host);
    CHECK(counts_are(task, 0, 0));
    CHECK(raise_event(host, "saved", NULL) == 1);
    count_wait(&seen.calls, 1);
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK(raise_event(host, "saved", NULL) == 0);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
}

static void a_bound_task_can_be_fired_by_hand_too(void) {
    struct seen seen = SEEN;
    backstay_host host = open_host(0);
    backstay_task task = register_for(host, "bound", "saved", &seen);
    CHECK(end_of(fire(task)) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK(count_of(&seen.calls) == 1);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
}

/* A refused event leaves the number alone and ends the object that it was to carry. */
static void a_host_that_ends_takes_no_events(void) {
    struct seen seen = SEEN;
    struct count destroyed = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = register_for(host, "bound", "saved", &seen);
    CHECK_OK(backstay_host_drain(host, 0, NULL));
    size_t fired = 99;
    const backstay_details details = {.struct_size = sizeof details, .kind = BACKSTAY_DETAILS_OPAQUE,
                                      .object = &destroyed, .destroy = count_up};
    CHECK_STATUS(backstay_host_raise_event(host, text("saved"), &details, &fired), BACKSTAY_CLOSED);
    CHECK(fired == 99 && count_of(&destroyed) == 1);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

TESTS(TEST(every_task_that_is_bound_is_fired_with_the_same_details), TEST(an_event_is_an_edge),
      TEST(a_bound_task_can_be_fired_by_hand_too), TEST(a_host_that_ends_takes_no_events))
