/* Wrong pointers, texts and numbers: each is answered INVALID_ARGUMENT and nothing happens. */
#include "misuse.h"

static void never_told(backstay_instance lent, uint32_t number, void *user_data) {
    (void)lent, (void)number, (void)user_data;
}

static void null_is_refused_where_the_result_is_the_point(void) {
    open_world();
    backstay_subscription subscription;
    bool canceled;
    uint32_t reason;
    CHECK_INVALID(backstay_host_open(NULL, NULL));
    CHECK_INVALID(backstay_host_get_state(host, NULL));
    CHECK_INVALID(backstay_host_task(host, text("held"), NULL));
    CHECK_INVALID(backstay_host_dup(host, NULL));
    CHECK_INVALID(backstay_task_dup(task, NULL));
    CHECK_INVALID(backstay_instance_id(instance, NULL));
    CHECK_INVALID(backstay_instance_task(instance, NULL));
    CHECK_INVALID(backstay_instance_details(instance, NULL));
    CHECK_INVALID(backstay_instance_get_state(instance, NULL));
    CHECK_INVALID(backstay_instance_get_progress(instance, NULL));
    CHECK_INVALID(backstay_instance_get_deferral(instance, text("label"), NULL));
    CHECK_INVALID((backstay_instance_get_deferral)(instance, text("label"), NULL));
    CHECK_INVALID(backstay_instance_holders(instance, NULL, 0, NULL));
    CHECK_INVALID(backstay_instance_is_canceled(instance, NULL, &reason));
    CHECK_INVALID(backstay_instance_dup(instance, NULL));
    CHECK_INVALID(backstay_deferral_instance(held.deferral, NULL));
    CHECK_INVALID(backstay_deferral_dup(held.deferral, NULL));
    CHECK_OK(backstay_instance_on_canceled(instance, never_told, NULL, NULL, &subscription));
    CHECK_INVALID(backstay_subscription_dup(subscription, NULL));
    CHECK_OK(backstay_subscription_release(subscription));

    // Where the header says that a result need not be wanted, NULL is fine.
    CHECK_OK(backstay_task_counts(task, NULL, NULL));
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    CHECK_OK(backstay_task_on_progress(task, never_told, NULL, NULL, NULL));
    CHECK_STATUS(backstay_instance_wait(instance, 0, NULL), BACKSTAY_TIMED_OUT);
    close_world();
}

static void a_null_callback_is_refused_and_the_user_data_is_ended_once(void) {
    open_world();
    backstay_subscription subscription = {7};
    destroyed = 0;
    CHECK_INVALID(backstay_task_on_completed(task, NULL, &destroyed, destroy, &subscription));
    CHECK(destroyed == 1);
    CHECK_INVALID(backstay_task_on_progress(task, NULL, &destroyed, destroy, &subscription));
    CHECK(destroyed == 2);
    CHECK_INVALID(backstay_instance_on_canceled(instance, NULL, &destroyed, destroy, &subscription));
    CHECK(destroyed == 3 && subscription.id == 7);
    CHECK_INVALID(backstay_task_on_completed(task, NULL, NULL, NULL, NULL));
    close_world();
}

/* Registers what is wrong in one way, and shows that it is told, that the user data is ended and nothing stays. */
static void check_refused(backstay_task_options options, backstay_task *out, backstay_status wanted,
                          const char *named) {
    backstay_error error = {.struct_size = sizeof error, .status = 77};
    backstay_task found;
    destroyed = 0;
    options.user_data = &destroyed;
    options.destroy = destroy;
    CHECK_STATUS(backstay_task_register(host, &options, out, &error), wanted);
    CHECK(destroyed == 1);
    CHECK(error.struct_size == sizeof error && error.status == wanted);
    CHECK(strstr(error.text, named) != NULL);
    CHECK_STATUS(backstay_host_task(host, text("good"), &found), BACKSTAY_NOT_FOUND);
    // Nobody has to want the text.
    CHECK_STATUS(backstay_task_register(host, &options, out, NULL), wanted);
    CHECK(destroyed == 2);
}

