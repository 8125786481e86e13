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
 * A complete program:
 *
 *   #include <backstay.h>
 *   #include <pthread.h>
 *   #include <stdlib.h>
 *
 *   static void *upload(void *argument) {                      // any thread of yours
 *       backstay_deferral *deferral = argument;
 *       // ... the work ...
 *       backstay_deferral_complete(*deferral);                 // the instance may finish now
 *       free(deferral);
 *       return NULL;
 *   }
 *
 *   static backstay_status copy(backstay_instance instance, void *user_data) {
 *       (void)user_data;
 *       pthread_t thread;
 *       backstay_deferral *deferral = malloc(sizeof *deferral);
 *       if (deferral == NULL) return BACKSTAY_OUT_OF_MEMORY;
 *       backstay_status status = backstay_instance_get_deferral(instance, BACKSTAY_STR("upload"), deferral);
 *       if (status != BACKSTAY_OK) return status;
 *       if (pthread_create(&thread, NULL, upload, deferral) == 0) return pthread_detach(thread);
 *       return backstay_deferral_fail(*deferral, BACKSTAY_STR("no thread"));
 *   }
 *
 *   int main(void) {
 *       backstay_host host;
 *       backstay_task task;
 *       backstay_instance instance;
 *       backstay_task_options options = {.struct_size = sizeof options, .name = BACKSTAY_STR("copy"), .run = copy};
 *       if (backstay_host_open(NULL, &host) != BACKSTAY_OK) return 1;
 *       if (backstay_task_register(host, &options, &task, NULL) != BACKSTAY_OK) return 1;
 *       if (backstay_task_fire(task, NULL, &instance) != BACKSTAY_OK) return 1;
 *       backstay_instance_wait(instance, BACKSTAY_FOREVER, NULL);
 *       backstay_host_shutdown(host, 5000000000, NULL);        // nanoseconds
 *       backstay_instance_release(instance);
 *       backstay_task_release(task);
 *       return backstay_host_release(host);
 *   }
 *
 * Conventions
 *
 *   Status     A function that can fail returns a backstay_status: 0 is OK, errors are negative. Results go to
 *              out-parameters, which are written only on OK.
 *   Handles    Any 64-bit value in any call is answered with a status, never with undefined behaviour: INVALID_HANDLE,
 *              STALE_HANDLE, WRONG_HANDLE_TYPE, FOREIGN_HANDLE. Every handle that a function gives out is released
 *              once; one that is lent to a callback is good for that call, and dup makes one to keep. 0 is none.
 *   Pointers   An out-parameter is NULL only where the function says so; otherwise NULL is INVALID_ARGUMENT. Other
 *              pointers must be good for the call; nothing that you pass is kept, except user data.
 *   Structs    Those that may grow start with struct_size: set it to sizeof the struct. Zero means default.
 *   Text       UTF-8, as a pointer and a length; INVALID_ARGUMENT if it is not. NULL with length 0 is empty.
 *   Times      int64_t nanoseconds, not negative. BACKSTAY_FOREVER waits as long as it takes.
 *   Callbacks  A function, user data, and destroy, which ends the user data exactly once, after the last call, also
 *              when the function that took it failed. Callbacks run on threads of the library, under no lock of it.
 *              They must not throw or unwind.
 *   Threads    Everything may be called from any thread at any time, also from inside any callback. What would wait
 *              for itself is answered with WOULD_DEADLOCK.
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

/* A backstay_str of a string literal, and the initialiser of one, for objects with static storage. */
#define BACKSTAY_STR_INIT(literal) {"" literal, sizeof(literal) - 1}
#ifdef __cplusplus
#define BACKSTAY_STR(literal) (backstay_str{"" literal, sizeof(literal) - 1})
#define BACKSTAY_LANGUAGE_HERE BACKSTAY_LANGUAGE_CPP
#else
#define BACKSTAY_STR(literal) ((backstay_str){"" literal, sizeof(literal) - 1})
#define BACKSTAY_LANGUAGE_HERE BACKSTAY_LANGUAGE_C
#endif


/* The ABI's major number: libraries of the same major number fit each other. */
#define BACKSTAY_ABI_MAJOR 0

/* The ABI's minor number: it grows when something is added. */
#define BACKSTAY_ABI_MINOR 1

/* A deadline that never comes: wait as long as it takes. */
#define BACKSTAY_FOREVER INT64_MAX

