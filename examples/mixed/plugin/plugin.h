/*
 * What the application and a plug-in say to each other.
 *
 * The plug-in links to nothing: it uses the copy of backstay that the application has, through the table that
 * plugin_start is given. What it is lent it does not keep, what it is given is its own, and everything may be called
 * from any thread. It is linked with -Wl,-z,nodelete, so that its threads may run on when it is unloaded.
 */
#ifndef PLUGIN_H
#define PLUGIN_H

#include <backstay_table.h>
#include <stdbool.h>

/* Of the application: the sum of a file is known, and the hold goes back to who gave it. */
typedef void (*plugin_done_fn)(backstay_deferral given, uint32_t sum);

/* The first call. False when the plug-in cannot work with this table; `why` then says so in words. */
bool plugin_start(const backstay_api *table, plugin_done_fn done, char *why, size_t capacity);

/* Begins to sum up a file, and returns at once. The instance is lent for the call, the deferral is given: it goes to
 * `done`, or is failed, or completed when the sum is no longer wanted. */
void plugin_sum(backstay_instance lent, backstay_deferral given, const char *path);

#endif
