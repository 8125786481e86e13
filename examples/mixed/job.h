// What is known of one group of files of one size: the C side of one backstay instance.
//
// A job is owned by everybody who counts in `references`: the table of jobs until its results are taken, and each piece
// of work. So an instance that was abandoned leaves nothing behind, however late its last piece ends.
#ifndef MIXED_JOB_H
#define MIXED_JOB_H

#include <backstay_table.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "files.h"

#define NO_FILE SIZE_MAX

struct file {
    const char *path;
    struct stamp stamp;
    uint64_t fingerprint;
    size_t next_equal;  // the next file of the same class, or NO_FILE
    int reason;         // why it cannot take part; 0 while it can
};

// Files that are equal byte for byte, as a chain of indices. Empty when nobody in it could be read any more.
struct class {
    struct class *next;
    size_t first, last, count;
    unsigned char *content;  // of small files, while others are still to be compared with it
};

// Files of one fingerprint.
struct bucket {
    struct class *classes;
    size_t undecided;  // files that have no class yet
};

struct candidate {
    uint64_t fingerprint;
    size_t file;
    struct bucket *bucket;
};

struct job {
    atomic_size_t references;
    backstay_instance instance;  // a handle of its own, released with the job
    uint8_t id[16];
    struct job *next_in_table;

    uint64_t size;  // of each file
    size_t file_count;
    struct file *files;
    char *paths;  // what the paths point into

    atomic_size_t pieces_left;  // of the phase that runs
    _Atomic uint64_t bytes_read;

    pthread_mutex_t lock;  // held briefly, never while reading; guards what follows and the fields of files
    uint32_t reported;     // progress: blocks of 4 KiB read, the last number told
    size_t candidate_count;
    struct candidate *candidates;
    size_t bucket_count;
    struct bucket *buckets;
};

// Makes a job with one reference, the caller's. `paths` are zero-terminated, one behind the other; both `paths` and
// `instance` belong to the job from now on, unless NULL is returned.
struct job *job_new(backstay_instance instance, const uint8_t id[16], uint64_t size, size_t file_count, char *paths);

void job_retain(struct job *job);
void job_release(struct job *job);

// Whether the instance was asked to stop.
bool job_is_canceled(const struct job *job);

// Counts bytes and, every 256 KiB, tells the progress; false when the work is to stop. A `read_on` of struct reader.
bool job_read_on(void *job, size_t bytes);

// Tells the progress as it is now.
void job_report(struct job *job);

// The table of jobs whose results nobody has taken yet. The table has a reference of its own.
void table_put(struct job *job);
struct job *table_take(const uint8_t id[16]);  // with the table's reference; NULL when there is none

#endif
