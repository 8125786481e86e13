/*
 * Memory that lives as long as one scenario: taken piece by piece from any thread, given back all at once. Nobody has
 * to know who frees what, and a text that a step has made can be told at the end.
 */
#ifndef MEMORY_H
#define MEMORY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

/* Every piece is an allocation of its own, so that a tool which looks for overruns sees its ends. */
struct arena {
    pthread_mutex_t mutex;
    struct piece *newest;
};

void arena_init(struct arena *arena);

/* Zeroed and never NULL: a program that has no memory left cannot say which promise is broken, so it ends. */
void *arena_take(struct arena *arena, size_t size);

/* A text, as printf writes it. */
char *arena_format(struct arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first `length` bytes of a text as a text of their own. */
char *arena_cut(struct arena *arena, const char *text, size_t length);

void arena_free(struct arena *arena);

/* Texts in a row. All zero is an empty one; it grows in an arena. */
struct list {
    const char **items;
    size_t count, capacity;
};

void list_add(struct arena *arena, struct list *list, const char *item);
const char *list_join(struct arena *arena, const struct list *list, const char *separator);
bool list_equals(const struct list *list, const struct list *other);

#endif
