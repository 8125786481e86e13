#include "options.h"

#include <string.h>

const struct option HOST_OPTIONS[] = {[HOST_WORKERS] = {"workers", OPTION_NUMBER, NULL},
                                      [HOST_GRACE] = {"grace", OPTION_DURATION, NULL},
                                      [HOST_OVERDUE_AFTER] = {"overdue-after", OPTION_DURATION, NULL},
                                      {NULL, OPTION_FLAG, NULL}};

const struct option TASK_OPTIONS[] = {[TASK_TRIGGER] = {"trigger", OPTION_TRIGGER, NULL},
                                      [TASK_CONDITION] = {"condition", OPTION_CONDITION, NULL},
                                      [TASK_CANCEL_ON_LOSS] = {"cancel-on-loss", OPTION_FLAG, NULL},
                                      [TASK_DEADLINE] = {"deadline", OPTION_DURATION, NULL},
                                      [TASK_GRACE] = {"grace", OPTION_DURATION, NULL},
                                      [TASK_BUSY] = {"busy", OPTION_CHOICE, BUSY},
                                      [TASK_MAX_RUNNING] = {"max-running", OPTION_NUMBER, NULL},
                                      [TASK_MAX_FAILURES] = {"max-failures", OPTION_NUMBER, NULL},
                                      [TASK_GROUP] = {"group", OPTION_TEXT, NULL},
                                      [TASK_IF_EXISTS] = {"if-exists", OPTION_CHOICE, IF_EXISTS},
                                      {NULL, OPTION_FLAG, NULL}};

const struct option FIRE_OPTIONS[] = {[FIRE_DETAILS] = {"details", OPTION_TEXT, NULL}, {NULL, OPTION_FLAG, NULL}};

const struct option SUSPEND_OPTIONS[] = {[SUSPEND_CAUSE] = {"cause", OPTION_CHOICE, CAUSES},
                                         {NULL, OPTION_FLAG, NULL}};

const struct option JOINED_OPTIONS[] = {[JOINED_FINISHED] = {"finished", OPTION_NUMBER, NULL},
                                        [JOINED_ABANDONED] = {"abandoned", OPTION_NUMBER, NULL},
                                        [JOINED_HOLDERS] = {"holders", OPTION_LABELS, NULL},
                                        {NULL, OPTION_FLAG, NULL}};

const struct option INSTANCE_OPTIONS[] = {[INSTANCE_STATE] = {"state", OPTION_CHOICE, STATES},
                                          [INSTANCE_OUTCOME] = {"outcome", OPTION_CHOICE, OUTCOMES},
                                          [INSTANCE_REASON] = {"reason", OPTION_REASON, NULL},
                                          [INSTANCE_ERROR] = {"error", OPTION_TEXT, NULL},
                                          [INSTANCE_DEFERRALS] = {"deferrals", OPTION_NUMBER, NULL},
                                          [INSTANCE_PROGRESS] = {"progress", OPTION_NUMBER, NULL},
                                          [INSTANCE_SUSPENDED] = {"suspended", OPTION_NUMBER, NULL},
                                          [INSTANCE_THROTTLED] = {"throttled", OPTION_NUMBER, NULL},
                                          [INSTANCE_DETAILS] = {"details", OPTION_TEXT, NULL},
                                          [INSTANCE_DROPPED] = {"dropped", OPTION_LABELS, NULL},
                                          [INSTANCE_REMAINING] = {"remaining", OPTION_DURATION, NULL},
                                          {NULL, OPTION_FLAG, NULL}};

const struct option SEEN_TASK_OPTIONS[] = {[SEEN_TASK_RUNNING] = {"running", OPTION_NUMBER, NULL},
                                           [SEEN_TASK_PENDING] = {"pending", OPTION_NUMBER, NULL},
                                           [SEEN_TASK_REGISTERED] = {"registered", OPTION_CHOICE, YES_NO},
                                           [SEEN_TASK_DISABLED] = {"disabled", OPTION_CHOICE, YES_NO},
                                           {NULL, OPTION_FLAG, NULL}};

const struct option SEEN_HOST_OPTIONS[] = {[SEEN_HOST_STRAGGLERS] = {"stragglers", OPTION_NUMBER, NULL},
                                           [SEEN_HOST_HOLDERS] = {"holders", OPTION_NUMBER, NULL},
                                           [SEEN_HOST_STATE] = {"state", OPTION_CHOICE, HOST_STATES},
                                           {NULL, OPTION_FLAG, NULL}};

