/*
 * From the text of a scenario to its steps.
 *
 * A file is read as a whole before anything is played, so a step that the language does not know fails the file
 * wherever it stands.
 */
#ifndef PARSE_H
#define PARSE_H

#include "step.h"

/* What is wrong with a file. */
struct fault {
    size_t line;
    /* NULL when nothing is. */
    const char *message;
};

/* Reads a scenario; `first` is its first step, NULL when it has none. */
struct fault parse(struct arena *arena, const char *text, struct step **first);

#endif
