/* A drain report names everyone who is left: the label, file and line of each deferral, and a running entry point. */
#include "check.h"

#define STUCK_LINE 4711

/* Takes two deferrals, whose lines it notes, and stays. */
struct stuck {
    struct occupied occupied;
    backstay_deferral first, second;
    uint32_t first_line;
};

static backstay_status get_stuck(backstay_instance instance, void *user_data) {
    struct stuck *stuck = user_data;
    stuck->first_line = __LINE__ + 1;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("first"), &stuck->first));
    CHECK_OK((backstay_instance_get_deferral)(instance, BACKSTAY_STR("second"), &stuck->second));
    return occupy(instance, &stuck->occupied);
}

static backstay_task register_stuck(backstay_host host, struct stuck *stuck) {
    backstay_task_options options = {.struct_size = sizeof options, .name = text("stuck"), .file = "stuck.c"};
    options.line = STUCK_LINE;
    options.run = get_stuck;
    options.user_data = stuck;
    backstay_task task;
    CHECK_OK(backstay_task_register(host, &options, &task, NULL));
    return task;
}

static bool is_stuck_entry_point(const backstay_holder *holder) {
    return holder->kind == BACKSTAY_HOLDER_ENTRY_POINT && strcmp(holder->file, "stuck.c") == 0 &&
           holder->line == STUCK_LINE && holder->label[0] == 0 && strcmp(holder->task, "stuck") == 0 &&
           holder->language == BACKSTAY_LANGUAGE_C;
}

static bool is_first(const backstay_holder *holder, const struct stuck *stuck) {
    return holder->kind == BACKSTAY_HOLDER_DEFERRAL && strcmp(holder->label, "first") == 0 &&
           strcmp(holder->file, __FILE__) == 0 && holder->line == stuck->first_line &&
           holder->language == BACKSTAY_LANGUAGE_C && strcmp(holder->task, "stuck") == 0;
}

static bool is_second(const backstay_holder *holder) {
    return holder->kind == BACKSTAY_HOLDER_DEFERRAL && strcmp(holder->label, "second") == 0 &&
           holder->file[0] == 0 && holder->line == 0;
}

