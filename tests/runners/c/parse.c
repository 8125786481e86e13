#include "parse.h"

#include "options.h"

#include <string.h>

static void read_instance(struct reader *reader, struct step *step) {
    step->instance = read_word(reader, "the name of an instance");
}

static void read_task(struct reader *reader, struct step *step) {
    step->task = read_word(reader, "the name of a task");
}

/* `as I`. The words that follow `expect` and `suspend` are taken, since an instance of that name could not be meant. */
static void read_as(struct reader *reader, struct step *step) {
    read_keyword(reader, "as");
    step->name = read_word(reader, "the name of the instance");
    if (strcmp(step->name, "host") == 0 || strcmp(step->name, "task") == 0) {
        read_wrong(reader, arena_format(reader->arena, "an instance cannot be called \"%s\"; choose another name",
                                        step->name));
    }
}

static void read_target(struct reader *reader, struct step *step) {
    const char *target = read_word(reader, "host, task NAME or the name of an instance");
    if (strcmp(target, "host") == 0) {
        step->target = TARGET_HOST;
    } else if (strcmp(target, "task") == 0) {
        step->target = TARGET_TASK;
        read_task(reader, step);
    } else {
        step->target = TARGET_INSTANCE;
        step->instance = target;
    }
}

static void read_host_step(struct reader *reader, struct step *step) {
    read_options(reader, HOST_OPTIONS, step);
}

static void read_condition_step(struct reader *reader, struct step *step) {
    step->name = read_word(reader, "the name of a condition");
    step->is_on = read_choice(reader, ON_OFF, read_word(reader, "on or off"));
}

static void read_task_step(struct reader *reader, struct step *step) {
    step->name = read_word(reader, "the name of the task");
    read_options(reader, TASK_OPTIONS, step);
}

static void read_fire_step(struct reader *reader, struct step *step) {
    read_task(reader, step);
    read_as(reader, step);
    read_options(reader, FIRE_OPTIONS, step);
}

static void read_raise_step(struct reader *reader, struct step *step) {
    step->name = read_word(reader, "the name of an event");
    read_options(reader, FIRE_OPTIONS, step);
}

static void read_new_step(struct reader *reader, struct step *step) {
    read_task(reader, step);
    read_as(reader, step);
}

/* `defer`, `complete` and `drop`. */
static void read_deferral_step(struct reader *reader, struct step *step) {
    step->label = read_word(reader, "a label");
    read_keyword(reader, "of");
    read_instance(reader, step);
}

static void read_fail_step(struct reader *reader, struct step *step) {
    read_deferral_step(reader, step);
    step->error = read_text(reader, "the text of the error");
}

static void read_progress_step(struct reader *reader, struct step *step) {
    read_instance(reader, step);
    step->progress = read_number(reader, read_word(reader, "a number"));
}

static void read_cancel_step(struct reader *reader, struct step *step) {
    read_instance(reader, step);
    step->reason = read_reason(reader, read_word(reader, "a reason"));
}

static void read_suspend_step(struct reader *reader, struct step *step) {
    read_target(reader, step);
    read_options(reader, SUSPEND_OPTIONS, step);
}

static void read_unregister_step(struct reader *reader, struct step *step) {
    read_task(reader, step);
    if (!has_more(reader)) return;
    const char *word = read_word(reader, "cancel");
    step->cancels = strcmp(word, "cancel") == 0;
    if (!step->cancels || has_more(reader)) {
        read_unknown_option(reader, word);
    }
}

/* `advance`, `drain` and `shutdown`. */
static void read_time_step(struct reader *reader, struct step *step) {
    step->time = read_duration(reader, read_word(reader, "a duration"));
}

static void read_joined_step(struct reader *reader, struct step *step) {
    read_options(reader, JOINED_OPTIONS, step);
}

