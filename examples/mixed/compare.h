// The work: pieces of it on the pool's threads, each with a deferral of its own.
#ifndef MIXED_COMPARE_H
#define MIXED_COMPARE_H

#include "job.h"

// Queues the first phase of a job and returns. BACKSTAY_OK, or why it could not be: then nothing is queued and nothing
// is held. The caller keeps its reference.
backstay_status compare_start(struct job *job);

// A worker that never looks at the cancellation: a thread that holds the instance until the process ends.
backstay_status compare_stall(backstay_instance instance);

#endif
