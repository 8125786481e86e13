/*
 * What the fuzzer knows of everything that it has made: which handles are good, which have ended, which deferrals share
 * a hold, and which user data has been ended. Every answer of the library is checked against it.
 *
 * Callbacks change it too, on any thread, so it has a lock, which is never held while the library is called.
 */
#ifndef WORLD_H
#define WORLD_H

#include <backstay.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "input.h"

enum kind { HOST, TASK, INSTANCE, DEFERRAL, SUBSCRIPTION, JOB, KINDS };

/* Whose a handle is: callbacks own what was lent to them and what they made, until they return. */
enum owner { OURS, OF_A_CALLBACK, RETURNED };

struct handle {
    uint64_t id;
    enum kind kind;
    enum owner owner;
    bool is_live;
    int hold; // of a deferral
};

#define MOST_HANDLES 1024
#define MOST_USER_DATA 512

/* What the handles of one deferral share. */
struct hold {
    bool is_ended;
    int handles;
};

/* What a callback gets. It is freed when it is ended, so that a later use is seen; the world keeps that in `ended`. */
struct user_data {
    int number;
    uint64_t host;
    uint8_t script[8];
};

struct world {
    pthread_mutex_t lock;
    struct handle handles[MOST_HANDLES];
    struct hold holds[MOST_HANDLES];
    int handle_count, hold_count;
    atomic_int user_data_count;
    atomic_bool ended[MOST_USER_DATA];
    /* Something has happened that may abandon instances: a deferral may be told NOT_RUNNING. */
    atomic_bool may_abandon;
    /* How often entry points may still fire, so that none goes on for ever. */
    atomic_int fuel;
    /* Entry points that are to be occupied wait here while it is shut. */
    pthread_mutex_t gate;
    bool is_gate_shut;
};

extern struct world world;

/* ---- Saying what is wrong ---- */

/* Ends the process; the fuzzer keeps the input. */
_Noreturn void wrong(const char *what, const char *file, int line);
#define CHECK(condition) ((condition) ? (void)0 : wrong(#condition, __FILE__, __LINE__))

/* With TRACE in the environment every call is told on standard error. */
void trace(const char *call, uint64_t id, backstay_status seen);

/* ---- Handles ---- */

/* What the world knows of a value that is about to be passed as a handle of some kind. */
enum what { GOOD, ENDED, ANOTHER_KIND, ENDED_OF_ANOTHER_KIND, NEVER_SEEN, BUSY };

struct subject {
    uint64_t id;
    enum kind kind;
    enum what what;
};

/* A value for a handle of this kind: mostly a good one, else an ended one, one of another kind, or any number. */
struct subject choose(struct input *input, enum kind kind);

/* Records a handle that the library gave; no value may come twice. `like` is the deferral it shares its hold with. */
void given(enum kind kind, uint64_t id, enum owner owner, uint64_t like);
/* Records that a handle has ended. */
void has_ended(uint64_t id);
void now_belongs_to(enum owner owner, uint64_t id);
bool is_live(uint64_t id);
/* Whether the hold of this deferral, which other handles may share, is pending as far as we know. */
bool holds_still(uint64_t id);
void hold_has_ended(uint64_t id);
/* Whether there is room for all that one more operation may make. */
bool has_room(void);

/* ---- Answers ---- */

/* What may be answered: a set of statuses. RELEASES is a call that takes 0, COMPLETES one that tells of ended ones. */
#define CAN(status) (UINT32_C(1) << -(status))
#define RELEASES (UINT32_C(1) << 30)
#define COMPLETES (UINT32_C(1) << 31)
/* The same when an argument is wrong: anything but OK, since nothing says what is looked at first. */
#define IF(is_good, can) ((is_good) ? (can) : (((can) & ~CAN(BACKSTAY_OK)) | CAN(BACKSTAY_INVALID_ARGUMENT)))

