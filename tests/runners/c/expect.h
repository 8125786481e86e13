/* What the expectations look at, and how what they saw is told. */
#ifndef EXPECT_H
#define EXPECT_H

#include "stage.h"

/* What is looked at: the host always, a run or a task when the step names one. */
struct subject {
    struct stage *stage;
    backstay_host host;
    backstay_task task;
    struct run *run;
};

/* Looks until all that an `expect` says is seen, or until the patience is over. */
struct trouble expect(const struct subject *subject, const struct step *step);

/* Whether every option of the step was seen as it stands there. `seen` is NULL for what does not exist yet. */
bool is_as_expected(const struct step *step, const char *seen[]);

/* What was expected beside what was seen. */
struct trouble differs(struct arena *arena, const struct step *step, const char *seen[]);

#endif
