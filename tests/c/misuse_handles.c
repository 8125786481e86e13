/*
 * Any 64-bit value in any call is answered with the right status; nothing crashes, no result is written, user data is
 * ended, and what is alive is not touched.
 */
#include "every_call.h"

/* One living object of each type, and one released handle of each. */
struct world {
    struct held held;
    uint64_t live[TYPES], released[TYPES];
};

static struct world world = {.held = HELD};

static void open_world(void) {
    world = (struct world){.held = HELD};
    backstay_host host = open_host(1), host_2;
    backstay_task task = register_task(host, "held", hold_on, &world.held), task_2;
    backstay_instance instance = fire(task), instance_2;
    backstay_deferral deferral_2;
    backstay_subscription subscription, subscription_2;
    await_entry_points(host); // what was lent to them has ended, so that handles can be counted
    CHECK_OK(backstay_instance_on_canceled(instance, never_told, NULL, NULL, &subscription));
    CHECK_OK(backstay_host_dup(host, &host_2));
    CHECK_OK(backstay_task_dup(task, &task_2));
    CHECK_OK(backstay_instance_dup(instance, &instance_2));
    CHECK_OK(backstay_deferral_dup(world.held.deferral, &deferral_2));
    CHECK_OK(backstay_subscription_dup(subscription, &subscription_2));
    const uint64_t live[] = {host.id, task.id, instance.id, world.held.deferral.id, subscription.id};
    const uint64_t released[] = {host_2.id, task_2.id, instance_2.id, deferral_2.id, subscription_2.id};
    memcpy(world.live, live, sizeof live);
    memcpy(world.released, released, sizeof released);
    CHECK_OK(backstay_host_release(host_2));
    CHECK_OK(backstay_task_release(task_2));
    CHECK_OK(backstay_instance_release(instance_2));
    CHECK_OK(backstay_deferral_release(deferral_2));
    CHECK_OK(backstay_subscription_release(subscription_2));
}

/* Everything is as it was: as many handles, the host open, the instance held and not cancelled, its deferral pending. */
static void close_world(void) {
    const backstay_host host = {world.live[HOST]};
    const backstay_instance instance = {world.live[INSTANCE]};
    backstay_host_state state;
    size_t count = 0;
    bool canceled = true;
    CHECK(backstay_live_handles() == TYPES);
    CHECK_OK(backstay_host_get_state(host, &state));
    CHECK(state == BACKSTAY_HOST_OPEN);
    CHECK_OK(backstay_instance_is_canceled(instance, &canceled, NULL));
    CHECK_OK(backstay_instance_holders(instance, NULL, 0, &count));
    CHECK(!canceled && count == 1);
    CHECK_OK(backstay_subscription_release((backstay_subscription){world.live[SUBSCRIPTION]}));
    CHECK_OK(backstay_deferral_complete((backstay_deferral){world.live[DEFERRAL]}));
    CHECK(wait_for(instance).outcome == BACKSTAY_OUTCOME_SUCCEEDED);
    CHECK_OK(backstay_instance_release(instance));
    CHECK_OK(backstay_task_release((backstay_task){world.live[TASK]}));
    close_host(host);
}

static void every_call_is_here(void) {
    // The table has an entry for each function but get_api; five of them take no handle.
    const size_t entries = (sizeof(backstay_api) - offsetof(backstay_api, status_name)) / sizeof(void (*)(void));
    CHECK(backstay_get_api()->size == sizeof(backstay_api));
    CHECK(CALLS == entries - 5);
}

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

TESTS(TEST(every_call_is_here), TEST(none_is_no_handle_and_releasing_none_is_fine),
      TEST(a_handle_of_another_type_is_told_as_that),
      TEST(a_released_handle_is_stale_also_when_its_place_is_used_again),
      TEST(a_lent_handle_is_stale_when_the_callback_has_returned), TEST(a_number_that_was_never_a_handle_is_refused),
      TEST(a_number_that_is_almost_a_handle_is_refused))