/*
 * Whether the call was answered with OK. `can` is what may be said of a good handle; of any other the answer must be
 * what is wrong with it, or INVALID_ARGUMENT if `can` has that. An unknown value that was taken for good must be one
 * that a callback is just about to tell.
 */
bool answered(const char *call, struct subject subject, backstay_status seen, uint32_t can);

/* Memory for a result, of exactly this size: written only on OK, and never beyond. `struct_size` 0 is none. */
struct result {
    size_t size;
    unsigned char *memory, *before;
};

struct result new_result(size_t size, uint32_t struct_size);
void check_result(struct result *result, bool is_ok);

/* A struct_size and memory of that size: mostly that of the struct. `is_good` tells whether it may be accepted. */
struct result take_result(struct input *input, size_t size, bool *is_good);

/* ---- User data ---- */

struct user_data *new_user_data(struct input *input, uint64_t host);
/* The `destroy` of every callback. */
void end_user_data(void *user_data);
bool is_ended(int number);

/* ---- The world as a whole ---- */

void begin_world(void);
void end_world(void);

/* ---- Callbacks ---- */

backstay_status entry_point(backstay_instance instance, void *user_data);
void on_number(backstay_instance instance, uint32_t number, void *user_data);
void on_completed(const backstay_completion *completion, void *user_data);
void on_event(const backstay_event *event, void *user_data);
void on_job(backstay_job job, void *user_data);
void on_log(backstay_str line, void *user_data);

/* ---- Operations ---- */

typedef void operation(struct input *input);

/* A list of operations ends with NULL. */
extern operation *const host_operations[], *const task_operations[], *const instance_operations[],
    *const deferral_operations[], *const other_operations[];

/* An operation that passes a handle and a place for a result of this size, which may be NULL. */
#define READS(which, type, name, size, can)                                                               \
    static void name(struct input *input) {                                                               \
        const struct subject subject = choose(input, which);                                              \
        if (subject.what == BUSY) return;                                                                 \
        const bool is_null = rarely(input, 16);                                                           \
        struct result result = new_result(size, 0);                                                       \
        const backstay_status seen = backstay_##name((type){subject.id}, is_null ? NULL : (void *)result.memory); \
        const bool is_ok = answered(#name, subject, seen, IF(!is_null, can)); \
        check_result(&result, is_ok);                                                                     \
    }

/* An operation that passes a handle alone. */
#define ACTS(which, type, name, can)                                                                      \
    static void name(struct input *input) {                                                               \
        const struct subject subject = choose(input, which);                                              \
        if (subject.what == BUSY) return;                                                                 \
        answered(#name, subject, backstay_##name((type){subject.id}), can);                               \
    }

/* An operation that passes a handle and a place for another one. */
#define GIVES(which, type, name, kind, can)                                                               \
    static void name(struct input *input) {                                                               \
        const struct subject subject = choose(input, which);                                              \
        if (subject.what == BUSY) return;                                                                 \
        const bool is_null = rarely(input, 16);                                                           \
        struct result result = new_result(sizeof(uint64_t), 0);                                           \
        const backstay_status seen = backstay_##name((type){subject.id}, is_null ? NULL : (void *)result.memory); \
        if (answered(#name, subject, seen, IF(!is_null, can))) {           \
            given(kind, *(uint64_t *)(void *)result.memory, OURS, subject.id);                            \
            check_result(&result, true);                                                                  \
        } else {                                                                                          \
            check_result(&result, false);                                                                 \
        }                                                                                                 \
    }

/* An operation that releases a handle. */
#define RELEASES_ONE(which, type, name)                                                                   \
    static void name(struct input *input) {                                                               \
        const struct subject subject = choose(input, which);                                              \
        if (subject.what == BUSY) return;                                                                 \
        const backstay_status seen = backstay_##name((type){subject.id});                                 \
        if (answered(#name, subject, seen, CAN(BACKSTAY_OK) | RELEASES)) has_ended(subject.id);           \
    }

#endif
