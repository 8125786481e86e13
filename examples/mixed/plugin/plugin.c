// Sums of files (Adler-32, as in RFC 1950), each on a thread of its own.
//
//   cc -std=c11 -shared -fPIC -pthread -Wl,-z,nodelete plugin.c -o plugin.so -I…     the folder of backstay_table.h

#define _POSIX_C_SOURCE 200809L
#include "plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const backstay_api *backstay_table;
static plugin_done_fn tell;

struct work {
    backstay_deferral given, reading;
    char path[];
};

bool plugin_start(const backstay_api *table, plugin_done_fn done, char *why, size_t capacity) {
    // Nothing of the table may be used before this is known.
    if (table->abi_major != BACKSTAY_ABI_MAJOR) {
        snprintf(why, capacity,
                 "it was compiled for ABI %u of backstay, and the application has ABI %u; compile it again",
                 (unsigned)BACKSTAY_ABI_MAJOR, (unsigned)table->abi_major);
        return false;
    }
    if (table->size < sizeof(backstay_api)) {
        snprintf(why, capacity, "it was compiled for backstay %s or newer, and the application has an older one",
                 BACKSTAY_VERSION);
        return false;
    }
    backstay_table = table;
    tell = done;
    return true;
}

static backstay_str text(const char *string) {
    return (backstay_str){string, strlen(string)};
}

// Reads until the end of the file, or until the sum is no longer wanted. 0, or why it could not be read.
static int sum_up(const struct work *work, uint32_t *sum, bool *is_canceled) {
    unsigned char block[65536];
    char note[64];
    long long total = 0;
    uint32_t low = 1, high = 0;
    const int file = open(work->path, O_RDONLY | O_CLOEXEC);
    if (file < 0) return errno;
    ssize_t count;
    while ((count = read(file, block, sizeof block)) > 0) {
        for (ssize_t index = 0; index < count; index++) {
            low = (low + block[index]) % 65521;
            high = (high + low) % 65521;
        }
        snprintf(note, sizeof note, "%lld bytes", total += count);
        backstay_deferral_set_note(work->reading, text(note));
        backstay_deferral_is_canceled(work->reading, is_canceled, NULL);
        if (*is_canceled) break;
    }
    const int problem = count < 0 ? errno : 0;
    close(file);
    *sum = high << 16 | low;
    return problem;
}

static void *run(void *argument) {
    struct work *work = argument;
    uint32_t sum = 0;
    bool is_canceled = false;
    const int problem = sum_up(work, &sum, &is_canceled);
    // Two holds, in any order: the instance ends with the last of them.
    backstay_deferral_complete(work->reading);
    if (problem != 0) {
        backstay_deferral_fail(work->given, text(strerror(problem)));
    } else if (is_canceled) {
        backstay_deferral_complete(work->given);
    } else {
        tell(work->given, sum);
    }
    free(work);
    return NULL;
}

void plugin_sum(backstay_instance lent, backstay_deferral given, const char *path) {
    pthread_t thread;
    const size_t size = strlen(path) + 1;
    struct work *work = malloc(sizeof *work + size);
    if (work == NULL) {
        backstay_deferral_fail(given, BACKSTAY_STR("no memory"));
        return;
    }
    memcpy(work->path, path, size);
    work->given = given;
    // A hold of its own besides: a report tells this line, and what the thread is doing. Without one it goes on.
    work->reading = (backstay_deferral){0};
    backstay_instance_get_deferral(lent, BACKSTAY_STR("reading"), &work->reading);
    const int problem = pthread_create(&thread, NULL, run, work);
    if (problem == 0) {
        pthread_detach(thread);
        return;
    }
    backstay_deferral_release(work->reading);
    backstay_deferral_fail(given, text(strerror(problem)));
    free(work);
}
