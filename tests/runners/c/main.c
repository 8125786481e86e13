/*
 * Plays scenario files: one line for each, `ok c NAME` or `FAILED c NAME line 7: expected …, saw …`, then how many
 * passed and failed. Exits with 1 when one failed, with 2 when there is no file to play.
 *
 * The order to read the runner in:
 *
 *   step                         the steps as plain structs
 *   words, names, options, parse from text to steps
 *   play                         from steps to an answer: one thread, one watchdog, one host
 *   perform                      what each step calls; opening for hosts and tasks, closing for drains and shutdowns
 *   player                       what a playing scenario has, and how nothing is left of it
 *   expect                       what each expectation looks at
 *   stage                        what the steps and the running tasks share; traces, gates, deferrals stand on it
 *   entry                        the entry point of every task
 */
#include "memory.h"
#include "play.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The whole file as a text; NULL, with `errno` set, when it cannot be read. */
static const char *read_file(struct arena *arena, const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    size_t length = 0, capacity = 4096;
    char *text = arena_take(arena, capacity);
    for (;;) {
        /* One byte is left for the zero behind the text. */
        length += fread(text + length, 1, capacity - length - 1, file);
        if (length + 1 < capacity) break;
        char *longer = arena_take(arena, 2 * capacity);
        memcpy(longer, text, length);
        text = longer;
        capacity *= 2;
    }
    const int error = ferror(file) ? errno : memchr(text, 0, length) != NULL ? EILSEQ : 0;
    fclose(file);
    errno = error;
    return error == 0 ? text : NULL;
}

/* The name of a file without its folder and its ending. */
static const char *stem(struct arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash == NULL ? path : slash + 1;
    const char *dot = strrchr(name, '.');
    return arena_cut(arena, name, dot == NULL || dot == name ? strlen(name) : (size_t)(dot - name));
}

static bool passes(const char *path) {
    struct arena arena;
    arena_init(&arena);
    const char *name = stem(&arena, path), *text = read_file(&arena, path);
    bool passes = false;
    if (text != NULL) {
        passes = play(name, text);
    } else {
        tell_failure(name, 0, arena_format(&arena, "the file cannot be read: %s", strerror(errno)));
    }
    arena_free(&arena);
    return passes;
}

int main(int count, char *arguments[]) {
    int passed = 0, failed = 0;
    for (int index = 1; index < count; index++) {
        if (arguments[index][0] == '-') count = 0;
    }
    if (count < 2) {
        fputs("usage: backstay-scenarios-c FILE.scn …\n", stderr);
        return 2;
    }
    for (int index = 1; index < count; index++) {
        if (passes(arguments[index])) {
            passed++;
        } else {
            failed++;
        }
    }
    printf("%d passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}
