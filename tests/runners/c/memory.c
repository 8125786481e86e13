#include "memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct piece {
    struct piece *older;
    max_align_t bytes[];
};

void arena_init(struct arena *arena) {
    arena->newest = NULL;
    pthread_mutex_init(&arena->mutex, NULL);
}

void *arena_take(struct arena *arena, size_t size) {
    struct piece *piece = calloc(1, sizeof *piece + size);
    if (piece == NULL) {
        fputs("the runner has no memory left\n", stderr);
        abort();
    }
    pthread_mutex_lock(&arena->mutex);
    piece->older = arena->newest;
    arena->newest = piece;
    pthread_mutex_unlock(&arena->mutex);
    return piece->bytes;
}

char *arena_format(struct arena *arena, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) abort();
    char *text = arena_take(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_cut(struct arena *arena, const char *text, size_t length) {
    char *cut = arena_take(arena, length + 1);
    if (length != 0) memcpy(cut, text, length);
    return cut;
}

void arena_free(struct arena *arena) {
    while (arena->newest != NULL) {
        struct piece *piece = arena->newest;
        arena->newest = piece->older;
        free(piece);
    }
    pthread_mutex_destroy(&arena->mutex);
}

void list_add(struct arena *arena, struct list *list, const char *item) {
    if (list->count == list->capacity) {
        const size_t capacity = list->capacity == 0 ? 8 : 2 * list->capacity;
        const char **items = arena_take(arena, capacity * sizeof *items);
        if (list->count != 0) memcpy(items, list->items, list->count * sizeof *items);
        list->items = items;
        list->capacity = capacity;
    }
    list->items[list->count++] = item;
}

const char *list_join(struct arena *arena, const struct list *list, const char *separator) {
    const char *joined = "";
    for (size_t index = 0; index < list->count; index++) {
        joined = arena_format(arena, "%s%s%s", joined, index == 0 ? "" : separator, list->items[index]);
    }
    return joined;
}

bool list_equals(const struct list *list, const struct list *other) {
    if (list->count != other->count) return false;
    for (size_t index = 0; index < list->count; index++) {
        if (strcmp(list->items[index], other->items[index]) != 0) return false;
    }
    return true;
}
