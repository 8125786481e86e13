/*
 * The functions of calls.h as a table, each to be called with any 64-bit value, for the tests that show what wrong
 * values are answered with. A function of the header that is not there makes `every_function_is_here` of table.c fail.
 */
#ifndef EVERY_CALL_H
#define EVERY_CALL_H

#include "calls.h"
#include "check.h"

enum type { HOST, TASK, INSTANCE, DEFERRAL, SUBSCRIPTION, JOB, TYPES };

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

static inline void never_told_event(const backstay_event *event, void *user_data) {
    (void)event, (void)user_data;
}

static inline const backstay_task_options *some_task(void) {
    static backstay_task_options options = {.struct_size = sizeof options, .run = do_nothing, .destroy = ended};
    options.name = text("some task");
    options.user_data = given();
    return &options;
}

/* An object, which the call must end when it refuses. */
static inline const backstay_details *some_details(void) {
    static backstay_details details = {
        .struct_size = sizeof details, .kind = BACKSTAY_DETAILS_OPAQUE, .destroy = ended};
    details.object = given();
    return &details;
}

#define OUT ((void *)every_call_result)

/* The parentheses call the function itself, not a macro of its name. */
#define WRAP(handle_type, name, arguments)                                                                \
    static inline backstay_status call_##name(uint64_t id) {                                              \
        const handle_type handle = {id};                                                                  \
        return (backstay_##name)arguments;                                                                \
    }
#define WRAP_HOST(name, arguments, ending) WRAP(backstay_host, name, arguments)
#define WRAP_TASK(name, arguments, ending) WRAP(backstay_task, name, arguments)
#define WRAP_INSTANCE(name, arguments, ending) WRAP(backstay_instance, name, arguments)
#define WRAP_DEFERRAL(name, arguments, ending) WRAP(backstay_deferral, name, arguments)
#define WRAP_SUBSCRIPTION(name, arguments, ending) WRAP(backstay_subscription, name, arguments)
#define WRAP_JOB(name, arguments, ending) WRAP(backstay_job, name, arguments)

HOST_CALLS(WRAP_HOST)
TASK_CALLS(WRAP_TASK)
INSTANCE_CALLS(WRAP_INSTANCE)
DEFERRAL_CALLS(WRAP_DEFERRAL)
SUBSCRIPTION_CALLS(WRAP_SUBSCRIPTION)
JOB_CALLS(WRAP_JOB)

struct call {
    const char *name;
    enum type type;
    backstay_status (*with)(uint64_t id);
    enum { KEEPS, RELEASES, COMPLETES } ending;
};

#define LIST_HOST(name, arguments, ending) {"backstay_" #name, HOST, call_##name, ending},
#define LIST_TASK(name, arguments, ending) {"backstay_" #name, TASK, call_##name, ending},
#define LIST_INSTANCE(name, arguments, ending) {"backstay_" #name, INSTANCE, call_##name, ending},
#define LIST_DEFERRAL(name, arguments, ending) {"backstay_" #name, DEFERRAL, call_##name, ending},
#define LIST_SUBSCRIPTION(name, arguments, ending) {"backstay_" #name, SUBSCRIPTION, call_##name, ending},
#define LIST_JOB(name, arguments, ending) {"backstay_" #name, JOB, call_##name, ending},

static const struct call every_call[] = {
    HOST_CALLS(LIST_HOST) TASK_CALLS(LIST_TASK) INSTANCE_CALLS(LIST_INSTANCE) DEFERRAL_CALLS(LIST_DEFERRAL)
        SUBSCRIPTION_CALLS(LIST_SUBSCRIPTION) JOB_CALLS(LIST_JOB)};

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
