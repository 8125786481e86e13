/*
 * Where a work waits until pieces that other threads do have all been done. The same for the library and for its peers,
 * in C and in C++, so that what is compared is what comes before it.
 */
#ifndef COUNTDOWN_H
#define COUNTDOWN_H

#include "player.h"

#include <semaphore.h>

struct countdown {
    /* Atomic; the two languages share its functions, but no type for it. */
    uint64_t left;
    sem_t is_over;
};

static inline void countdown_open(struct countdown *countdown) {
    CHECK(sem_init(&countdown->is_over, 0, 0) == 0);
}

static inline void countdown_close(struct countdown *countdown) {
    CHECK(sem_destroy(&countdown->is_over) == 0);
}

/* Sets how many steps there will be; one countdown is used again and again. */
static inline void countdown_begin(struct countdown *countdown, uint64_t steps) {
    __atomic_store_n(&countdown->left, steps, __ATOMIC_RELEASE);
}

/* One step, on any thread. The last one wakes who waits; every other one costs one atomic operation. */
static inline void countdown_step(struct countdown *countdown) {
    if (__atomic_sub_fetch(&countdown->left, 1, __ATOMIC_ACQ_REL) == 0) CHECK(sem_post(&countdown->is_over) == 0);
}

/* Waits for the last step, which is seen with all that came before it. */
static inline void countdown_wait(struct countdown *countdown) {
    while (sem_wait(&countdown->is_over) != 0) CHECK(errno == EINTR);
}

#endif
