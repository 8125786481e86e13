#include "names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const struct choice BUSY[] = {
    {"parallel", BACKSTAY_WHEN_BUSY_PARALLEL}, {"queue", BACKSTAY_WHEN_BUSY_QUEUE},
    {"coalesce", BACKSTAY_WHEN_BUSY_COALESCE}, {"reject", BACKSTAY_WHEN_BUSY_REJECT},
    {"replace", BACKSTAY_WHEN_BUSY_REPLACE},   {NULL, 0}};

/* The language has no word for the fourth policy, which cancels what the replaced task runs. */
const struct choice IF_EXISTS[] = {{"fail", BACKSTAY_IF_EXISTS_FAIL},
                                   {"replace", BACKSTAY_IF_EXISTS_REPLACE},
                                   {"keep", BACKSTAY_IF_EXISTS_KEEP},
                                   {NULL, 0}};

const struct choice CAUSES[] = {{"cpu", BACKSTAY_CAUSE_CPU}, {"network", BACKSTAY_CAUSE_NETWORK}, {NULL, 0}};

const struct choice STATES[] = {{"Pending", BACKSTAY_STATE_PENDING},
                                {"Running", BACKSTAY_STATE_RUNNING},
                                {"Finished", BACKSTAY_STATE_FINISHED},
                                {NULL, 0}};

const struct choice OUTCOMES[] = {{"Succeeded", BACKSTAY_OUTCOME_SUCCEEDED},
                                  {"Canceled", BACKSTAY_OUTCOME_CANCELED},
                                  {"Failed", BACKSTAY_OUTCOME_FAILED},
                                  {"Abandoned", BACKSTAY_OUTCOME_ABANDONED},
                                  {NULL, 0}};

const struct choice HOST_STATES[] = {{"Open", BACKSTAY_HOST_OPEN},
                                     {"Draining", BACKSTAY_HOST_DRAINING},
                                     {"Closed", BACKSTAY_HOST_CLOSED},
                                     {NULL, 0}};

const struct choice YES_NO[] = {{"yes", true}, {"no", false}, {NULL, 0}};
const struct choice ON_OFF[] = {{"on", true}, {"off", false}, {NULL, 0}};

/* The longest unit first, so that a duration is written in the largest one that divides it. */
static const struct unit {
    const char *word;
    int64_t nanoseconds;
} UNITS[] = {{"h", 3600 * SECOND}, {"m", 60 * SECOND}, {"s", SECOND}, {"ms", SECOND / 1000}, {"ns", 1}};

/* The last unit is finer than the language can say: it appears in what was seen only. */
enum { UNITS_READ = 4 };

uint32_t read_choice(struct reader *reader, const struct choice *table, const char *word) {
    const char *words = "";
    for (const struct choice *choice = table; choice->word != NULL; choice++) {
        if (strcmp(choice->word, word) == 0) return choice->value;
        words = arena_format(reader->arena, "%s%s%s", words, choice == table ? "" : ", ", choice->word);
    }
    read_wrong(reader, arena_format(reader->arena, "\"%s\" is none of %s", word, words));
    return 0;
}

/* A number without a sign but `+`; `end` is where it ends. False when there is none, or when it is too large. */
static bool parse_number(const char *word, uint64_t *number, const char **end) {
    const char *digits = *word == '+' ? word + 1 : word;
    if (*digits < '0' || *digits > '9') return false;
    char *behind;
    errno = 0;
    const unsigned long long parsed = strtoull(digits, &behind, 10);
    *number = parsed;
    *end = behind;
    return errno == 0;
}

uint32_t read_number(struct reader *reader, const char *word) {
    uint64_t number;
    const char *end;
    if (parse_number(word, &number, &end) && *end == 0 && number <= UINT32_MAX) return (uint32_t)number;
    read_wrong(reader, arena_format(reader->arena, "\"%s\" is not a number that fits", word));
    return 0;
}

int64_t read_duration(struct reader *reader, const char *word) {
    uint64_t count;
    const char *end;
    if (parse_number(word, &count, &end)) {
        for (size_t index = 0; index < UNITS_READ; index++) {
            if (strcmp(UNITS[index].word, end) != 0) continue;
            /* What is longer than 292 years is as long as a time can be that is not for ever. */
            const uint64_t fits = (uint64_t)(INT64_MAX - 1) / (uint64_t)UNITS[index].nanoseconds;
            return count > fits ? INT64_MAX - 1 : (int64_t)count * UNITS[index].nanoseconds;
        }
    }
    read_wrong(reader, arena_format(reader->arena, "\"%s\" is not a duration such as 250ms, 5s, 2m or 1h", word));
    return 0;
}

backstay_cancel_reason read_reason(struct reader *reader, const char *word) {
    backstay_cancel_reason reason = 0;
    if (backstay_cancel_reason_from_name(view(word), &reason) != BACKSTAY_OK) {
        read_wrong(reader, arena_format(reader->arena, "\"%s\" is not the name of a reason", word));
    }
    return reason;
}

backstay_status read_status(struct reader *reader, const char *word) {
    backstay_status status = BACKSTAY_OK;
    if (backstay_status_from_name(view(word), &status) != BACKSTAY_OK) {
        read_wrong(reader, arena_format(reader->arena, "\"%s\" is not the name of a status", word));
    }
    return status;
}

const char *write_number(struct arena *arena, uint64_t number) {
    return arena_format(arena, "%" PRIu64, number);
}

const char *write_duration(struct arena *arena, int64_t nanoseconds) {
    if (nanoseconds == 0) return "0s";
    size_t index = 0;
    while (index < UNITS_READ && nanoseconds % UNITS[index].nanoseconds != 0) index++;
    return arena_format(arena, "%" PRId64 "%s", nanoseconds / UNITS[index].nanoseconds, UNITS[index].word);
}

const char *write_reason(struct arena *arena, backstay_cancel_reason reason) {
    const char *name = backstay_cancel_reason_name(reason);
    if (reason < BACKSTAY_CANCEL_FIRST_OWN) return name;
    return arena_format(arena, "%s(%" PRIu32 ")", name, reason);
}

backstay_str view(const char *text) {
    return (backstay_str){text, strlen(text)};
}
