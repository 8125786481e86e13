#include "play.h"

#include "gates.h"
#include "parse.h"
#include "perform.h"

#include <stdio.h>

/*
 * How long a whole file may take. Each wait of the runner ends after five seconds; this is for a call that never comes
 * back.
 */
#define WATCHDOG (60 * SECOND)

/* A file that is being played by a thread of its own. The lock of the stage guards what stands below. */
struct playing {
    struct stage *stage;
    const struct step *first;
    /* The step that is being carried out. */
    size_t line;
    bool has_ended;
    /* What went wrong first. */
    struct trouble trouble;
    /* The library calls nothing of this stage any more. */
    bool is_over;
};

static void *play_steps(void *argument) {
    struct playing *playing = argument;
    struct stage *stage = playing->stage;
    struct player player = player_new(stage);
    struct trouble trouble = no_trouble();
    for (const struct step *step = playing->first; step != NULL && trouble.kind == TROUBLE_NONE; step = step->next) {
        stage_lock(stage);
        playing->line = step->line;
        stage_unlock(stage);
        trouble = perform(&player, step);
    }
    bool is_over;
    const struct trouble closed = player_close(&player, &is_over);
    stage_lock(stage);
    /* A failure to close is told only when the steps went well: the first thing that went wrong counts. */
    playing->trouble = trouble.kind == TROUBLE_NONE ? closed : trouble;
    playing->is_over = is_over;
    playing->has_ended = true;
    stage_changed(stage);
    stage_unlock(stage);
    return NULL;
}

/* Waits for the end of the file; false when the watchdog is faster. */
static bool ends(struct playing *playing) {
    const struct timespec until = stage_time(WATCHDOG);
    stage_lock(playing->stage);
    bool is_in_time = true;
    while (!playing->has_ended && is_in_time) is_in_time = stage_wait(playing->stage, &until);
    const bool has_ended = playing->has_ended;
    stage_unlock(playing->stage);
    return has_ended;
}

void tell_failure(const char *name, size_t line, const char *message) {
    printf("FAILED c %s line %zu: %s\n", name, line, message);
    fflush(stdout);
}

static bool tell(const char *name, const struct playing *playing) {
    const struct trouble *trouble = &playing->trouble;
    switch (trouble->kind) {
        case TROUBLE_NONE:
            printf("ok c %s\n", name);
            fflush(stdout);
            return true;
        case TROUBLE_REFUSED:
            printf("FAILED c %s line %zu: expected OK, saw %s (%s)\n", name, playing->line,
                   backstay_status_name(trouble->status), trouble->text);
            fflush(stdout);
            return false;
        case TROUBLE_WRONG: tell_failure(name, playing->line, trouble->text); return false;
    }
    return false;
}

/* Plays what was read. The stage stays when something may still use it. */
static bool play_on(const char *name, struct stage *stage, const struct step *first) {
    struct playing *playing = arena_take(&stage->arena, sizeof *playing);
    playing->stage = stage;
    playing->first = first;
    pthread_t thread;
    if (pthread_create(&thread, NULL, play_steps, playing) != 0) {
        tell_failure(name, 0, "no thread to play the file");
        stage_free(stage);
        return false;
    }
    if (!ends(playing)) {
        gates_release(stage);
        pthread_detach(thread);
        stage_lock(stage);
        const size_t line = playing->line;
        stage_unlock(stage);
        tell_failure(name, line, "expected the step to end, saw it still busy after 60s");
        return false;
    }
    pthread_join(thread, NULL);
    const bool passes = tell(name, playing);
    if (playing->is_over) stage_free(stage);
    return passes;
}

bool play(const char *name, const char *text) {
    struct stage *stage = stage_new();
    struct step *first;
    const struct fault fault = parse(&stage->arena, text, &first);
    if (fault.message == NULL) return play_on(name, stage, first);
    tell_failure(name, fault.line, fault.message);
    stage_free(stage);
    return false;
}
