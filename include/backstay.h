/*
 * backstay: background tasks that outlive the call that began them, in every language of one process.
 *
 * A host runs tasks. Each execution of a task is an instance. A deferral keeps an instance alive after its entry point
 * returned, until the asynchronous work is completed. A cancellation carries a reason and a grace.
 *
 *   fire --> Pending --> Running ----------------> Finished
 *               |           |    the last hold        Succeeded | Canceled | Failed | Abandoned
 *               |           |    has gone
 *               |           +-- cancel, and the grace is over --> Finished (Abandoned)
 *               +-- cancel before the start --> Finished (Canceled)
 *
 *   holds = 1 for the entry point while it executes + 1 for every pending deferral
 *
 * An instance is alive while it is Pending or Running.
 *
 * A complete program (cc program.c -lbackstay -pthread):
 *
 *   #include <backstay.h>
 *   #include <assert.h>
 *   #include <pthread.h>
 *   #include <stdio.h>
 *   #include <stdlib.h>
 *
 *   static void *upload(void *argument) {                      // a thread of yours, which holds the instance
 *       backstay_deferral deferral = *(backstay_deferral *)argument;
 *       backstay_instance instance = {0};
 *       bool canceled = false;
 *       free(argument);
 *       backstay_deferral_instance(deferral, &instance);
 *       for (uint32_t part = 1; part <= 100 && !canceled; part++) {
 *           // ... one part of the work ...
 *           backstay_instance_set_progress(instance, part);
 *           backstay_deferral_is_canceled(deferral, &canceled, NULL);
 *       }
 *       backstay_instance_release(instance);
 *       backstay_deferral_complete(deferral);                  // the instance may finish now
 *       return NULL;
 *   }
 *
 *   static backstay_status copy(backstay_instance instance, void *user_data) {
 *       (void)user_data;
 *       pthread_t thread;
 *       backstay_deferral *deferral = malloc(sizeof *deferral);
 *       if (deferral == NULL) return BACKSTAY_OUT_OF_MEMORY;
 *       backstay_status status = backstay_instance_get_deferral(instance, BACKSTAY_STR("upload"), deferral);
 *       if (status == BACKSTAY_OK && pthread_create(&thread, NULL, upload, deferral) == 0) {
 *           pthread_detach(thread);
 *           return BACKSTAY_OK;                                // the deferral keeps the instance Running
 *       }
 *       if (status == BACKSTAY_OK) backstay_deferral_complete(*deferral);
 *       free(deferral);
 *       return BACKSTAY_OUT_OF_MEMORY;                         // the instance has Failed
 *   }
 *
 *   int main(void) {
 *       backstay_host host;
 *       backstay_task task;
 *       backstay_instance instance;
 *       backstay_completion completion = {.struct_size = sizeof completion};
 *       backstay_task_options options = {.struct_size = sizeof options, .name = BACKSTAY_STR("copy"), .run = copy};
 *       if (backstay_host_open(NULL, &host) != BACKSTAY_OK) return 1;
 *       if (backstay_task_register(host, &options, &task, NULL) != BACKSTAY_OK) return 1;
 *       if (backstay_task_fire(task, NULL, &instance) != BACKSTAY_OK) return 1;
 *       if (backstay_instance_wait(instance, 10000000000, NULL) == BACKSTAY_TIMED_OUT) {      // nanoseconds
 *           backstay_instance_cancel(instance, BACKSTAY_CANCEL_ABORT);                        // asks it to stop
 *       }
 *       backstay_instance_wait(instance, BACKSTAY_FOREVER, &completion);
 *       printf("%s after part %u\n", backstay_outcome_name(completion.outcome), (unsigned)completion.progress);
 *       backstay_host_shutdown(host, 5000000000, NULL);
 *       backstay_instance_release(instance);
 *       backstay_task_release(task);
 *       backstay_host_release(host);
 *       assert(backstay_live_handles() == 0);
 *   }
 *
 * Conventions
 *
 *   Status     A function that can fail returns a backstay_status: 0 is OK, errors are negative. Results go to
 *              out-parameters, which are written only on OK (a backstay_error only on failure). Each function names
 *              the errors that are its own; those that this page names are every function's.
 *   Handles    Any 64-bit value in any call is answered with a status, never with undefined behaviour: INVALID_HANDLE,
 *              STALE_HANDLE, WRONG_HANDLE_TYPE, FOREIGN_HANDLE. Every handle that a function gives out is released
 *              once; one that is lent to a callback is good for that call, and dup makes one to keep. 0 is none:
 *              releasing it is OK, all else INVALID_HANDLE. When 16,777,216 are good at once: OUT_OF_MEMORY.
 *   Pointers   An out-parameter is NULL only where the function says so; otherwise NULL is INVALID_ARGUMENT. Other
 *              pointers must be good for the call; nothing that you pass is kept, except user data.
 *   Structs    Those that may grow start with struct_size: set it to sizeof the struct, else INVALID_ARGUMENT. Zero
 *              means default.
 *   Text in    UTF-8, as a pointer and a length; INVALID_ARGUMENT if it is not. NULL with length 0 is empty. Of a
 *              string: (backstay_str){string, strlen(string)}. To print one: "%.*s", (int)text.len, text.ptr.
 *   Text out   Into a buffer of yours, as snprintf does: as much as fits, with a terminating zero, and the whole length
 *              without that zero; when that is not below the capacity, something was cut off. Or as a view, which says
 *              how long it is good.
 *   Lists out  Into an array of yours: as many elements as it has room for, and the count of all there are.
 *   Times      int64_t nanoseconds, not negative. BACKSTAY_FOREVER waits as long as it takes.
 *   Callbacks  A function, user data, and destroy, which ends the user data exactly once, after the last call, also
 *              when the function that took it failed. Each type says on which thread it is called; never under a lock
 *              of the library, nor inside of the call that caused it. They must not throw or unwind.
 *   Threads    Everything may be called from any thread at any time, also from inside any callback. Inside of entry
 *              points and callbacks, what would wait for them is answered with WOULD_DEADLOCK. Which thread works for a
 *              deferral the library does not know: there, do not wait for your own instance or host.
 *   Signals    No function may be called in a signal handler. Threads of the library have the signal mask of the thread
 *              whose call starts them: block signals first, and let a thread of yours sigwait for them.
 *   Fork       A child made by fork gets FORKED from every function that returns a status.
 *   Panic      No panic crosses this border; a bug of the library is answered with PANIC.
 */


#ifndef BACKSTAY_H
#define BACKSTAY_H

/* Generated from the crate backstay-ffi; a test says so when the two differ. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKSTAY_VERSION_MAJOR 0
#define BACKSTAY_VERSION_MINOR 1
#define BACKSTAY_VERSION_PATCH 0
#define BACKSTAY_VERSION "0.1.0"

/* A backstay_str of a string literal, inside of functions; for objects with static storage use the initialiser. */
#define BACKSTAY_STR_INIT(literal) {"" literal, sizeof(literal) - 1}
#ifdef __cplusplus
#define BACKSTAY_STR(literal) (backstay_str{"" literal, sizeof(literal) - 1})
#define BACKSTAY_LANGUAGE_HERE BACKSTAY_LANGUAGE_CPP
#else
#define BACKSTAY_STR(literal) ((backstay_str){"" literal, sizeof(literal) - 1})
#define BACKSTAY_LANGUAGE_HERE BACKSTAY_LANGUAGE_C
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Versions --------------------------------------------------------------------------------------------------- */

/* The ABI's major number: libraries of the same major number fit each other. */
#define BACKSTAY_ABI_MAJOR 0

/* The ABI's minor number: it grows when something is added. */
#define BACKSTAY_ABI_MINOR 1

/* The version of the library that is loaded, such as "0.1.0"; the header's own is BACKSTAY_VERSION. */
const char *backstay_version(void);

/* The ABI of the library that is loaded: major << 16 | minor. Compare with BACKSTAY_ABI_MAJOR. */
uint32_t backstay_abi_version(void);

/* ---- Statuses, texts and times ---------------------------------------------------------------------------------- */

/* A view of UTF-8 text that somebody else owns: a pointer and a length in bytes, without a terminating zero.
 *
 * Any pointer is fine when the length is 0. A view that is passed in is read before the call returns and not kept. */
typedef struct backstay_str {
    /* The first byte. */
    const char *ptr;
    /* How many bytes. */
    size_t len;
} backstay_str;

/* A time that never comes: wait as long as it takes. */
#define BACKSTAY_FOREVER INT64_MAX

