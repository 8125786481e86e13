/* A completion lists who was dropped and who still held, for as long as its handle or the call is good (L5, C6). */
#include "model.h"

/* What the callback saw, copied. */
struct seen {
    size_t dropped_count, holder_count;
    backstay_holder dropped[4], holders[4];
    backstay_outcome outcome;
};

static void write_down(const backstay_completion *completion, void *user_data) {
    struct seen *seen = user_data;
    CHECK(completion->struct_size == sizeof *completion);
    CHECK(completion->dropped_count <= 4 && completion->holder_count <= 4);
    seen->outcome = completion->outcome;
    seen->dropped_count = completion->dropped_count;
    seen->holder_count = completion->holder_count;
    for (size_t index = 0; index < completion->dropped_count; index++) {
        seen->dropped[index] = completion->dropped[index];
    }
    for (size_t index = 0; index < completion->holder_count; index++) {
        seen->holders[index] = completion->holders[index];
    }
}

/* Takes three deferrals and stays. */
struct stays {
    struct occupied occupied;
    backstay_deferral deferral[3];
};

static backstay_status stay(backstay_instance instance, void *user_data) {
    struct stays *stays = user_data;
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("first"), &stays->deferral[0]));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("second"), &stays->deferral[1]));
    CHECK_OK(backstay_instance_get_deferral(instance, BACKSTAY_STR("third"), &stays->deferral[2]));
    return occupy(instance, &stays->occupied);
}

static bool is(const backstay_holder *holder, backstay_holder_kind kind, const char *label) {
    return holder->kind == kind && strcmp(holder->label, label) == 0 && strcmp(holder->task, "stays") == 0 &&
           strcmp(holder->group, "group") == 0 && holder->canceled && holder->reason == BACKSTAY_CANCEL_ABORT;
}

/* Field by field, since nobody says what is between them. */
static bool is_same(const backstay_holder *one, const backstay_holder *other) {
    return one->struct_size == other->struct_size && one->kind == other->kind && one->line == other->line &&
           one->age_ns == other->age_ns && one->asked_ns == other->asked_ns && one->noticed == other->noticed &&
           strcmp(one->label, other->label) == 0 && strcmp(one->file, other->file) == 0 &&
           memcmp(one->instance_id, other->instance_id, sizeof one->instance_id) == 0;
}

static void both_lists_are_told_by_wait_and_by_the_callback(void) {
    struct stays stays = {.occupied = OCCUPIED};
    struct seen seen = {0};
    backstay_host host = open_host(1);
    backstay_task task = register_as(host, (backstay_task_options){.name = text("stays"), .group = text("group"),
                                                                  .grace_ns = SECOND, .run = stay,
                                                                  .user_data = &stays});
    CHECK_OK(backstay_task_on_completed(task, write_down, &seen, NULL, NULL));
    backstay_instance instance = fire(task);
    gate_wait(&stays.occupied.entered);
    CHECK_OK(backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_deferral_release(stays.deferral[1]));
    CHECK_OK(backstay_deferral_release(stays.deferral[0]));
    advance(host, SECOND);

    backstay_completion completion = wait_for(instance);
    CHECK(completion.outcome == BACKSTAY_OUTCOME_ABANDONED && completion.dropped_count == 2);
    // In the order of dropping; who still holds, with the entry point first.
    CHECK(is(&completion.dropped[0], BACKSTAY_HOLDER_DEFERRAL, "second"));
    CHECK(is(&completion.dropped[1], BACKSTAY_HOLDER_DEFERRAL, "first"));
    CHECK(completion.holder_count == 2 && is(&completion.holders[0], BACKSTAY_HOLDER_ENTRY_POINT, ""));
    CHECK(is(&completion.holders[1], BACKSTAY_HOLDER_DEFERRAL, "third"));
    CHECK(completion.dropped[0].age_ns == 0 && completion.holders[1].age_ns == SECOND);
    flush(host);
    CHECK(seen.outcome == BACKSTAY_OUTCOME_ABANDONED && seen.dropped_count == 2 && seen.holder_count == 2);
    for (int index = 0; index < 2; index++) {
        CHECK(is_same(&seen.dropped[index], &completion.dropped[index]));
        CHECK(is_same(&seen.holders[index], &completion.holders[index]));
    }

    // What comes later changes nothing, and the lists are good until the handle is released.
    CHECK_STATUS(backstay_deferral_complete(stays.deferral[2]), BACKSTAY_NOT_RUNNING);
    gate_open(&stays.occupied.leave);
    CHECK_OK(backstay_task_release(task));
    await_entry_points(host);
    CHECK_OK(backstay_host_shutdown(host, 0, NULL));
    CHECK_OK(backstay_host_release(host));
    CHECK(wait_for(instance).holder_count == 2);
    CHECK(is(&completion.holders[1], BACKSTAY_HOLDER_DEFERRAL, "third"));
    CHECK_OK(backstay_instance_release(instance));
    await_live_handles(0);
}

static void an_instance_that_ended_by_itself_has_empty_lists(void) {
    struct seen seen = {.dropped_count = 99, .holder_count = 99};
    backstay_host host = open_host(0);
    backstay_task task = register_task(host, "nothing", do_nothing, NULL);
    CHECK_OK(backstay_task_on_completed(task, write_down, &seen, NULL, NULL));
    backstay_instance instance = fire(task);
    backstay_completion completion = wait_for(instance);
    flush(host);
    CHECK(completion.dropped_count == 0 && completion.holder_count == 0);
    CHECK(seen.dropped_count == 0 && seen.holder_count == 0);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release(task));
    close_host(host);
}

TESTS(TEST(both_lists_are_told_by_wait_and_by_the_callback), TEST(an_instance_that_ended_by_itself_has_empty_lists))
