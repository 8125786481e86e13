#include "classes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int by_fingerprint(const void *one, const void *other) {
    uint64_t left = ((const struct candidate *)one)->fingerprint;
    uint64_t right = ((const struct candidate *)other)->fingerprint;
    return left < right ? -1 : left > right;
}

bool classes_prepare(struct job *job) {
    struct candidate *candidates = calloc(job->file_count, sizeof *candidates);
    struct bucket *buckets = calloc(job->file_count, sizeof *buckets);
    if (candidates == NULL || buckets == NULL) {
        free(candidates);
        free(buckets);
        return false;
    }
    pthread_mutex_lock(&job->lock);
    size_t readable = 0;
    for (size_t index = 0; index < job->file_count; index++) {
        const struct file *file = &job->files[index];
        if (file->reason == 0) candidates[readable++] = (struct candidate){file->fingerprint, index, NULL};
    }
    qsort(candidates, readable, sizeof *candidates, by_fingerprint);

    size_t kept = 0, used = 0;
    for (size_t begin = 0, end; begin < readable; begin = end) {
        for (end = begin + 1; end < readable && candidates[end].fingerprint == candidates[begin].fingerprint;) end++;
        if (end - begin < 2) continue;
        buckets[used].undecided = end - begin;
        for (size_t index = begin; index < end; index++) {
            candidates[kept] = candidates[index];
            candidates[kept++].bucket = &buckets[used];
        }
        used++;
    }
    job->candidates = candidates;
    job->candidate_count = kept;
    job->buckets = buckets;
    job->bucket_count = used;
    pthread_mutex_unlock(&job->lock);
    return true;
}

static void append(struct job *job, struct class *class, size_t file) {
    if (class->count == 0) class->first = file;
    else job->files[class->last].next_equal = file;
    class->last = file;
    class->count++;
}

static void fail(struct job *job, size_t file, int reason) {
    pthread_mutex_lock(&job->lock);
    job->files[file].reason = reason;
    pthread_mutex_unlock(&job->lock);
}

// The file that stood for its class cannot be read any more: the next one stands for it. A class that is empty then
// stays so, since others have already passed it by.
static void fail_first(struct job *job, struct class *class, size_t file, int reason) {
    pthread_mutex_lock(&job->lock);
    if (class->count > 0 && class->first == file) {
        class->first = job->files[file].next_equal;
        class->count--;
        job->files[file].next_equal = NO_FILE;
        job->files[file].reason = reason;
    }
    pthread_mutex_unlock(&job->lock);
}

static struct class *class_new(const struct job *job, const struct reader *reader) {
    struct class *class = calloc(1, sizeof *class);
    if (class == NULL || job->size > FILE_BLOCK) return class;
    class->content = malloc(job->size > 0 ? (size_t)job->size : 1);
    if (class->content == NULL) {
        free(class);
        return NULL;
    }
    memcpy(class->content, reader->block, (size_t)job->size);
    return class;
}

static void class_free(struct class *class) {
    if (class == NULL) return;
    free(class->content);
    free(class);
}

enum verdict {
    EQUAL,
    DIFFERENT,
    AGAIN,  // the file that stood for the class has left it
    LEFT,   // the candidate cannot be read any more
    STOPPED,
};

// A candidate against the file that stands for a class. A small candidate is in the reader's block already.
static enum verdict compare(struct job *job, struct class *class, size_t first, size_t mine,
                            const struct reader *reader) {
    const struct file *one = &job->files[first], *other = &job->files[mine];
    if (class->content != NULL) {
        bool equal = memcmp(class->content, reader->block, (size_t)job->size) == 0;
        return equal ? EQUAL : DIFFERENT;
    }
    if (one->stamp.device == other->stamp.device && one->stamp.inode == other->stamp.inode) return EQUAL;

    struct comparison result = file_compare(reader, job->size, one->path, &one->stamp, other->path, &other->stamp);
    if (result.reason == FILE_STOPPED) return STOPPED;
    if (result.reason != 0) fail_first(job, class, first, result.reason);
    if (result.other_reason != 0) fail(job, mine, result.other_reason);
    if (result.other_reason != 0) return LEFT;
    if (result.reason != 0) return AGAIN;
    return result.equal ? EQUAL : DIFFERENT;
}

// Joins the class unless everybody has left it meanwhile.
static enum verdict join(struct job *job, struct class *class, size_t file) {
    pthread_mutex_lock(&job->lock);
    bool alive = class->count > 0;
    if (alive) append(job, class, file);
    pthread_mutex_unlock(&job->lock);
    return alive ? EQUAL : DIFFERENT;
}

// The class at `link`, and the file that stands for it. At the end of the list `fresh` is hung in, if there is one:
// under the same lock under which the end was seen, so two equal files never make two classes.
static struct class *look(struct job *job, struct class **link, struct class *fresh, size_t file, size_t *first) {
    pthread_mutex_lock(&job->lock);
    if (*link == NULL && fresh != NULL) {
        append(job, fresh, file);
        *link = fresh;
    }
    struct class *class = *link;
    *first = class != NULL && class->count > 0 ? class->first : NO_FILE;
    pthread_mutex_unlock(&job->lock);
    return class;
}

static int find_class(struct job *job, const struct candidate *candidate, const struct reader *reader) {
    struct class **link = &candidate->bucket->classes;
    struct class *fresh = NULL;
    enum verdict verdict;
    do {
        size_t first;
        struct class *class = look(job, link, fresh, candidate->file, &first);
        if (class != NULL && class == fresh) return 0;
        if (class == NULL) {
            fresh = class_new(job, reader);
            if (fresh == NULL) return ENOMEM;
            verdict = AGAIN;
            continue;
        }
        verdict = first == NO_FILE ? DIFFERENT : compare(job, class, first, candidate->file, reader);
        if (verdict == EQUAL) verdict = join(job, class, candidate->file);
        if (verdict == DIFFERENT) link = &class->next;
    } while (verdict == DIFFERENT || verdict == AGAIN);
    class_free(fresh);
    return verdict == STOPPED ? FILE_STOPPED : 0;
}

// What small files contain is needed no longer than others may be compared with it.
static void decided(struct job *job, struct bucket *bucket) {
    pthread_mutex_lock(&job->lock);
    if (--bucket->undecided == 0) {
        for (struct class *class = bucket->classes; class != NULL; class = class->next) {
            free(class->content);
            class->content = NULL;
        }
    }
    pthread_mutex_unlock(&job->lock);
}

int classes_decide(struct job *job, const struct candidate *candidate, const struct reader *reader) {
    const struct file *file = &job->files[candidate->file];
    int reason = 0;
    if (job->size <= FILE_BLOCK) reason = file_load(reader, file->path, job->size, &file->stamp);
    if (reason == FILE_STOPPED) return reason;
    if (reason != 0) {
        fail(job, candidate->file, reason);
    } else {
        int failure = find_class(job, candidate, reader);
        if (failure != 0) return failure;
    }
    decided(job, candidate->bucket);
    return 0;
}
