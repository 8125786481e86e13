/* The deferrals that steps and runs have taken, by their instance and label. */
#ifndef DEFERRALS_H
#define DEFERRALS_H

#include "stage.h"

/* Takes a deferral and keeps it. The handle may be one that is lent. */
backstay_status deferrals_take(struct stage *stage, backstay_instance instance, struct run *run, const char *label);

/*
 * Completes a deferral, or fails it when there is an `error`; false when nobody has taken one of that label. Of several
 * with one label it is the first that is still pending, else the last one.
 */
bool deferrals_end(struct stage *stage, struct run *run, const char *label, const char *error,
                   backstay_status *answer);

/* Drops a deferral without a word; false when nobody has taken one of that label. */
bool deferrals_drop(struct stage *stage, struct run *run, const char *label);

/* Releases all that are left. */
void deferrals_release(struct stage *stage);

#endif
