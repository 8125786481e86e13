/*
 * Lines, words and quotes: the lowest floor of the language.
 *
 * Words are split at blanks. A quote may open anywhere in a word; inside quotes blanks, `;` and `#` are plain. There
 * are no escapes, so a word cannot contain a quote.
 */
#ifndef WORDS_H
#define WORDS_H

#include "memory.h"

/*
 * Reads the words of one step from left to right.
 *
 * The first thing that is wrong stays in `wrong`, and all that is read after it is empty, so that a step is read
 * straight on and asked at its end.
 */
struct reader {
    struct arena *arena;
    struct list words;
    size_t next;
    const char *wrong;
};

/* A reader of these words. */
struct reader read_words(struct arena *arena, const char *text);

/* Says what is wrong, unless something was wrong before. */
void read_wrong(struct reader *reader, const char *message);

bool has_more(const struct reader *reader);

/* The next word, which is to be `what`. */
const char *read_word(struct reader *reader, const char *what);

/* The next word, which is to be `what` followed by a colon. */
const char *read_headed(struct reader *reader, const char *what);

/* The next word must be this one. */
void read_keyword(struct reader *reader, const char *keyword);

/* All that is left, as one text: words joined by one blank. */
const char *read_text(struct reader *reader, const char *what);

/* Nothing may be left. */
void read_end(struct reader *reader);

/* How long the part of `text` before the first separator is that stands outside of quotes. */
size_t part_length(const char *text, char separator);

bool is_blank(char letter);

#endif
