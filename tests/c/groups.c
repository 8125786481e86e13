/* A grouped task is found through its group, not among the others; lists end where the room does (G5). */
#include "model.h"

static backstay_task register_in(backstay_host host, const char *group, const char *name) {
    return register_as(host, (backstay_task_options){.name = text(name), .group = text(group)});
}

static bool is_called(backstay_task task, const char *group, const char *name) {
    backstay_str seen_group, seen_name;
    CHECK_OK(backstay_task_group(task, &seen_group));
    CHECK_OK(backstay_task_name(task, &seen_name));
    return is_text(seen_group, group) && is_text(seen_name, name);
}

static void a_name_is_unique_in_its_group(void) {
    backstay_host host = open_host(0);
    backstay_task tasks[] = {register_in(host, "", "sync"), register_in(host, "mail", "sync"),
                             register_in(host, "photos", "sync")};
    backstay_task found, none = {7};
    CHECK_OK(backstay_host_task(host, text("sync"), &found));
    CHECK(is_called(found, "", "sync"));
    CHECK_OK(backstay_task_release(found));
    CHECK_OK(backstay_host_group_task(host, text("mail"), text("sync"), &found));
    CHECK(is_called(found, "mail", "sync"));
    CHECK_OK(backstay_task_release(found));
    // The group without a name is that of the ungrouped.
    CHECK_OK(backstay_host_group_task(host, text(""), text("sync"), &found));
    CHECK(is_called(found, "", "sync"));
    CHECK_OK(backstay_task_release(found));

    CHECK_OK(backstay_task_unregister(tasks[0], false));
    CHECK_STATUS(backstay_host_task(host, text("sync"), &none), BACKSTAY_NOT_FOUND);
    CHECK_STATUS(backstay_host_group_task(host, text("mail"), text("other"), &none), BACKSTAY_NOT_FOUND);
    CHECK_STATUS(backstay_host_group_task(host, text("nobody"), text("sync"), &none), BACKSTAY_NOT_FOUND);
    CHECK(none.id == 7);
    for (int index = 0; index < 3; index++) CHECK_OK(backstay_task_release(tasks[index]));
    close_host(host);
}

/* Releases so many handles, whose tasks must have these names in this group. */
static void check_list(const backstay_task *list, size_t count, const char *group, const char *const *names) {
    for (size_t index = 0; index < count; index++) {
        CHECK(is_called(list[index], group, names[index]));
        CHECK_OK(backstay_task_release(list[index]));
    }
}

static void lists_are_in_order_and_no_longer_than_there_is_room(void) {
    const char *const grouped[] = {"a", "b", "c"}, *const ungrouped[] = {"x", "y"};
    backstay_host host = open_host(0);
    backstay_task tasks[] = {register_in(host, "g", "c"), register_in(host, "", "y"), register_in(host, "g", "a"),
                             register_in(host, "", "x"), register_in(host, "g", "b")};
    const uint64_t before = backstay_live_handles();
    backstay_task list[4] = {{7}, {7}, {7}, {7}};
    size_t count = 0;
    CHECK_OK(backstay_host_tasks(host, list, 4, &count));
    CHECK(count == 2 && list[2].id == 7);
    check_list(list, 2, "", ungrouped);
    CHECK_OK(backstay_host_group_tasks(host, text("g"), list, 4, &count));
    CHECK(count == 3 && list[3].id == 7);
    check_list(list, 3, "g", grouped);

    // With less room there are fewer handles, and the number is told all the same.
    list[2].id = 7;
    CHECK_OK(backstay_host_group_tasks(host, text("g"), list, 2, &count));
    CHECK(count == 3 && list[2].id == 7 && backstay_live_handles() == before + 2);
    check_list(list, 2, "g", grouped);
    CHECK_OK(backstay_host_group_tasks(host, text("g"), NULL, 0, &count));
    CHECK(count == 3);
    CHECK_OK(backstay_host_tasks(host, NULL, 0, &count));
    CHECK(count == 2);
    CHECK_OK(backstay_host_group_tasks(host, text("nobody"), list, 4, &count));
    CHECK(count == 0);

    CHECK_STATUS(backstay_host_tasks(host, NULL, 1, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_tasks(host, list, 4, NULL), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_group_tasks(host, text("\xff"), list, 4, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK(backstay_live_handles() == before);
    for (int index = 0; index < 5; index++) CHECK_OK(backstay_task_release(tasks[index]));
    close_host(host);
}

static void the_groups_are_named_in_order(void) {
    backstay_host host = open_host(0);
    char names[16] = "untouched";
    size_t length = 99;
    CHECK_OK(backstay_host_groups(host, names, sizeof names, &length));
    CHECK(length == 0 && strcmp(names, "untouched") == 0);
    backstay_task tasks[] = {register_in(host, "photos", "sync"), register_in(host, "", "alone"),
                             register_in(host, "mail", "sync"), register_in(host, "mail", "sort")};
    CHECK_OK(backstay_host_groups(host, names, sizeof names, &length));
    CHECK(length == sizeof "mail\0photos" && memcmp(names, "mail\0photos", length) == 0);
    // What does not fit is not begun.
    char few[11] = "untouched";
    CHECK_OK(backstay_host_groups(host, few, sizeof few, &length));
    CHECK(length == 12 && strcmp(few, "untouched") == 0);
    CHECK_OK(backstay_host_groups(host, NULL, 0, &length));
    CHECK(length == 12);
    CHECK_STATUS(backstay_host_groups(host, NULL, 1, &length), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_groups(host, names, sizeof names, NULL), BACKSTAY_INVALID_ARGUMENT);
    // A group is there as long as a task is registered in it.
    CHECK_OK(backstay_task_unregister(tasks[0], false));
    CHECK_OK(backstay_host_groups(host, names, sizeof names, &length));
    CHECK(length == 5 && strcmp(names, "mail") == 0);
    for (int index = 0; index < 4; index++) CHECK_OK(backstay_task_release(tasks[index]));
    close_host(host);
}

/* The views of a task's name and group are good until its handle is released. */
static void names_outlive_the_host(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_in(host, "mail", "sync");
    backstay_str name, group;
    CHECK_OK(backstay_task_name(task, &name));
    CHECK_OK(backstay_task_group(task, &group));
    close_host(host);
    CHECK(is_text(name, "sync") && is_text(group, "mail"));
    CHECK_OK(backstay_task_release(task));
}

TESTS(TEST(a_name_is_unique_in_its_group), TEST(lists_are_in_order_and_no_longer_than_there_is_room),
      TEST(the_groups_are_named_in_order), TEST(names_outlive_the_host))