/* How a call was answered: 0 is OK, errors are negative, a number is never used twice. */
typedef int32_t backstay_status;
#define BACKSTAY_OK                                  0 /* Done. */
#define BACKSTAY_INVALID_ARGUMENT                 (-1) /* An argument is outside of what the call accepts. */
#define BACKSTAY_INVALID_HANDLE                   (-2) /* The value was never a handle of this library. */
#define BACKSTAY_STALE_HANDLE                     (-3) /* The handle was released, or ended with the call that lent it. */
#define BACKSTAY_WRONG_HANDLE_TYPE                (-4) /* The handle names an object of another type. */
#define BACKSTAY_FOREIGN_HANDLE                   (-5) /* The handle was made by another copy of this library in the same process. */
#define BACKSTAY_NOT_RUNNING                      (-6) /* The instance has not started or is finished. */
#define BACKSTAY_ALREADY_COMPLETED                (-7) /* This deferral was completed before. */
#define BACKSTAY_NAME_TAKEN                       (-8) /* Another task has this name. */
#define BACKSTAY_UNREGISTERED                     (-9) /* The task is no longer registered. */
#define BACKSTAY_NOT_FOUND                       (-10) /* There is nothing by that name. */
#define BACKSTAY_CURRENTLY_RUNNING               (-11) /* The task is busy and its policy refuses more. */
#define BACKSTAY_DISABLED                        (-12) /* The task is disabled after too many failures. */
#define BACKSTAY_CLOSED                          (-13) /* The host is draining or closed and takes nothing new. */
#define BACKSTAY_TIMED_OUT                       (-14) /* The time given was over first. */
#define BACKSTAY_WOULD_DEADLOCK                  (-15) /* The call would wait for the thread that makes it. */
#define BACKSTAY_NOT_MANUAL_CLOCK                (-16) /* Only a host with a manual clock can be advanced. */
#define BACKSTAY_INVALID_TASK                    (-17) /* The description of the task has faults. */
#define BACKSTAY_CANCELED                        (-18) /* The work was left because it was cancelled. */
#define BACKSTAY_FAILED                          (-19) /* The work failed. */
#define BACKSTAY_PANIC                           (-20) /* Code panicked; it was stopped at the border. */
#define BACKSTAY_FORKED                          (-21) /* A child made by fork cannot use the host of its parent. */
#define BACKSTAY_OUT_OF_MEMORY                   (-22) /* Memory, threads or handles ran out. */
#define BACKSTAY_INTERNAL                        (-23) /* The library is at fault. */

/* Where an instance is in its life. */
typedef uint32_t backstay_state;
#define BACKSTAY_STATE_PENDING                       0 /* Fired, not started: it waits for a worker. */
#define BACKSTAY_STATE_RUNNING                       1 /* Its entry point executes, or a deferral keeps it. */
#define BACKSTAY_STATE_FINISHED                      2 /* It ended. */

/* How an instance ended. When several apply, the one with the highest number is told. */
typedef uint32_t backstay_outcome;
#define BACKSTAY_OUTCOME_SUCCEEDED                   0 /* It did what it was to do. */
#define BACKSTAY_OUTCOME_CANCELED                    1 /* It was asked to stop, reported no error, and was done within its grace. */
#define BACKSTAY_OUTCOME_FAILED                      2 /* Its entry point or one of its deferrals reported an error. */
#define BACKSTAY_OUTCOME_ABANDONED                   3 /* It was asked to stop and was still held when its grace was over. */

/* Why an instance was asked to stop: the numbers of Windows below, or 64 and up for your own reasons. */
typedef uint32_t backstay_cancel_reason;
#define BACKSTAY_CANCEL_ABORT                        0 /* The application asked for it. */
#define BACKSTAY_CANCEL_TERMINATING                  1 /* The process or the host is going down. */
#define BACKSTAY_CANCEL_LOGGING_OFF                  2 /* The user is logging off. */
#define BACKSTAY_CANCEL_SERVICING_UPDATE             3 /* The application is being updated. */
#define BACKSTAY_CANCEL_IDLE_TASK                    4 /* The task showed no activity. */
#define BACKSTAY_CANCEL_UNINSTALL                    5 /* The application is being removed. */
#define BACKSTAY_CANCEL_CONDITION_LOSS               6 /* A condition that the task needs no longer holds. */
#define BACKSTAY_CANCEL_SYSTEM_POLICY                7 /* A policy of the system forbids the task. */
#define BACKSTAY_CANCEL_QUIET_HOURS_ENTERED          8 /* Quiet hours began. */
#define BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED      9 /* The task ran longer than its deadline allows. */
#define BACKSTAY_CANCEL_RESOURCE_REVOCATION         10 /* A resource that the task needs was taken away. */
#define BACKSTAY_CANCEL_ENERGY_SAVER                11 /* Energy is being saved. */
#define BACKSTAY_CANCEL_FIRST_OWN                   64 /* The first number that is free for your own reasons. */

/* Where a host is in its life. */
typedef uint32_t backstay_host_state;
#define BACKSTAY_HOST_OPEN                           0 /* It takes tasks and firings. */
#define BACKSTAY_HOST_DRAINING                       1 /* It takes nothing new and waits for what is alive. */
#define BACKSTAY_HOST_CLOSED                         2 /* Nothing is alive any more. */

