/*
 * What a player is made of: a table of works, and the loop that plays what the harness asks for. For C and C++.
 *
 *   asked      answered
 *   works      the names of all works, separated by blanks
 *   fire 1000  261.407               what one of 1000 pieces of the work `fire` has cost, in nanoseconds
 *   tbb 1000   - oneTBB is not installed
 *
 * Each line of standard input is answered with exactly one line of standard output, so that the harness can interleave
 * players without losing its place. All else goes to standard error. The end of the input is the end of the player.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A check that fails ends the player at once: the figure of a call that failed is worse than none. */
#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)

/* One work; each time it is played is one sample. */
struct work {
    const char *name;
    /*
     * Does so many pieces, at least one, and gives what one has cost. Its set-up is not in that, and nothing is left
     * behind. NULL when it cannot be played here.
     */
    double (*play)(uint64_t size);
    /* Why not. */
    const char *missing;
};

static inline void check_that(bool condition, const char *what, const char *file, int line) {
    if (condition) return;
    fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    abort();
}

/* The time on a clock that nobody sets. */
static inline uint64_t now_ns(void) {
    struct timespec now;
    CHECK(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

/* What one of so many pieces has cost that were begun at this time and are done now. */
static inline double cost_since(uint64_t begin, uint64_t size) {
    return (double)(now_ns() - begin) / (double)size;
}

static inline void tell_works(const struct work *works, size_t count) {
    for (size_t index = 0; index < count; index++) printf("%s%s", index == 0 ? "" : " ", works[index].name);
    printf("\n");
}

/* Reads a size, which strtoull alone would also find in "-1". */
static inline bool read_size(const char *text, uint64_t *size) {
    if (text == NULL || *text == '\0' || text[strspn(text, "0123456789")] != '\0') return false;
    errno = 0;
    *size = strtoull(text, NULL, 10);
    return errno == 0 && *size != 0;
}

static inline void play_one(const struct work *works, size_t count, const char *name, uint64_t size) {
    for (size_t index = 0; index < count; index++) {
        if (strcmp(works[index].name, name) != 0) continue;
        if (works[index].play == NULL) {
            printf("- %s\n", works[index].missing);
        } else {
            printf("%.3f\n", works[index].play(size));
        }
        return;
    }
    printf("- there is no such work; ask for works\n");
}

static inline void answer(const struct work *works, size_t count, char *line) {
    const char *blanks = " \t\r\n";
    char *rest = NULL;
    const char *name = strtok_r(line, blanks, &rest), *size_text = strtok_r(NULL, blanks, &rest);
    const bool is_too_long = strtok_r(NULL, blanks, &rest) != NULL;
    uint64_t size = 0;
    if (name != NULL && size_text == NULL && strcmp(name, "works") == 0) {
        tell_works(works, count);
    } else if (name == NULL || is_too_long || !read_size(size_text, &size)) {
        printf("- ask for works, or for WORK SIZE, where SIZE is a whole number above 0\n");
    } else {
        play_one(works, count, name, size);
    }
}

/* Answers lines until there are no more. */
static inline void play_works(const struct work *works, size_t count) {
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, stdin) != -1) {
        answer(works, count, line);
        CHECK(fflush(stdout) == 0);
    }
    free(line);
}

#endif