/* No time at all, for the options in which 0 stands for the default. */
#define BACKSTAY_NO_TIME INT64_MIN

/* How a call was answered: 0 is OK, errors are negative, a number is never used twice. */
typedef int32_t backstay_status;
#define BACKSTAY_OK                                 0 /* Done. */
#define BACKSTAY_INVALID_ARGUMENT                (-1) /* An argument is outside of what the call accepts. */
#define BACKSTAY_INVALID_HANDLE                  (-2) /* The value was never a handle of this library. */
/* The handle was released, or ended with the call that lent it. */
#define BACKSTAY_STALE_HANDLE                    (-3)
#define BACKSTAY_WRONG_HANDLE_TYPE               (-4) /* The handle names an object of another type. */
/* The handle was made by another copy of this library in the same process. */
#define BACKSTAY_FOREIGN_HANDLE                  (-5)
#define BACKSTAY_NOT_RUNNING                     (-6) /* The instance has not started or is finished. */
#define BACKSTAY_ALREADY_COMPLETED               (-7) /* This deferral was completed before. */
#define BACKSTAY_NAME_TAKEN                      (-8) /* Another task has this name. */
#define BACKSTAY_UNREGISTERED                    (-9) /* The task is no longer registered. */
#define BACKSTAY_NOT_FOUND                      (-10) /* There is nothing by that name. */
#define BACKSTAY_CURRENTLY_RUNNING              (-11) /* The task is busy and its policy refuses more. */
#define BACKSTAY_DISABLED                       (-12) /* The task is disabled after too many failures. */
#define BACKSTAY_CLOSED                         (-13) /* The host is draining or closed and takes nothing new. */
#define BACKSTAY_TIMED_OUT                      (-14) /* The time given was over first. */
#define BACKSTAY_WOULD_DEADLOCK                 (-15) /* The call would wait for the thread that makes it. */
#define BACKSTAY_NOT_MANUAL_CLOCK               (-16) /* Only a host with a manual clock can be advanced. */
#define BACKSTAY_INVALID_TASK                   (-17) /* The description of the task has faults. */
#define BACKSTAY_CANCELED                       (-18) /* The work was left because it was cancelled. */
#define BACKSTAY_FAILED                         (-19) /* The work failed. */
#define BACKSTAY_PANIC                          (-20) /* Code panicked; it was stopped at the border. */
#define BACKSTAY_FORKED                         (-21) /* A child made by fork cannot use the host of its parent. */
#define BACKSTAY_OUT_OF_MEMORY                  (-22) /* Memory, threads or handles ran out. */
#define BACKSTAY_INTERNAL                       (-23) /* The library is at fault. */

/* The name of a status, such as "NOT_RUNNING"; "UNKNOWN" for a number that is none. Never NULL, never to be freed. */
const char *backstay_status_name(backstay_status status);

/* What a status means, one sentence. Never NULL, never to be freed. */
const char *backstay_status_message(backstay_status status);

/* The status of this name, such as "NOT_RUNNING".
 *
 * Errors: NOT_FOUND. */
backstay_status backstay_status_from_name(backstay_str name, backstay_status *out);

/* More about an error than its status: set `struct_size` and pass it where a function takes one. Written only when
 * the function fails. */
typedef struct backstay_error {
    /* sizeof(backstay_error), set by the caller. */
    uint32_t struct_size;
    /* The status that the function answers with. */
    backstay_status status;
    /* What is wrong and what to do, zero-terminated; cut off when it is longer. */
    char text[504];
} backstay_error;

/* ---- Handles ---------------------------------------------------------------------------------------------------- */

/* A host: it owns tasks, workers, conditions and a clock.
 *
 * Usable from any thread. It may be used after everything else is gone. You release what backstay_host_open, dup
 * and backstay_instance_host gave you; when the last handle to a host is released, a shutdown with the host's grace
 * begins and the release returns at once. A copy of the number keeps nothing alive: it is answered with
 * STALE_HANDLE when its owner has released it. */