/* What fires a task. */
typedef uint32_t backstay_trigger_kind;
#define BACKSTAY_TRIGGER_MANUAL                      0 /* backstay_task_fire and nothing else. */

/* What a firing carries. */
typedef uint32_t backstay_details_kind;
#define BACKSTAY_DETAILS_NONE                        0 /* Nothing. To pass nothing, leave media_type, bytes and length zero. */
#define BACKSTAY_DETAILS_BYTES                       1 /* Bytes with a media type. */
#define BACKSTAY_DETAILS_OPAQUE                      2 /* An object of the language that fired: it is there, but C cannot read it. Cannot be passed. */

/* What kind of hold a holder has. */
typedef uint32_t backstay_holder_kind;
#define BACKSTAY_HOLDER_DEFERRAL                     0 /* A pending deferral. */
#define BACKSTAY_HOLDER_ENTRY_POINT                  1 /* The entry point, which still executes. */

/* A language, for reports. */
typedef uint32_t backstay_language;
#define BACKSTAY_LANGUAGE_RUST                       0 /* Rust. */
#define BACKSTAY_LANGUAGE_C                          1 /* C. */
#define BACKSTAY_LANGUAGE_CPP                        2 /* C++. */
#define BACKSTAY_LANGUAGE_PYTHON                     3 /* Python. */

/* The settings of a host. Set `struct_size`; zero means default everywhere. */
typedef struct backstay_host_options {
    /* sizeof(backstay_host_options). */
    uint32_t struct_size;
    /* How many entry points may run at once; by default as many as the machine has cores, and at least 2. */
    uint32_t workers;
    /* How long a cancelled instance may take before it is abandoned; 5 s by default. For no time at all, use 1. */
    int64_t grace_ns;
    /* Time moves only by backstay_host_advance: for tests. */
    bool manual_clock;
} backstay_host_options;

/* A host: it owns tasks, workers and a clock. Everything may be called from any thread at any time.
 *
 * Each handle is released once. When the last handle to a host is released, a shutdown with the host's grace begins
 * and the release returns at once. */