static void read_expect_step(struct reader *reader, struct step *step) {
    static const struct option *const TABLES[] = {[TARGET_HOST] = SEEN_HOST_OPTIONS,
                                                  [TARGET_TASK] = SEEN_TASK_OPTIONS,
                                                  [TARGET_INSTANCE] = INSTANCE_OPTIONS};
    read_target(reader, step);
    read_options(reader, TABLES[step->target], step);
}

static void read_trace_step(struct reader *reader, struct step *step) {
    step->instance = read_headed(reader, "the name of an instance");
    while (has_more(reader)) list_add(reader->arena, &step->list, read_word(reader, "an event"));
}

static const struct kind {
    const char *word;
    enum step_kind kind;
    void (*read)(struct reader *reader, struct step *step);
    bool can_be_refused;
} KINDS[] = {
    {"host", STEP_HOST, read_host_step, true},
    {"condition", STEP_CONDITION, read_condition_step, true},
    {"task", STEP_TASK, read_task_step, true},
    {"fire", STEP_FIRE, read_fire_step, true},
    {"raise", STEP_RAISE, read_raise_step, true},
    {"new", STEP_NEW, read_new_step, false},
    {"go", STEP_GO, read_instance, false},
    {"defer", STEP_DEFER, read_deferral_step, true},
    {"complete", STEP_COMPLETE, read_deferral_step, true},
    {"drop", STEP_DROP, read_deferral_step, true},
    {"fail", STEP_FAIL, read_fail_step, true},
    {"progress", STEP_PROGRESS, read_progress_step, true},
    {"cancel", STEP_CANCEL, read_cancel_step, true},
    {"suspend", STEP_SUSPEND, read_suspend_step, true},
    {"resume", STEP_RESUME, read_target, true},
    {"unregister", STEP_UNREGISTER, read_unregister_step, true},
    {"enable", STEP_ENABLE, read_task, true},
    {"advance", STEP_ADVANCE, read_time_step, true},
    {"drain", STEP_DRAIN, read_time_step, true},
    {"shutdown", STEP_SHUTDOWN, read_time_step, true},
    {"joined", STEP_JOINED, read_joined_step, false},
    {"expect", STEP_EXPECT, read_expect_step, false},
    {"trace", STEP_TRACE, read_trace_step, false},
};

/* The acts in the order of their kinds, each with what stands behind it: a label, a number, a text, a task. */
static const struct {
    const char *word, *behind;
} ACTS[] = {[ACT_DEFER] = {"defer", "a label"},
            [ACT_COMPLETE] = {"complete", "a label"},
            [ACT_PROGRESS] = {"progress", "a number"},
            [ACT_HOLD] = {"hold", NULL},
            [ACT_CHECKPOINT] = {"checkpoint", NULL},
            [ACT_FAIL] = {"fail", "the text of the error"},
            [ACT_PANIC] = {"panic", NULL},
            [ACT_UNREGISTER] = {"unregister", NULL},
            [ACT_FIRE] = {"fire", "the name of a task"},
            [ACT_RETURN] = {"return", NULL}};

static const struct kind *find_kind(const char *word) {
    for (size_t index = 0; index < sizeof KINDS / sizeof KINDS[0]; index++) {
        if (strcmp(KINDS[index].word, word) == 0) return &KINDS[index];
    }
    return NULL;
}

static bool can_be_refused(const struct step *step) {
    for (size_t index = 0; index < sizeof KINDS / sizeof KINDS[0]; index++) {
        if (KINDS[index].kind == step->kind) return KINDS[index].can_be_refused;
    }
    return false;
}

