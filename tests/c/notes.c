/* A holder says what it is doing; the note stands in every report until the next one (H4). */
#include "model.h"

static backstay_holder holder_of(backstay_deferral deferral) {
    backstay_holder holder = {.struct_size = sizeof holder};
    CHECK_OK(backstay_deferral_holder(deferral, &holder));
    return holder;
}

static void a_note_stands_in_reports_until_the_next(void) {
    struct holds holds = HOLDS;
    backstay_host host = open_host(0);
    backstay_task task = register_as(host, (backstay_task_options){.name = text("copy"), .group = text("photos"),
                                                                  .run = take_hold, .user_data = &holds});
    backstay_instance instance = fire(task);
    backstay_deferral deferral = hold_of(&holds, 0);
    CHECK(holder_of(deferral).note[0] == 0);
    char note[] = "part 3 of 7";
    CHECK_OK(backstay_deferral_set_note(deferral, text(note)));
    memset(note, '?', sizeof note - 1); // it was copied
    backstay_holder listed = {.struct_size = sizeof listed};
    size_t count = 0;
    CHECK_OK(backstay_instance_holders(instance, &listed, 1, &count));
    CHECK(count == 1 && strcmp(listed.note, "part 3 of 7") == 0);
    CHECK_OK(backstay_deferral_set_note(deferral, text("part 4 of 7")));
    CHECK(strcmp(holder_of(deferral).note, "part 4 of 7") == 0);
    CHECK_OK(backstay_deferral_set_note(deferral, text("")));
    CHECK(holder_of(deferral).note[0] == 0);
    CHECK_STATUS(backstay_deferral_set_note(deferral, text("\xff")), BACKSTAY_INVALID_ARGUMENT);

    // What a holder is told as is told by all of these.
    uint8_t id[16];
    const backstay_holder holder = holder_of(deferral);
    CHECK_OK(backstay_instance_id(instance, id));
    CHECK(memcmp(holder.instance_id, id, sizeof id) == 0 && holder.kind == BACKSTAY_HOLDER_DEFERRAL);
    CHECK(strcmp(holder.task, "copy") == 0 && strcmp(holder.group, "photos") == 0);
    CHECK(strcmp(holder.label, "hold") == 0 && holder.line != 0 && strstr(holder.file, "model.h") != NULL);
    CHECK(holder.language == BACKSTAY_LANGUAGE_C && holder.site_language == BACKSTAY_LANGUAGE_C);
    CHECK(!holder.canceled && !holder.noticed && !holder.overdue);
    let_go(&holds, 0);
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Long notes and labels are cut off between characters; a path keeps its end, which says more. */
static void long_texts_are_cut_off(void) {
    char word[400], path[400];
    memset(word, 'w', sizeof word);
    memset(path, 'p', sizeof path);
    memcpy(path + sizeof path - 6, "/end.c", 6);
    memcpy(word + 62, "\xc3\xa9", 2); // its second byte would be the last one of a label
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral deferral;
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_get_deferral_at(instance, (backstay_str){word, sizeof word},
                                               (backstay_str){path, sizeof path}, 7, BACKSTAY_LANGUAGE_PYTHON,
                                               &deferral));
    CHECK_OK(backstay_deferral_set_note(deferral, (backstay_str){word, sizeof word}));
    const backstay_holder holder = holder_of(deferral);
    CHECK(strlen(holder.label) == 62 && strlen(holder.note) == sizeof holder.note - 1);
    CHECK(strlen(holder.file) == sizeof holder.file - 1 && strstr(holder.file, "p/end.c") != NULL);
    CHECK(holder.line == 7 && holder.language == BACKSTAY_LANGUAGE_PYTHON);
    CHECK_OK(backstay_deferral_complete(deferral));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* Another handle to the same hold outlives its completion, and is told so. */
static void nobody_is_told_after_the_completion(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral same;
    gate_wait(&held.taken);
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_holder holder = {.struct_size = sizeof holder, .line = 99};
    char stack[8] = "before";
    size_t length = 99;
    const backstay_status completed = BACKSTAY_ALREADY_COMPLETED;
    CHECK_STATUS(backstay_deferral_set_note(same, text("late")), completed);
    CHECK_STATUS(backstay_deferral_set_overdue_after(same, 1), completed);
    CHECK_STATUS(backstay_deferral_set_language(same, BACKSTAY_LANGUAGE_RUST), completed);
    CHECK_STATUS(backstay_deferral_set_stack(same, text("late")), completed);
    CHECK_STATUS(backstay_deferral_stack(same, stack, sizeof stack, &length), completed);
    CHECK_STATUS(backstay_deferral_holder(same, &holder), completed);
    CHECK(holder.line == 99 && strcmp(stack, "before") == 0 && length == 99);
    CHECK_OK(backstay_deferral_release(same));
    CHECK(wait_for(instance).dropped_count == 0);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* On a hold of an instance that was abandoned: no report will show it any more. */
static void nobody_is_told_after_an_abandonment(void) {
    struct held held = HELD;
    backstay_host host = open_host(1);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    await_entry_points(host);
    CHECK_OK(backstay_host_shutdown(host, 0, NULL));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_ABANDONED);
    CHECK_STATUS(backstay_deferral_set_note(held.deferral, text("late")), BACKSTAY_NOT_RUNNING);
    CHECK_STATUS(backstay_deferral_set_overdue_after(held.deferral, 1), BACKSTAY_NOT_RUNNING);
    CHECK_STATUS(backstay_deferral_set_stack(held.deferral, text("late")), BACKSTAY_NOT_RUNNING);
    CHECK_STATUS(backstay_deferral_complete(held.deferral), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_host_release(host));
}

/* Who was handed the deferral is its holder; the line that took it stays, with its own language. */
static void reports_name_who_was_handed_it(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    backstay_deferral same;
    gate_wait(&held.taken);
    const backstay_holder before = holder_of(held.deferral);
    CHECK_OK(backstay_deferral_dup(held.deferral, &same));
    CHECK_OK(backstay_deferral_set_language(same, BACKSTAY_LANGUAGE_PYTHON));
    const backstay_holder holder = holder_of(held.deferral);
    CHECK(holder.language == BACKSTAY_LANGUAGE_PYTHON && holder.site_language == BACKSTAY_LANGUAGE_C);
    CHECK(holder.line == before.line && strcmp(holder.file, before.file) == 0);
    CHECK_STATUS(backstay_deferral_set_language(same, 4), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_deferral_set_language((backstay_deferral){host.id}, 0), BACKSTAY_WRONG_HANDLE_TYPE);
    CHECK_OK(backstay_deferral_release(same));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(a_note_stands_in_reports_until_the_next), TEST(long_texts_are_cut_off), TEST(reports_name_who_was_handed_it),
      TEST(nobody_is_told_after_the_completion), TEST(nobody_is_told_after_an_abandonment))
