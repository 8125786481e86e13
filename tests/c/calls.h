/*
 * Every function of the header that takes a handle, by the type of the handle, with otherwise good arguments. OUT is
 * where a result would go; what could wait for ever has a timeout of 0.
 *
 * The last argument says whether the function ends the handle: `release` takes 0 for none, and `complete` tells of a
 * handle that has ended.
 */
#ifndef CALLS_H
#define CALLS_H

#define HOST_CALLS(CALL)                                                                                  \
    CALL(host_get_state, (handle, OUT), KEEPS)                                                            \
    CALL(host_grace, (handle, OUT), KEEPS)                                                                \
    CALL(host_set_condition, (handle, text("some condition"), true), KEEPS)                               \
    CALL(host_condition, (handle, text("some condition"), OUT), KEEPS)                                    \
    CALL(host_raise_event, (handle, text("some event"), some_details(), OUT), KEEPS)                      \
    CALL(host_suspend, (handle, BACKSTAY_CAUSE_CPU), KEEPS)                                               \
    CALL(host_resume, (handle), KEEPS)                                                                    \
    CALL(host_is_suspended, (handle, OUT), KEEPS)                                                         \
    CALL(host_task, (handle, text("some task"), OUT), KEEPS)                                              \
    CALL(host_tasks, (handle, OUT, 1, OUT), KEEPS)                                                        \
    CALL(host_group_task, (handle, text("some group"), text("some task"), OUT), KEEPS)                    \
    CALL(host_group_tasks, (handle, text("some group"), OUT, 1, OUT), KEEPS)                              \
    CALL(host_groups, (handle, OUT, 16, OUT), KEEPS)                                                      \
    CALL(host_holders, (handle, OUT, 1, OUT), KEEPS)                                                      \
    CALL(host_stragglers, (handle, OUT, 1, OUT), KEEPS)                                                   \
    CALL(host_snapshot_json, (handle, OUT, 16, OUT), KEEPS)                                               \
    CALL(host_flush, (handle, 0), KEEPS)                                                                  \
    CALL(host_advance, (handle, 0), KEEPS)                                                                \
    CALL(host_drain, (handle, 0, OUT), KEEPS)                                                             \
    CALL(host_shutdown, (handle, 0, OUT), KEEPS)                                                          \
    CALL(host_begin_drain, (handle, 0), KEEPS)                                                            \
    CALL(host_begin_shutdown, (handle, 0), KEEPS)                                                         \
    CALL(host_wait, (handle, 0, OUT), KEEPS)                                                              \
    CALL(host_on_event, (handle, never_told_event, given(), ended, OUT), KEEPS)                           \
    CALL(host_dup, (handle, OUT), KEEPS)                                                                  \
    CALL(host_release, (handle), RELEASES)                                                                \
    CALL(task_register, (handle, some_task(), OUT, NULL), KEEPS)

#define TASK_CALLS(CALL)                                                                                  \
    CALL(task_fire, (handle, some_details(), OUT), KEEPS)                                                 \
    CALL(task_fire_with_answer, (handle, some_details(), OUT, OUT), KEEPS)                                \
    CALL(task_name, (handle, OUT), KEEPS)                                                                 \
    CALL(task_group, (handle, OUT), KEEPS)                                                                \
    CALL(task_is_same, (handle, handle, OUT), KEEPS)                                                      \
    CALL(task_is_registered, (handle, OUT), KEEPS)                                                        \
    CALL(task_unregister, (handle, false), KEEPS)                                                         \
    CALL(task_counts, (handle, OUT, OUT), KEEPS)                                                          \
    CALL(task_explain, (handle, OUT, 16, OUT), KEEPS)                                                     \
    CALL(task_enable, (handle), KEEPS)                                                                    \
    CALL(task_is_disabled, (handle, OUT), KEEPS)                                                          \
    CALL(task_suspend, (handle, BACKSTAY_CAUSE_CPU), KEEPS)                                               \
    CALL(task_resume, (handle), KEEPS)                                                                    \
    CALL(task_is_suspended, (handle, OUT), KEEPS)                                                         \
    CALL(task_on_completed, (handle, never_completed, given(), ended, OUT), KEEPS)                        \
    CALL(task_on_progress, (handle, never_told, given(), ended, OUT), KEEPS)                              \
    CALL(task_dup, (handle, OUT), KEEPS)                                                                  \
    CALL(task_release, (handle), RELEASES)

