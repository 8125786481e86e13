/* An object of the application is carried as it is, and ended exactly once when nothing carries it any more (F7). */
#include "model.h"

/* Its address says what an object of this test is. */
static const char type_of_photo;

struct photo {
    struct count destroyed;
    int pixels;
};

#define PHOTO(pixels) {COUNT, pixels}

static backstay_details carrying(struct photo *photo) {
    return (backstay_details){.struct_size = sizeof(backstay_details), .kind = BACKSTAY_DETAILS_OPAQUE,
                              .object = photo, .object_type = &type_of_photo, .destroy = count_up};
}

static struct photo *photo_of(backstay_instance instance) {
    backstay_details details = {.struct_size = sizeof details};
    CHECK_OK(backstay_instance_details(instance, &details));
    CHECK(details.kind == BACKSTAY_DETAILS_OPAQUE && details.object_type == &type_of_photo);
    // Nothing else is in it, and destroying it stays the library's.
    CHECK(details.media_type.len == 0 && details.length == 0 && details.destroy == NULL);
    return details.object;
}

static backstay_status add_pixel(backstay_instance instance, void *user_data) {
    (void)user_data;
    photo_of(instance)->pixels++;
    return BACKSTAY_OK;
}

static void it_comes_back_and_ends_with_the_last_who_carries_it(void) {
    struct photo photo = PHOTO(41);
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "develop", add_pixel, NULL);
    backstay_details details = carrying(&photo);
    backstay_instance instance, same;
    CHECK_OK(backstay_task_fire(task, &details, &instance));
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK(photo_of(instance) == &photo && photo.pixels == 42);
    CHECK_OK(backstay_instance_dup(instance, &same));
    CHECK_OK(backstay_instance_release(instance));
    flush(host);
    CHECK(count_of(&photo.destroyed) == 0 && photo_of(same) == &photo);
    CHECK_OK(backstay_instance_release(same));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    count_wait(&photo.destroyed, 1);
    CHECK(count_of(&photo.destroyed) == 1);
}

static void an_event_shares_it_among_all_it_fires(void) {
    struct photo photo = PHOTO(0);
    struct count ended = COUNT;
    backstay_host host = open_host(1); // one after the other, since they change it
    backstay_task_options options = {.trigger = BACKSTAY_TRIGGER_EVENT, .event = text("taken"), .run = add_pixel};
    backstay_task tasks[2];
    for (int index = 0; index < 2; index++) {
        options.name = text(index == 0 ? "first" : "second");
        tasks[index] = register_as(host, options);
        CHECK_OK(backstay_task_on_completed(tasks[index], count_completion, &ended, NULL, NULL));
    }
    const backstay_details details = carrying(&photo);
    size_t fired = 0;
    CHECK_OK(backstay_host_raise_event(host, text("taken"), &details, &fired));
    count_wait(&ended, 2);
    CHECK(fired == 2);
    for (int index = 0; index < 2; index++) CHECK_OK(backstay_task_release(tasks[index]));
    finish_host(host);
    count_wait(&photo.destroyed, 1);
    CHECK(count_of(&photo.destroyed) == 1 && photo.pixels == 2);
}

/* Whatever was wrong: it was given away with the call. */
static void a_refused_firing_ends_it(void) {
    struct photo photo = PHOTO(0);
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "develop", add_pixel, NULL);
    backstay_details details = carrying(&photo);
    CHECK_STATUS(backstay_task_fire((backstay_task){0}, &details, NULL), BACKSTAY_INVALID_HANDLE);
    CHECK(count_of(&photo.destroyed) == 1);
    details.length = 1; // bytes and an object
    CHECK_STATUS(backstay_task_fire(task, &details, NULL), BACKSTAY_INVALID_ARGUMENT);
    details = carrying(&photo);
    details.kind = BACKSTAY_DETAILS_NONE; // an object that nothing says to pass on
    CHECK_STATUS(backstay_task_fire(task, &details, NULL), BACKSTAY_INVALID_ARGUMENT);
    details.kind = 99;
    CHECK_STATUS(backstay_task_fire(task, &details, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&photo.destroyed) == 4);
    details = carrying(&photo);
    backstay_fire_answer answer = {.struct_size = 0};
    CHECK_STATUS(backstay_task_fire_with_answer(task, &details, NULL, &answer), BACKSTAY_INVALID_ARGUMENT);
    CHECK(count_of(&photo.destroyed) == 5);
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_STATUS(backstay_task_fire(task, &details, NULL), BACKSTAY_UNREGISTERED);
    CHECK_OK(backstay_host_drain(host, 0, NULL));
    CHECK_STATUS(backstay_task_fire(task, &details, NULL), BACKSTAY_CLOSED);
    CHECK(count_of(&photo.destroyed) == 7);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

/* The firing that is merged brings its own, and that of before has nobody left. */
static void a_merged_firing_ends_what_it_replaces(void) {
    struct photo first = PHOTO(0), second = PHOTO(0);
    const backstay_str never[] = {text("never")};
    backstay_host host = open_host(0);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("develop"), .when_busy = BACKSTAY_WHEN_BUSY_COALESCE,
                                      .conditions = never, .condition_count = 1});
    backstay_details details = carrying(&first);
    backstay_instance instance;
    CHECK_OK(backstay_task_fire(task, &details, &instance));
    details = carrying(&second);
    CHECK_OK(backstay_task_fire(task, &details, NULL));
    CHECK(count_of(&first.destroyed) == 1 && count_of(&second.destroyed) == 0 && photo_of(instance) == &second);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
    count_wait(&second.destroyed, 1);
    CHECK(count_of(&first.destroyed) == 1 && count_of(&second.destroyed) == 1);
}

TESTS(TEST(it_comes_back_and_ends_with_the_last_who_carries_it), TEST(an_event_shares_it_among_all_it_fires),
      TEST(a_refused_firing_ends_it), TEST(a_merged_firing_ends_what_it_replaces))
