/* A struct_size says which version of a struct the caller has; one that was never set is INVALID_ARGUMENT. */
#include "misuse.h"

static void a_size_that_was_never_set_is_refused(void) {
    open_world();
    const uint32_t sizes[] = {0, 1, 7, 1 << 21, UINT32_MAX};
    for (size_t index = 0; index < sizeof sizes / sizeof sizes[0]; index++) {
        const uint32_t size = sizes[index];
        backstay_host_options host_options = {.struct_size = size};
        backstay_host other = {7};
        CHECK_INVALID(backstay_host_open(&host_options, &other));
        backstay_task_options options = {.struct_size = size, .name = BACKSTAY_STR("good"), .run = do_nothing};
        backstay_task out = {7};
        CHECK_INVALID(backstay_task_register(host, &options, &out, NULL));
        backstay_details details = {.struct_size = size};
        backstay_instance fired = {7};
        CHECK_INVALID(backstay_task_fire(task, &details, &fired));
        CHECK_INVALID(backstay_instance_details(instance, &details));
        backstay_drain_report report = {.struct_size = size};
        CHECK_INVALID(backstay_host_drain(host, 0, &report));
        CHECK_INVALID(backstay_host_shutdown(host, 0, &report));
        backstay_holder holder = {.struct_size = size};
        size_t count = 7;
        CHECK_INVALID(backstay_instance_holders(instance, &holder, 1, &count));
        CHECK(other.id == 7 && out.id == 7 && fired.id == 7 && count == 7);
    }
    close_world();
}

/* Whatever the instance does: a mistake in the call is told at once, not after a wait that may be long. */
static void a_size_that_was_never_set_is_refused_before_the_wait(void) {
    open_world();
    backstay_completion completion = {.struct_size = 0};
    CHECK_INVALID(backstay_instance_wait(instance, 0, &completion));
    close_world();
}

/* And whether or not somebody holds it at this moment. */
static void a_size_that_was_never_set_is_refused_without_holders(void) {
    open_world();
    backstay_instance none = {0};
    backstay_holder holder = {.struct_size = 0};
    size_t count = 7;
    backstay_task nothing = register_task(host, "nothing", do_nothing, NULL);
    none = fire(nothing);
    wait_for(none);
    CHECK_INVALID(backstay_instance_holders(none, &holder, 1, &count));
    CHECK(count == 7);
    CHECK_OK(backstay_instance_release(none));
    CHECK_OK(backstay_task_release(nothing));
    close_world();
}

/* A shorter struct is an older program, a longer one a newer: fine while it asks for nothing that is unknown here. */
static void other_versions_of_a_struct_are_understood(void) {
    open_world();
    struct {
        backstay_task_options known;
        uint64_t unknown[4];
    } newer = {.known = {.struct_size = sizeof newer, .name = BACKSTAY_STR("newer"), .run = do_nothing}};
    backstay_task out;
    CHECK_OK(backstay_task_register(host, &newer.known, &out, NULL));
    CHECK_OK(backstay_task_release(out));
    newer.known.name = text("newest");
    newer.unknown[3] = 1;
    CHECK_INVALID(backstay_task_register(host, &newer.known, &out, NULL));

    backstay_drain_report older = {.struct_size = 16, .failed = 99};
    backstay_host another = open_host(0);
    CHECK_OK(backstay_host_drain(another, 0, &older));
    CHECK(older.struct_size == 16 && older.state == BACKSTAY_HOST_CLOSED && older.failed == 99);
    CHECK_OK(backstay_host_release(another));
    close_world();
}

/* A newer program's user data is ended, too, when what it asks for is unknown: its `destroy` was read. */
static void what_is_refused_for_a_newer_field_ends_its_user_data(void) {
    open_world();
    struct {
        backstay_task_options known;
        uint64_t unknown;
    } newer = {.known = {.struct_size = sizeof newer, .name = BACKSTAY_STR("newer"), .run = do_nothing}, .unknown = 1};
    backstay_error error = {.struct_size = sizeof error};
    backstay_task out;
    destroyed = 0;
    newer.known.user_data = &destroyed;
    newer.known.destroy = destroy;
    CHECK_INVALID(backstay_task_register(host, &newer.known, &out, &error));
    CHECK(destroyed == 1);
    CHECK(error.status == BACKSTAY_INVALID_ARGUMENT && error.text[0] != 0);
    close_world();
}

TESTS(TEST(a_size_that_was_never_set_is_refused), TEST(other_versions_of_a_struct_are_understood),
      TEST(a_size_that_was_never_set_is_refused_before_the_wait),
      TEST(a_size_that_was_never_set_is_refused_without_holders),
      TEST(what_is_refused_for_a_newer_field_ends_its_user_data))
