#include "job.h"

#include <stdlib.h>
#include <string.h>

#define PROGRESS_UNIT 4096
#define PROGRESS_STEP 64  // units; each report wakes a Python handler, so there are not to be too many

struct job *job_new(backstay_instance instance, const uint8_t id[16], uint64_t size, size_t file_count, char *paths) {
    struct job *job = calloc(1, sizeof *job);
    if (job == NULL) return NULL;
    job->files = calloc(file_count, sizeof *job->files);
    if (job->files == NULL || pthread_mutex_init(&job->lock, NULL) != 0) {
        free(job->files);
        free(job);
        return NULL;
    }
    atomic_init(&job->references, 1);
    atomic_init(&job->pieces_left, 0);
    atomic_init(&job->bytes_read, 0);
    job->instance = instance;
    memcpy(job->id, id, sizeof job->id);
    job->size = size;
    job->file_count = file_count;
    job->paths = paths;
    for (size_t index = 0; index < file_count; index++) {
        job->files[index].path = paths;
        job->files[index].next_equal = NO_FILE;
        paths += strlen(paths) + 1;
    }
    return job;
}

static void job_free(struct job *job) {
    for (size_t index = 0; index < job->bucket_count; index++) {
        struct class *class = job->buckets[index].classes;
        while (class != NULL) {
            struct class *next = class->next;
            free(class->content);
            free(class);
            class = next;
        }
    }
    backstay_instance_release(job->instance);
    pthread_mutex_destroy(&job->lock);
    free(job->buckets);
    free(job->candidates);
    free(job->files);
    free(job->paths);
    free(job);
}

void job_retain(struct job *job) {
    atomic_fetch_add_explicit(&job->references, 1, memory_order_relaxed);
}

void job_release(struct job *job) {
    if (atomic_fetch_sub_explicit(&job->references, 1, memory_order_acq_rel) == 1) job_free(job);
}

bool job_is_canceled(const struct job *job) {
    bool canceled = false;
    backstay_status status = backstay_instance_is_canceled(job->instance, &canceled, NULL);
    return status != BACKSTAY_OK || canceled;
}

static void report(struct job *job, uint32_t step) {
    uint64_t units = atomic_load(&job->bytes_read) / PROGRESS_UNIT;
    uint32_t progress = units < UINT32_MAX ? (uint32_t)units : UINT32_MAX;
    // Under the lock, so that a late thread does not set an older number after a newer one.
    pthread_mutex_lock(&job->lock);
    if (progress > job->reported && progress - job->reported >= step) {
        job->reported = progress;
        backstay_instance_set_progress(job->instance, progress);
    }
    pthread_mutex_unlock(&job->lock);
}

bool job_read_on(void *context, size_t bytes) {
    struct job *job = context;
    atomic_fetch_add(&job->bytes_read, bytes);
    report(job, PROGRESS_STEP);
    return !job_is_canceled(job);
}

void job_report(struct job *job) {
    report(job, 1);
}

// Ids are random, so any part of one is a good place in the table.
#define TABLE_PLACES 1024

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *table[TABLE_PLACES];

static struct job **place_of(const uint8_t id[16]) {
    return &table[((size_t)id[0] << 8 | id[1]) % TABLE_PLACES];
}

void table_put(struct job *job) {
    job_retain(job);
    pthread_mutex_lock(&table_lock);
    struct job **place = place_of(job->id);
    job->next_in_table = *place;
    *place = job;
    pthread_mutex_unlock(&table_lock);
}

struct job *table_take(const uint8_t id[16]) {
    pthread_mutex_lock(&table_lock);
    struct job **link = place_of(id);
    while (*link != NULL && memcmp((*link)->id, id, sizeof (*link)->id) != 0) link = &(*link)->next_in_table;
    struct job *job = *link;
    if (job != NULL) *link = job->next_in_table;
    pthread_mutex_unlock(&table_lock);
    return job;
}
