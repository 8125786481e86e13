/*
 * Every function of the header that takes a handle, called with any 64-bit value and otherwise good arguments, for the
 * tests that show what wrong values are answered with. A function that is added to the header and not here makes
 * `every_call_is_here` fail.
 */
#ifndef EVERY_CALL_H
#define EVERY_CALL_H

#include "check.h"

enum type { HOST, TASK, INSTANCE, DEFERRAL, SUBSCRIPTION, TYPES };

/* Where all calls write their result, and what stands there before: a struct_size that is good for every struct, and
 * then a pattern. It is too small a size for a call to find a pointer of the caller's in it. */
static _Alignas(16) unsigned char every_call_result[1024];
static _Alignas(16) unsigned char every_call_before[1024];

static inline void prepare_result(void) {
    const uint32_t struct_size = 8;
    memset(every_call_before, 0xA5, sizeof every_call_before);
    memcpy(every_call_before, &struct_size, sizeof struct_size);
    memcpy(every_call_result, every_call_before, sizeof every_call_result);
}

static inline bool result_is_untouched(void) {
    return memcmp(every_call_result, every_call_before, sizeof every_call_result) == 0;
}

/* How many calls took user data, and how often that was ended. */
static int user_data_given, user_data_ended;

static inline void *given(void) {
    user_data_given++;
    return &user_data_ended;
}

static inline void ended(void *user_data) {
    ++*(int *)user_data;
}

static inline void never_completed(const backstay_completion *completion, void *user_data) {
    (void)completion, (void)user_data;
}

static inline void never_told(backstay_instance instance, uint32_t number, void *user_data) {
    (void)instance, (void)number, (void)user_data;
}

static inline const backstay_task_options *some_task(void) {
    static backstay_task_options options = {.struct_size = sizeof options, .run = do_nothing, .destroy = ended};
    options.name = text("some task");
    options.user_data = given();
    return &options;
}

#define CALL(type, name, arguments)                                                                       \
    static inline backstay_status call_##name(uint64_t id) {                                              \
        const backstay_##type handle = {id};                                                              \
        return backstay_##name arguments;                                                                 \
    }
#define OUT ((void *)every_call_result)

CALL(host, host_get_state, (handle, OUT))
CALL(host, host_task, (handle, text("some task"), OUT))
CALL(host, host_flush, (handle, 0))
CALL(host, host_advance, (handle, 0))
CALL(host, host_drain, (handle, 0, OUT))
CALL(host, host_shutdown, (handle, 0, OUT))
CALL(host, host_begin_shutdown, (handle, 0))
CALL(host, host_dup, (handle, OUT))
CALL(host, host_release, (handle))
CALL(host, task_register, (handle, some_task(), OUT, NULL))
CALL(task, task_fire, (handle, NULL, OUT))
CALL(task, task_unregister, (handle, false))
CALL(task, task_counts, (handle, OUT, OUT))
CALL(task, task_on_completed, (handle, never_completed, given(), ended, OUT))
CALL(task, task_on_progress, (handle, never_told, given(), ended, OUT))
CALL(task, task_dup, (handle, OUT))
CALL(task, task_release, (handle))
CALL(instance, instance_id, (handle, OUT))
CALL(instance, instance_task, (handle, OUT))
CALL(instance, instance_details, (handle, OUT))
CALL(instance, instance_get_state, (handle, OUT))
CALL(instance, instance_get_progress, (handle, OUT))
CALL(instance, instance_set_progress, (handle, 1))
CALL(instance, instance_get_deferral_at, (handle, text("label"), text("file"), 1, BACKSTAY_LANGUAGE_C, OUT))
CALL(instance, instance_holders, (handle, OUT, 1, OUT))
CALL(instance, instance_set_error, (handle, text("error")))
CALL(instance, instance_cancel, (handle, BACKSTAY_CANCEL_ABORT))
CALL(instance, instance_is_canceled, (handle, OUT, OUT))
CALL(instance, instance_on_canceled, (handle, never_told, given(), ended, OUT))
CALL(instance, instance_wait, (handle, 0, OUT))
CALL(instance, instance_dup, (handle, OUT))
CALL(instance, instance_release, (handle))
CALL(deferral, deferral_complete, (handle))
CALL(deferral, deferral_fail, (handle, text("error")))
CALL(deferral, deferral_instance, (handle, OUT))
CALL(deferral, deferral_dup, (handle, OUT))
CALL(deferral, deferral_release, (handle))
CALL(subscription, subscription_cancel, (handle))
CALL(subscription, subscription_dup, (handle, OUT))
CALL(subscription, subscription_release, (handle))

