/* Whether a text is one JSON value and nothing else, by RFC 8259; for tests of what the library writes. */
#ifndef JSON_H
#define JSON_H

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

/* Each of these takes the text behind what it has read, or NULL when that is no JSON. */
static inline const char *json_value(const char *at);

static inline const char *json_space(const char *at) {
    while (at != NULL && *at != 0 && strchr(" \t\r\n", *at) != NULL) at++;
    return at;
}

static inline const char *json_string(const char *at) {
    if (*at++ != '"') return NULL;
    while (*at != '"') {
        if ((unsigned char)*at < 0x20) return NULL; // the end of the text, too
        if (*at++ != '\\') continue;
        if (*at == 'u') {
            for (int digit = 0; digit < 4; digit++) {
                if (!isxdigit((unsigned char)*++at)) return NULL;
            }
        } else if (*at == 0 || strchr("\"\\/bfnrt", *at) == NULL) {
            return NULL;
        }
        at++;
    }
    return at + 1;
}

static inline const char *json_digits(const char *at) {
    if (!isdigit((unsigned char)*at)) return NULL;
    while (isdigit((unsigned char)*at)) at++;
    return at;
}

static inline const char *json_number(const char *at) {
    if (*at == '-') at++;
    at = *at == '0' ? at + 1 : json_digits(at);
    if (at != NULL && *at == '.') at = json_digits(at + 1);
    if (at != NULL && (*at == 'e' || *at == 'E')) at = json_digits(at[1] == '+' || at[1] == '-' ? at + 2 : at + 1);
    return at;
}

static inline const char *json_list(const char *at, char end, bool has_names) {
    at = json_space(at + 1);
    if (*at == end) return at + 1;
    for (;;) {
        if (has_names) {
            at = json_string(at);
            if (at == NULL || *(at = json_space(at)) != ':') return NULL;
            at = json_space(at + 1);
        }
        at = json_space(json_value(at));
        if (at == NULL || (*at != ',' && *at != end)) return NULL;
        if (*at == end) return at + 1;
        at = json_space(at + 1);
    }
}

static inline const char *json_value(const char *at) {
    static const char *const words[] = {"true", "false", "null"};
    for (int index = 0; index < 3; index++) {
        if (strncmp(at, words[index], strlen(words[index])) == 0) return at + strlen(words[index]);
    }
    switch (*at) {
    case '{': return json_list(at, '}', true);
    case '[': return json_list(at, ']', false);
    case '"': return json_string(at);
    default: return json_number(at);
    }
}

static inline bool is_json(const char *text) {
    const char *end = json_space(json_value(json_space(text)));
    return end != NULL && *end == 0;
}

#endif
