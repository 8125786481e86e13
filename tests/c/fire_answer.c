/* Every firing says what became of it, and for what its instance waits (F1). */
#include "model.h"

static const backstay_str three[] = {BACKSTAY_STR_INIT("network"), BACKSTAY_STR_INIT("power"),
                                     BACKSTAY_STR_INIT("idle")};

/* Fires and gives the answer; the handle of the instance is given up, so that only the answer is left. */
static backstay_fire_answer answer_of(backstay_task task) {
    backstay_fire_answer answer = {.struct_size = sizeof answer};
    CHECK_OK(backstay_task_fire_with_answer(task, NULL, NULL, &answer));
    CHECK(answer.struct_size == sizeof answer);
    return answer;
}

static bool waits_for(backstay_fire_answer answer, backstay_waiting_for what) {
    return answer.became == BACKSTAY_FIRING_WAITING && answer.waiting_for == what;
}

static void each_way_has_its_answer(void) {
    struct holds holds = HOLDS;
    struct count ended = COUNT;
    backstay_host host = open_host(0);
    backstay_task task = register_as(host, (backstay_task_options){.name = text("one at a time"),
                                                                  .when_busy = BACKSTAY_WHEN_BUSY_COALESCE,
                                                                  .conditions = three, .condition_count = 1,
                                                                  .run = take_hold, .user_data = &holds});
    CHECK_OK(backstay_task_on_completed(task, count_completion, &ended, NULL, NULL));
    CHECK(waits_for(answer_of(task), BACKSTAY_WAITING_FOR_CONDITIONS));
    CHECK_OK(backstay_host_set_condition(host, three[0], true));
    let_go(&holds, 0);
    count_wait(&ended, 1);

    backstay_fire_answer answer = answer_of(task);
    CHECK(answer.became == BACKSTAY_FIRING_STARTED && answer.waiting_for == BACKSTAY_WAITING_FOR_NOTHING);
    CHECK(answer.condition_count == 0);
    hold_of(&holds, 1);
    CHECK(waits_for(answer_of(task), BACKSTAY_WAITING_FOR_BUSY));
    answer = answer_of(task);
    CHECK(answer.became == BACKSTAY_FIRING_MERGED && answer.waiting_for == BACKSTAY_WAITING_FOR_NOTHING);
    let_go(&holds, 1);
    let_go(&holds, 2);
    count_wait(&ended, 3);

    CHECK_OK(backstay_host_suspend(host, BACKSTAY_CAUSE_NONE));
    CHECK(waits_for(answer_of(task), BACKSTAY_WAITING_FOR_SUSPENDED));
    CHECK_OK(backstay_host_resume(host));
    let_go(&holds, 3);
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
}

/* The only worker is occupied by another task. */
static void without_a_free_worker_it_waits_for_one(void) {
    struct occupied occupied = OCCUPIED;
    backstay_host host = open_host(1);
    backstay_task busy = register_task(host, "busy", occupy, &occupied);
    backstay_task task = register_task(host, "waits", do_nothing, NULL);
    CHECK(answer_of(busy).became == BACKSTAY_FIRING_STARTED);
    gate_wait(&occupied.entered);
    CHECK(waits_for(answer_of(task), BACKSTAY_WAITING_FOR_WORKER));
    gate_open(&occupied.leave);
    CHECK_OK(backstay_task_release(busy));
    CHECK_OK(backstay_task_release(task));
    finish_host(host);
}

static void the_unmet_conditions_are_named_as_far_as_there_is_room(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("three"), .conditions = three, .condition_count = 3});
    CHECK_OK(backstay_host_set_condition(host, text("power"), true));
    backstay_str names[3] = {{0}};
    backstay_fire_answer answer = {.struct_size = sizeof answer, .conditions = names, .condition_capacity = 3};
    CHECK_OK(backstay_task_fire_with_answer(task, NULL, NULL, &answer));
    CHECK(waits_for(answer, BACKSTAY_WAITING_FOR_CONDITIONS) && answer.condition_count == 2);
    CHECK(answer.conditions == names && answer.condition_capacity == 3);
    CHECK(is_text(names[0], "network") && is_text(names[1], "idle") && names[2].len == 0);

    // With too little room the number is told all the same, and with none, too.
    backstay_str one[2] = {{0}};
    answer = (backstay_fire_answer){.struct_size = sizeof answer, .conditions = one, .condition_capacity = 1};
    CHECK_OK(backstay_task_fire_with_answer(task, NULL, NULL, &answer));
    CHECK(answer.condition_count == 2 && is_text(one[0], "network") && one[1].ptr == NULL);
    CHECK(answer_of(task).condition_count == 2);

    // The views are good until the handle of the task is released, whatever becomes of instances and host.
    CHECK_OK(backstay_task_unregister(task, false));
    close_host(host);
    CHECK(is_text(names[1], "idle"));
    CHECK_OK(backstay_task_release(task));
}

/* A mistake in the answer is told before anything was fired; a refusal writes nothing. */
static void a_wrong_answer_fires_nothing(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("three"), .conditions = three, .condition_count = 3});
    backstay_fire_answer answer = {.struct_size = 0, .became = 77};
    CHECK_STATUS(backstay_task_fire_with_answer(task, NULL, NULL, &answer), BACKSTAY_INVALID_ARGUMENT);
    answer = (backstay_fire_answer){.struct_size = sizeof answer, .became = 77, .condition_capacity = 1};
    CHECK_STATUS(backstay_task_fire_with_answer(task, NULL, NULL, &answer), BACKSTAY_INVALID_ARGUMENT);
    CHECK(counts_are(task, 0, 0));
    answer.condition_capacity = 0;
    CHECK_OK(backstay_task_unregister(task, false));
    CHECK_STATUS(backstay_task_fire_with_answer(task, NULL, NULL, &answer), BACKSTAY_UNREGISTERED);
    CHECK(answer.became == 77);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void nobody_has_to_want_an_answer(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "plain", do_nothing, NULL);
    backstay_instance instance;
    CHECK_OK(backstay_task_fire_with_answer(task, NULL, &instance, NULL));
    CHECK(end_of(instance) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

/* What would be answered is told in words at any time. */
static void a_task_explains_what_keeps_it(void) {
    backstay_host host = open_host(0);
    backstay_task task = register_as(
        host, (backstay_task_options){.name = text("three"), .conditions = three, .condition_count = 3});
    char words[512], few[8];
    size_t length = 0, same = 0;
    CHECK_OK(backstay_task_explain(task, words, sizeof words, &length));
    CHECK(length == strlen(words) && strstr(words, "network") != NULL && strstr(words, "idle") != NULL);
    CHECK_OK(backstay_task_explain(task, few, sizeof few, &same));
    CHECK(same == length && strlen(few) == sizeof few - 1 && strncmp(few, words, sizeof few - 1) == 0);
    CHECK_OK(backstay_task_explain(task, NULL, 0, &same));
    CHECK_STATUS(backstay_task_explain(task, NULL, 1, &same), BACKSTAY_INVALID_ARGUMENT);
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(each_way_has_its_answer), TEST(without_a_free_worker_it_waits_for_one),
      TEST(the_unmet_conditions_are_named_as_far_as_there_is_room), TEST(a_wrong_answer_fires_nothing),
      TEST(nobody_has_to_want_an_answer), TEST(a_task_explains_what_keeps_it))
