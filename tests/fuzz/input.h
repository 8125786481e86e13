/* What the fuzzer gives: bytes, from which everything that an operation needs is taken. At their end come zeros. */
#ifndef INPUT_H
#define INPUT_H

#include <backstay.h>
#include <stdlib.h>
#include <string.h>

struct input {
    const uint8_t *at, *end;
};

static inline uint8_t take(struct input *input) {
    return input->at < input->end ? *input->at++ : 0;
}

static inline unsigned below(struct input *input, unsigned limit) {
    return take(input) % limit;
}

/* Most inputs should be in order, or nothing would ever happen: true once in `times`, and never for zeros. */
static inline bool rarely(struct input *input, unsigned times) {
    return take(input) % times == times - 1;
}

static inline uint64_t take_number(struct input *input) {
    uint64_t number = 0;
    for (int byte = 0; byte < 8; byte++) number = number << 8 | take(input);
    return number;
}

/* Times are in whole seconds, so that a clock that is moved does not stop a billion times on its way. */
static inline int64_t take_time(struct input *input, bool *is_good) {
    *is_good = !rarely(input, 16);
    return *is_good ? (int64_t)below(input, 8) * 1000000000 : -1 - (int64_t)take(input);
}

/* Whether these bytes are UTF-8 as Unicode defines it: shortest forms, no surrogates, nothing above U+10FFFF. */
static inline bool is_utf8(const unsigned char *at, size_t length) {
    for (size_t index = 0; index < length;) {
        const unsigned lead = at[index++];
        if (lead < 0x80) continue;
        const int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
        if (lead < 0xC2 || lead > 0xF4 || length - index < (size_t)more) return false;
        const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (at[index] < low || at[index] > high) return false;
        for (int byte = 1; byte < more; byte++) {
            if (at[index + (size_t)byte] >> 6 != 2) return false;
        }
        index += (size_t)more;
    }
    return true;
}

/* A text that an operation passes: in memory of exactly its length, so that reading beyond it or later is seen. */
struct text {
    backstay_str view;
    char *memory;
    bool is_good;
};

static inline struct text take_text(struct input *input) {
    static const char *const words[] = {"", "a", "b", "c", "group", "text/plain", "\xC3\xA9", "NOT_RUNNING"};
    struct text text = {.is_good = true};
    const unsigned what = take(input);
    if (what < 0xC0) {
        const char *word = words[what % (sizeof words / sizeof *words)];
        text.view.len = strlen(word);
        text.memory = malloc(text.view.len + 1);
        memcpy(text.memory, word, text.view.len);
    } else if (what < 0xFC) {
        text.view.len = what % 0x20 * (what < 0xE0 ? 1 : 7);
        text.memory = malloc(text.view.len + 1);
        for (size_t index = 0; index < text.view.len; index++) text.memory[index] = (char)take(input);
    } else {
        // No text at all: NULL with a length, or more bytes than there can be.
        text.view.len = what < 0xFE ? 1 : SIZE_MAX - take(input);
        text.view.ptr = what < 0xFE ? NULL : "";
        text.is_good = false;
        return text;
    }
    // One byte less than was taken: malloc(0) may be NULL.
    text.memory = realloc(text.memory, text.view.len == 0 ? 1 : text.view.len);
    text.view.ptr = text.memory;
    text.is_good = is_utf8((const unsigned char *)text.memory, text.view.len);
    return text;
}

static inline void free_text(struct text *text) {
    free(text->memory);
}

#endif
