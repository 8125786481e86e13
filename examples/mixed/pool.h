// Threads of the C side's own. They know nothing of Python and never take its lock.
#ifndef MIXED_POOL_H
#define MIXED_POOL_H

#include <stdbool.h>
#include <stddef.h>

// Buffers that a thread lends to the work it does: two of FILE_BLOCK bytes.
struct scratch {
    unsigned char *block;
    unsigned char *other_block;
};

// The first member of whatever is to be done. `run` owns it from then on.
struct work {
    struct work *next;
    void (*run)(struct work *work, const struct scratch *scratch);
};

// How many threads there are to be; counts until the first work is submitted. 0 means one for each core.
void pool_set_threads(size_t count);

// Starts the threads unless they run. 0, or an errno when not a single one could be started.
int pool_start(void);

// Queues a list of works. Those of something already begun go `first`, so that what was begun ends soon.
void pool_submit(struct work *list, bool first);

// Lets the threads end once nothing is queued, waits for them at most that long, and tells how many still run.
size_t pool_stop(unsigned milliseconds);

#endif