#define INSTANCE_CALLS(CALL)                                                                              \
    CALL(instance_id, (handle, OUT), KEEPS)                                                               \
    CALL(instance_task, (handle, OUT), KEEPS)                                                             \
    CALL(instance_host, (handle, OUT), KEEPS)                                                             \
    CALL(instance_details, (handle, OUT), KEEPS)                                                          \
    CALL(instance_get_state, (handle, OUT), KEEPS)                                                        \
    CALL(instance_get_progress, (handle, OUT), KEEPS)                                                     \
    CALL(instance_set_progress, (handle, 1), KEEPS)                                                       \
    CALL(instance_get_deferral, (handle, text("label"), OUT), KEEPS)                                      \
    CALL(instance_get_deferral_at, (handle, text("label"), text("file"), 1, 0, OUT), KEEPS)               \
    CALL(instance_holders, (handle, OUT, 1, OUT), KEEPS)                                                  \
    CALL(instance_set_error, (handle, text("error")), KEEPS)                                              \
    CALL(instance_set_error_typed, (handle, text("error"), text("type")), KEEPS)                          \
    CALL(instance_cancel, (handle, BACKSTAY_CANCEL_ABORT), KEEPS)                                         \
    CALL(instance_is_canceled, (handle, OUT, OUT), KEEPS)                                                 \
    CALL(instance_wait_canceled, (handle, 0, OUT, OUT), KEEPS)                                            \
    CALL(instance_on_canceled, (handle, never_told, given(), ended, OUT), KEEPS)                          \
    CALL(instance_suspend, (handle, BACKSTAY_CAUSE_CPU), KEEPS)                                           \
    CALL(instance_resume, (handle), KEEPS)                                                                \
    CALL(instance_is_suspended, (handle, OUT), KEEPS)                                                     \
    CALL(instance_suspended_count, (handle, OUT), KEEPS)                                                  \
    CALL(instance_throttle_count, (handle, BACKSTAY_COUNTER_ALL, OUT), KEEPS)                             \
    CALL(instance_checkpoint, (handle, OUT), KEEPS)                                                       \
    CALL(instance_checkpoint_within, (handle, 0, OUT), KEEPS)                                             \
    CALL(instance_deadline, (handle, OUT), KEEPS)                                                         \
    CALL(instance_remaining, (handle, OUT), KEEPS)                                                        \
    CALL(instance_on_completed, (handle, never_completed, given(), ended, OUT), KEEPS)                    \
    CALL(instance_wait, (handle, 0, OUT), KEEPS)                                                          \
    CALL(instance_dup, (handle, OUT), KEEPS)                                                              \
    CALL(instance_release, (handle), RELEASES)

#define DEFERRAL_CALLS(CALL)                                                                              \
    CALL(deferral_complete, (handle), COMPLETES)                                                          \
    CALL(deferral_fail, (handle, text("error")), COMPLETES)                                               \
    CALL(deferral_fail_typed, (handle, text("error"), text("type")), COMPLETES)                           \
    CALL(deferral_instance, (handle, OUT), KEEPS)                                                         \
    CALL(deferral_is_canceled, (handle, OUT, OUT), KEEPS)                                                 \
    CALL(deferral_wait_canceled, (handle, 0, OUT, OUT), KEEPS)                                            \
    CALL(deferral_set_note, (handle, text("note")), KEEPS)                                                \
    CALL(deferral_set_overdue_after, (handle, 1), KEEPS)                                                  \
    CALL(deferral_set_stack, (handle, text("stack")), KEEPS)                                              \
    CALL(deferral_set_language, (handle, BACKSTAY_LANGUAGE_C), KEEPS)                                     \
    CALL(deferral_stack, (handle, OUT, 16, OUT), KEEPS)                                                   \
    CALL(deferral_holder, (handle, OUT), KEEPS)                                                           \
    CALL(deferral_dup, (handle, OUT), KEEPS)                                                              \
    CALL(deferral_release, (handle), RELEASES)

#define SUBSCRIPTION_CALLS(CALL)                                                                          \
    CALL(subscription_cancel, (handle), KEEPS)                                                            \
    CALL(subscription_cancel_within, (handle, 0), KEEPS)                                                  \
    CALL(subscription_dup, (handle, OUT), KEEPS)                                                          \
    CALL(subscription_release, (handle), RELEASES)

#define JOB_CALLS(CALL)                                                                                   \
    CALL(job_run, (handle), KEEPS)                                                                        \
    CALL(job_release, (handle), RELEASES)

#endif
