/* From the options of a file to a host and its tasks. */
#ifndef OPENING_H
#define OPENING_H

#include "stage.h"

/* Opens a host with a manual clock, whose events are written down. A step that is all zero has no options. */
struct trouble open_host(struct stage *stage, const struct step *step, backstay_host *host,
                         backstay_subscription *events);

/* Registers a task whose runs do what the file says. */
struct trouble register_task(struct stage *stage, backstay_host host, const struct step *step);

#endif
