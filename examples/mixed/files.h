// Reading files that others may change, replace or remove at any moment. Nothing here knows of backstay or of Python.
#ifndef MIXED_FILES_H
#define MIXED_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Files are read in blocks of this size: small enough that a cancellation is noticed soon.
#define FILE_BLOCK ((size_t)64 * 1024)

// Why a file could not be read: 0 is none, a positive number is an errno, the others are here.
#define FILE_NOT_REGULAR (-1)
#define FILE_LENGTH (-2)
#define FILE_CHANGED (-3)
#define FILE_STOPPED (-4)  // not a fault of the file: `read_on` said to stop

// What tells that a path still leads to the same, unchanged file.
struct stamp {
    uint64_t device;
    uint64_t inode;
    int64_t seconds;  // when it was last written
    int64_t nanoseconds;
};

// Is told of all that is read. On false the reading ends with FILE_STOPPED.
struct reader {
    bool (*read_on)(void *context, size_t bytes);
    void *context;
    unsigned char *block;  // FILE_BLOCK bytes each, for the caller's thread alone
    unsigned char *other_block;
};

// Hashes the first and the last 16 KiB, or everything when that is no more. `size` is what the directory said: a file
// of another length is a fault. Gives 0 or a reason.
int file_fingerprint(const struct reader *reader, const char *path, uint64_t size, struct stamp *stamp,
                     uint64_t *fingerprint);

// Reads a whole file of at most FILE_BLOCK bytes into reader->block. It must still be the file of `stamp`.
int file_load(const struct reader *reader, const char *path, uint64_t size, const struct stamp *stamp);

struct comparison {
    bool equal;        // meaningful when both reasons are 0
    int reason;        // why the first file could not be read, or FILE_STOPPED
    int other_reason;  // why the second could not
};

// Compares two files of one size byte for byte.
struct comparison file_compare(const struct reader *reader, uint64_t size, const char *path, const struct stamp *stamp,
                               const char *other_path, const struct stamp *other_stamp);

#endif