/* What stands behind `prefix`; NULL when the word begins otherwise. */
static const char *behind(const char *word, const char *prefix) {
    const size_t length = strlen(prefix);
    return strncmp(word, prefix, length) == 0 ? word + length : NULL;
}

static void read_trigger(struct reader *reader, const char *word, struct value *value) {
    const char *delay = behind(word, "after:"), *period = behind(word, "every:"), *event = behind(word, "event:");
    if (delay != NULL) {
        value->trigger = BACKSTAY_TRIGGER_AFTER;
        value->number = read_duration(reader, delay);
    } else if (period != NULL) {
        value->trigger = BACKSTAY_TRIGGER_EVERY;
        value->number = read_duration(reader, period);
    } else if (event != NULL) {
        value->trigger = BACKSTAY_TRIGGER_EVENT;
        value->text = event;
    } else if (strcmp(word, "manual") == 0) {
        value->trigger = BACKSTAY_TRIGGER_MANUAL;
    } else {
        read_wrong(reader, arena_format(reader->arena, "\"%s\" is none of manual, after:DUR, every:DUR, event:EVENT",
                                        word));
    }
}

/* Labels with commas between them; no label at all where nothing stands. */
static const char *read_labels(struct reader *reader, const char *word) {
    struct list labels = {0};
    while (*word != 0) {
        const size_t length = strcspn(word, ",");
        if (length != 0) list_add(reader->arena, &labels, arena_cut(reader->arena, word, length));
        word += length + (word[length] == ',');
    }
    return list_join(reader->arena, &labels, ",");
}

static void read_value(struct reader *reader, const struct option *option, const char *word, struct value *value) {
    /* As it stands there, unless one value can be written in several ways. */
    value->text = word;
    switch (option->kind) {
        case OPTION_NUMBER:
            value->number = read_number(reader, word);
            value->text = write_number(reader->arena, (uint64_t)value->number);
            break;
        case OPTION_DURATION:
            value->number = read_duration(reader, word);
            value->text = write_duration(reader->arena, value->number);
            break;
        case OPTION_REASON:
            value->number = read_reason(reader, word);
            value->text = write_reason(reader->arena, (backstay_cancel_reason)value->number);
            break;
        case OPTION_LABELS: value->text = read_labels(reader, word); break;
        case OPTION_TRIGGER: read_trigger(reader, word, value); break;
        case OPTION_CHOICE: value->number = read_choice(reader, option->choices, word); break;
        case OPTION_TEXT:
        case OPTION_FLAG:
        case OPTION_CONDITION: break;
    }
    if (reader->wrong != NULL) {
        reader->wrong = arena_format(reader->arena, "`%s`: %s", option->key, reader->wrong);
    }
}

static void read_option(struct reader *reader, const struct option *table, struct step *step) {
    const char *word = read_word(reader, "an option");
    const char *equals = strchr(word, '=');
    const size_t length = strcspn(word, "=");
    const char *key = arena_cut(reader->arena, word, length);
    const struct option *option = table;
    while (option->key != NULL && strcmp(option->key, key) != 0) option++;
    if (option->key == NULL || (option->kind == OPTION_FLAG && equals != NULL)) {
        read_unknown_option(reader, key);
        return;
    }
    struct value *value = &step->values[option - table];
    if (value->text != NULL && option->kind != OPTION_CONDITION && option->kind != OPTION_FLAG) {
        read_wrong(reader, arena_format(reader->arena, "`%s` stands twice", key));
    } else if (equals == NULL && option->kind != OPTION_FLAG) {
        read_wrong(reader, arena_format(reader->arena, "`%s` needs a value: %s=…", key, key));
    } else {
        read_value(reader, option, equals == NULL ? "" : equals + 1, value);
        if (option->kind == OPTION_CONDITION) list_add(reader->arena, &step->list, value->text);
    }
}

void read_options(struct reader *reader, const struct option *table, struct step *step) {
    step->options = table;
    while (has_more(reader)) read_option(reader, table, step);
}

void read_unknown_option(struct reader *reader, const char *option) {
    read_wrong(reader, arena_format(reader->arena, "unknown option \"%s\"", option));
}
