#include "player.h"

#include "closing.h"
#include "deferrals.h"
#include "gates.h"

#include <inttypes.h>

struct player player_new(struct stage *stage) {
    return (struct player){.stage = stage, .handles_before = backstay_live_handles()};
}

/* Ends the handles of the file. The events have ended before, so none is added. */
static void release_all(struct player *player) {
    struct stage *stage = player->stage;
    deferrals_release(stage);
    stage_lock(stage);
    const struct registered *registered = stage->tasks;
    const struct run *run = stage->runs;
    stage_unlock(stage);
    for (; registered != NULL; registered = registered->older) MUST(stage, backstay_task_release(registered->task));
    for (; run != NULL; run = run->next) MUST(stage, backstay_instance_release(run->instance));
    MUST(stage, backstay_subscription_release(player->events));
    MUST(stage, backstay_host_release(player->host));
}

static bool is_nothing_left(void *context) {
    const struct player *player = context;
    stage_lock(player->stage);
    const bool has_ended = player->stage->user_data == 0;
    stage_unlock(player->stage);
    return has_ended && backstay_live_handles() <= player->handles_before;
}

struct trouble player_close(struct player *player, bool *is_over) {
    struct stage *stage = player->stage;
    gates_release(stage);
    if (player->host.id != 0) {
        MUST(stage, backstay_host_shutdown(player->host, 0, NULL));
        report_join(player->report);
        MUST(stage, backstay_subscription_cancel(player->events));
        release_all(player);
    }
    const bool is_clean = stage_wait_for(stage, is_nothing_left, player);
    stage_lock(stage);
    const size_t user_data = stage->user_data;
    stage_unlock(stage);
    *is_over = user_data == 0;
    if (is_clean) return stage_trouble(stage);
    const uint64_t handles_now = backstay_live_handles();
    const uint64_t handles = handles_now > player->handles_before ? handles_now - player->handles_before : 0;
    return wrong(arena_format(&stage->arena,
                              "expected nothing left, saw %" PRIu64 " handles and the user data of %zu callbacks",
                              handles, user_data));
}