static void a_drain_lists_who_holds_and_a_shutdown_who_held(void) {
    struct stuck stuck = {.occupied = OCCUPIED};
    backstay_host host = open_host(0);
    backstay_task task = register_stuck(host, &stuck);
    backstay_instance instance = fire(task);
    uint8_t id[16];
    CHECK_OK(backstay_instance_id(instance, id));
    gate_wait(&stuck.occupied.entered);
    CHECK_OK(backstay_host_advance(host, 2 * SECOND));

    // Holders of the instance: its deferrals, in the order of taking. The array is larger than what there is.
    backstay_holder holders[4] = {{.struct_size = sizeof holders[0]}};
    size_t count = 0;
    memset(&holders[3], 0x5A, sizeof holders[3]);
    CHECK_OK(backstay_instance_holders(instance, holders, 4, &count));
    CHECK(count == 2 && is_first(&holders[0], &stuck) && is_second(&holders[1]));
    CHECK(holders[0].age_ns == 2 * SECOND && !holders[0].canceled);
    CHECK(memcmp(holders[0].instance_id, id, sizeof id) == 0);

    backstay_drain_report report = {.struct_size = sizeof report, .holders = holders, .holder_capacity = 4};
    CHECK_OK(backstay_host_drain(host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_DRAINING && report.remaining == 1 && report.abandoned == 0);
    CHECK(report.holder_count == 3 && is_stuck_entry_point(&holders[0]) && is_first(&holders[1], &stuck));
    CHECK(is_second(&holders[2]) && !holders[2].canceled && holders[2].age_ns == 2 * SECOND);
    CHECK(holders[3].struct_size == 0x5A5A5A5A && holders[3].task[0] == 0x5A); // beyond what there is: not written
    CHECK(report.holders == holders && report.holder_capacity == 4);

    CHECK_OK(backstay_host_shutdown(host, 0, &report));
    CHECK(report.state == BACKSTAY_HOST_CLOSED && report.abandoned == 1 && report.remaining == 0);
    CHECK(report.stragglers == 1 && report.holder_count == 3);
    CHECK(is_stuck_entry_point(&holders[0]) && holders[0].canceled && is_first(&holders[1], &stuck));
    CHECK(memcmp(holders[2].instance_id, id, sizeof id) == 0);

    // With room for one, one is written and all are counted; without an array they are only counted.
    backstay_holder only[2] = {{.struct_size = sizeof only[0]}, {.line = 7}};
    report = (backstay_drain_report){.struct_size = sizeof report, .holders = only, .holder_capacity = 1};
    CHECK_OK(backstay_host_shutdown(host, 0, &report));
    CHECK(report.holder_count == 3 && is_stuck_entry_point(&only[0]) && only[1].line == 7);
    report = (backstay_drain_report){.struct_size = sizeof report};
    CHECK_OK(backstay_host_shutdown(host, 0, &report));
    CHECK(report.holder_count == 3 && report.abandoned == 1);

    gate_open(&stuck.occupied.leave);
    CHECK_STATUS(backstay_deferral_complete(stuck.first), BACKSTAY_NOT_RUNNING);
    CHECK_STATUS(backstay_deferral_complete(stuck.second), BACKSTAY_NOT_RUNNING);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    await_live_handles(1);
    CHECK_OK(backstay_host_release(host));
}

/* Elements are as far apart as the caller's struct is long, so that an older program's array is not overrun. */
static void an_older_caller_gets_what_it_knows(void) {
    struct held held = HELD;
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "held", hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    backstay_deferral other;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("other"), &other));
    struct older {
        uint32_t struct_size;
        backstay_holder_kind kind;
        uint8_t instance_id[16];
    } older[3] = {{.struct_size = sizeof(struct older), .kind = 9}, {.kind = 9}, {.kind = 9}};
    size_t count = 0;
    CHECK_OK(backstay_instance_holders(instance, (backstay_holder *)(void *)older, 3, &count));
    CHECK(count == 2 && older[0].kind == 0 && older[1].kind == 0 && older[2].kind == 9);
    CHECK(older[1].struct_size == sizeof(struct older));
    CHECK(memcmp(older[0].instance_id, older[1].instance_id, 16) == 0);
    CHECK_OK(backstay_deferral_complete(held.deferral));
    CHECK_OK(backstay_deferral_complete(other));
    wait_for(instance);
    CHECK_OK(backstay_instance_holders(instance, NULL, 0, &count));
    CHECK(count == 0);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

static void long_texts_are_cut_between_characters(void) {
    struct held held = HELD;
    char name[201], file[301];
    memset(name, 'n', sizeof name - 1), name[sizeof name - 1] = 0;
    for (size_t index = 0; index < sizeof file - 1; index += 2) memcpy(file + index, "\xc3\xa9", 3);
    memcpy(file + 296, "/x.c", 5);
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, name, hold_on, &held);
    backstay_instance instance = fire(task);
    gate_wait(&held.taken);
    backstay_deferral deferral;
    CHECK_OK(backstay_instance_get_deferral_at(instance, text(file), text(file), 9, BACKSTAY_LANGUAGE_CPP, &deferral));
    CHECK_OK(backstay_deferral_complete(held.deferral));
    backstay_holder holder = {.struct_size = sizeof holder};
    size_t count = 0;
    CHECK_OK(backstay_instance_holders(instance, &holder, 1, &count));
    CHECK(count == 1 && holder.language == BACKSTAY_LANGUAGE_CPP && holder.line == 9);
    CHECK(strlen(holder.task) == sizeof holder.task - 1);
    CHECK(strlen(holder.label) == 62 && strncmp(holder.label, file, 62) == 0); // half an e-acute is left out
    CHECK(strlen(holder.file) <= 127 && strcmp(holder.file + strlen(holder.file) - 4, "/x.c") == 0);
    CHECK((holder.file[0] & 0xC0) == 0xC0); // it begins with a whole character
    CHECK_OK(backstay_deferral_complete(deferral));
    wait_for(instance);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(a_drain_lists_who_holds_and_a_shutdown_who_held), TEST(an_older_caller_gets_what_it_knows),
      TEST(long_texts_are_cut_between_characters))
