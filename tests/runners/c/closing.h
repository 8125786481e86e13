/* A drain or shutdown that somebody waits for on a thread of its own, and what its report says. */
#ifndef CLOSING_H
#define CLOSING_H

#include "stage.h"

struct report;

/*
 * Waits for the report of what was begun on a thread of its own, as an application does whose own thread has other
 * things to do. `older` is the report before this one; NULL when there is none, or no thread.
 */
struct report *report_await(struct stage *stage, backstay_host host, struct report *older);

/* Waits for the report and compares it with what the step says. */
struct trouble report_compare(struct report *report, const struct step *step);

/* Joins the threads of this report and all older ones, which must be coming. */
void report_join(struct report *report);

#endif
