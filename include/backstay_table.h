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

/* Every function of backstay.h, as a table: so that a C extension of a Python program uses the very copy of the
 * library that Python has loaded. The names of backstay.h stand for the table's entries where this header is
 * included.
 *
 * The table never changes and lives as long as the process. New functions are added at its end. */
struct backstay_api {
    /* BACKSTAY_ABI_MAJOR of the library; a program that was compiled with another one must not use the table. */
    uint32_t abi_major;
    /* BACKSTAY_ABI_MINOR of the library. */
    uint32_t abi_minor;
    /* How many bytes the table has; an entry beyond that is not there. */
    size_t size;
    const char *(*status_name)(backstay_status);
    const char *(*status_message)(backstay_status);
    uint32_t (*abi_version)(void);
    uint64_t (*live_handles)(void);
    const char *(*version)(void);
    backstay_status (*status_from_name)(backstay_str, backstay_status*);
    const char *(*state_name)(backstay_state);
    const char *(*outcome_name)(backstay_outcome);
    const char *(*host_state_name)(backstay_host_state);
    const char *(*language_name)(backstay_language);
    const char *(*cancel_reason_name)(backstay_cancel_reason);
    backstay_status (*cancel_reason_from_name)(backstay_str, backstay_cancel_reason*);
    const char *(*event_kind_name)(backstay_event_kind);
    backstay_status (*host_on_event)(backstay_host,
                                     backstay_event_fn,
                                     void*,
                                     backstay_destroy_fn,
                                     backstay_subscription*);
    backstay_status (*host_open)(const backstay_host_options*, backstay_host*);
    backstay_status (*host_grace)(backstay_host, int64_t*);
    backstay_status (*host_dup)(backstay_host, backstay_host*);
    backstay_status (*host_release)(backstay_host);
    backstay_status (*host_get_state)(backstay_host, backstay_host_state*);
    backstay_status (*host_flush)(backstay_host, int64_t);
    backstay_status (*host_advance)(backstay_host, int64_t);
    backstay_status (*host_drain)(backstay_host, int64_t, backstay_drain_report*);
    backstay_status (*host_shutdown)(backstay_host, int64_t, backstay_drain_report*);
    backstay_status (*host_wait)(backstay_host, int64_t, backstay_drain_report*);
    backstay_status (*host_begin_drain)(backstay_host, int64_t);
    backstay_status (*host_begin_shutdown)(backstay_host, int64_t);
    backstay_status (*host_set_condition)(backstay_host, backstay_str, bool);
    backstay_status (*host_condition)(backstay_host, backstay_str, bool*);
    backstay_status (*host_raise_event)(backstay_host,
                                        backstay_str,
                                        const backstay_details*,
                                        size_t*);
    backstay_status (*host_suspend)(backstay_host, backstay_cause);
    backstay_status (*host_resume)(backstay_host);
    backstay_status (*host_is_suspended)(backstay_host, bool*);
    backstay_status (*host_task)(backstay_host, backstay_str, backstay_task*);
    backstay_status (*host_group_task)(backstay_host,
                                       backstay_str,
                                       backstay_str,
                                       backstay_task*);
    backstay_status (*host_tasks)(backstay_host, backstay_task*, size_t, size_t*);
    backstay_status (*host_group_tasks)(backstay_host,
                                        backstay_str,
                                        backstay_task*,
                                        size_t,
                                        size_t*);
    backstay_status (*host_groups)(backstay_host, char*, size_t, size_t*);
    backstay_status (*host_holders)(backstay_host, backstay_holder*, size_t, size_t*);
    backstay_status (*host_stragglers)(backstay_host, backstay_straggler*, size_t, size_t*);
    backstay_status (*host_snapshot_json)(backstay_host, char*, size_t, size_t*);
    backstay_status (*task_dup)(backstay_task, backstay_task*);
    backstay_status (*task_release)(backstay_task);
    backstay_status (*task_register)(backstay_host,
                                     const backstay_task_options*,
                                     backstay_task*,
                                     backstay_error*);
    backstay_status (*task_validate)(const backstay_task_options*, backstay_error*);
    backstay_status (*task_fire)(backstay_task, const backstay_details*, backstay_instance*);
    backstay_status (*task_fire_with_answer)(backstay_task,
                                             const backstay_details*,
                                             backstay_instance*,
                                             backstay_fire_answer*);
    backstay_status (*task_name)(backstay_task, backstay_str*);
    backstay_status (*task_group)(backstay_task, backstay_str*);
    backstay_status (*task_is_same)(backstay_task, backstay_task, bool*);
    backstay_status (*task_is_registered)(backstay_task, bool*);
    backstay_status (*task_unregister)(backstay_task, bool);
    backstay_status (*task_counts)(backstay_task, size_t*, size_t*);
    backstay_status (*task_explain)(backstay_task, char*, size_t, size_t*);
    backstay_status (*task_enable)(backstay_task);
    backstay_status (*task_is_disabled)(backstay_task, bool*);
    backstay_status (*task_suspend)(backstay_task, backstay_cause);
    backstay_status (*task_resume)(backstay_task);
    backstay_status (*task_is_suspended)(backstay_task, bool*);
    backstay_status (*task_on_completed)(backstay_task,
                                         backstay_completed_fn,
                                         void*,
                                         backstay_destroy_fn,
                                         backstay_subscription*);
    backstay_status (*task_on_progress)(backstay_task,
                                        backstay_progress_fn,
                                        void*,
                                        backstay_destroy_fn,
                                        backstay_subscription*);
    backstay_status (*instance_id)(backstay_instance, uint8_t*);
    backstay_status (*instance_task)(backstay_instance, backstay_task*);
    backstay_status (*instance_host)(backstay_instance, backstay_host*);
    backstay_status (*instance_details)(backstay_instance, backstay_details*);
    backstay_status (*instance_get_state)(backstay_instance, backstay_state*);
    backstay_status (*instance_get_progress)(backstay_instance, uint32_t*);
    backstay_status (*instance_set_progress)(backstay_instance, uint32_t);
    backstay_status (*instance_set_error)(backstay_instance, backstay_str);
    backstay_status (*instance_set_error_typed)(backstay_instance, backstay_str, backstay_str);
    backstay_status (*instance_wait)(backstay_instance, int64_t, backstay_completion*);
    backstay_status (*instance_dup)(backstay_instance, backstay_instance*);
    backstay_status (*instance_release)(backstay_instance);
    backstay_status (*instance_get_deferral)(backstay_instance, backstay_str, backstay_deferral*);
    backstay_status (*instance_get_deferral_at)(backstay_instance,
                                                backstay_str,
                                                backstay_str,
                                                uint32_t,
                                                backstay_language,
                                                backstay_deferral*);
    backstay_status (*instance_holders)(backstay_instance, backstay_holder*, size_t, size_t*);
    backstay_status (*instance_cancel)(backstay_instance, backstay_cancel_reason);
    backstay_status (*instance_is_canceled)(backstay_instance, bool*, backstay_cancel_reason*);
    backstay_status (*instance_on_canceled)(backstay_instance,
                                            backstay_canceled_fn,
                                            void*,
                                            backstay_destroy_fn,
                                            backstay_subscription*);
    backstay_status (*instance_on_completed)(backstay_instance,
                                             backstay_completed_fn,
                                             void*,
                                             backstay_destroy_fn,
                                             backstay_subscription*);
    backstay_status (*instance_wait_canceled)(backstay_instance, int64_t, bool*, backstay_cancel_reason*);
    backstay_status (*instance_suspend)(backstay_instance, backstay_cause);
    backstay_status (*instance_resume)(backstay_instance);
    backstay_status (*instance_is_suspended)(backstay_instance, bool*);
    backstay_status (*instance_suspended_count)(backstay_instance, uint32_t*);
    backstay_status (*instance_throttle_count)(backstay_instance, backstay_counter, uint32_t*);
    backstay_status (*instance_checkpoint)(backstay_instance, bool*);
    backstay_status (*instance_checkpoint_within)(backstay_instance, int64_t, bool*);
    backstay_status (*instance_deadline)(backstay_instance, int64_t*);
    backstay_status (*instance_remaining)(backstay_instance, int64_t*);
    backstay_status (*deferral_complete)(backstay_deferral);
    backstay_status (*deferral_fail)(backstay_deferral, backstay_str);
    backstay_status (*deferral_fail_typed)(backstay_deferral, backstay_str, backstay_str);
    backstay_status (*deferral_instance)(backstay_deferral, backstay_instance*);
    backstay_status (*deferral_is_canceled)(backstay_deferral, bool*, backstay_cancel_reason*);
    backstay_status (*deferral_wait_canceled)(backstay_deferral, int64_t, bool*, backstay_cancel_reason*);
    backstay_status (*deferral_set_note)(backstay_deferral, backstay_str);
    backstay_status (*deferral_set_overdue_after)(backstay_deferral, int64_t);
    backstay_status (*deferral_set_stack)(backstay_deferral, backstay_str);
    backstay_status (*deferral_stack)(backstay_deferral, char*, size_t, size_t*);
    backstay_status (*deferral_holder)(backstay_deferral, backstay_holder*);
    backstay_status (*deferral_dup)(backstay_deferral, backstay_deferral*);
    backstay_status (*deferral_release)(backstay_deferral);
    backstay_status (*subscription_cancel)(backstay_subscription);
    backstay_status (*handler_failed)(backstay_str);
    backstay_status (*subscription_cancel_within)(backstay_subscription, int64_t);
    backstay_status (*subscription_dup)(backstay_subscription, backstay_subscription*);
    backstay_status (*subscription_release)(backstay_subscription);
    backstay_status (*job_run)(backstay_job);
    backstay_status (*job_release)(backstay_job);
    backstay_status (*deferral_set_language)(backstay_deferral, backstay_language);
};

