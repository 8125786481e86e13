/* What has happened to every instance so far: the host's events, with marks of the steps by hand between them. */
#ifndef TRACES_H
#define TRACES_H

#include "stage.h"

/* Writes down every event of the host from now on. */
backstay_status traces_watch(struct stage *stage, backstay_host host, backstay_subscription *subscription);

/* Writes down a step that is about to be carried out. */
void traces_mark(struct stage *stage, struct run *run, const char *mark);

/* The trace of one instance so far. */
struct list traces_of(struct stage *stage, const struct run *run);

/* The instance that was fired after this one, the oldest one after NULL; NULL when there is none yet. */
struct run *traces_next_fired(struct stage *stage, const struct run *run);

#endif
