/* Plays a whole scenario, and comes back whatever it does. */
#ifndef PLAY_H
#define PLAY_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Plays the scenario `text` and prints `ok c NAME` or `FAILED c NAME line N: …`; whether it passed.
 *
 * A file that fails leaves nothing behind: holds are released and the host is shut down without a grace. Only a call of
 * the library that never returns keeps its thread; then this comes back after a minute without it.
 */
bool play(const char *name, const char *text);

/* Prints the line of a file that failed. */
void tell_failure(const char *name, size_t line, const char *message);

#endif