/* Set by backstay_import(); nothing of backstay may be called before. Private to the extension. */
#if defined(__GNUC__)
__attribute__((visibility("hidden")))
#endif
extern const backstay_api *backstay_table;

#ifdef __cplusplus
}
#endif

/* Whether the library has this function, such as BACKSTAY_HAS(job_run). It has all of this header, unless the extension
 * defines BACKSTAY_PYTHON_NEEDS to run with older ones, too: see backstay_python.h. */
#define BACKSTAY_HAS(name) (backstay_table->size > offsetof(backstay_api, name))

#define backstay_status_name (backstay_table->status_name)
#define backstay_status_message (backstay_table->status_message)
#define backstay_status_from_name (backstay_table->status_from_name)
#define backstay_event_kind_name (backstay_table->event_kind_name)
#define backstay_host_on_event (backstay_table->host_on_event)
#define backstay_state_name (backstay_table->state_name)
#define backstay_outcome_name (backstay_table->outcome_name)
#define backstay_host_state_name (backstay_table->host_state_name)
#define backstay_language_name (backstay_table->language_name)
#define backstay_cancel_reason_name (backstay_table->cancel_reason_name)
#define backstay_cancel_reason_from_name (backstay_table->cancel_reason_from_name)
#define backstay_version (backstay_table->version)
#define backstay_abi_version (backstay_table->abi_version)
#define backstay_live_handles (backstay_table->live_handles)
#define backstay_host_open (backstay_table->host_open)
#define backstay_host_grace (backstay_table->host_grace)
#define backstay_host_dup (backstay_table->host_dup)
#define backstay_host_release (backstay_table->host_release)
#define backstay_host_get_state (backstay_table->host_get_state)
#define backstay_host_flush (backstay_table->host_flush)
#define backstay_host_advance (backstay_table->host_advance)
#define backstay_host_drain (backstay_table->host_drain)
#define backstay_host_shutdown (backstay_table->host_shutdown)
#define backstay_host_wait (backstay_table->host_wait)
#define backstay_host_begin_drain (backstay_table->host_begin_drain)
#define backstay_host_begin_shutdown (backstay_table->host_begin_shutdown)
#define backstay_host_task (backstay_table->host_task)
#define backstay_host_group_task (backstay_table->host_group_task)
#define backstay_host_tasks (backstay_table->host_tasks)
#define backstay_host_group_tasks (backstay_table->host_group_tasks)
#define backstay_host_groups (backstay_table->host_groups)
#define backstay_host_holders (backstay_table->host_holders)
#define backstay_host_stragglers (backstay_table->host_stragglers)
#define backstay_host_snapshot_json (backstay_table->host_snapshot_json)
#define backstay_host_set_condition (backstay_table->host_set_condition)
#define backstay_host_condition (backstay_table->host_condition)
#define backstay_host_raise_event (backstay_table->host_raise_event)
#define backstay_host_suspend (backstay_table->host_suspend)
#define backstay_host_resume (backstay_table->host_resume)
#define backstay_host_is_suspended (backstay_table->host_is_suspended)
#define backstay_task_dup (backstay_table->task_dup)
#define backstay_task_release (backstay_table->task_release)
#define backstay_task_fire (backstay_table->task_fire)
#define backstay_task_fire_with_answer (backstay_table->task_fire_with_answer)
#define backstay_task_register (backstay_table->task_register)
#define backstay_task_validate (backstay_table->task_validate)
#define backstay_task_name (backstay_table->task_name)
#define backstay_task_group (backstay_table->task_group)
#define backstay_task_is_same (backstay_table->task_is_same)
#define backstay_task_is_registered (backstay_table->task_is_registered)
#define backstay_task_unregister (backstay_table->task_unregister)
#define backstay_task_counts (backstay_table->task_counts)
#define backstay_task_explain (backstay_table->task_explain)
#define backstay_task_enable (backstay_table->task_enable)
#define backstay_task_is_disabled (backstay_table->task_is_disabled)
#define backstay_task_suspend (backstay_table->task_suspend)
#define backstay_task_resume (backstay_table->task_resume)
#define backstay_task_is_suspended (backstay_table->task_is_suspended)
#define backstay_task_on_completed (backstay_table->task_on_completed)
#define backstay_task_on_progress (backstay_table->task_on_progress)
#define backstay_instance_id (backstay_table->instance_id)
#define backstay_instance_task (backstay_table->instance_task)
#define backstay_instance_host (backstay_table->instance_host)
#define backstay_instance_details (backstay_table->instance_details)
#define backstay_instance_get_state (backstay_table->instance_get_state)
#define backstay_instance_get_progress (backstay_table->instance_get_progress)
#define backstay_instance_set_progress (backstay_table->instance_set_progress)
#define backstay_instance_set_error (backstay_table->instance_set_error)
#define backstay_instance_set_error_typed (backstay_table->instance_set_error_typed)
#define backstay_instance_on_completed (backstay_table->instance_on_completed)
#define backstay_instance_wait (backstay_table->instance_wait)
#define backstay_instance_dup (backstay_table->instance_dup)
#define backstay_instance_release (backstay_table->instance_release)
#define backstay_instance_cancel (backstay_table->instance_cancel)
#define backstay_instance_is_canceled (backstay_table->instance_is_canceled)
#define backstay_instance_on_canceled (backstay_table->instance_on_canceled)
#define backstay_instance_wait_canceled (backstay_table->instance_wait_canceled)
#define backstay_instance_get_deferral_at (backstay_table->instance_get_deferral_at)
#define backstay_instance_holders (backstay_table->instance_holders)
#define backstay_instance_suspend (backstay_table->instance_suspend)
#define backstay_instance_resume (backstay_table->instance_resume)
#define backstay_instance_is_suspended (backstay_table->instance_is_suspended)
#define backstay_instance_suspended_count (backstay_table->instance_suspended_count)
#define backstay_instance_throttle_count (backstay_table->instance_throttle_count)
#define backstay_instance_checkpoint (backstay_table->instance_checkpoint)
#define backstay_instance_checkpoint_within (backstay_table->instance_checkpoint_within)
#define backstay_instance_deadline (backstay_table->instance_deadline)
#define backstay_instance_remaining (backstay_table->instance_remaining)
#define backstay_deferral_complete (backstay_table->deferral_complete)
#define backstay_deferral_fail (backstay_table->deferral_fail)
#define backstay_deferral_fail_typed (backstay_table->deferral_fail_typed)
#define backstay_deferral_instance (backstay_table->deferral_instance)
#define backstay_deferral_is_canceled (backstay_table->deferral_is_canceled)
#define backstay_deferral_wait_canceled (backstay_table->deferral_wait_canceled)
#define backstay_deferral_set_note (backstay_table->deferral_set_note)
#define backstay_deferral_set_overdue_after (backstay_table->deferral_set_overdue_after)
#define backstay_deferral_set_stack (backstay_table->deferral_set_stack)
#define backstay_deferral_set_language (backstay_table->deferral_set_language)
#define backstay_deferral_stack (backstay_table->deferral_stack)
#define backstay_deferral_holder (backstay_table->deferral_holder)
#define backstay_deferral_dup (backstay_table->deferral_dup)
#define backstay_deferral_release (backstay_table->deferral_release)
#define backstay_handler_failed (backstay_table->handler_failed)
#define backstay_subscription_cancel (backstay_table->subscription_cancel)
#define backstay_subscription_cancel_within (backstay_table->subscription_cancel_within)
#define backstay_subscription_dup (backstay_table->subscription_dup)
#define backstay_subscription_release (backstay_table->subscription_release)
#define backstay_job_run (backstay_table->job_run)
#define backstay_job_release (backstay_table->job_release)

#endif /* BACKSTAY_TABLE_H */