/* One act; NULL where nothing stands, as after the last `;`. */
static struct act *read_act(struct reader *reader) {
    if (!has_more(reader)) return NULL;
    const char *word = read_word(reader, "an act");
    struct act *act = arena_take(reader->arena, sizeof *act);
    size_t kind = 0;
    while (kind < sizeof ACTS / sizeof ACTS[0] && strcmp(ACTS[kind].word, word) != 0) kind++;
    if (kind == sizeof ACTS / sizeof ACTS[0]) {
        read_wrong(reader, arena_format(reader->arena, "unknown act \"%s\"", word));
        return NULL;
    }
    act->kind = (enum act_kind)kind;
    if (act->kind == ACT_FAIL) {
        act->text = read_text(reader, ACTS[kind].behind);
    } else if (ACTS[kind].behind != NULL) {
        act->text = read_word(reader, ACTS[kind].behind);
    }
    if (act->kind == ACT_PROGRESS) act->progress = read_number(reader, act->text);
    read_end(reader);
    return act;
}

/* `run NAME: ACT; ACT; …`, of which the separators are only known before the quotes are gone. */
static const char *read_run_step(struct arena *arena, const char *text, struct step *step) {
    struct act **last = &step->acts;
    step->kind = STEP_RUN;
    for (const char *part = text;;) {
        const size_t length = part_length(part, ';');
        struct reader reader = read_words(arena, arena_cut(arena, part, length));
        if (part == text) {
            read_keyword(&reader, "run");
            step->name = read_headed(&reader, "the name of a task");
        }
        *last = read_act(&reader);
        if (*last != NULL) last = &(*last)->next;
        if (reader.wrong != NULL || part[length] == 0) return reader.wrong;
        part += length + 1;
    }
}

static const char *read_step(struct arena *arena, const char *text, struct step *step);

/* `refused CODE: STEP`. */
static const char *read_refused_step(struct reader *reader, const char *text, struct step *step) {
    step->kind = STEP_REFUSED;
    step->status = read_status(reader, read_headed(reader, "the name of a status"));
    if (reader->wrong != NULL) return reader->wrong;
    /* A status has no colon and no quote, so the first colon is the one behind it. */
    const char *refused = strchr(text, ':') + 1;
    step->refused = arena_take(reader->arena, sizeof *step->refused);
    const char *wrong = read_step(reader->arena, refused, step->refused);
    if (wrong != NULL || can_be_refused(step->refused)) return wrong;
    return "this step is nothing that the library could refuse";
}

/* One step, without a comment. Answers with what is wrong with it. */
static const char *read_step(struct arena *arena, const char *text, struct step *step) {
    struct reader reader = read_words(arena, text);
    const char *word = read_word(&reader, "a step");
    const struct kind *kind = find_kind(word);
    if (reader.wrong != NULL) return reader.wrong;
    if (strcmp(word, "run") == 0) return read_run_step(arena, text, step);
    if (strcmp(word, "refused") == 0) return read_refused_step(&reader, text, step);
    if (kind == NULL) return arena_format(arena, "unknown step \"%s\"", word);
    step->kind = kind->kind;
    kind->read(&reader, step);
    read_end(&reader);
    return reader.wrong;
}

/* A host that was refused leaves no host behind, so another `host` may follow. */
static bool is_refused_host(const struct step *step) {
    return step->kind == STEP_REFUSED && step->refused->kind == STEP_HOST;
}

struct fault parse(struct arena *arena, const char *text, struct step **first) {
    struct step **last = first;
    bool may_be_host = true;
    *first = NULL;
    for (size_t line = 1; *text != 0; line++) {
        const size_t length = strcspn(text, "\n");
        const char *said = arena_cut(arena, text, length);
        said = arena_cut(arena, said, part_length(said, '#'));
        text += length + (text[length] == '\n');
        while (is_blank(*said)) said++;
        if (*said == 0) continue;
        struct step *step = arena_take(arena, sizeof *step);
        step->line = line;
        const char *wrong = read_step(arena, said, step);
        if (wrong != NULL) return (struct fault){line, wrong};
        if (step->kind == STEP_HOST && !may_be_host) {
            return (struct fault){line, "`host` stands once, before all other steps"};
        }
        may_be_host = may_be_host && is_refused_host(step);
        *last = step;
        last = &step->next;
    }
    return (struct fault){0, NULL};
}
