// Two phases. First every file gets a fingerprint; then files of equal fingerprint are compared byte for byte. Each
// phase is cut into pieces of work, and each piece holds the instance by a deferral of its own, so that a report names
// what is still to be done. The last piece of the first phase takes the deferrals of the second before it completes its
// own: so the instance is held without a gap.

#include "compare.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "classes.h"
#include "pool.h"

#define PIECE_FILES 64
#define PIECE_BYTES ((uint64_t)64 * 1024 * 1024)

struct piece {
    struct work work;  // first, so that a work of the pool is the piece
    struct job *job;
    backstay_deferral deferral;
    size_t begin, end;  // of the files in the first phase, of the candidates in the second
};

struct phase {
    const char *verb;
    void (*run)(struct work *work, const struct scratch *scratch);
    bool first;  // in the pool's queue: what was begun is to end soon
};

static void run_fingerprint(struct work *work, const struct scratch *scratch);
static void run_compare(struct work *work, const struct scratch *scratch);

static const struct phase fingerprinting = {"fingerprint", run_fingerprint, false};
static const struct phase comparing = {"compare", run_compare, true};

// The job goes before the deferral, so that once the instance is finished only its results are left. Abandoned
// meanwhile, the deferral is answered with NOT_RUNNING, and that is no matter: nothing depends on it any more.
static void end_piece(struct piece *piece, const char *failure) {
    backstay_deferral deferral = piece->deferral;
    job_report(piece->job);
    job_release(piece->job);
    free(piece);
    if (failure == NULL) backstay_deferral_complete(deferral);
    else backstay_deferral_fail(deferral, (backstay_str){failure, strlen(failure)});
}

static void discard(struct work *list, const char *failure) {
    while (list != NULL) {
        struct work *next = list->next;
        end_piece((struct piece *)list, failure);
        list = next;
    }
}

static backstay_status hold(const struct job *job, const char *verb, size_t number, size_t count,
                            backstay_deferral *deferral) {
    char text[64];
    int length = snprintf(text, sizeof text, "%s %zu/%zu of %llu-byte files", verb, number, count,
                          (unsigned long long)job->size);
    backstay_str label = {text, length < (int)sizeof text ? (size_t)length : sizeof text - 1};
    return backstay_instance_get_deferral(job->instance, label, deferral);
}

// Cuts `total` things into pieces, takes a deferral for each, and queues them all; or none.
static backstay_status queue_phase(struct job *job, const struct phase *phase, size_t total, size_t each) {
    size_t count = (total + each - 1) / each;
    struct work *list = NULL, **tail = &list;
    for (size_t number = 0; number < count; number++) {
        struct piece *piece = calloc(1, sizeof *piece);
        backstay_status status = piece == NULL ? BACKSTAY_OUT_OF_MEMORY : BACKSTAY_OK;
        if (status == BACKSTAY_OK) status = hold(job, phase->verb, number + 1, count, &piece->deferral);
        if (status != BACKSTAY_OK) {
            free(piece);
            discard(list, NULL);
            return status;
        }
        piece->work.run = phase->run;
        piece->job = job;
        piece->begin = number * each;
        piece->end = total - piece->begin < each ? total : piece->begin + each;
        job_retain(job);
        *tail = &piece->work;
        tail = &piece->work.next;
    }
    atomic_store(&job->pieces_left, count);
    pool_submit(list, phase->first);
    return BACKSTAY_OK;
}

static void run_compare(struct work *work, const struct scratch *scratch) {
    struct piece *piece = (struct piece *)work;
    struct job *job = piece->job;
    struct reader reader = {job_read_on, job, scratch->block, scratch->other_block};
    int reason = job_is_canceled(job) ? FILE_STOPPED : 0;
    for (size_t index = piece->begin; index < piece->end && reason == 0; index++)
        reason = classes_decide(job, &job->candidates[index], &reader);
    end_piece(piece, reason == ENOMEM ? "out of memory" : NULL);
}

// NULL, or why there is no second phase.
static const char *begin_second_phase(struct job *job) {
    if (job_is_canceled(job)) return NULL;
    if (!classes_prepare(job)) return "out of memory";
    if (job->candidate_count == 0) return NULL;
    uint64_t fitting = PIECE_BYTES / (job->size > 0 ? job->size : 1);
    size_t each = fitting < 1 ? 1 : fitting < PIECE_FILES ? (size_t)fitting : PIECE_FILES;
    backstay_status status = queue_phase(job, &comparing, job->candidate_count, each);
    // Refused as not running: abandoned meanwhile, and nobody waits for a second phase.
    return status == BACKSTAY_OK || status == BACKSTAY_NOT_RUNNING ? NULL : backstay_status_message(status);
}

static bool fingerprint_one(struct job *job, size_t index, const struct reader *reader) {
    struct stamp stamp = {0, 0, 0, 0};
    uint64_t fingerprint = 0;
    int reason = file_fingerprint(reader, job->files[index].path, job->size, &stamp, &fingerprint);
    if (reason == FILE_STOPPED) return false;
    pthread_mutex_lock(&job->lock);
    job->files[index].stamp = stamp;
    job->files[index].fingerprint = fingerprint;
    job->files[index].reason = reason;
    pthread_mutex_unlock(&job->lock);
    return true;
}

static void run_fingerprint(struct work *work, const struct scratch *scratch) {
    struct piece *piece = (struct piece *)work;
    struct job *job = piece->job;
    struct reader reader = {job_read_on, job, scratch->block, scratch->other_block};
    bool more = !job_is_canceled(job);
    for (size_t index = piece->begin; index < piece->end && more; index++) more = fingerprint_one(job, index, &reader);

    const char *failure = NULL;
    if (atomic_fetch_sub(&job->pieces_left, 1) == 1) failure = begin_second_phase(job);
    end_piece(piece, failure);
}

backstay_status compare_start(struct job *job) {
    if (pool_start() != 0) return BACKSTAY_OUT_OF_MEMORY;
    return queue_phase(job, &fingerprinting, job->file_count, PIECE_FILES);
}

static void *stall(void *unused) {
    (void)unused;
    while (pause() < 0) continue;
    return NULL;
}

backstay_status compare_stall(backstay_instance instance) {
    backstay_deferral deferral;
    backstay_status status =
        backstay_instance_get_deferral(instance, BACKSTAY_STR("stall: never looks at the cancellation"), &deferral);
    if (status != BACKSTAY_OK) return status;

    sigset_t every, before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    pthread_t thread;
    int error = pthread_create(&thread, NULL, stall, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        backstay_deferral_complete(deferral);
        return BACKSTAY_OUT_OF_MEMORY;
    }
    pthread_detach(thread);
    return BACKSTAY_OK;
}
