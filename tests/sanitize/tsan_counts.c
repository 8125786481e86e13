/*
 * Tells ThreadSanitizer how Rust's reference counts order their last release.
 *
 * `Arc` is dropped by a subtraction with Release and, by whoever takes the count to 0, a fence with Acquire. A fence is
 * what ThreadSanitizer does not see, so every last drop would look like a race with the drops before it. Here the
 * subtraction acquires, too, which is what fence and subtraction mean together. The linker puts this function in the
 * place of the runtime's in the library, and in nothing else.
 *
 * So a missing Acquire after a subtraction of ours would not be told; tests/models looks for those.
 */
#include <stdint.h>

uint64_t __real___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t less, int order);
uint64_t __wrap___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t less, int order);

uint64_t __wrap___tsan_atomic64_fetch_sub(volatile uint64_t *count, uint64_t less, int order) {
    return __real___tsan_atomic64_fetch_sub(count, less, order == __ATOMIC_RELEASE ? __ATOMIC_ACQ_REL : order);
}
