#include "words.h"

#include <string.h>

bool is_blank(char letter) {
    return letter != 0 && strchr(" \t\n\v\f\r", letter) != NULL;
}

size_t part_length(const char *text, char separator) {
    bool is_quoted = false;
    size_t length = 0;
    for (; text[length] != 0; length++) {
        if (text[length] == '"') is_quoted = !is_quoted;
        if (text[length] == separator && !is_quoted) break;
    }
    return length;
}

/* One word without its quotes; `text` moves behind it. */
static const char *cut_word(struct reader *reader, const char **text) {
    char *word = arena_take(reader->arena, strlen(*text) + 1);
    bool is_quoted = false;
    size_t length = 0;
    for (; **text != 0 && (is_quoted || !is_blank(**text)); ++*text) {
        if (**text == '"') {
            is_quoted = !is_quoted;
        } else {
            word[length++] = **text;
        }
    }
    if (is_quoted) read_wrong(reader, "a quote is opened and not closed");
    return word;
}

struct reader read_words(struct arena *arena, const char *text) {
    struct reader reader = {.arena = arena};
    for (;;) {
        while (is_blank(*text)) text++;
        if (*text == 0) return reader;
        list_add(arena, &reader.words, cut_word(&reader, &text));
    }
}

void read_wrong(struct reader *reader, const char *message) {
    if (reader->wrong == NULL) reader->wrong = message;
}

bool has_more(const struct reader *reader) {
    return reader->wrong == NULL && reader->next < reader->words.count;
}

const char *read_word(struct reader *reader, const char *what) {
    if (has_more(reader)) return reader->words.items[reader->next++];
    read_wrong(reader, arena_format(reader->arena, "%s is missing", what));
    return "";
}

const char *read_headed(struct reader *reader, const char *what) {
    const char *word = read_word(reader, arena_format(reader->arena, "%s with a colon", what));
    const size_t length = strlen(word);
    if (length != 0 && word[length - 1] == ':') return arena_cut(reader->arena, word, length - 1);
    read_wrong(reader, arena_format(reader->arena, "%s \"%s\" needs a colon after it", what, word));
    return "";
}

void read_keyword(struct reader *reader, const char *keyword) {
    if (!has_more(reader)) {
        read_wrong(reader, arena_format(reader->arena, "`%s` is missing", keyword));
        return;
    }
    const char *word = read_word(reader, keyword);
    if (strcmp(word, keyword) == 0) return;
    read_wrong(reader, arena_format(reader->arena, "`%s` belongs where \"%s\" stands", keyword, word));
}

const char *read_text(struct reader *reader, const char *what) {
    const char *text = read_word(reader, what);
    while (has_more(reader)) text = arena_format(reader->arena, "%s %s", text, read_word(reader, what));
    return text;
}

void read_end(struct reader *reader) {
    if (!has_more(reader)) return;
    const char *word = read_word(reader, "the end");
    read_wrong(reader, arena_format(reader->arena, "\"%s\" is one word too many", word));
}
