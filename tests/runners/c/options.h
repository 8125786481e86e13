/* What stands behind a step as `key=value`: in any order, each at most once, `condition` excepted. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "names.h"
#include "step.h"

/* How the value of an option is read. */
enum option_kind {
    OPTION_NUMBER,
    OPTION_DURATION,
    OPTION_TEXT,
    OPTION_LABELS,
    OPTION_REASON,
    OPTION_TRIGGER,
    OPTION_CHOICE,
    /* It has no value. */
    OPTION_FLAG,
    /* It may stand as often as wanted, and its values are the list of its step. */
    OPTION_CONDITION
};

/* An option of a step. The place in its table is the one among the values; a table ends with a key that is NULL. */
struct option {
    const char *key;
    enum option_kind kind;
    const struct choice *choices;
};

extern const struct option HOST_OPTIONS[], TASK_OPTIONS[], FIRE_OPTIONS[], SUSPEND_OPTIONS[], JOINED_OPTIONS[],
    INSTANCE_OPTIONS[], SEEN_TASK_OPTIONS[], SEEN_HOST_OPTIONS[];

/* All that is left, as options of this table. */
void read_options(struct reader *reader, const struct option *table, struct step *step);

void read_unknown_option(struct reader *reader, const char *option);

#endif