/* The parentheses call the function itself, not the macro of its name. */
static inline backstay_status call_instance_get_deferral(uint64_t id) {
    return (backstay_instance_get_deferral)((backstay_instance){id}, text("label"), OUT);
}

struct call {
    const char *name;
    enum type type;
    backstay_status (*with)(uint64_t id);
    /* Whether the function ends the handle: `release` takes 0 for none, `complete` tells of an ended handle. */
    enum { KEEPS, RELEASES, COMPLETES } ending;
};

#define LIST(type, name) {"backstay_" #name, type, call_##name, KEEPS}
#define LIST_ENDING(type, name, ending) {"backstay_" #name, type, call_##name, ending}

static const struct call every_call[] = {
    LIST(HOST, host_get_state),
    LIST(HOST, host_task),
    LIST(HOST, host_flush),
    LIST(HOST, host_advance),
    LIST(HOST, host_drain),
    LIST(HOST, host_shutdown),
    LIST(HOST, host_begin_shutdown),
    LIST(HOST, host_dup),
    LIST_ENDING(HOST, host_release, RELEASES),
    LIST(HOST, task_register),
    LIST(TASK, task_fire),
    LIST(TASK, task_unregister),
    LIST(TASK, task_counts),
    LIST(TASK, task_on_completed),
    LIST(TASK, task_on_progress),
    LIST(TASK, task_dup),
    LIST_ENDING(TASK, task_release, RELEASES),
    LIST(INSTANCE, instance_id),
    LIST(INSTANCE, instance_task),
    LIST(INSTANCE, instance_details),
    LIST(INSTANCE, instance_get_state),
    LIST(INSTANCE, instance_get_progress),
    LIST(INSTANCE, instance_set_progress),
    LIST(INSTANCE, instance_get_deferral),
    LIST(INSTANCE, instance_get_deferral_at),
    LIST(INSTANCE, instance_holders),
    LIST(INSTANCE, instance_set_error),
    LIST(INSTANCE, instance_cancel),
    LIST(INSTANCE, instance_is_canceled),
    LIST(INSTANCE, instance_on_canceled),
    LIST(INSTANCE, instance_wait),
    LIST(INSTANCE, instance_dup),
    LIST_ENDING(INSTANCE, instance_release, RELEASES),
    LIST_ENDING(DEFERRAL, deferral_complete, COMPLETES),
    LIST_ENDING(DEFERRAL, deferral_fail, COMPLETES),
    LIST(DEFERRAL, deferral_instance),
    LIST(DEFERRAL, deferral_dup),
    LIST_ENDING(DEFERRAL, deferral_release, RELEASES),
    LIST(SUBSCRIPTION, subscription_cancel),
    LIST(SUBSCRIPTION, subscription_dup),
    LIST_ENDING(SUBSCRIPTION, subscription_release, RELEASES),
};

#define CALLS (sizeof every_call / sizeof every_call[0])
#define FOR_EVERY_CALL(call) for (const struct call *call = every_call; call != every_call + CALLS; call++)

/* One call with a value that it must refuse: the answer, after a look at the result and at the user data. */
static inline backstay_status refused(const struct call *call, uint64_t id) {
    prepare_result();
    const int given_before = user_data_given, ended_before = user_data_ended;
    const backstay_status status = call->with(id);
    const bool is_tidy = result_is_untouched() && user_data_ended - ended_before == user_data_given - given_before;
    if (!is_tidy) fprintf(stderr, "%s(%#llx) wrote a result or kept user data\n", call->name, (unsigned long long)id);
    CHECK(is_tidy);
    return status;
}

static inline void check_refused(const struct call *call, uint64_t id, backstay_status wanted, int line) {
    const backstay_status seen = refused(call, id);
    if (seen == wanted) return;
    fprintf(stderr, "line %d: %s, not %s: %s(%#llx)\n", line, backstay_status_name(seen),
            backstay_status_name(wanted), call->name, (unsigned long long)id);
    give_up();
}

#define CHECK_REFUSED(call, id, wanted) check_refused((call), (id), (wanted), __LINE__)

#endif