typedef struct backstay_host {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_host;

/* A registered task: fire it to make an instance.
 *
 * Usable from any thread. It may outlive its host: then it answers CLOSED or UNREGISTERED. You release what
 * backstay_task_register, dup and the searches gave you; that ends nothing, the task stays registered until it is
 * unregistered or its host closes. */
typedef struct backstay_task {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_task;

/* One execution of a task: made by a firing, Pending until a worker enters the entry point, Running while the entry
 * point executes or a deferral is pending, then Finished.
 *
 * Usable from any thread. It may outlive its task and its host: what it was stays readable. You release what
 * backstay_task_fire and dup gave you; what a callback lent you ends with the call. Releasing ends no work. */
typedef struct backstay_instance {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_instance;

/* A hold on an instance: while it is pending the instance is not finished.
 *
 * Usable from any thread. It may be used after everything else is gone: ending it late is answered, not fatal.
 * Completing or failing ends the handle, so that nothing is left to release: STALE_HANDLE, and from complete and
 * fail ALREADY_COMPLETED. Releasing the last handle without that counts as completed and is told on the completion
 * as dropped. The handles that come from one deferral by dup share one hold; ALREADY_COMPLETED from the functions
 * below means: through another of these handles. */
typedef struct backstay_deferral {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_deferral;

/* One attached callback.
 *
 * Usable from any thread. It may outlive what it is attached to. You release what the functions that attach give
 * you; that leaves the callback attached until its host, task or instance ends. Only backstay_subscription_cancel
 * detaches it. */
typedef struct backstay_subscription {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_subscription;

/* One piece of work of a host that has an executor: run it once, on a thread of yours, or release it. Usable from
 * any thread. It keeps the host's insides alive, so run or release every one.
 *
 * Unlike other handles it has no dup, since a job runs once. */
typedef struct backstay_job {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_job;

/* How many handles are good now, those lent to running callbacks included. A test ends by asserting 0, behind a
 * flush or shutdown of each host. */
uint64_t backstay_live_handles(void);

/* Ends the user data of a callback. Runs exactly once, on any thread, after the last call of the callback; also when
 * the function that took the callback failed. May be NULL. */
typedef void (*backstay_destroy_fn)(void *user_data);

/* ---- Words ------------------------------------------------------------------------------------------------------ */

/* Where an instance is in its life. */
typedef uint32_t backstay_state;
/* Fired, not started: it waits for conditions, for others of its task, for the end of a suspension, or for a
 * worker. */
#define BACKSTAY_STATE_PENDING                      0
#define BACKSTAY_STATE_RUNNING                      1 /* Its entry point executes, or a deferral keeps it. */
#define BACKSTAY_STATE_FINISHED                     2 /* It ended. */

/* How an instance ended. When several apply, the one with the highest number is told. */
typedef uint32_t backstay_outcome;
#define BACKSTAY_OUTCOME_SUCCEEDED                  0 /* It did what it was to do. */
/* It was asked to stop, reported no error, and was done within its grace. */
#define BACKSTAY_OUTCOME_CANCELED                   1
#define BACKSTAY_OUTCOME_FAILED                     2 /* Its entry point or one of its deferrals reported an error. */
/* It was asked to stop and was still held when its grace was over. */
#define BACKSTAY_OUTCOME_ABANDONED                  3

/* Why an instance was asked to stop. 0 to 11 are the numbers that Windows uses; 64 and up are yours. */
typedef uint32_t backstay_cancel_reason;
#define BACKSTAY_CANCEL_ABORT                       0 /* The application asked for it. */
#define BACKSTAY_CANCEL_TERMINATING                 1 /* The process or the host is going down. */
#define BACKSTAY_CANCEL_LOGGING_OFF                 2 /* The user is logging off. */
#define BACKSTAY_CANCEL_SERVICING_UPDATE            3 /* The application is being updated. */
#define BACKSTAY_CANCEL_IDLE_TASK                   4 /* The task showed no activity. */
#define BACKSTAY_CANCEL_UNINSTALL                   5 /* The application is being removed. */
#define BACKSTAY_CANCEL_CONDITION_LOSS              6 /* A condition that the task needs no longer holds. */
#define BACKSTAY_CANCEL_SYSTEM_POLICY               7 /* A policy of the system forbids the task. */
#define BACKSTAY_CANCEL_QUIET_HOURS_ENTERED         8 /* Quiet hours began. */
#define BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED     9 /* The task ran longer than its deadline allows. */
#define BACKSTAY_CANCEL_RESOURCE_REVOCATION        10 /* A resource that the task needs was taken away. */
#define BACKSTAY_CANCEL_ENERGY_SAVER               11 /* Energy is being saved. */
#define BACKSTAY_CANCEL_FIRST_OWN                  64 /* The first number that is free for your own reasons. */

/* Where a host is in its life. */
typedef uint32_t backstay_host_state;
#define BACKSTAY_HOST_OPEN                          0 /* It takes tasks and firings. */
#define BACKSTAY_HOST_DRAINING                      1 /* It takes nothing new and waits for what is alive. */
#define BACKSTAY_HOST_CLOSED                        2 /* Nothing is alive any more. */

/* What a suspension was for. It decides in which counters a suspension counts. */
typedef uint32_t backstay_cause;
/* No cause is named: counts in backstay_instance_suspended_count alone. */
#define BACKSTAY_CAUSE_NONE                         0
#define BACKSTAY_CAUSE_CPU                          1 /* Processor time is short. */
#define BACKSTAY_CAUSE_NETWORK                      2 /* The network is short. */

/* Which suspensions backstay_instance_throttle_count counts. */
typedef uint32_t backstay_counter;
#define BACKSTAY_COUNTER_ALL                        0 /* Those in which any named cause took part. */
#define BACKSTAY_COUNTER_CPU                        1 /* Those in which BACKSTAY_CAUSE_CPU took part. */
#define BACKSTAY_COUNTER_NETWORK                    2 /* Those in which BACKSTAY_CAUSE_NETWORK took part. */

/* A language, for reports. */
typedef uint32_t backstay_language;
#define BACKSTAY_LANGUAGE_RUST                      0 /* Rust. */
#define BACKSTAY_LANGUAGE_C                         1 /* C. */
#define BACKSTAY_LANGUAGE_CPP                       2 /* C++. */
#define BACKSTAY_LANGUAGE_PYTHON                    3 /* Python. */

/* The name of a state, such as "Running". */
const char *backstay_state_name(backstay_state state);

/* The name of an outcome, such as "Succeeded". */
const char *backstay_outcome_name(backstay_outcome outcome);

/* The name of a reason, such as "ExecutionTimeExceeded"; "Own" for every reason of your own. */
const char *backstay_cancel_reason_name(backstay_cancel_reason reason);

/* The reason of this name, such as "ExecutionTimeExceeded" or "Own(64)".
 *
 * Errors: NOT_FOUND. */
backstay_status backstay_cancel_reason_from_name(backstay_str name, backstay_cancel_reason *out);

/* The name of a host's state, such as "Draining". */
const char *backstay_host_state_name(backstay_host_state state);

/* The name of a language, such as "C++". */
const char *backstay_language_name(backstay_language language);

/* ---- What firings carry, and what is told ----------------------------------------------------------------------- */

/* What a firing carries. */
typedef uint32_t backstay_details_kind;
/* Nothing. To pass nothing, leave media_type, bytes, length and object zero. */
#define BACKSTAY_DETAILS_NONE                       0
#define BACKSTAY_DETAILS_BYTES                      1 /* Bytes with a media type. */
/* An object of the language that fired: others see that it is there, and pass it on, but cannot read it. */
#define BACKSTAY_DETAILS_OPAQUE                     2

/* What a firing carries to its instance: nothing, bytes that every language can read, or an object of yours. Text
 * is "text/plain".
 *
 * Read by the call that it is passed to and copied; an object is kept until the last instance that carries it is
 * gone, and then ended by `destroy`. When struct_size was never set, the object is not known and stays yours. */
typedef struct backstay_details {
    /* sizeof(backstay_details), set by the caller, also to read them. */
    uint32_t struct_size;
    /* When passed, 0 means what the other fields say; BACKSTAY_DETAILS_OPAQUE passes `object`. */
    backstay_details_kind kind;
    /* How the bytes are to be read; "application/octet-stream" by default. */
    backstay_str media_type;
    /* The bytes. */
    const void *bytes;
    /* How many bytes. */
    size_t length;
    /* An object of yours, with BACKSTAY_DETAILS_OPAQUE. Read back it is NULL when another language made it. */
    void *object;
    /* Says what `object` is: an address of yours, such as that of a variable. Compare it before you use an object. */
    const void *object_type;
    /* Ends the object, exactly once, on any thread, also when the call that it was passed to failed; may be NULL. */
    backstay_destroy_fn destroy;
} backstay_details;

/* What kind of hold a holder has. */
typedef uint32_t backstay_holder_kind;
#define BACKSTAY_HOLDER_DEFERRAL                    0 /* A pending deferral. */
#define BACKSTAY_HOLDER_ENTRY_POINT                 1 /* The entry point, which still executes. */

/* Who holds an instance, since when and from which line: plain memory, yours or good as long as what lent it.
 *
 * The texts are zero-terminated and cut off when they are longer; `file` keeps its end. The struct has its size for
 * good within a major ABI, so arrays of it are indexed as usual. */
typedef struct backstay_holder {
    /* sizeof(backstay_holder), set by the caller in the first element of an array. */
    uint32_t struct_size;
    /* A deferral, or the entry point itself. */
    backstay_holder_kind kind;
    /* The instance that is held. */
    uint8_t instance_id[16];
    /* Whether that instance was asked to stop. */
    bool canceled;
    /* Whether this holder has looked since then, by backstay_deferral_is_canceled or _wait_canceled. */
    bool noticed;
    /* Whether BACKSTAY_EVENT_OVERDUE was told of it. */
    bool overdue;
    /* For later; false. */
    bool reserved_flag;
    /* Why the instance was asked to stop, when `canceled`. */
    backstay_cancel_reason reason;
    /* The language of the code that has the hold now. */
    backstay_language language;
    /* The line that took it, from 1; 0 when unknown. */
    uint32_t line;
    /* How long it has held, by the host's clock. */
    int64_t age_ns;
    /* How long ago the instance was asked to stop, when `canceled`. */
    int64_t asked_ns;
    /* How long after that this holder first looked, when `noticed`. */
    int64_t noticed_after_ns;
    /* The name of the instance's task. */
    char task[64];
    /* The group of that task; empty without one. */
    char group[64];
    /* The label it was taken with; empty without one. */
    char label[64];
    /* What it said last by backstay_deferral_set_note; empty when it said nothing. */
    char note[128];
    /* The file of the line; empty when unknown. */
    char file[128];
    /* The language of the file, which may be another than `language` when the hold was handed across. */
    backstay_language site_language;
    /* For later; zero. */
    uint32_t reserved_number;
    /* For later; zero. */
    uint64_t reserved[7];
} backstay_holder;

/* A thread that your code still occupies although its instance was abandoned. It is off the list as soon as that
 * code returns. The texts are zero-terminated and cut off when they are longer. */
typedef struct backstay_straggler {
    /* sizeof(backstay_straggler), set by the caller in the first element of an array. */
    uint32_t struct_size;
    /* Whether it is in a handler of the instance; else in the entry point. */
    bool in_handler;
    /* For later; false. */
    bool reserved_flags[3];
    /* The instance whose code it is. */
    uint8_t instance_id[16];
    /* How long ago it was given up, by the host's clock. */
    int64_t given_up_for_ns;
    /* The name of the instance's task. */
    char task[64];
    /* The group of that task; empty without one. */
    char group[64];
    /* For later; zero. */
    uint64_t reserved[4];
} backstay_straggler;

/* How an instance ended: final, the same for everybody who asks.
 *
 * Its views, texts and lists, are good as long as the function that writes it says; a callback's are good for the
 * call. */
typedef struct backstay_completion {
    /* sizeof(backstay_completion), set by the caller of backstay_instance_wait. */
    uint32_t struct_size;
    /* How it ended. */
    backstay_outcome outcome;
    /* The instance. */
    uint8_t instance_id[16];
    /* Whether it was asked to stop, whatever the outcome. */
    bool canceled;
    /* Whether its code has looked since then: by is_canceled, wait_canceled or checkpoint, of instance or deferral. */
    bool noticed;
    /* Why it was asked to stop, when `canceled`. */
    backstay_cancel_reason reason;
    /* The last progress that was set. */
    uint32_t progress;
    /* How many suspensions it has felt. */
    uint32_t suspended_count;
    /* How long it was Pending, by the host's clock. */
    int64_t pending_ns;
    /* How long it was Running; 0 when it never started. */
    int64_t ran_ns;
    /* How long after it was asked to stop its code first looked, when `noticed`. */
    int64_t noticed_after_ns;
    /* The name of its task. */
    backstay_str task;
    /* The group of its task; empty without one. */
    backstay_str group;
    /* The first error among entry point and deferrals; empty without one. */
    backstay_str error;
    /* The name of the error's type in its own language; empty without an error. */
    backstay_str error_type;
    /* The deferrals that were dropped instead of completed, in the order of dropping. */
    const backstay_holder *dropped;
    /* How many. */
    size_t dropped_count;
    /* Who held it when it was abandoned: the entry point first if it still executed, then the deferrals. */
    const backstay_holder *holders;
    /* How many. */
    size_t holder_count;
} backstay_completion;

/* What became of everything that was alive when a host began to end, and of nothing before that. All memory is the
 * caller's.
 *
 * To learn who was left, set `holders` and `holder_capacity` to an array of yours and `holders[0].struct_size` to
 * sizeof(backstay_holder). To have the report in words, for a log, set `text` and `text_capacity`. */
typedef struct backstay_drain_report {
    /* sizeof(backstay_drain_report), set by the caller. */
    uint32_t struct_size;
    /* Closed when nothing is left; Draining when a drain's time was over first. */
    backstay_host_state state;
    /* How many ended as Succeeded. */
    uint64_t succeeded;
    /* How many ended as Canceled. */
    uint64_t canceled;
    /* How many ended as Failed. */
    uint64_t failed;
    /* How many ended as Abandoned. */
    uint64_t abandoned;
    /* How many are still alive; 0 unless the host is still Draining. */
    uint64_t remaining;
    /* How many threads your code still occupies although their instances were abandoned. */
    uint64_t stragglers;
    /* Set by the caller: who held the abandoned and holds the remaining instances is written here. May be NULL. */
    backstay_holder *holders;
    /* Set by the caller: how many elements `holders` has. */
    size_t holder_capacity;
    /* How many holders there are; those beyond the capacity are not written. */
    size_t holder_count;
    /* Set by the caller: the report in words is written here, one line in all and one for each holder that was
     * left, without a line break at its end; zero-terminated, cut off when it is longer. May be NULL. */
    char *text;
    /* Set by the caller: how many bytes `text` has. */
    size_t text_capacity;
    /* How many bytes the whole text has, without the terminating zero. */
    size_t text_length;
} backstay_drain_report;

/* ---- Hosts ------------------------------------------------------------------------------------------------------ */

/* An executor of yours, instead of the host's own workers: takes a job, which is now yours, and has it run later by
 * backstay_job_run on a thread of your choice.
 *
 * Thread: whichever has work, one call at a time. Must not block, and must not run the job inside of the call; else
 * it may call anything. User data: ended after the host is closed and the last job is gone. */
typedef void (*backstay_executor_fn)(backstay_job job, void *user_data);

/* Told what nobody else would hear, such as a callback that threw: one line a call, without a line break, good for
 * the call.
 *
 * Thread: any. May call anything that does not wait for events of its host. User data: ended after the host has
 * ended. */
typedef void (*backstay_log_fn)(backstay_str line, void *user_data);

/* The settings of a host. Set `struct_size`; zero means default everywhere, BACKSTAY_NO_TIME is a time of zero. */
typedef struct backstay_host_options {
    /* sizeof(backstay_host_options). */
    uint32_t struct_size;
    /* How many entry points may run at once; by default as many as the machine has cores, and at least 2. */
    uint32_t workers;
    /* How long a cancelled instance may take before it is abandoned; 5 s by default. */
    int64_t grace_ns;
    /* From which age on a deferral is told as BACKSTAY_EVENT_OVERDUE, once; never by default. */
    int64_t overdue_after_ns;
    /* Time moves only by backstay_host_advance: for tests. */
    bool manual_clock;
    /* Whether taking a deferral captures the calls that led to it, for reports; costs microseconds and kilobytes
     * each. */
    bool capture_stacks;
    /* Runs entry points instead of workers of the host. */
    backstay_executor_fn executor;
    /* Passed to `executor`. */
    void *executor_data;
    /* Ends `executor_data`, exactly once, also when opening fails; may be NULL. */
    backstay_destroy_fn executor_destroy;
    /* Where the host says what nobody else would hear; standard error by default. */
    backstay_log_fn log;
    /* Passed to `log`. */
    void *log_data;
    /* Ends `log_data`, exactly once, also when opening fails; may be NULL. */
    backstay_destroy_fn log_destroy;
} backstay_host_options;

/* Opens a host. Starts no thread: threads are started when they are needed.
 *
 * `options` may be NULL for the defaults. When its struct_size was never set, the user data in it is not known and
 * stays yours.
 *
 * Errors: INVALID_ARGUMENT for a wrong struct_size or a negative time. */
backstay_status backstay_host_open(const backstay_host_options *options, backstay_host *out);

/* Where the host is in its life: BACKSTAY_HOST_OPEN, _DRAINING, _CLOSED. */
backstay_status backstay_host_get_state(backstay_host host, backstay_host_state *out);

/* How long a cancelled instance may take before it is abandoned, unless its task says otherwise. */
backstay_status backstay_host_grace(backstay_host host, int64_t *out_ns);

/* Says whether a condition holds; one that was never set does not. What waits for it starts, and what was
 * registered to be cancelled by its loss is.
 *
 * Errors: INVALID_ARGUMENT for an empty name. */
backstay_status backstay_host_set_condition(backstay_host host, backstay_str name, bool on);

/* Whether a condition holds. */
backstay_status backstay_host_condition(backstay_host host, backstay_str name, bool *out);

/* Fires every task whose trigger is this event; `details` (NULL: none) are shared by all of them. `fired` may be
 * NULL; it gets how many took it: a task that is disabled, or rejects while it is busy, is not counted. An event
 * that no task waits for is OK, and forgotten.
 *
 * Errors: CLOSED when the host drains or is closed. */
backstay_status backstay_host_raise_event(backstay_host host,
                                          backstay_str event,
                                          const backstay_details *details,
                                          size_t *fired);

/* Suspends the host: nothing starts, what runs stands still at its next checkpoint, deadlines stand still. */
backstay_status backstay_host_suspend(backstay_host host, backstay_cause why);

/* Takes back one backstay_host_suspend; one too many changes nothing. */
backstay_status backstay_host_resume(backstay_host host);

/* Whether the host is suspended. */
backstay_status backstay_host_is_suspended(backstay_host host, bool *out);

/* A handle to the task that is registered under this name and is in no group.
 *
 * Errors: NOT_FOUND. */
backstay_status backstay_host_task(backstay_host host, backstay_str name, backstay_task *out);

/* Handles to the tasks that are in no group, in the order of their names, into an array of yours; you release each.
 *
 * At most `capacity` are written; `count` gets how many tasks there are. `buffer` may be NULL when `capacity` is 0. */
backstay_status backstay_host_tasks(backstay_host host, backstay_task *buffer, size_t capacity, size_t *count);

/* A handle to the task that is registered under this name in this group.
 *
 * Errors: NOT_FOUND. */
backstay_status backstay_host_group_task(backstay_host host, backstay_str group, backstay_str name, backstay_task *out);

/* The same for the tasks of a group; none when there is no such group. */
backstay_status backstay_host_group_tasks(backstay_host host,
                                          backstay_str group,
                                          backstay_task *buffer,
                                          size_t capacity,
                                          size_t *count);

/* The names of the groups, in order, into a buffer of yours: each with a terminating zero, one behind the other.
 * `length` gets how many bytes that takes in all; when it is more than `capacity`, nothing is written to `buffer`. */
backstay_status backstay_host_groups(backstay_host host, char *buffer, size_t capacity, size_t *length);

/* Every pending deferral of every instance of this host, in the order of firing, into an array of yours as
 * backstay_instance_holders does. */
backstay_status backstay_host_holders(backstay_host host, backstay_holder *buffer, size_t capacity, size_t *count);

/* The threads that your code still occupies although their instances were abandoned, into an array of yours as
 * backstay_instance_holders does. */
backstay_status backstay_host_stragglers(backstay_host host,
                                         backstay_straggler *buffer,
                                         size_t capacity,
                                         size_t *count);

/* Everything about the host as one JSON object, into a buffer of yours as snprintf does: tasks with why they do not
 * run now, instances, holders, conditions, stragglers, totals. Times are whole nanoseconds in fields that end in
 * _ns.
 *
 * It stops no other thread: each instance is consistent in itself. `length` gets the whole length without the
 * terminating zero; when it is not below `capacity`, the text was cut off and the next one may have another length. */
backstay_status backstay_host_snapshot_json(backstay_host host, char *buffer, size_t capacity, size_t *length);

/* Waits until every event that was caused before this call has been delivered, at most `timeout_ns` by the
 * machine's clock.
 *
 * Errors: TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_flush(backstay_host host, int64_t timeout_ns);

/* Moves a manual clock: stops at every due moment in order, lets happen what is due, flushes, and goes on.
 *
 * Errors: NOT_MANUAL_CLOCK; INVALID_ARGUMENT for BACKSTAY_FOREVER; TIMED_OUT when a callback did not return within
 * 30 s of the machine's clock; WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_advance(backstay_host host, int64_t by_ns);

/* Refuses new firings, cancels nothing, and waits until everything alive has finished, at most `timeout_ns` by the
 * host's clock. When the time is over first, the answer is OK too: the report says Draining and who is left. The
 * events of what it counts were delivered.
 *
 * With a manual clock another thread must advance it meanwhile. `report` may be NULL.
 *
 * Errors: WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_drain(backstay_host host, int64_t timeout_ns, backstay_drain_report *report);

/* Refuses new firings, cancels what is alive with BACKSTAY_CANCEL_TERMINATING unless its task says otherwise
 * (`on_shutdown`), and waits at most `grace_ns` by the host's clock. What is still held then, or when its own grace
 * is over before, is abandoned, and the report names its holders; the answer is OK all the same.
 *
 * There is one deadline for all; of several shutdowns the earliest counts, and all get the same report. The events
 * of what it counts are delivered for the rest of the grace, and at least for a tenth of a second; a callback that
 * takes longer may still run when this returns, and backstay_host_flush waits for it. With a manual clock another
 * thread must advance it meanwhile. `report` may be NULL.
 *
 * Errors: WOULD_DEADLOCK from an entry point or callback of this host: use backstay_host_begin_shutdown there. */
backstay_status backstay_host_shutdown(backstay_host host, int64_t grace_ns, backstay_drain_report *report);

/* Begins what backstay_host_drain does and returns at once; works from any callback. backstay_host_wait gives the
 * report. */
backstay_status backstay_host_begin_drain(backstay_host host, int64_t timeout_ns);

/* Begins what backstay_host_shutdown does and returns at once; works from any callback. backstay_host_wait gives
 * the report. */
backstay_status backstay_host_begin_shutdown(backstay_host host, int64_t grace_ns);

/* Waits until a drain or shutdown has come to its report, whoever begins it and when; at most `timeout_ns` by the
 * machine's clock. The main thread may wait here while a thread in sigwait calls backstay_host_begin_shutdown.
 *
 * `report` may be NULL.
 *
 * Errors: TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_wait(backstay_host host, int64_t timeout_ns, backstay_drain_report *report);

/* One more handle to the same host; each is released once. */
backstay_status backstay_host_dup(backstay_host host, backstay_host *out);

/* Ends a handle; 0 is fine. The last one begins a shutdown with the host's grace, and does not wait for it. */
backstay_status backstay_host_release(backstay_host host);

/* ---- Events of a host ------------------------------------------------------------------------------------------- */

/* What can happen to an instance. */
typedef uint32_t backstay_event_kind;
#define BACKSTAY_EVENT_FIRED                        0 /* A firing made it. */
/* Directly after FIRED: it waits for the conditions of the event. */
#define BACKSTAY_EVENT_WAITS                        1
#define BACKSTAY_EVENT_STARTED                      2 /* A worker has entered its entry point. */
/* Its progress was set; values that come faster than they are told are left out, the latest one never. */
#define BACKSTAY_EVENT_PROGRESS                     3
#define BACKSTAY_EVENT_SUSPENDED                    4 /* It is suspended. */
#define BACKSTAY_EVENT_RESUMED                      5 /* It is no longer suspended. */
#define BACKSTAY_EVENT_CANCELED                     6 /* It was asked to stop. */
#define BACKSTAY_EVENT_OVERDUE                      7 /* A deferral of it is older than it should be; once for each. */
#define BACKSTAY_EVENT_COMPLETED                    8 /* It ended; nothing comes after this. */

/* The name of a kind of event, such as "Started". */
const char *backstay_event_kind_name(backstay_event_kind kind);

/* Something that happened to an instance. Everything in it is good for the call that tells it. */
typedef struct backstay_event {
    /* How many bytes the library has written; for the fields of later versions. */
    uint32_t struct_size;
    /* What happened. */
    backstay_event_kind kind;
    /* To which instance; lent for the call, dup it to keep it. 0 when handles ran out. */
    backstay_instance instance;
    /* Its id. */
    uint8_t instance_id[16];
    /* The name of its task. */
    backstay_str task;
    /* The group of its task; empty without one. */
    backstay_str group;
    /* WAITS: the unmet conditions, in the order in which the task names them. */
    const backstay_str *conditions;
    /* How many conditions. */
    size_t condition_count;
    /* OVERDUE: the label of the deferral. */
    backstay_str label;
    /* CANCELED, and COMPLETED when `canceled`: why it was asked to stop. */
    backstay_cancel_reason reason;
    /* COMPLETED: how it ended. */
    backstay_outcome outcome;
    /* PROGRESS: the latest value. COMPLETED: the last one. */
    uint32_t progress;
    /* Whether `reason` says something. */
    bool canceled;
} backstay_event;

/* Told of everything that happens to the instances of a host, in order for each instance.
 *
 * Thread: the host's events thread. May call anything that does not wait for events of its host. User data: ended
 * when the subscription is cancelled or the host has ended. */
typedef void (*backstay_event_fn)(const backstay_event *event, void *user_data);

/* Calls `told` for every event of every instance of this host. It stays attached until the host has ended or the
 * subscription is cancelled. `out` may be NULL. */
backstay_status backstay_host_on_event(backstay_host host,
                                       backstay_event_fn told,
                                       void *user_data,
                                       backstay_destroy_fn destroy,
                                       backstay_subscription *out);

/* ---- Tasks ------------------------------------------------------------------------------------------------------ */

/* What fires a task. */
typedef uint32_t backstay_trigger_kind;
#define BACKSTAY_TRIGGER_MANUAL                     0 /* backstay_task_fire and nothing else. */
/* The clock, once: `period_ns` after the registering. The task is unregistered when that instance has finished. */
#define BACKSTAY_TRIGGER_AFTER                      1
/* The clock, every `period_ns`, first one period after the registering, and counted from the scheduled times.
 * Firings that are late or cannot start are merged into one. */
#define BACKSTAY_TRIGGER_EVERY                      2
#define BACKSTAY_TRIGGER_EVENT                      3 /* backstay_host_raise_event with the name in `event`. */

/* What becomes of a firing while the task is busy, which means that `max_running` instances of it are Running;
 * REJECT counts what is Pending, too. */
typedef uint32_t backstay_when_busy;
#define BACKSTAY_WHEN_BUSY_DEFAULT                  0 /* PARALLEL for a manual task, COALESCE for all others. */
/* As many as may run at once; by default there is no limit, and with one the others wait. */
#define BACKSTAY_WHEN_BUSY_PARALLEL                 1
#define BACKSTAY_WHEN_BUSY_QUEUE                    2 /* They wait, and start in order. */
/* At most one waits; a firing that finds one gives it its details and is merged with it. */
#define BACKSTAY_WHEN_BUSY_COALESCE                 3
#define BACKSTAY_WHEN_BUSY_REJECT                   4 /* Refused with CURRENTLY_RUNNING. */
/* What waits and as much of what runs as makes room is cancelled with BACKSTAY_CANCEL_ABORT. */
#define BACKSTAY_WHEN_BUSY_REPLACE                  5

/* What registering does when the name is taken. */
typedef uint32_t backstay_if_exists;
#define BACKSTAY_IF_EXISTS_FAIL                     0 /* It is refused with NAME_TAKEN. */
/* The new task takes the name at once; what runs of the old one finishes. */
#define BACKSTAY_IF_EXISTS_REPLACE                  1
#define BACKSTAY_IF_EXISTS_KEEP                     2 /* The old task stays and is given back. */
/* As REPLACE, and what runs of the old one is cancelled with BACKSTAY_CANCEL_ABORT. */
#define BACKSTAY_IF_EXISTS_REPLACE_AND_CANCEL       3

/* What a shutdown does with the instances of a task. */
typedef uint32_t backstay_on_shutdown;
#define BACKSTAY_ON_SHUTDOWN_CANCEL                 0 /* They are cancelled and waited for. */
#define BACKSTAY_ON_SHUTDOWN_FINISH                 1 /* They are not cancelled, and waited for. */
#define BACKSTAY_ON_SHUTDOWN_LEAVE                  2 /* They are cancelled, and not waited for. */

/* An entry point: runs once for every instance, and may run on several threads at once.
 *
 * BACKSTAY_OK is success. BACKSTAY_CANCELED after a cancellation is a return, too; without one it is an error.
 * Everything else makes the
 * instance Failed, with the text of backstay_instance_set_error or the sentence of the status. Deferrals that are
 * pending when it returns keep the instance Running.
 *
 * Thread: a worker of the host, or where its executor runs jobs. May call anything that does not wait for its own
 * instance or host. `instance` is lent for the call: dup it to keep it. User data: ended when the task has ended,
 * and its last instance with it, and no call is left. */
typedef backstay_status (*backstay_run_fn)(backstay_instance instance, void *user_data);

/* Describes a task: all zero but `struct_size`, `name` and `run` is a manual task. BACKSTAY_NO_TIME is a grace of
 * zero.
 *
 * Read by the call that it is passed to and copied. */
typedef struct backstay_task_options {
    /* sizeof(backstay_task_options). */
    uint32_t struct_size;
    /* What fires it. */
    backstay_trigger_kind trigger;
    /* Unique in its group. */
    backstay_str name;
    /* The group; tasks without one are in the group without a name. */
    backstay_str group;
    /* With BACKSTAY_TRIGGER_EVENT: the name of the event. */
    backstay_str event;
    /* With BACKSTAY_TRIGGER_AFTER and _EVERY: the time. */
    int64_t period_ns;
    /* How long an instance may run, suspensions not counted, before it is cancelled with
     * BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED; no end by default. */
    int64_t deadline_ns;
    /* How long a cancelled instance may take before it is abandoned; the host's grace by default. */
    int64_t grace_ns;
    /* The conditions that must all hold for an instance to start. */
    const backstay_str *conditions;
    /* How many. */
    size_t condition_count;
    /* Whether losing one of them while Running cancels with BACKSTAY_CANCEL_CONDITION_LOSS. */
    bool cancel_on_condition_loss;
    /* What becomes of a firing while the task is busy. */
    backstay_when_busy when_busy;
    /* How many instances may run at once, more than which means busy; 1 by default, no limit with PARALLEL. */
    uint32_t max_running;
    /* How many instances may be Pending before firings are refused with CURRENTLY_RUNNING; 1,048,576 by default. */
    uint32_t max_pending;
    /* How many failures in a row disable the task; never by default. */
    uint32_t max_failures;
    /* What registering does when the name is taken. */
    backstay_if_exists if_exists;
    /* What a shutdown does with its instances. */
    backstay_on_shutdown on_shutdown;
    /* The language that stands in reports for the entry point; C by default. */
    backstay_language language;
    /* The line that stands there, such as __LINE__; 0 when unknown. */
    uint32_t line;
    /* The file of that line, such as __FILE__: zero-terminated; NULL when unknown. */
    const char *file;
    /* The entry point. */
    backstay_run_fn run;
    /* Passed to `run`. */
    void *user_data;
    /* Ends the user data, exactly once, also when registering fails; may be NULL. */
    backstay_destroy_fn destroy;
} backstay_task_options;

/* Registers a task: from now on it can be fired.
 *
 * `error` may be NULL; it gets everything that is wrong at once, each with its field. When `options` is NULL or its
 * struct_size was never set, the user data in it is not known and stays yours.
 *
 * Errors: INVALID_TASK for a description that makes no sense; INVALID_ARGUMENT for a wrong struct_size, a text that
 * is not UTF-8, a negative time, an unknown number; NAME_TAKEN; CLOSED. */
backstay_status backstay_task_register(backstay_host host,
                                       const backstay_task_options *options,
                                       backstay_task *out,
                                       backstay_error *error);

/* Tells what backstay_task_register would find wrong with these options, without registering; `host` is not needed,
 * and the user data stays yours.
 *
 * `error` may be NULL.
 *
 * Errors: INVALID_TASK, INVALID_ARGUMENT, as there. */
backstay_status backstay_task_validate(const backstay_task_options *options, backstay_error *error);

/* What became of a firing. */
typedef uint32_t backstay_firing;
#define BACKSTAY_FIRING_STARTED                     0 /* A worker that is free has been handed the instance. */
#define BACKSTAY_FIRING_WAITING                     1 /* The instance is Pending. */
/* The task had a Pending instance already, which carries the new details now. */
#define BACKSTAY_FIRING_MERGED                      2

/* What a Pending instance waits for; when it is several things, the first of this list. */
typedef uint32_t backstay_waiting_for;
#define BACKSTAY_WAITING_FOR_NOTHING                0 /* It does not wait. */
#define BACKSTAY_WAITING_FOR_CONDITIONS             1 /* For conditions. */
#define BACKSTAY_WAITING_FOR_SUSPENDED              2 /* For the end of a suspension of the task or the host. */
#define BACKSTAY_WAITING_FOR_BUSY                   3 /* For instances of the same task to finish. */
#define BACKSTAY_WAITING_FOR_WORKER                 4 /* For a worker of the host. */

/* What became of a firing. To learn which conditions are unmet, set `conditions` and `condition_capacity` to an
 * array of yours. */
typedef struct backstay_fire_answer {
    /* sizeof(backstay_fire_answer), set by the caller. */
    uint32_t struct_size;
    /* What became of it. */
    backstay_firing became;
    /* With BACKSTAY_FIRING_WAITING: what it waits for. */
    backstay_waiting_for waiting_for;
    /* Set by the caller: the unmet conditions are written here, in the order in which the task names them. The
     * views are good until the handle of the task is released. May be NULL. */
    backstay_str *conditions;
    /* Set by the caller: how many elements `conditions` has. */
    size_t condition_capacity;
    /* How many conditions are unmet; those beyond the capacity are not written. */
    size_t condition_count;
} backstay_fire_answer;

/* Makes an instance, Pending or already Running, which carries `details` (NULL: none). Or merges the firing with a
 * Pending instance, when the task coalesces.
 *
 * `out` may be NULL when no handle is wanted.
 *
 * Errors: CLOSED when the host drains or is closed; UNREGISTERED; DISABLED;
 * CURRENTLY_RUNNING when the task rejects while it is busy, or when as many instances wait as may. */
backstay_status backstay_task_fire(backstay_task task, const backstay_details *details, backstay_instance *out);

/* The same, and says what became of the firing. `answer` may be NULL. A refused firing is an error, as above. */
backstay_status backstay_task_fire_with_answer(backstay_task task,
                                               const backstay_details *details,
                                               backstay_instance *out,
                                               backstay_fire_answer *answer);

/* The name. The view is good until this handle is released. */
backstay_status backstay_task_name(backstay_task task, backstay_str *out);

/* The group; empty without one. The view is good until this handle is released. */
backstay_status backstay_task_group(backstay_task task, backstay_str *out);

/* Whether both handles name the same registration: a task that was replaced is another one. */
backstay_status backstay_task_is_same(backstay_task task, backstay_task other, bool *out);

/* Whether the task is registered still. */
backstay_status backstay_task_is_registered(backstay_task task, bool *out);

/* How many instances of the task are Running and how many are Pending; each may be NULL when it is not wanted. */
backstay_status backstay_task_counts(backstay_task task, size_t *running, size_t *pending);

/* In words, why the task does not run now, or what will make it run, into a buffer of yours as snprintf does. */
backstay_status backstay_task_explain(backstay_task task, char *buffer, size_t capacity, size_t *length);

/* Lets a task run again that too many failures in a row had disabled.
 *
 * Errors: UNREGISTERED. */
backstay_status backstay_task_enable(backstay_task task);

/* Whether too many failures in a row have disabled the task. */
backstay_status backstay_task_is_disabled(backstay_task task, bool *out);

/* Suspends the task: it starts nothing, and its running instances stand still at their next checkpoint. */
backstay_status backstay_task_suspend(backstay_task task, backstay_cause why);

/* Takes back one backstay_task_suspend; one too many changes nothing. */
backstay_status backstay_task_resume(backstay_task task);

/* Whether the task itself is suspended. */
backstay_status backstay_task_is_suspended(backstay_task task, bool *out);

/* Takes the task off the host; its name is free when this returns. What is Pending is cancelled with
 * BACKSTAY_CANCEL_ABORT; what is Running is cancelled too if `cancel`, else it finishes.
 *
 * Errors: UNREGISTERED when that was done before. */
backstay_status backstay_task_unregister(backstay_task task, bool cancel);

/* Told of the progress of every instance of a task, in order. Values that come faster than they are told are left
 * out, the latest one never.
 *
 * Thread: the host's events thread. May call anything that does not wait for events of its host. `instance` is lent
 * for the call. User data: ended after the task has ended, or when the subscription is cancelled. */
typedef void (*backstay_progress_fn)(backstay_instance instance, uint32_t progress, void *user_data);

/* Calls `progress` for the progress of every instance of this task. It stays attached until the task has ended or
 * the subscription is cancelled. `out` may be NULL. */
backstay_status backstay_task_on_progress(backstay_task task,
                                          backstay_progress_fn progress,
                                          void *user_data,
                                          backstay_destroy_fn destroy,
                                          backstay_subscription *out);

/* Told that an instance ended: once for each, as the last event of that instance.
 *
 * Thread: the host's events thread. May call anything that does not wait for events of its host. `completion` and
 * its views are good for the call. User data: ended after the task has ended, or when the subscription is
 * cancelled. */
typedef void (*backstay_completed_fn)(const backstay_completion *completion, void *user_data);

/* Calls `completed` once for every instance of this task that ends. It stays attached until the task has ended or
 * the subscription is cancelled. `out` may be NULL. */
backstay_status backstay_task_on_completed(backstay_task task,
                                           backstay_completed_fn completed,
                                           void *user_data,
                                           backstay_destroy_fn destroy,
                                           backstay_subscription *out);

/* One more handle to the same task; each is released once. */
backstay_status backstay_task_dup(backstay_task task, backstay_task *out);

/* Ends a handle; 0 is fine. The task stays registered. */
backstay_status backstay_task_release(backstay_task task);

/* ---- Instances -------------------------------------------------------------------------------------------------- */

/* The id: 16 random bytes in the order of their text form. */
backstay_status backstay_instance_id(backstay_instance instance, uint8_t *out);

/* A handle to the task of which this is an execution. */
backstay_status backstay_instance_task(backstay_instance instance, backstay_task *out);

/* A handle to the host that runs it, which you release.
 *
 * Errors: CLOSED when its last handle is gone and it is shutting down. */
backstay_status backstay_instance_host(backstay_instance instance, backstay_host *out);

/* What the firing carried; a later firing that is merged with a Pending instance may replace it. The views in `out`
 * are good until this handle is released, or the callback that lent it returns. */
backstay_status backstay_instance_details(backstay_instance instance, backstay_details *out);

/* Where the instance is in its life: BACKSTAY_STATE_PENDING, _RUNNING, _FINISHED. */
backstay_status backstay_instance_get_state(backstay_instance instance, backstay_state *out);

/* The progress that was set last; 0 before. */
backstay_status backstay_instance_get_progress(backstay_instance instance, uint32_t *out);

/* Sets the progress to any number. Never blocks; ignored after the finish. */
backstay_status backstay_instance_set_progress(backstay_instance instance, uint32_t progress);

/* Takes a deferral: until it is completed, failed or released, the instance is not finished. Works from any thread
 * while the instance is Running, also after the entry point returned. Whoever has only the deferral gets the
 * instance by backstay_deferral_instance.
 *
 * `label` stands in every report of who holds the instance, and so do file and line: in C and C++ a macro of the
 * same name passes them.
 *
 * Errors: NOT_RUNNING on a Pending or Finished instance. */
backstay_status backstay_instance_get_deferral(backstay_instance instance, backstay_str label, backstay_deferral *out);

/* The same with the line that stands in reports, for wrappers of other languages. `file` is copied. */
backstay_status backstay_instance_get_deferral_at(backstay_instance instance,
                                                  backstay_str label,
                                                  backstay_str file,
                                                  uint32_t line,
                                                  backstay_language language,
                                                  backstay_deferral *out);

/* The pending deferrals, in the order of taking, into the caller's array.
 *
 * Set `buffer[0].struct_size` to sizeof(backstay_holder); it is the distance between the elements. At most
 * `capacity` elements are written; `count` gets how many there are. `buffer` may be NULL when `capacity` is 0. */
backstay_status backstay_instance_holders(backstay_instance instance,
                                          backstay_holder *buffer,
                                          size_t capacity,
                                          size_t *count);

/* Sets the text of the error that the entry point is about to return with: call it on the handle lent to the entry
 * point, or on a dup of that. The last text counts; without an error it is forgotten. The type of the error is the
 * name of the status.
 *
 * Errors: NOT_RUNNING on every other handle. */
backstay_status backstay_instance_set_error(backstay_instance instance, backstay_str error);

/* The same with the name of the error's type, for wrappers of languages whose errors have one.
 *
 * Errors: NOT_RUNNING on every other handle. */
backstay_status backstay_instance_set_error_typed(backstay_instance instance,
                                                  backstay_str error,
                                                  backstay_str type_name);

/* Asks the instance to stop. The first reason stays; a later request is OK and changes nothing.
 *
 * Errors: INVALID_ARGUMENT for the reasons 12 to 63, which nobody may use. */
backstay_status backstay_instance_cancel(backstay_instance instance, backstay_cancel_reason reason);

/* Whether the instance was asked to stop, and why; cheap enough to ask between any two blocks of work. `reason` may
 * be NULL; it is written only when `canceled` becomes true. */
backstay_status backstay_instance_is_canceled(backstay_instance instance,
                                              bool *canceled,
                                              backstay_cancel_reason *reason);

/* Waits until the instance is asked to stop, at most `timeout_ns` by the machine's clock: a sleep that a
 * cancellation ends, after which TIMED_OUT means to go on. OK with `canceled` false when the instance finished
 * without being asked, after which it never will be. `reason` may be NULL; it is written only when `canceled`
 * becomes true.
 *
 * On TIMED_OUT nothing is written. It notes that the instance has looked; a holder has its own
 * backstay_deferral_wait_canceled.
 *
 * Errors: TIMED_OUT. */
backstay_status backstay_instance_wait_canceled(backstay_instance instance,
                                                int64_t timeout_ns,
                                                bool *canceled,
                                                backstay_cancel_reason *reason);

/* Told that an instance was asked to stop: once, before Completed.
 *
 * Thread: the host's events thread. May call anything that does not wait for events of its host. `instance` is lent
 * for the call, and 0 when handles ran out. User data: ended after the call, or when the instance has ended or the
 * subscription is cancelled. */
typedef void (*backstay_canceled_fn)(backstay_instance instance, backstay_cancel_reason reason, void *user_data);

/* Calls `canceled` once when the instance is asked to stop; soon, but never inside this call, when it was asked
 * before. On a finished instance the answer is OK, nothing is attached and `destroy` runs; the subscription is good
 * to be released. `out` may be NULL. */
backstay_status backstay_instance_on_canceled(backstay_instance instance,
                                              backstay_canceled_fn canceled,
                                              void *user_data,
                                              backstay_destroy_fn destroy,
                                              backstay_subscription *out);

/* Suspends the instance by itself: its code stands still at its next checkpoint, its deadline stands still now. A
 * suspension of the task or the host is counted apart, and each needs its own resume. */
backstay_status backstay_instance_suspend(backstay_instance instance, backstay_cause why);

/* Takes back one backstay_instance_suspend; one too many changes nothing. */
backstay_status backstay_instance_resume(backstay_instance instance);

/* Whether it is suspended now, by itself, its task or its host. */
backstay_status backstay_instance_is_suspended(backstay_instance instance, bool *out);

/* How many suspensions it has felt, whatever their number of causes. */
backstay_status backstay_instance_suspended_count(backstay_instance instance, uint32_t *out);

/* How many of its suspensions had this cause. */
backstay_status backstay_instance_throttle_count(backstay_instance instance, backstay_counter which, uint32_t *out);

/* For the code of the instance, between two pieces of work: waits while it is suspended, and tells whether it was
 * asked to stop, which wakes it. Inside a handler of its host it never waits.
 *
 * It notes that the instance has looked. Only backstay_deferral_is_canceled and _wait_canceled mark a holder as
 * having noticed. */
backstay_status backstay_instance_checkpoint(backstay_instance instance, bool *canceled);

/* The same, waiting at most `timeout_ns` by the machine's clock.
 *
 * Errors: TIMED_OUT when it is still suspended. */
backstay_status backstay_instance_checkpoint_within(backstay_instance instance, int64_t timeout_ns, bool *canceled);

/* How long the task lets it run, suspensions not counted; BACKSTAY_FOREVER when there is no end to that. */
backstay_status backstay_instance_deadline(backstay_instance instance, int64_t *out_ns);

/* How much of that is left, by the host's clock: all of it before the start; it stands still while the instance is
 * suspended, and after the end. */
backstay_status backstay_instance_remaining(backstay_instance instance, int64_t *out_ns);

/* Calls `completed` once when the instance has ended, before the handlers of the task and the host are told. On a
 * finished instance the answer is OK, nothing is attached and `destroy` runs: look with a backstay_instance_wait of
 * 0 afterwards. `out` may be NULL. */
backstay_status backstay_instance_on_completed(backstay_instance instance,
                                               backstay_completed_fn completed,
                                               void *user_data,
                                               backstay_destroy_fn destroy,
                                               backstay_subscription *out);

/* Waits until the instance is finished, at most `timeout_ns` by the machine's clock, and tells how it ended. Does
 * not wait for callbacks. `out` may be NULL; its views are good until this handle is released, or the callback that
 * lent it returns.
 *
 * Errors: TIMED_OUT; WOULD_DEADLOCK from the instance's own entry point. */
backstay_status backstay_instance_wait(backstay_instance instance, int64_t timeout_ns, backstay_completion *out);

/* One more handle to the same instance; each is released once. */
backstay_status backstay_instance_dup(backstay_instance instance, backstay_instance *out);

/* Ends a handle; 0 is fine. The instance goes on. */
backstay_status backstay_instance_release(backstay_instance instance);

/* ---- Deferrals -------------------------------------------------------------------------------------------------- */

/* Lets the instance go. Never blocks on your code. Ends the handle.
 *
 * Errors: ALREADY_COMPLETED for every later one, also long after the instance finished; NOT_RUNNING once when the
 * instance was abandoned meanwhile. The answer may be ignored. */
backstay_status backstay_deferral_complete(backstay_deferral deferral);

/* Lets the instance go and says that the work failed: the first error makes the outcome Failed.
 *
 * Errors: those of backstay_deferral_complete; INVALID_ARGUMENT, with the handle still good, when the text is not
 * UTF-8. */
backstay_status backstay_deferral_fail(backstay_deferral deferral, backstay_str error);

/* The same with the name of the error's type, for wrappers of languages whose errors have one.
 *
 * Errors: as above. */
backstay_status backstay_deferral_fail_typed(backstay_deferral deferral, backstay_str error, backstay_str type_name);

/* A handle to the instance that is held. */
backstay_status backstay_deferral_instance(backstay_deferral deferral, backstay_instance *out);

/* Whether the instance was asked to stop, and why: what the holder of this deferral should ask between any two
 * pieces of its work. Unlike backstay_instance_is_canceled it notes that this holder has looked, which reports
 * tell. `reason` may be NULL; it is written only when `canceled` becomes true. */
backstay_status backstay_deferral_is_canceled(backstay_deferral deferral,
                                              bool *canceled,
                                              backstay_cancel_reason *reason);

/* Waits until the instance is asked to stop, at most `timeout_ns` by the machine's clock: the sleep of a holder,
 * which a cancellation ends, and after which TIMED_OUT means to go on. OK with `canceled` false when the instance
 * finished without being asked. It notes that this holder has looked. On TIMED_OUT nothing is written; `reason` may
 * be NULL.
 *
 * Errors: TIMED_OUT. */
backstay_status backstay_deferral_wait_canceled(backstay_deferral deferral,
                                                int64_t timeout_ns,
                                                bool *canceled,
                                                backstay_cancel_reason *reason);

/* Says what the holder is doing, "part 3 of 7": it stands in every report until the next note. Copied.
 *
 * Errors: ALREADY_COMPLETED or NOT_RUNNING when no report will show it any more. */
backstay_status backstay_deferral_set_note(backstay_deferral deferral, backstay_str note);

/* Has BACKSTAY_EVENT_OVERDUE told, once, when this deferral has been pending for `age_ns` by the host's clock;
 * soon, when it is that old already. It counts instead of the host's own limit. BACKSTAY_FOREVER: never.
 *
 * Errors: ALREADY_COMPLETED, NOT_RUNNING. */
backstay_status backstay_deferral_set_overdue_after(backstay_deferral deferral, int64_t age_ns);

/* The calls that led to the taking, as a text of your language, for reports; instead of what the host captures.
 * Copied.
 *
 * Errors: ALREADY_COMPLETED, NOT_RUNNING. */
backstay_status backstay_deferral_set_stack(backstay_deferral deferral, backstay_str stack);

/* Says that code of that language has the deferral from now on, for who takes it over from another language: reports
 * name it as the holder, beside the line that took it.
 *
 * Errors: INVALID_ARGUMENT, ALREADY_COMPLETED, NOT_RUNNING. */
backstay_status backstay_deferral_set_language(backstay_deferral deferral, backstay_language language);

/* The calls that led to the taking, into a buffer of yours as snprintf does: empty unless the host captures them or
 * backstay_deferral_set_stack gave them.
 *
 * Errors: ALREADY_COMPLETED. */
backstay_status backstay_deferral_stack(backstay_deferral deferral, char *buffer, size_t capacity, size_t *length);

/* How this deferral stands in reports.
 *
 * Errors: ALREADY_COMPLETED. */
backstay_status backstay_deferral_holder(backstay_deferral deferral, backstay_holder *out);

/* One more handle to the same hold; each is released, completed or failed once. */
backstay_status backstay_deferral_dup(backstay_deferral deferral, backstay_deferral *out);

/* Ends a handle; 0 is fine. When it was the last one of a pending deferral, the hold is dropped, which lets the
 * instance go and is told on its completion; to take a hold back without a trace, complete it. */
backstay_status backstay_deferral_release(backstay_deferral deferral);

/* ---- Subscriptions ---------------------------------------------------------------------------------------------- */

/* For a handler, which has no status to return: says that it failed. The host's log tells it when the handler has
 * returned, and nobody else is harmed. Outside of a handler it is OK and forgotten; an entry point has
 * backstay_instance_set_error. */
backstay_status backstay_handler_failed(backstay_str error);

/* Detaches the callback: afterwards it is not called any more, and its user data has been ended.
 *
 * Waits for a call in flight, without a deadline; inside any backstay callback it never waits, and then a call in
 * flight may still be running when this returns, and ends the user data when it does. Again: OK, nothing happens. */
backstay_status backstay_subscription_cancel(backstay_subscription subscription);

/* The same, waiting at most `timeout_ns` by the machine's clock for a call in flight.
 *
 * Errors: TIMED_OUT when that still runs: there is no further call, and the user data is ended when it returns. */
backstay_status backstay_subscription_cancel_within(backstay_subscription subscription, int64_t timeout_ns);

/* One more handle to the same subscription; each is released once. */
backstay_status backstay_subscription_dup(backstay_subscription subscription, backstay_subscription *out);

/* Ends a handle; 0 is fine. The callback stays attached. */
backstay_status backstay_subscription_release(backstay_subscription subscription);

/* ---- Jobs of an executor ---------------------------------------------------------------------------------------- */

/* Runs the job on this thread: an entry point, as a rule. Ends the handle.
 *
 * Errors: WOULD_DEADLOCK inside of a call of an executor: the handle stays good, run it later. */
backstay_status backstay_job_run(backstay_job job);

/* Ends a handle; 0 is fine. A job that was not run cancels the instance that waits longest with
 * BACKSTAY_CANCEL_RESOURCE_REVOCATION. */
backstay_status backstay_job_release(backstay_job job);

/* ---- The functions as a table ----------------------------------------------------------------------------------- */

typedef struct backstay_api backstay_api;

/* Every function as a table, for programs that cannot link: see backstay_table.h. Never NULL. */
const backstay_api *backstay_get_api(void);

#ifdef __cplusplus
} /* extern "C" */
#endif

/* The calling line goes into every report of who holds the instance. The function itself is called by putting its name
 * into parentheses, or by its address. */
#define backstay_instance_get_deferral(instance, label, out)                                            \
    backstay_instance_get_deferral_at((instance), (label), BACKSTAY_STR(__FILE__), __LINE__,            \
                                      BACKSTAY_LANGUAGE_HERE, (out))

#endif /* BACKSTAY_H */