static void a_wrong_description_is_told_with_its_field(void) {
    open_world();
    backstay_task out = {7};
    const backstay_task_options good = {
        .struct_size = sizeof good, .name = BACKSTAY_STR("good"), .run = do_nothing};
    backstay_task_options wrong = good;
    check_refused(good, NULL, BACKSTAY_INVALID_ARGUMENT, "out");
    wrong.name = (backstay_str){NULL, 4};
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "name");
    wrong.name = text("\xff\xfe");
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "name");
    wrong.name = text("\xc3"); // half a character
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "name");
    wrong.name = (backstay_str){"good", SIZE_MAX}; // longer than any memory
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "name");
    wrong = good;
    wrong.grace_ns = -1;
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "grace_ns");
    wrong.grace_ns = BACKSTAY_NO_TIME + 1;
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "grace_ns");
    wrong = good;
    wrong.trigger = 4711;
    check_refused(wrong, &out, BACKSTAY_INVALID_ARGUMENT, "trigger");
    // All faults of a description at once (G2): no name and no entry point.
    wrong = (backstay_task_options){.struct_size = sizeof wrong};
    check_refused(wrong, &out, BACKSTAY_INVALID_TASK, "name");
    check_refused(wrong, &out, BACKSTAY_INVALID_TASK, "run");
    wrong = good;
    wrong.name = text("two\nlines");
    check_refused(wrong, &out, BACKSTAY_INVALID_TASK, "name");
    CHECK(out.id == 7);
    CHECK_INVALID(backstay_task_register(host, NULL, &out, NULL));
    close_world();
}

static void wrong_texts_and_numbers_are_refused(void) {
    open_world();
    const backstay_str wrong[] = {{NULL, 1}, {"\xff", 1}, {"\xed\xa0\x80", 3}, {"x", SIZE_MAX}};
    backstay_deferral deferral = {7};
    backstay_task found;
    for (size_t index = 0; index < sizeof wrong / sizeof wrong[0]; index++) {
        CHECK_INVALID(backstay_host_task(host, wrong[index], &found));
        CHECK_INVALID(backstay_instance_get_deferral(instance, wrong[index], &deferral));
        CHECK_INVALID(backstay_instance_get_deferral_at(instance, text(""), wrong[index], 1, 1, &deferral));
        CHECK_INVALID(backstay_instance_set_error(instance, wrong[index]));
        CHECK_INVALID(backstay_deferral_fail(held.deferral, wrong[index]));
        backstay_details details = {.struct_size = sizeof details, .media_type = wrong[index]};
        CHECK_INVALID(backstay_task_fire(task, &details, NULL));
    }
    CHECK_INVALID(backstay_instance_get_deferral_at(instance, text(""), text(""), 1, 4, &deferral));
    CHECK(deferral.id == 7);

    backstay_details details = {.struct_size = sizeof details, .length = 1};
    CHECK_INVALID(backstay_task_fire(task, &details, NULL));
    details = (backstay_details){.struct_size = sizeof details, .kind = BACKSTAY_DETAILS_OPAQUE};
    CHECK_INVALID(backstay_task_fire(task, &details, NULL));

    const int64_t negative[] = {-1, -SECOND, BACKSTAY_NO_TIME + 1};
    for (size_t index = 0; index < sizeof negative / sizeof negative[0]; index++) {
        backstay_host_options options = {.struct_size = sizeof options, .grace_ns = negative[index]};
        backstay_host other = {7};
        CHECK_INVALID(backstay_host_open(&options, &other));
        CHECK_INVALID(backstay_host_flush(host, negative[index]));
        CHECK_INVALID(backstay_host_advance(host, negative[index]));
        CHECK_INVALID(backstay_host_drain(host, negative[index], NULL));
        CHECK_INVALID(backstay_host_shutdown(host, negative[index], NULL));
        CHECK_INVALID(backstay_host_begin_shutdown(host, negative[index]));
        CHECK_INVALID(backstay_instance_wait(instance, negative[index], NULL));
        CHECK(other.id == 7);
    }
    CHECK_INVALID(backstay_host_advance(host, BACKSTAY_FOREVER));
    backstay_drain_report report = {.struct_size = sizeof report, .holder_capacity = 1};
    CHECK_INVALID(backstay_host_shutdown(host, 0, &report));
    size_t count;
    CHECK_INVALID(backstay_instance_holders(instance, NULL, 1, &count));
    close_world();
}

TESTS(TEST(null_is_refused_where_the_result_is_the_point),
      TEST(a_null_callback_is_refused_and_the_user_data_is_ended_once),
      TEST(a_wrong_description_is_told_with_its_field), TEST(wrong_texts_and_numbers_are_refused))