typedef struct backstay_host {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_host;

/* A view of UTF-8 text that somebody else owns: a pointer and a length in bytes, without a terminating zero.
 *
 * Any pointer is fine when the length is 0. A view that is passed in is read before the call returns and not kept. */
typedef struct backstay_str {
    /* The first byte. */
    const char *ptr;
    /* How many bytes. */
    size_t len;
} backstay_str;

/* A registered task: fire it to make an instance. Usable from any thread; releasing a handle ends nothing, the task
 * stays registered until it is unregistered or its host closes. */
typedef struct backstay_task {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_task;

/* Who holds an instance, since when and from which line. The texts are zero-terminated and cut off when they are
 * longer; `file` keeps its end. */
typedef struct backstay_holder {
    /* sizeof(backstay_holder), set by the caller in the first element of an array. */
    uint32_t struct_size;
    /* A deferral, or the entry point itself. */
    backstay_holder_kind kind;
    /* The instance that is held. */
    uint8_t instance_id[16];
    /* Whether that instance was asked to stop. */
    bool canceled;
    /* The language of the code that took the hold. */
    backstay_language language;
    /* The line that took it, from 1; 0 when unknown. */
    uint32_t line;
    /* How long it has held, by the host's clock. */
    int64_t age_ns;
    /* The name of the instance's task. */
    char task[64];
    /* The label it was taken with; empty without one. */
    char label[64];
    /* The file of the line; empty when unknown. */
    char file[128];
} backstay_holder;

/* What became of everything that was alive when a host began to end.
 *
 * To learn who was left, set `holders` and `holder_capacity` to an array of yours and `holders[0].struct_size` to
 * sizeof(backstay_holder). */
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
    struct backstay_holder *holders;
    /* Set by the caller: how many elements `holders` has. */
    size_t holder_capacity;
    /* How many holders there are; those beyond the capacity are not written. */
    size_t holder_count;
} backstay_drain_report;

/* One execution of a task. Usable from any thread; releasing a handle ends nothing. */
typedef struct backstay_instance {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_instance;

/* An entry point. Runs on one of the host's workers, once for every instance, and may run on several threads at once.
 *
 * `instance` is lent for the call: dup it to keep it. BACKSTAY_OK is success. BACKSTAY_CANCELED after a cancellation
 * is a return, too. Everything else makes the instance Failed, with the text of backstay_instance_set_error or the
 * sentence of the status. Must not throw and must not unwind. May call anything except what would wait for itself. */
typedef backstay_status (*backstay_run_fn)(struct backstay_instance instance, void *user_data);

/* Ends the user data of a callback. Runs exactly once, on any thread, after the last call of the callback; also when
 * the function that took the callback failed. May be NULL. */
typedef void (*backstay_destroy_fn)(void *user_data);

/* Describes a task. All zero but `struct_size`, `name` and `run` is a manual task. */
typedef struct backstay_task_options {
    /* sizeof(backstay_task_options). */
    uint32_t struct_size;
    /* What fires it. */
    backstay_trigger_kind trigger;
    /* Unique in its host. */
    struct backstay_str name;
    /* How long a cancelled instance may take before it is abandoned; the host's grace by default. */
    int64_t grace_ns;
    /* How many instances may be Pending before further firings are refused; 1,048,576 by default. */
    uint32_t max_pending;
    /* The line that stands in reports for the entry point, such as __LINE__; 0 when unknown. */
    uint32_t line;
    /* The file of that line, such as __FILE__: zero-terminated, copied; NULL when unknown. */
    const char *file;
    /* The entry point. */
    backstay_run_fn run;
    /* Passed to `run`. */
    void *user_data;
    /* Ends the user data, exactly once, also when registering fails; may be NULL. */
    backstay_destroy_fn destroy;
} backstay_task_options;

/* More about an error than its status: set `struct_size` and pass it where a function takes one. Written only when the
 * function fails. */
typedef struct backstay_error {
    /* sizeof(backstay_error), set by the caller. */
    uint32_t struct_size;
    /* The status that the function answers with. */
    backstay_status status;
    /* What is wrong and what to do, zero-terminated; cut off when it is longer. */
    char text[504];
} backstay_error;

/* What a firing carries to its instance: nothing, or bytes that every language can read. Text is "text/plain". */
typedef struct backstay_details {
    /* sizeof(backstay_details). */
    uint32_t struct_size;
    /* Written by backstay_instance_details. When passed, 0 is fine. */
    backstay_details_kind kind;
    /* How the bytes are to be read; "application/octet-stream" by default. */
    struct backstay_str media_type;
    /* The bytes; copied when passed. */
    const void *bytes;
    /* How many bytes. */
    size_t length;
} backstay_details;

/* How an instance ended: final, the same for everybody who asks. */
typedef struct backstay_completion {
    /* sizeof(backstay_completion), set by the caller of backstay_instance_wait. */
    uint32_t struct_size;
    /* How it ended. */
    backstay_outcome outcome;
    /* The instance. */
    uint8_t instance_id[16];
    /* Whether it was asked to stop, whatever the outcome. */
    bool canceled;
    /* Why it was asked to stop; meaningful when `canceled`. */
    backstay_cancel_reason reason;
    /* The last progress that was set. */
    uint32_t progress;
    /* How many deferrals were dropped instead of completed. */
    uint32_t dropped_count;
    /* How many held the instance when it was abandoned, the entry point included; the drain report names them. */
    uint32_t holder_count;
    /* How long it was Pending, by the host's clock. */
    int64_t pending_ns;
    /* How long it was Running; 0 when it never started. */
    int64_t ran_ns;
    /* The name of its task. */
    struct backstay_str task;
    /* The first error among entry point and deferrals; empty without one. */
    struct backstay_str error;
    /* The name of the error's type in its own language; empty without an error. */
    struct backstay_str error_type;
} backstay_completion;

/* Told that an instance ended: once for each, on the host's events thread, as the last event of that instance. The
 * completion and its views are good for the call. Must not throw; may call anything except what would wait for itself. */
typedef void (*backstay_completed_fn)(const struct backstay_completion *completion, void *user_data);

/* One attached callback. Releasing the handle leaves the callback attached until its task or instance ends; only
 * backstay_subscription_cancel detaches it. Usable from any thread. */
typedef struct backstay_subscription {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_subscription;

/* Told of the progress of every instance of a task, on the host's events thread, in order. `instance` is lent for the
 * call. Values that come faster than they are delivered are left out, the latest one never. Must not throw; may call
 * anything except what would wait for itself. */
typedef void (*backstay_progress_fn)(struct backstay_instance instance, uint32_t progress, void *user_data);

/* A hold on an instance: while it is pending the instance is not finished. Usable from any thread.
 *
 * The handles that come from one deferral by dup share one hold. Completing or failing ends the handle; releasing the
 * last handle without that counts as completed and is told on the completion as dropped. */
typedef struct backstay_deferral {
    /* Opaque; 0 is none. */
    uint64_t id;
} backstay_deferral;

/* Told that an instance was asked to stop: once, on the host's events thread, before Completed. `instance` is lent for
 * the call. Must not throw; may call anything except what would wait for itself. */
typedef void (*backstay_canceled_fn)(struct backstay_instance instance, backstay_cancel_reason reason, void *user_data);

/* Every function of this header, as a table: so that a C extension of a Python program uses the very copy of the
 * library that Python has loaded. backstay_table.h makes the names of this header stand for the table's entries.
 *
 * The table never changes and lives as long as the process. New functions are added at its end. */
typedef struct backstay_api {
    /* BACKSTAY_ABI_MAJOR of the library; a program that was compiled with another one must not use the table. */
    uint32_t abi_major;
    /* BACKSTAY_ABI_MINOR of the library. */
    uint32_t abi_minor;
    /* How many bytes the table has; an entry beyond that is not there. */
    size_t size;
    /* backstay_status_name */
    const char *(*status_name)(backstay_status);
    /* backstay_status_message */
    const char *(*status_message)(backstay_status);
    /* backstay_abi_version */
    uint32_t (*abi_version)(void);
    /* backstay_live_handles */
    uint64_t (*live_handles)(void);
    /* backstay_host_open */
    backstay_status (*host_open)(const struct backstay_host_options*, struct backstay_host*);
    /* backstay_host_get_state */
    backstay_status (*host_get_state)(struct backstay_host, backstay_host_state*);
    /* backstay_host_task */
    backstay_status (*host_task)(struct backstay_host, struct backstay_str, struct backstay_task*);
    /* backstay_host_flush */
    backstay_status (*host_flush)(struct backstay_host, int64_t);
    /* backstay_host_advance */
    backstay_status (*host_advance)(struct backstay_host, int64_t);
    /* backstay_host_drain */
    backstay_status (*host_drain)(struct backstay_host, int64_t, struct backstay_drain_report*);
    /* backstay_host_shutdown */
    backstay_status (*host_shutdown)(struct backstay_host, int64_t, struct backstay_drain_report*);
    /* backstay_host_begin_shutdown */
    backstay_status (*host_begin_shutdown)(struct backstay_host, int64_t);
    /* backstay_host_dup */
    backstay_status (*host_dup)(struct backstay_host, struct backstay_host*);
    /* backstay_host_release */
    backstay_status (*host_release)(struct backstay_host);
    /* backstay_task_register */
    backstay_status (*task_register)(struct backstay_host,
                                     const struct backstay_task_options*,
                                     struct backstay_task*,
                                     struct backstay_error*);
    /* backstay_task_fire */
    backstay_status (*task_fire)(struct backstay_task, const struct backstay_details*, struct backstay_instance*);
    /* backstay_task_unregister */
    backstay_status (*task_unregister)(struct backstay_task, bool);
    /* backstay_task_counts */
    backstay_status (*task_counts)(struct backstay_task, size_t*, size_t*);
    /* backstay_task_on_completed */
    backstay_status (*task_on_completed)(struct backstay_task,
                                         backstay_completed_fn,
                                         void*,
                                         backstay_destroy_fn,
                                         struct backstay_subscription*);
    /* backstay_task_on_progress */
    backstay_status (*task_on_progress)(struct backstay_task,
                                        backstay_progress_fn,
                                        void*,
                                        backstay_destroy_fn,
                                        struct backstay_subscription*);
    /* backstay_task_dup */
    backstay_status (*task_dup)(struct backstay_task, struct backstay_task*);
    /* backstay_task_release */
    backstay_status (*task_release)(struct backstay_task);
    /* backstay_instance_id */
    backstay_status (*instance_id)(struct backstay_instance, uint8_t*);
    /* backstay_instance_task */
    backstay_status (*instance_task)(struct backstay_instance, struct backstay_task*);
    /* backstay_instance_details */
    backstay_status (*instance_details)(struct backstay_instance, struct backstay_details*);
    /* backstay_instance_get_state */
    backstay_status (*instance_get_state)(struct backstay_instance, backstay_state*);
    /* backstay_instance_get_progress */
    backstay_status (*instance_get_progress)(struct backstay_instance, uint32_t*);
    /* backstay_instance_set_progress */
    backstay_status (*instance_set_progress)(struct backstay_instance, uint32_t);
    /* backstay_instance_get_deferral */
    backstay_status (*instance_get_deferral)(struct backstay_instance, struct backstay_str, struct backstay_deferral*);
    /* backstay_instance_get_deferral_at */
    backstay_status (*instance_get_deferral_at)(struct backstay_instance,
                                                struct backstay_str,
                                                struct backstay_str,
                                                uint32_t,
                                                backstay_language,
                                                struct backstay_deferral*);
    /* backstay_instance_holders */
    backstay_status (*instance_holders)(struct backstay_instance, struct backstay_holder*, size_t, size_t*);
    /* backstay_instance_set_error */
    backstay_status (*instance_set_error)(struct backstay_instance, struct backstay_str);
    /* backstay_instance_cancel */
    backstay_status (*instance_cancel)(struct backstay_instance, backstay_cancel_reason);
    /* backstay_instance_is_canceled */
    backstay_status (*instance_is_canceled)(struct backstay_instance, bool*, backstay_cancel_reason*);
    /* backstay_instance_on_canceled */
    backstay_status (*instance_on_canceled)(struct backstay_instance,
                                            backstay_canceled_fn,
                                            void*,
                                            backstay_destroy_fn,
                                            struct backstay_subscription*);
    /* backstay_instance_wait */
    backstay_status (*instance_wait)(struct backstay_instance, int64_t, struct backstay_completion*);
    /* backstay_instance_dup */
    backstay_status (*instance_dup)(struct backstay_instance, struct backstay_instance*);
    /* backstay_instance_release */
    backstay_status (*instance_release)(struct backstay_instance);
    /* backstay_deferral_complete */
    backstay_status (*deferral_complete)(struct backstay_deferral);
    /* backstay_deferral_fail */
    backstay_status (*deferral_fail)(struct backstay_deferral, struct backstay_str);
    /* backstay_deferral_instance */
    backstay_status (*deferral_instance)(struct backstay_deferral, struct backstay_instance*);
    /* backstay_deferral_dup */
    backstay_status (*deferral_dup)(struct backstay_deferral, struct backstay_deferral*);
    /* backstay_deferral_release */
    backstay_status (*deferral_release)(struct backstay_deferral);
    /* backstay_subscription_cancel */
    backstay_status (*subscription_cancel)(struct backstay_subscription);
    /* backstay_subscription_dup */
    backstay_status (*subscription_dup)(struct backstay_subscription, struct backstay_subscription*);
    /* backstay_subscription_release */
    backstay_status (*subscription_release)(struct backstay_subscription);
} backstay_api;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* The name of a status, such as "NOT_RUNNING"; "UNKNOWN" for a number that is none. Never NULL, never to be freed. */
const char *backstay_status_name(backstay_status status);

/* What a status means, one sentence. Never NULL, never to be freed. */
const char *backstay_status_message(backstay_status status);

/* The ABI of the library that is loaded: major << 16 | minor. Compare with BACKSTAY_ABI_MAJOR. */
uint32_t backstay_abi_version(void);

/* How many handles are good now, those lent to running callbacks included. A test ends by asserting 0. */
uint64_t backstay_live_handles(void);

/* Opens a host. Starts no thread: threads are started when they are needed.
 *
 * `options` may be NULL for the defaults. INVALID_ARGUMENT for a wrong struct_size, a negative grace, NULL `out`. */
backstay_status backstay_host_open(const struct backstay_host_options *options, struct backstay_host *out);

/* Where the host is in its life: BACKSTAY_HOST_OPEN, _DRAINING, _CLOSED. */
backstay_status backstay_host_get_state(struct backstay_host host, backstay_host_state *out);

/* A handle to the task that is registered under this name; NOT_FOUND when there is none. */
backstay_status backstay_host_task(struct backstay_host host, struct backstay_str name, struct backstay_task *out);

/* Waits until every event that was caused before this call has been delivered, at most `timeout_ns` by the machine's
 * clock. TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_flush(struct backstay_host host, int64_t timeout_ns);

/* Moves a manual clock: stops at every due moment in order, lets happen what is due, flushes, and goes on.
 * NOT_MANUAL_CLOCK; INVALID_ARGUMENT for BACKSTAY_FOREVER; TIMED_OUT when a callback did not return within 30 s of the
 * machine's clock; WOULD_DEADLOCK from an entry point or callback of this host. */
backstay_status backstay_host_advance(struct backstay_host host, int64_t by_ns);

/* Refuses new firings, cancels nothing, and waits until everything alive has finished, at most `timeout_ns` by the
 * host's clock. When the time is over first, the answer is OK too: the report says Draining and who is left.
 *
 * With a manual clock another thread must advance it meanwhile. `report` may be NULL. WOULD_DEADLOCK from an entry
 * point or callback of this host. */
backstay_status backstay_host_drain(struct backstay_host host,
                                    int64_t timeout_ns,
                                    struct backstay_drain_report *report);

/* Refuses new firings, cancels everything alive with BACKSTAY_CANCEL_TERMINATING, and waits at most `grace_ns` by the
 * host's clock. What is still held then is abandoned, and the report names its holders.
 *
 * There is one deadline for all; of several shutdowns the earliest counts. With a manual clock another thread must
 * advance it meanwhile. `report` may be NULL. WOULD_DEADLOCK from an entry point or callback of this host: use
 * backstay_host_begin_shutdown there. */
backstay_status backstay_host_shutdown(struct backstay_host host,
                                       int64_t grace_ns,
                                       struct backstay_drain_report *report);

/* Begins what backstay_host_shutdown does and returns at once; works from any callback. */
backstay_status backstay_host_begin_shutdown(struct backstay_host host, int64_t grace_ns);

/* One more handle to the same host; each is released once. */
backstay_status backstay_host_dup(struct backstay_host host, struct backstay_host *out);

/* Ends a handle; 0 is fine. The last one begins a shutdown with the host's grace, and does not wait for it. */
backstay_status backstay_host_release(struct backstay_host host);

/* Registers a task: from now on it can be fired.
 *
 * INVALID_TASK with every fault in `error`; NAME_TAKEN; CLOSED; INVALID_ARGUMENT for a wrong struct_size, a text that
 * is not UTF-8, a negative duration, an unknown trigger, NULL `out`. `error` may be NULL. When `options` is NULL or its
 * struct_size was never set, the user data in it is not known and stays yours. */
backstay_status backstay_task_register(struct backstay_host host,
                                       const struct backstay_task_options *options,
                                       struct backstay_task *out,
                                       struct backstay_error *error);

/* Makes an instance, Pending or already Running, which carries `details` (NULL: none).
 *
 * `out` may be NULL when no handle is wanted. CLOSED when the host drains or is closed, UNREGISTERED,
 * CURRENTLY_RUNNING when as many instances are waiting as may. */
backstay_status backstay_task_fire(struct backstay_task task,
                                   const struct backstay_details *details,
                                   struct backstay_instance *out);

/* Takes the task off the host; its name is free when this returns. What is Pending is cancelled with
 * BACKSTAY_CANCEL_ABORT; what is Running is cancelled too if `cancel`, else it finishes. UNREGISTERED when that was
 * done before. */
backstay_status backstay_task_unregister(struct backstay_task task, bool cancel);

/* How many instances of the task are Running and how many are Pending; each may be NULL when it is not wanted. */
backstay_status backstay_task_counts(struct backstay_task task, size_t *running, size_t *pending);

/* Calls `completed` once for every instance of this task that ends. It stays attached until the task has ended or the
 * subscription is cancelled. `out` may be NULL. */
backstay_status backstay_task_on_completed(struct backstay_task task,
                                           backstay_completed_fn completed,
                                           void *user_data,
                                           backstay_destroy_fn destroy,
                                           struct backstay_subscription *out);

/* Calls `progress` for the progress of every instance of this task. It stays attached until the task has ended or the
 * subscription is cancelled. `out` may be NULL. */
backstay_status backstay_task_on_progress(struct backstay_task task,
                                          backstay_progress_fn progress,
                                          void *user_data,
                                          backstay_destroy_fn destroy,
                                          struct backstay_subscription *out);

/* One more handle to the same task; each is released once. */
backstay_status backstay_task_dup(struct backstay_task task, struct backstay_task *out);

/* Ends a handle; 0 is fine. The task stays registered. */
backstay_status backstay_task_release(struct backstay_task task);

/* The id: 16 random bytes in the order of their text form. */
backstay_status backstay_instance_id(struct backstay_instance instance, uint8_t *out);

/* A handle to the task of which this is an execution. */
backstay_status backstay_instance_task(struct backstay_instance instance, struct backstay_task *out);

/* What the firing carried. The views in `out` are good until this handle is released, or the callback that lent it
 * returns. */
backstay_status backstay_instance_details(struct backstay_instance instance, struct backstay_details *out);

/* Where the instance is in its life: BACKSTAY_STATE_PENDING, _RUNNING, _FINISHED. */
backstay_status backstay_instance_get_state(struct backstay_instance instance, backstay_state *out);

/* The progress that was set last; 0 before. */
backstay_status backstay_instance_get_progress(struct backstay_instance instance, uint32_t *out);

/* Sets the progress to any number. Never blocks; ignored after the finish. */
backstay_status backstay_instance_set_progress(struct backstay_instance instance, uint32_t progress);

/* Takes a deferral: until it is completed, failed or released, the instance is not finished. Works from any thread
 * while the instance is Running, also after the entry point returned. NOT_RUNNING on a Pending or Finished one.
 *
 * `label` stands in every report of who holds the instance, and so do file and line: in C and C++ a macro of the same
 * name passes them. */
backstay_status backstay_instance_get_deferral(struct backstay_instance instance,
                                               struct backstay_str label,
                                               struct backstay_deferral *out);

/* The same with the line that stands in reports, for wrappers of other languages. `file` is copied. */
backstay_status backstay_instance_get_deferral_at(struct backstay_instance instance,
                                                  struct backstay_str label,
                                                  struct backstay_str file,
                                                  uint32_t line,
                                                  backstay_language language,
                                                  struct backstay_deferral *out);

/* The pending deferrals, in the order of taking, into the caller's array.
 *
 * Set `buffer[0].struct_size` to sizeof(backstay_holder); it is the distance between the elements. At most `capacity`
 * elements are written; `count` gets how many there are. `buffer` may be NULL when `capacity` is 0. */
backstay_status backstay_instance_holders(struct backstay_instance instance,
                                          struct backstay_holder *buffer,
                                          size_t capacity,
                                          size_t *count);

/* Sets the text of the error that the entry point is about to return with: call it on the handle lent to the entry
 * point, or on a dup of that; NOT_RUNNING on every other handle. The last text counts; without an error it is
 * forgotten. */
backstay_status backstay_instance_set_error(struct backstay_instance instance, struct backstay_str error);

/* Asks the instance to stop. The first reason stays; a later request is OK and changes nothing. INVALID_ARGUMENT for
 * the reasons 12 to 63, which nobody may use. */
backstay_status backstay_instance_cancel(struct backstay_instance instance, backstay_cancel_reason reason);

/* Whether the instance was asked to stop, and why; cheap enough to ask between any two blocks of work. `reason` may be
 * NULL; it is written only when `canceled` becomes true. */
backstay_status backstay_instance_is_canceled(struct backstay_instance instance,
                                              bool *canceled,
                                              backstay_cancel_reason *reason);

/* Calls `canceled` once when the instance is asked to stop; soon, but never inside this call, when it was asked
 * before. On a finished instance the answer is OK, nothing is attached and `destroy` runs; the subscription is good to
 * be released. `out` may be NULL. */
backstay_status backstay_instance_on_canceled(struct backstay_instance instance,
                                              backstay_canceled_fn canceled,
                                              void *user_data,
                                              backstay_destroy_fn destroy,
                                              struct backstay_subscription *out);

/* Waits until the instance is finished, at most `timeout_ns` by the machine's clock, and tells how it ended. Does not
 * wait for callbacks. `out` may be NULL; its views are good until this handle is released, or the callback that lent
 * it returns. TIMED_OUT; WOULD_DEADLOCK from the instance's own entry point. */
backstay_status backstay_instance_wait(struct backstay_instance instance,
                                       int64_t timeout_ns,
                                       struct backstay_completion *out);

/* One more handle to the same instance; each is released once. */
backstay_status backstay_instance_dup(struct backstay_instance instance, struct backstay_instance *out);

/* Ends a handle; 0 is fine. The instance goes on. */
backstay_status backstay_instance_release(struct backstay_instance instance);

/* Lets the instance go. Never blocks on your code. Ends the handle.
 *
 * OK; ALREADY_COMPLETED for every later one, also long after the instance finished; NOT_RUNNING once when the instance
 * was abandoned meanwhile. Nobody must look at the answer. */
backstay_status backstay_deferral_complete(struct backstay_deferral deferral);

/* Lets the instance go and says that the work failed: the first error makes the outcome Failed. Answered like
 * backstay_deferral_complete; INVALID_ARGUMENT, with the handle still good, when the text is not UTF-8. */
backstay_status backstay_deferral_fail(struct backstay_deferral deferral, struct backstay_str error);

/* A handle to the instance that is held. */
backstay_status backstay_deferral_instance(struct backstay_deferral deferral, struct backstay_instance *out);

/* One more handle to the same hold; each is released, completed or failed once. */
backstay_status backstay_deferral_dup(struct backstay_deferral deferral, struct backstay_deferral *out);

/* Ends a handle; 0 is fine. When it was the last one of a pending deferral, the hold is dropped, which lets the
 * instance go and is told on its completion. */
backstay_status backstay_deferral_release(struct backstay_deferral deferral);

/* Detaches the callback: afterwards it is not called any more, and its user data has been ended.
 *
 * Waits for a call in flight, without a deadline; inside any backstay callback it never waits, and then a call in
 * flight may still be running when this returns, and ends the user data when it does. Again: OK, nothing happens. */
backstay_status backstay_subscription_cancel(struct backstay_subscription subscription);

/* One more handle to the same subscription; each is released once. */
backstay_status backstay_subscription_dup(struct backstay_subscription subscription, struct backstay_subscription *out);

/* Ends a handle; 0 is fine. The callback stays attached. */
backstay_status backstay_subscription_release(struct backstay_subscription subscription);

/* The table of this copy of the library. Never NULL. */
const struct backstay_api *backstay_get_api(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

/* The calling line goes into every report of who holds the instance. The function itself is called by putting its name
 * into parentheses, or by its address. */
#define backstay_instance_get_deferral(instance, label, out)                                            \
    backstay_instance_get_deferral_at((instance), (label), BACKSTAY_STR(__FILE__), __LINE__,            \
                                      BACKSTAY_LANGUAGE_HERE, (out))

#endif  /* BACKSTAY_H */
