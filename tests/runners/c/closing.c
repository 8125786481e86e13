#include "closing.h"

#include "expect.h"

/* More holders than this are no scenario. */
enum { HOLDERS = 1000 };

struct report {
    struct stage *stage;
    backstay_host host;
    pthread_t thread;
    struct report *older;
    /* Under the lock of the stage: what stands below was written. */
    bool is_here;
    backstay_status status;
    backstay_drain_report drained;
    backstay_holder holders[HOLDERS];
};

static void *await(void *argument) {
    struct report *report = argument;
    report->holders[0].struct_size = sizeof report->holders[0];
    report->drained = (backstay_drain_report){.struct_size = sizeof report->drained,
                                              .holders = report->holders,
                                              .holder_capacity = HOLDERS};
    report->status = backstay_host_wait(report->host, BACKSTAY_FOREVER, &report->drained);
    stage_lock(report->stage);
    report->is_here = true;
    stage_changed(report->stage);
    stage_unlock(report->stage);
    return NULL;
}

struct report *report_await(struct stage *stage, backstay_host host, struct report *older) {
    struct report *report = arena_take(&stage->arena, sizeof *report);
    report->stage = stage;
    report->host = host;
    report->older = older;
    return pthread_create(&report->thread, NULL, await, report) == 0 ? report : NULL;
}

static bool comes(struct report *report) {
    const struct timespec until = stage_time(PATIENCE);
    stage_lock(report->stage);
    bool is_in_time = true;
    while (!report->is_here && is_in_time) is_in_time = stage_wait(report->stage, &until);
    const bool is_here = report->is_here;
    stage_unlock(report->stage);
    return is_here;
}

/* The labels of the deferrals. An entry point has none: what it occupies shows as a straggler. */
static const char *held_labels(struct report *report) {
    struct list labels = {0};
    for (size_t index = 0; index < report->drained.holder_count; index++) {
        const char *label = report->holders[index].label;
        if (*label != 0) list_add(&report->stage->arena, &labels, label);
    }
    return list_join(&report->stage->arena, &labels, ",");
}

struct trouble report_compare(struct report *report, const struct step *step) {
    if (!comes(report)) return wrong("expected the report, saw none within 5s");
    if (report->status != BACKSTAY_OK) return answered(report->status);
    const backstay_drain_report *drained = &report->drained;
    if (drained->holder_count > HOLDERS) return wrong("expected a report, saw one with more holders than fit");
    struct arena *arena = &report->stage->arena;
    const uint64_t ended = drained->succeeded + drained->canceled + drained->failed + drained->abandoned;
    const char *seen[OPTIONS_MAX] = {[JOINED_FINISHED] = write_number(arena, ended),
                                     [JOINED_ABANDONED] = write_number(arena, drained->abandoned),
                                     [JOINED_HOLDERS] = held_labels(report)};
    return is_as_expected(step, seen) ? no_trouble() : differs(arena, step, seen);
}

void report_join(struct report *report) {
    for (; report != NULL; report = report->older) pthread_join(report->thread, NULL);
}
