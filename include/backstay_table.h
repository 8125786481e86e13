/*
 * backstay.h over a table: the names of backstay.h stand for the functions of a copy of the library that is loaded
 * already, and the program links to nothing. For every file of a C or C++ extension of a Python program but the one that
 * includes backstay_python.h and calls backstay_import(); Python.h is not needed here.
 */
#ifndef BACKSTAY_TABLE_H
#define BACKSTAY_TABLE_H

#include "backstay.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Set by backstay_import(); nothing of backstay may be called before. Private to the extension. */
#if defined(__GNUC__)
__attribute__((visibility("hidden")))
#endif
extern const backstay_api *backstay_table;

#ifdef __cplusplus
}
#endif

#define backstay_status_name (backstay_table->status_name)
#define backstay_status_message (backstay_table->status_message)
#define backstay_abi_version (backstay_table->abi_version)
#define backstay_live_handles (backstay_table->live_handles)
#define backstay_host_open (backstay_table->host_open)
#define backstay_host_get_state (backstay_table->host_get_state)
#define backstay_host_task (backstay_table->host_task)
#define backstay_host_flush (backstay_table->host_flush)
#define backstay_host_advance (backstay_table->host_advance)
#define backstay_host_drain (backstay_table->host_drain)
#define backstay_host_shutdown (backstay_table->host_shutdown)
#define backstay_host_begin_shutdown (backstay_table->host_begin_shutdown)
#define backstay_host_dup (backstay_table->host_dup)
#define backstay_host_release (backstay_table->host_release)
#define backstay_task_register (backstay_table->task_register)
#define backstay_task_fire (backstay_table->task_fire)
#define backstay_task_unregister (backstay_table->task_unregister)
#define backstay_task_counts (backstay_table->task_counts)
#define backstay_task_on_completed (backstay_table->task_on_completed)
#define backstay_task_on_progress (backstay_table->task_on_progress)
#define backstay_task_dup (backstay_table->task_dup)
#define backstay_task_release (backstay_table->task_release)
#define backstay_instance_id (backstay_table->instance_id)
#define backstay_instance_task (backstay_table->instance_task)
#define backstay_instance_details (backstay_table->instance_details)
#define backstay_instance_get_state (backstay_table->instance_get_state)
#define backstay_instance_get_progress (backstay_table->instance_get_progress)
#define backstay_instance_set_progress (backstay_table->instance_set_progress)
#define backstay_instance_get_deferral_at (backstay_table->instance_get_deferral_at)
#define backstay_instance_holders (backstay_table->instance_holders)
#define backstay_instance_set_error (backstay_table->instance_set_error)
#define backstay_instance_cancel (backstay_table->instance_cancel)
#define backstay_instance_is_canceled (backstay_table->instance_is_canceled)
#define backstay_instance_on_canceled (backstay_table->instance_on_canceled)
#define backstay_instance_wait (backstay_table->instance_wait)
#define backstay_instance_dup (backstay_table->instance_dup)
#define backstay_instance_release (backstay_table->instance_release)
#define backstay_deferral_complete (backstay_table->deferral_complete)
#define backstay_deferral_fail (backstay_table->deferral_fail)
#define backstay_deferral_instance (backstay_table->deferral_instance)
#define backstay_deferral_dup (backstay_table->deferral_dup)
#define backstay_deferral_release (backstay_table->deferral_release)
#define backstay_subscription_cancel (backstay_table->subscription_cancel)
#define backstay_subscription_dup (backstay_table->subscription_dup)
#define backstay_subscription_release (backstay_table->subscription_release)

#endif /* BACKSTAY_TABLE_H */
