/* What the works over the C ABI are measured against, when glib is installed. */
#ifndef PEERS_H
#define PEERS_H

#include <stdint.h>

/* From the first of so many empty jobs pushed to a GThreadPool with two threads until the last has run. */
double play_glib_pool(uint64_t size);

/* g_cancellable_cancel on as many cancellables, each with one handler. */
double play_glib_cancellable(uint64_t size);

#endif
