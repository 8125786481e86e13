/* A host lists every pending deferral of every instance, in the order of firing, while there is room (H4). */
#include "model.h"

/* Takes a deferral and stays. */
struct stays {
    struct occupied occupied;
    backstay_deferral deferral;
};

static backstay_status stay(backstay_instance instance, void *user_data) {
    struct stays *stays = user_data;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("stays"), &stays->deferral));
    return occupy(instance, &stays->occupied);
}

static bool holds(const backstay_holder *holder, backstay_instance instance, const char *label) {
    uint8_t id[16];
    CHECK_OK(backstay_instance_id(instance, id));
    return memcmp(holder->instance_id, id, sizeof id) == 0 && holder->kind == BACKSTAY_HOLDER_DEFERRAL &&
           strcmp(holder->label, label) == 0;
}

static void all_are_listed_as_far_as_there_is_room(void) {
    struct stays stays = {.occupied = OCCUPIED};
    struct held held = HELD;
    backstay_host host = open_host(2);
    backstay_task first = register_task(host, "first", stay, &stays);
    backstay_task second = register_task(host, "second", hold_on, &held);
    backstay_instance staying = fire(first);
    gate_wait(&stays.occupied.entered);
    backstay_instance holding = fire(second);
    gate_wait(&held.taken);
    await_entry_points(host); // the other of two workers
    backstay_holder list[3] = {{.struct_size = sizeof list[0]}, {.line = 99}, {.line = 99}};
    size_t count = 0;
    CHECK_OK(backstay_host_holders(host, list, 3, &count));
    // The entry point that still executes is no deferral.
    CHECK(count == 2 && list[2].line == 99);
    CHECK(holds(&list[0], staying, "stays") && strcmp(list[0].task, "first") == 0);
    CHECK(holds(&list[1], holding, "held") && strcmp(list[1].task, "second") == 0);

    list[1].line = 99;
    CHECK_OK(backstay_host_holders(host, list, 1, &count));
    CHECK(count == 2 && list[1].line == 99);
    CHECK_OK(backstay_host_holders(host, NULL, 0, &count));
    CHECK(count == 2);
    CHECK_STATUS(backstay_host_holders(host, NULL, 1, &count), BACKSTAY_INVALID_ARGUMENT);
    CHECK_STATUS(backstay_host_holders(host, list, 3, NULL), BACKSTAY_INVALID_ARGUMENT);
    list[0].struct_size = 0;
    CHECK_STATUS(backstay_host_holders(host, list, 3, &count), BACKSTAY_INVALID_ARGUMENT);

    gate_open(&stays.occupied.leave);
    CHECK_OK(backstay_deferral_complete(stays.deferral));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK(end_of(staying) == BACKSTAY_OUTCOME_SUCCEEDED && end_of(holding) == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_host_holders(host, list, 0, &count));
    CHECK(count == 0);
    CHECK_OK(backstay_task_release(first));
    CHECK_OK(backstay_task_release(second));
    close_host(host);
}

TESTS(TEST(all_are_listed_as_far_as_there_is_room))
