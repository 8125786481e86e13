/* What a firing carries is copied, reaches the instance unchanged, and can be read while the handle is good (F7). */
#include "check.h"

static backstay_details seen_by_run;
static char bytes_seen_by_run[16];

static backstay_status look(backstay_instance instance, void *user_data) {
    (void)user_data;
    seen_by_run = (backstay_details){.struct_size = sizeof seen_by_run};
    CHECK_OK(backstay_instance_details(instance, &seen_by_run));
    CHECK(seen_by_run.length <= sizeof bytes_seen_by_run);
    if (seen_by_run.length > 0) memcpy(bytes_seen_by_run, seen_by_run.bytes, seen_by_run.length);
    return BACKSTAY_OK;
}

/* Fires with these details, spoils the caller's copy, and gives what the instance carries. */
static backstay_instance fire_with(backstay_task task, const char *media_type, const char *bytes, size_t length,
                                   backstay_details *carried) {
    char type_copy[32] = {0}, bytes_copy[32] = {0};
    memcpy(type_copy, media_type, strlen(media_type));
    memcpy(bytes_copy, bytes, length);
    backstay_details details = {
        .struct_size = sizeof details, .media_type = text(type_copy), .bytes = bytes_copy, .length = length};
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, &details, &instance));
    memset(type_copy, '?', sizeof type_copy);
    memset(bytes_copy, '?', sizeof bytes_copy);
    wait_for(instance);
    *carried = (backstay_details){.struct_size = sizeof *carried};
    CHECK_OK(backstay_instance_details(instance, carried));
    return instance;
}

static void bytes_arrive_as_they_were_when_fired(void) {
    const struct {
        const char *media_type, *bytes;
        size_t length;
        const char *told_as;
        backstay_details_kind kind;
    } cases[] = {
        {"text/plain", "photo.jpg", 9, "text/plain", BACKSTAY_DETAILS_BYTES},
        {"", "a\0b\xff", 4, "application/octet-stream", BACKSTAY_DETAILS_BYTES},
        {"image/png", "", 0, "image/png", BACKSTAY_DETAILS_BYTES},
        {"", "", 0, "", BACKSTAY_DETAILS_NONE},
    };
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "look", look, NULL);
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        backstay_details carried;
        backstay_instance instance =
            fire_with(task, cases[index].media_type, cases[index].bytes, cases[index].length, &carried);
        CHECK(carried.kind == cases[index].kind && seen_by_run.kind == carried.kind);
        CHECK(carried.struct_size == sizeof carried && is_text(carried.media_type, cases[index].told_as));
        CHECK(carried.length == cases[index].length && seen_by_run.length == carried.length);
        CHECK(carried.length == 0 || memcmp(carried.bytes, cases[index].bytes, carried.length) == 0);
        CHECK(memcmp(bytes_seen_by_run, cases[index].bytes, carried.length) == 0);
        CHECK_OK(backstay_instance_release(instance));
    }
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void empty_bytes_can_be_told_from_nothing(void) {
    backstay_details details = {.struct_size = sizeof details, .kind = BACKSTAY_DETAILS_BYTES};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "look", look, NULL);
    backstay_instance empty, none = fire(task);
    wait_for(none);
    CHECK(seen_by_run.kind == BACKSTAY_DETAILS_NONE);
    CHECK_OK(backstay_task_fire(task, &details, &empty));
    wait_for(empty);
    CHECK(seen_by_run.kind == BACKSTAY_DETAILS_BYTES && seen_by_run.length == 0);
    CHECK_OK(backstay_instance_release(none));
    CHECK_OK(backstay_instance_release(empty));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Views are good until their handle is released, whatever became of task and host. */
static void views_outlive_the_task_and_the_host(void) {
    backstay_details carried;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "look", look, NULL);
    backstay_instance instance = fire_with(task, "text/plain", "kept", 4, &carried);
    backstay_completion completion = wait_for(instance);
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    CHECK(carried.length == 4 && memcmp(carried.bytes, "kept", 4) == 0);
    CHECK(is_text(carried.media_type, "text/plain") && is_text(completion.task, "look"));
    CHECK_OK(backstay_instance_release(instance));
}

TESTS(TEST(bytes_arrive_as_they_were_when_fired), TEST(empty_bytes_can_be_told_from_nothing),
      TEST(views_outlive_the_task_and_the_host))
