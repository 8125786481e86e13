/* A snapshot is one JSON object in the caller's buffer: asked for its length first, or cut off and terminated (H3). */
#include "json.h"
#include "model.h"

static size_t length_of(backstay_host host) {
    size_t length = 0;
    CHECK_OK(backstay_host_snapshot_json(host, NULL, 0, &length));
    return length;
}

/* All of it, in memory that is exactly as large as it says; the caller frees it. Time stands still meanwhile. */
static char *snapshot_of(backstay_host host) {
    size_t length = length_of(host), same = 0;
    char *json = malloc(length + 1);
    CHECK(json != NULL);
    CHECK_OK(backstay_host_snapshot_json(host, json, length + 1, &same));
    CHECK(same == length && strlen(json) == length);
    if (!is_json(json)) fprintf(stderr, "%s\n", json);
    CHECK(is_json(json));
    return json;
}

static void says(const char *json, const char *words) {
    if (strstr(json, words) == NULL) fprintf(stderr, "%s\nsays nothing of %s\n", json, words);
    CHECK(strstr(json, words) != NULL);
}

static const backstay_str conditions[] = {BACKSTAY_STR_INIT("net \"work\"\\")};

static void it_tells_everything(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(1);
    backstay_task runs = register_as(host, (backstay_task_options){.name = text("runs"), .group = text("gr\xc3\xbcn"),
                                                                  .run = take_hold, .user_data = &holds});
    backstay_task waits = register_as(host, (backstay_task_options){.name = text("waits"), .conditions = conditions,
                                                                   .trigger = BACKSTAY_TRIGGER_EVERY,
                                                                   .period_ns = 60 * SECOND, .condition_count = 1});
    backstay_instance running = fire(runs), waiting = fire(waits);
    CHECK_OK(backstay_deferral_set_note(hold_of(&holds, 0), text("part 3 of 7\n")));
    await_entry_points(host);
    CHECK_OK(backstay_instance_set_progress(running, 42));
    CHECK_OK(backstay_host_set_condition(host, conditions[0], false));
    advance(host, 3 * SECOND);
    char *json = snapshot_of(host);
    says(json, "\"state\":\"Open\"");
    says(json, "\"suspended\":false");
    says(json, "\"conditions\":[{\"name\":\"net \\\"work\\\"\\\\\",\"on\":false}]");
    says(json, "\"name\":\"runs\"");
    says(json, "\"group\":\"gr\xc3\xbcn\"");
    says(json, "\"explanation\":\"");
    says(json, "\"progress\":42");
    says(json, "\"running_for_ns\":3000000000");
    says(json, "\"fires_in_ns\":57000000000");
    says(json, "\"label\":\"hold\"");
    says(json, "\"note\":\"part 3 of 7\\n\"");
    says(json, "\"age_ns\":3000000000");
    says(json, "\"stragglers\":[]");
    says(json, "\"totals\":{\"tasks\":2,\"pending\":1,\"running\":1,\"suspended\":0,\"holders\":1,\"stragglers\":0}");
    free(json);
    let_go(&holds, 0);
    CHECK(end_of(running) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(waiting));
    CHECK_OK(backstay_task_release(runs));
    CHECK_OK(backstay_task_release(waits));
    close_host(host);
}

static void it_is_cut_off_between_characters_and_terminated(void) {
    char name[3 * 40 + 1] = "";
    for (int index = 0; index < 40; index++) strcat(name, "\xe2\x82\xac"); // three bytes each
    backstay_host host = open_host(0);
    backstay_task task = register_as(host, (backstay_task_options){.name = text(name)});
    const size_t length = length_of(host);
    char *all = snapshot_of(host);
    for (size_t capacity = 1; capacity <= length + 1; capacity++) {
        char *some = malloc(capacity); // so that a byte too many is seen
        size_t same = 0;
        CHECK(some != NULL);
        CHECK_OK(backstay_host_snapshot_json(host, some, capacity, &same));
        const size_t written = strlen(some);
        CHECK(same == length && written < capacity && written + 3 >= capacity && strncmp(some, all, written) == 0);
        CHECK((all[written] & 0xC0) != 0x80); // no half character
        free(some);
    }
    free(all);
    char none;
    CHECK_STATUS(backstay_host_snapshot_json(host, NULL, 1, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_snapshot_json(host, NULL, 0, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK_OK(backstay_host_snapshot_json(host, &none, 1, NULL));
    CHECK(none == 0);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void a_closed_host_has_one_too(void) {
    backstay_host host = open_host(0);
    CHECK_OK(backstay_host_drain(host, 0, NULL));
    char *json = snapshot_of(host);
    says(json, "\"state\":\"Closed\"");
    free(json);
    CHECK_OK(backstay_host_release(host));
}

/* Or the tests above would pass whatever is written. */
static void what_is_no_json_is_found_out(void) {
    const char *const wrong[] = {"", "{", "{}x", "[1,]", "{\"a\" 1}", "{\"a\":}", "\"a", "\"\\x\"", "01", "1.", "tru"};
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++) CHECK(!is_json(wrong[index]));
    CHECK(is_json(" {\"a\\u00e4\" : [ 1, -2.5e+3, {} , [], null, true, \"\\n\" ] } "));
}

TESTS(TEST(it_tells_everything), TEST(it_is_cut_off_between_characters_and_terminated),
      TEST(a_closed_host_has_one_too), TEST(what_is_no_json_is_found_out))
