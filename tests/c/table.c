/* The table has every function of the header, in its place; a copy of it is the same as linking. */
#include "check.h"

static void the_table_says_what_it_is(void) {
    const backstay_api *api = backstay_get_api();
    CHECK(api == backstay_get_api());
    CHECK(api->abi_major == BACKSTAY_ABI_MAJOR && api->abi_minor == BACKSTAY_ABI_MINOR);
    CHECK(api->size == sizeof *api);
}

/* A whole life through the table, with a deferral; a function in a wrong place would answer something else. */
static backstay_status defer(backstay_instance instance, void *user_data) {
    const backstay_api *api = backstay_get_api();
    return api->instance_get_deferral(instance, text("by the table"), user_data);
}

static void a_life_through_the_table(void) {
    const backstay_api *api = backstay_get_api();
    backstay_host host;
    backstay_task task, same;
    backstay_instance instance;
    backstay_deferral deferral = {0};
    backstay_task_options options = {
        .struct_size = sizeof options, .name = text("table"), .run = defer, .user_data = &deferral};
    CHECK(api->abi_version() == backstay_abi_version());
    CHECK(strcmp(api->status_name(BACKSTAY_PANIC), "PANIC") == 0);
    CHECK(strcmp(api->status_message(BACKSTAY_OK), "done") == 0);
    CHECK_OK(api->host_open(NULL, &host));
    CHECK_OK(api->task_register(host, &options, &task, NULL));
    CHECK_OK(api->host_task(host, text("table"), &same));
    CHECK_OK(api->task_fire(same, NULL, &instance));
    CHECK(api->live_handles() >= 4);
    CHECK_OK(api->instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    backstay_completion completion = {.struct_size = sizeof completion};
    backstay_status seen = api->instance_wait(instance, 0, &completion);
    // Cancelled before it started, or now running and held.
    if (seen != BACKSTAY_OK) {
        CHECK_STATUS(seen, BACKSTAY_TIMED_OUT);
        CHECK_OK(api->host_begin_shutdown(host, 1));
        CHECK_OK(api->instance_wait(instance, SOON, &completion));
    }
    CHECK(completion.canceled && completion.reason == BACKSTAY_CANCEL_ABORT);
    CHECK_OK(api->host_shutdown(host, SOON, NULL));
    if (deferral.id != 0) api->deferral_complete(deferral);
    CHECK_OK(api->instance_release(instance));
    CHECK_OK(api->task_release(task));
    CHECK_OK(api->task_release(same));
    CHECK_OK(api->host_release(host));
}

TESTS(TEST(the_table_says_what_it_is), TEST(a_life_through_the_table))
