/* The table has every function of the header, in its place; a copy of it is the same as linking. */
#include "every_call.h"

typedef void (*function)(void);

/* Every function that takes a handle, as this program is linked to it: taken before the names stand for the table. */
#define LINKED(name, arguments, ending) (function) backstay_##name,
static const function linked[] = {HOST_CALLS(LINKED) TASK_CALLS(LINKED) INSTANCE_CALLS(LINKED)
                                      DEFERRAL_CALLS(LINKED) SUBSCRIPTION_CALLS(LINKED) JOB_CALLS(LINKED)};
static uint32_t (*const linked_abi_version)(void) = backstay_abi_version;

/* The header says "set by backstay_import", which is for extensions of Python; here the test sets it. */
#include <backstay_table.h>
const backstay_api *backstay_table;

static void the_table_says_what_it_is(void) {
    const backstay_api *api = backstay_get_api();
    CHECK(api == backstay_get_api());
    CHECK(api->abi_major == BACKSTAY_ABI_MAJOR && api->abi_minor == BACKSTAY_ABI_MINOR);
    CHECK(api->size == sizeof *api);
}

/* Sixteen take no handle: versions and live_handles (3), words (10), host_open, task_validate and handler_failed. */
static void every_function_is_here(void) {
    const size_t head = offsetof(backstay_api, size) + sizeof(size_t);
    const size_t entries = (sizeof(backstay_api) - head) / sizeof(function);
    CHECK(CALLS == entries - 16);
}

static void every_entry_is_the_function_of_its_name(void) {
    const backstay_api *api = backstay_get_api();
#define ENTRY(name, arguments, ending) (function) api->name,
    const function entries[] = {HOST_CALLS(ENTRY) TASK_CALLS(ENTRY) INSTANCE_CALLS(ENTRY) DEFERRAL_CALLS(ENTRY)
                                    SUBSCRIPTION_CALLS(ENTRY) JOB_CALLS(ENTRY)};
    CHECK(sizeof entries == sizeof linked);
    for (size_t index = 0; index < CALLS; index++) {
        const bool is_same = entries[index] == linked[index];
        if (!is_same) fprintf(stderr, "%s is another function in the table\n", every_call[index].name);
        CHECK(is_same);
    }
}

static backstay_status defer(backstay_instance instance, void *user_data) {
    return backstay_instance_get_deferral(instance, text("by the table"), user_data);
}

/* A whole life through the table, by the names of backstay.h: what an extension of Python writes. */
static void a_life_through_the_table(void) {
    backstay_host host;
    backstay_task task, same;
    backstay_instance instance;
    backstay_deferral deferral = {0};
    backstay_table = backstay_get_api();
    backstay_task_options options = {
        .struct_size = sizeof options, .name = text("table"), .run = defer, .user_data = &deferral};
    CHECK(backstay_abi_version() == linked_abi_version());
    CHECK(strcmp(backstay_status_name(BACKSTAY_PANIC), "PANIC") == 0);
    CHECK(strcmp(backstay_status_message(BACKSTAY_OK), "done") == 0);
    CHECK_OK(backstay_host_open(NULL, &host));
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    CHECK_OK(backstay_host_task(host, text("table"), &same));
    CHECK_OK(backstay_task_fire(same, NULL, &instance));
    CHECK(backstay_live_handles() >= 4);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    backstay_completion completion = {.struct_size = sizeof completion};
    backstay_status seen = backstay_instance_wait(instance, 0, &completion);
    // Cancelled before it started, or now running and held.
    if (seen != BACKSTAY_OK) {
        CHECK_STATUS(seen, BACKSTAY_TIMED_OUT);
        CHECK_OK(backstay_host_begin_shutdown(host, 1));
        CHECK_OK(backstay_instance_wait(instance, SOON, &completion));
    }
    CHECK(completion.canceled && completion.reason == BACKSTAY_CANCEL_ABORT);
    CHECK_OK(backstay_host_shutdown(host, SOON, NULL));
    if (deferral.id != 0) backstay_deferral_complete(deferral);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_task_release(same));
    CHECK_OK(backstay_host_release(host));
}

TESTS(TEST(the_table_says_what_it_is), TEST(every_function_is_here), TEST(every_entry_is_the_function_of_its_name),
      TEST(a_life_through_the_table))
