/*
 * Any 64-bit value in any call is answered with the right status; nothing crashes, no result is written, user data is
 * ended, and what is alive is not touched.
 */
#include "world.h"

static void none_is_no_handle_and_releasing_none_is_fine(void) {
    FOR_EVERY_CALL(call) {
        CHECK_REFUSED(call, 0, call->ending == RELEASES ? BACKSTAY_OK : BACKSTAY_INVALID_HANDLE);
    }
}

static void a_handle_of_another_type_is_told_as_that(void) {
    open_world();
    FOR_EVERY_CALL(call) {
        for (enum type type = HOST; type < TYPES; type++) {
            if (type != call->type) CHECK_REFUSED(call, world.live[type], BACKSTAY_WRONG_HANDLE_TYPE);
        }
    }
    close_world();
}

static backstay_status stale_for(const struct call *call) {
    return call->ending == COMPLETES ? BACKSTAY_ALREADY_COMPLETED : BACKSTAY_STALE_HANDLE;
}

static void a_released_handle_is_stale_also_when_its_place_is_used_again(void) {
    open_world();
    FOR_EVERY_CALL(call) CHECK_REFUSED(call, world.released[call->type], stale_for(call));
    // As many handles as were released, so that all their places are taken again.
    backstay_host again[TYPES];
    for (int index = 0; index < TYPES; index++) {
        CHECK_OK(backstay_host_dup((backstay_host){world.live[HOST]}, &again[index]));
    }
    FOR_EVERY_CALL(call) CHECK_REFUSED(call, world.released[call->type], stale_for(call));
    for (int index = 0; index < TYPES; index++) CHECK_OK(backstay_host_release(again[index]));
    close_world();
}

/* Keeps the number of the handle that was lent, which is what nobody should do. */
static backstay_status remember(backstay_instance instance, void *user_data) {
    *(uint64_t *)user_data = instance.id;
    return BACKSTAY_OK;
}

static void remember_too(backstay_instance instance, uint32_t number, void *user_data) {
    (void)number;
    *(uint64_t *)user_data = instance.id;
}

static void a_lent_handle_is_stale_when_the_callback_has_returned(void) {
    uint64_t by_run = 0, by_progress = 0, by_canceled = 0;
    open_world();
    const backstay_host host = {world.live[HOST]};
    backstay_task task = register_task(host, "remember", remember, &by_run);
    backstay_instance instance = fire(task);
    // Ended before the entry point's hold is let go, so before wait returns.
    wait_for(instance);
    FOR_EVERY_CALL(call) {
        if (call->type == INSTANCE) CHECK_REFUSED(call, by_run, BACKSTAY_STALE_HANDLE);
    }

    struct held held = HELD;
    backstay_task telling = register_task(host, "tell", hold_on, &held);
    backstay_instance told = fire(telling);
    CHECK_OK(backstay_task_on_progress(telling, remember_too, &by_progress, NULL, NULL));
    gate_wait(&held.taken);
    CHECK_OK(backstay_instance_on_canceled(told, remember_too, &by_canceled, NULL, NULL));
    CHECK_OK(backstay_instance_set_progress(told, 1));
    CHECK_OK(backstay_instance_cancel(told, BACKSTAY_CANCEL_ABORT));
    CHECK_OK(backstay_host_flush(host, SOON));
    CHECK(by_progress != 0 && by_canceled != 0);
    FOR_EVERY_CALL(call) {
        if (call->type != INSTANCE) continue;
        CHECK_REFUSED(call, by_progress, BACKSTAY_STALE_HANDLE);
        CHECK_REFUSED(call, by_canceled, BACKSTAY_STALE_HANDLE);
    }
    CHECK_OK(backstay_deferral_complete(held.deferral));
    wait_for(told);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_instance_release(told));
    CHECK_OK(backstay_task_release(task));
    CHECK_OK(backstay_task_release(telling));
    close_world();
}

/* The same numbers in every run, so that a failure can be seen again. */
static uint64_t random_number(void) {
    static uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static bool is_live(uint64_t id) {
    if (id == world.jobs_host.id) return true;
    for (int type = 0; type < TYPES; type++) {
        if (world.live[type] == id) return true;
    }
    return false;
}

static void check_forged(const struct call *call, uint64_t id) {
    if (id == 0 || is_live(id)) return;
    const backstay_status seen = refused(call, id);
    const bool is_known = seen == BACKSTAY_INVALID_HANDLE || seen == BACKSTAY_STALE_HANDLE ||
                          seen == BACKSTAY_WRONG_HANDLE_TYPE || seen == BACKSTAY_FOREIGN_HANDLE ||
                          (call->ending == COMPLETES && seen == BACKSTAY_ALREADY_COMPLETED);
    if (is_known) return;
    fprintf(stderr, "%s: %s(%#llx)\n", backstay_status_name(seen), call->name, (unsigned long long)id);
    give_up();
}

/* Which is looked at in the same way, though the calls above give it only together with a wrong first one. */
static void the_second_handle_of_is_same_is_looked_at_too(void) {
    open_world();
    const backstay_task good = {world.live[TASK]};
    bool is_same = false;
    CHECK_STATUS(backstay_task_is_same(good, (backstay_task){0}, &is_same), BACKSTAY_INVALID_HANDLE);
    const backstay_task stale = {world.released[TASK]}, wrong = {world.live[HOST]};
    CHECK_STATUS(backstay_task_is_same(good, stale, &is_same), BACKSTAY_STALE_HANDLE);
    CHECK_STATUS(backstay_task_is_same(good, wrong, &is_same), BACKSTAY_WRONG_HANDLE_TYPE);
    CHECK(!is_same);
    CHECK_OK(backstay_task_is_same(good, good, &is_same));
    CHECK(is_same);
    close_world();
}

static void a_number_that_was_never_a_handle_is_refused(void) {
    open_world();
    for (int round = 0; round < 4000; round++) {
        const uint64_t number = random_number();
        FOR_EVERY_CALL(call) {
            check_forged(call, number);
        }
    }
    close_world();
}

/* Random numbers hardly come near to a handle; those that differ from a good one by a bit or by one do. */
static void a_number_that_is_almost_a_handle_is_refused(void) {
    open_world();
    FOR_EVERY_CALL(call) {
        for (int type = 0; type < TYPES; type++) {
            const uint64_t live = world.live[type], released = world.released[type];
            for (int bit = 0; bit < 64; bit++) {
                check_forged(call, live ^ UINT64_C(1) << bit);
                check_forged(call, released ^ UINT64_C(1) << bit);
            }
            for (uint64_t by = 1; by < 64; by++) {
                check_forged(call, live + by);
                check_forged(call, live - by);
            }
        }
        for (int round = 0; round < 1000; round++) {
            const uint64_t bits = random_number();
            check_forged(call, world.live[bits % TYPES] ^ UINT64_C(1) << (bits >> 8) % 64 ^
                                   UINT64_C(1) << (bits >> 16) % 64 ^ UINT64_C(1) << (bits >> 24) % 64);
        }
    }
    close_world();
}

TESTS(TEST(none_is_no_handle_and_releasing_none_is_fine),
      TEST(a_handle_of_another_type_is_told_as_that),
      TEST(a_released_handle_is_stale_also_when_its_place_is_used_again),
      TEST(a_lent_handle_is_stale_when_the_callback_has_returned),
      TEST(the_second_handle_of_is_same_is_looked_at_too), TEST(a_number_that_was_never_a_handle_is_refused),
      TEST(a_number_that_is_almost_a_handle_is_refused))
