/* Where runs stand at a `hold` until a `go` lets them pass. */
#ifndef GATES_H
#define GATES_H

#include "stage.h"

/*
 * Stands until the run may pass. By the author's intent this is user code that does not look at its cancellation, so
 * nothing but `go` and the end of the file ends it.
 */
void gates_stand(struct stage *stage, struct run *run);

/* Waits until the run stands; false when it does not come. */
bool gates_wait_for(struct stage *stage, const struct run *run);

/* Lets the run pass the hold at which it stands. */
void gates_let_pass(struct stage *stage, struct run *run);

/* Lets everybody pass, now and later. */
void gates_release(struct stage *stage);

#endif
