/*
 * backstay.h for C and C++ extensions of Python programs.
 *
 * The names of backstay.h stand for the functions of the copy of the library that the Python package `backstay` has
 * loaded: the extension shares the process's hosts and instances, and links to nothing. Use it in one translation unit,
 * or define BACKSTAY_TABLE_EXTERN in all but one of them.
 *
 *   #include <Python.h>
 *   #include <backstay_python.h>
 *
 *   static int exec_module(PyObject *module) {      // when the extension is imported
 *       (void)module;
 *       return backstay_import();                   // 0, or -1 with an ImportError set
 *   }
 *
 * Compile with the folder that backstay.get_include() names.
 */
#ifndef BACKSTAY_PYTHON_H
#define BACKSTAY_PYTHON_H

#include <Python.h>

#include "backstay.h"

#ifdef BACKSTAY_TABLE_EXTERN
extern const backstay_api *backstay_table;
#else
const backstay_api *backstay_table;

/* Finds the table. 0, or -1 with an ImportError that says what to do. Call it before any other function, with the
 * interpreter's lock held. */
static inline int backstay_import(void) {
    const backstay_api *table = (const backstay_api *)PyCapsule_Import("backstay._C_API", 0);
    if (table == NULL) return -1;
    if (table->abi_major != BACKSTAY_ABI_MAJOR) {
        PyErr_Format(PyExc_ImportError,
                     "this extension was compiled for ABI %d of backstay, but the package has ABI %d; compile it again",
                     (int)BACKSTAY_ABI_MAJOR, (int)table->abi_major);
        return -1;
    }
    if (table->size < sizeof(backstay_api)) {
        PyErr_Format(PyExc_ImportError,
                     "this extension was compiled for ABI %d.%d of backstay, but the package has ABI %d.%d; update it",
                     (int)BACKSTAY_ABI_MAJOR, (int)BACKSTAY_ABI_MINOR, (int)table->abi_major, (int)table->abi_minor);
        return -1;
    }
    backstay_table = table;
    return 0;
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

#endif /* BACKSTAY_PYTHON_H */
