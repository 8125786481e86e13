/* A drain report in words is written into memory of the caller, with its length, cut off and terminated (H2). */
#include "model.h"

#define LINE 4711

/* Ends a host of which one instance is held, and reports into so much memory; gives the length of the whole text. */
static size_t end_and_report(char *words, size_t capacity) {
    struct held held = HELD;
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "copy", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral upload;
    await_entry_points(host);
    CHECK_OK(backstay_instance_get_deferral_at(instance, text("upload"), text("upload.c"), LINE,
                                               BACKSTAY_LANGUAGE_C, &upload));
    CHECK_OK(backstay_deferral_set_note(upload, text("part 3 of 7")));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_drain_report report = {.struct_size = sizeof report, .text = words, .text_capacity = capacity};
    CHECK_OK(backstay_host_shutdown(host, 0, &report));
    CHECK(report.abandoned == 1 && report.text == words && report.text_capacity == capacity);
    CHECK_STATUS(backstay_deferral_complete(upload), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
    return report.text_length;
}

static void it_names_who_is_left(void) {
    char words[1024];
    const size_t length = end_and_report(words, sizeof words);
    CHECK(strlen(words) == length);
    const char *const parts[] = {"1 abandoned", "copy", "\"upload\"", "upload.c:4711", "part 3 of 7",
                                 "has not noticed"};
    for (size_t index = 0; index < sizeof parts / sizeof parts[0]; index++) {
        if (strstr(words, parts[index]) == NULL) fprintf(stderr, "%s\nsays nothing of %s\n", words, parts[index]);
        CHECK(strstr(words, parts[index]) != NULL);
    }
}

static void it_is_cut_off_and_terminated(void) {
    char words[1024], few[16];
    const size_t length = end_and_report(words, sizeof words);
    memset(few, '?', sizeof few);
    CHECK(end_and_report(few, 8) == length);
    CHECK(strncmp(few, words, 7) == 0 && few[7] == 0 && few[8] == '?');
    CHECK(end_and_report(NULL, 0) == length);
}

static void memory_that_is_not_there_is_told_before_the_end(void) {
    backstay_host host = open_host(0);
    backstay_drain_report report = {.struct_size = sizeof report, .text_capacity = 1};
    backstay_host_state state;
    CHECK_STATUS(backstay_host_shutdown(host, 0, &report), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_wait(host, 0, &report), BACKSTAY_INVALID_ARGUMENT);
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK(state == BACKSTAY_HOST_OPEN);
    close_host(host);
}

TESTS(TEST(it_names_who_is_left), TEST(it_is_cut_off_and_terminated),
      TEST(memory_that_is_not_there_is_told_before_the_end))
