/* Views of what an instance carries are good until their handle is released, also when it is replaced (F4). */
#include "model.h"

static const backstay_str never[] = {BACKSTAY_STR_INIT("never")};

static backstay_task coalescing_task(backstay_host host) {
    return register_as(host, (backstay_task_options){.name = text("merges"), .conditions = never,
                                                     .when_busy = BACKSTAY_WHEN_BUSY_COALESCE,
                                                     .condition_count = 1});
}

static void fire_bytes(backstay_task task, char fill, backstay_instance *out) {
    char bytes[4096];
    memset(bytes, fill, sizeof bytes);
    const backstay_details details = {
        .struct_size = sizeof details, .media_type = text("text/x"), .bytes = bytes, .length = sizeof bytes};
    CHECK_OK(backstay_task_fire(task, &details, out));
}

static backstay_details details_of(backstay_instance instance) {
    backstay_details details = {.struct_size = sizeof details};
    CHECK_OK(backstay_instance_details(instance, &details));
    return details;
}

/* Reads every byte, so that memory that was given back is seen. */
static bool is_filled_with(backstay_details details, char fill) {
    const char *bytes = details.bytes;
    CHECK(details.length == 4096 && is_text(details.media_type, "text/x"));
    for (size_t index = 0; index < details.length; index++) {
        if (bytes[index] != fill) return false;
    }
    return true;
}

static void a_view_outlives_what_it_was_taken_of(void) {
    backstay_host host = open_host(0);
    backstay_task task = coalescing_task(host);
    backstay_instance instance, other;
    fire_bytes(task, 'a', &instance);
    const backstay_details first = details_of(instance);
    fire_bytes(task, 'b', &other);
    const backstay_details second = details_of(instance);
    CHECK_OK(backstay_task_fire(task, NULL, NULL));
    CHECK(details_of(instance).kind == BACKSTAY_DETAILS_NONE);
    CHECK(is_filled_with(first, 'a') && is_filled_with(second, 'b'));
    // The other handle never saw any of them, and its release takes nothing away.
    CHECK_OK(backstay_instance_release(other));
    CHECK(is_filled_with(first, 'a') && is_filled_with(second, 'b'));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* A dup keeps views, too, and its release does not take them from the other. */
static void a_view_outlives_the_dup_of_its_handle(void) {
    backstay_host host = open_host(0);
    backstay_task task = coalescing_task(host);
    backstay_instance instance, same;
    fire_bytes(task, 'a', &instance);
    const backstay_details view = details_of(instance);
    CHECK_OK(backstay_instance_dup(instance, &same));
    fire_bytes(task, 'b', NULL);
    CHECK_OK(backstay_instance_release(same));
    CHECK(is_filled_with(view, 'a'));
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* While one thread reads what it was given, others replace it. */
struct firing {
    backstay_task task;
    char fill;
};

static void *fire_again_and_again(void *argument) {
    const struct firing *firing = argument;
    for (int turn = 0; turn < 200; turn++) fire_bytes(firing->task, firing->fill, NULL);
    return NULL;
}

static void a_view_is_whole_while_others_fire(void) {
    backstay_host host = open_host(0);
    backstay_task task = coalescing_task(host);
    struct firing firings[] = {{task, 'a'}, {task, 'b'}};
    backstay_instance instance;
    fire_bytes(task, 'a', &instance);
    pthread_t threads[] = {start(fire_again_and_again, &firings[0]), start(fire_again_and_again, &firings[1])};
    for (int turn = 0; turn < 200; turn++) {
        const backstay_details view = details_of(instance);
        CHECK(is_filled_with(view, 'a') || is_filled_with(view, 'b'));
    }
    for (int index = 0; index < 2; index++) join(threads[index]);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(a_view_outlives_what_it_was_taken_of), TEST(a_view_outlives_the_dup_of_its_handle),
      TEST(a_view_is_whole_while_others_fire))
