/* The words of the language that stand for values: tables, numbers, durations and the names that the library has. */
#ifndef NAMES_H
#define NAMES_H

#include "words.h"

#include <backstay.h>

#define SECOND INT64_C(1000000000)

/* A word and the constant of the library that it stands for. A table of them ends with a word that is NULL. */
struct choice {
    const char *word;
    uint32_t value;
};

extern const struct choice BUSY[], IF_EXISTS[], CAUSES[], STATES[], OUTCOMES[], HOST_STATES[], YES_NO[], ON_OFF[];

/* Each says in the reader what is wrong with the word, and answers with 0 then. */
uint32_t read_choice(struct reader *reader, const struct choice *table, const char *word);
uint32_t read_number(struct reader *reader, const char *word);
int64_t read_duration(struct reader *reader, const char *word);
backstay_cancel_reason read_reason(struct reader *reader, const char *word);
backstay_status read_status(struct reader *reader, const char *word);

/* Values as the language writes them. */
const char *write_number(struct arena *arena, uint64_t number);
const char *write_duration(struct arena *arena, int64_t nanoseconds);
const char *write_reason(struct arena *arena, backstay_cancel_reason reason);

/* A text as the library takes it. */
backstay_str view(const char *text);

#endif
