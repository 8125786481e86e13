#define _POSIX_C_SOURCE 200809L

#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// How much of either end of a large file goes into its fingerprint.
#define FINGERPRINT_END ((size_t)16 * 1024)

static struct stamp stamp_of(const struct stat *status) {
    return (struct stamp){(uint64_t)status->st_dev, (uint64_t)status->st_ino, (int64_t)status->st_mtim.tv_sec,
                          (int64_t)status->st_mtim.tv_nsec};
}

static bool same_stamp(const struct stamp *one, const struct stamp *other) {
    return one->device == other->device && one->inode == other->inode && one->seconds == other->seconds &&
           one->nanoseconds == other->nanoseconds;
}

// The walk saw a regular file, but by now the path may lead to anything: a symbolic link is not followed, a FIFO does
// not block, a terminal does not become ours.
static int open_regular(const char *path, uint64_t size, struct stamp *stamp, int *descriptor) {
    int opened;
    do opened = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    while (opened < 0 && errno == EINTR);
    if (opened < 0) return errno == ELOOP || errno == ENXIO ? FILE_NOT_REGULAR : errno;

    struct stat status;
    int reason = 0;
    if (fstat(opened, &status) != 0) reason = errno;
    else if (!S_ISREG(status.st_mode)) reason = FILE_NOT_REGULAR;
    else if (status.st_size < 0 || (uint64_t)status.st_size != size) reason = FILE_LENGTH;
    if (reason != 0) {
        close(opened);
        return reason;
    }
    *stamp = stamp_of(&status);
    *descriptor = opened;
    return 0;
}

static int open_again(const char *path, uint64_t size, const struct stamp *expected, int *descriptor) {
    struct stamp found;
    int reason = open_regular(path, size, &found, descriptor);
    if (reason == 0 && !same_stamp(&found, expected)) {
        close(*descriptor);
        reason = FILE_CHANGED;
    }
    return reason;
}

// Reads exactly `length` bytes; fewer mean that the file is not as long as it says.
static int read_exactly(int descriptor, unsigned char *buffer, size_t length, uint64_t offset) {
    size_t done = 0;
    while (done < length) {
        ssize_t got = pread(descriptor, buffer + done, length - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno;
        if (got == 0) return FILE_LENGTH;
        done += (size_t)got;
    }
    return 0;
}

// Files as under /proc say that they are empty and are not, so the end has to be seen; and a file that was written
// while it was read may be equal to another one that never existed like that.
static int check_end(int descriptor, uint64_t size, const struct stamp *stamp) {
    unsigned char beyond;
    ssize_t got;
    do got = pread(descriptor, &beyond, 1, (off_t)size);
    while (got < 0 && errno == EINTR);
    if (got < 0) return errno;
    if (got > 0) return FILE_LENGTH;

    struct stat status;
    if (fstat(descriptor, &status) != 0) return errno;
    struct stamp now = stamp_of(&status);
    return (uint64_t)status.st_size == size && same_stamp(&now, stamp) ? 0 : FILE_CHANGED;
}

static uint64_t scramble(uint64_t value) {
    value ^= value >> 30;
    value *= UINT64_C(0xbf58476d1ce4e5b9);
    value ^= value >> 27;
    value *= UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

// Need not resist malice: equal fingerprints only say which files are worth comparing.
static uint64_t hash(uint64_t seed, const unsigned char *bytes, size_t length) {
    uint64_t result = seed ^ (length * UINT64_C(0x9e3779b97f4a7c15));
    while (length > 0) {
        uint64_t word = 0;
        size_t step = length < sizeof word ? length : sizeof word;
        memcpy(&word, bytes, step);
        result = scramble(result ^ word) + UINT64_C(0x9e3779b97f4a7c15);
        bytes += step;
        length -= step;
    }
    return result;
}

int file_fingerprint(const struct reader *reader, const char *path, uint64_t size, struct stamp *stamp,
                     uint64_t *fingerprint) {
    int descriptor;
    int reason = open_regular(path, size, stamp, &descriptor);
    if (reason != 0) return reason;

    bool whole = size <= 2 * FINGERPRINT_END;
    size_t head = whole ? (size_t)size : FINGERPRINT_END;
    size_t tail = whole ? 0 : FINGERPRINT_END;
    reason = read_exactly(descriptor, reader->block, head, 0);
    if (reason == 0) reason = read_exactly(descriptor, reader->block + head, tail, size - tail);
    if (reason == 0) reason = check_end(descriptor, size, stamp);
    close(descriptor);
    if (reason != 0) return reason;

    *fingerprint = hash(0, reader->block, head + tail);
    return reader->read_on(reader->context, head + tail) ? 0 : FILE_STOPPED;
}

int file_load(const struct reader *reader, const char *path, uint64_t size, const struct stamp *stamp) {
    int descriptor;
    int reason = open_again(path, size, stamp, &descriptor);
    if (reason != 0) return reason;
    reason = read_exactly(descriptor, reader->block, (size_t)size, 0);
    if (reason == 0) reason = check_end(descriptor, size, stamp);
    close(descriptor);
    if (reason != 0) return reason;
    return reader->read_on(reader->context, (size_t)size) ? 0 : FILE_STOPPED;
}

static struct comparison compare_open(const struct reader *reader, uint64_t size, int descriptor, int other) {
    struct comparison result = {true, 0, 0};
    for (uint64_t offset = 0; offset < size && result.equal; offset += FILE_BLOCK) {
        size_t length = size - offset < FILE_BLOCK ? (size_t)(size - offset) : FILE_BLOCK;
        result.reason = read_exactly(descriptor, reader->block, length, offset);
        if (result.reason != 0) return result;
        result.other_reason = read_exactly(other, reader->other_block, length, offset);
        if (result.other_reason != 0) return result;
        result.equal = memcmp(reader->block, reader->other_block, length) == 0;
        if (!reader->read_on(reader->context, 2 * length)) {
            result.reason = FILE_STOPPED;
            return result;
        }
    }
    return result;
}

struct comparison file_compare(const struct reader *reader, uint64_t size, const char *path, const struct stamp *stamp,
                               const char *other_path, const struct stamp *other_stamp) {
    struct comparison result = {false, 0, 0};
    int descriptor, other;
    result.reason = open_again(path, size, stamp, &descriptor);
    if (result.reason != 0) return result;
    result.other_reason = open_again(other_path, size, other_stamp, &other);
    if (result.other_reason == 0) {
        result = compare_open(reader, size, descriptor, other);
        if (result.reason == 0 && result.other_reason == 0) {
            result.reason = check_end(descriptor, size, stamp);
            result.other_reason = check_end(other, size, other_stamp);
        }
        close(other);
    }
    close(descriptor);
    return result;
}
