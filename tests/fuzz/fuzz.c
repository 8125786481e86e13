/*
 * Sequences of calls with arbitrary handles, for libFuzzer: up to 64 operations a run, which the bytes of the input
 * choose and supply with everything. What is checked stands in world.h; how to run it, in tests/fuzz/run.
 */
#include "world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    operation *const *const lists[] = {host_operations,     task_operations,  instance_operations,
                                       deferral_operations, other_operations, task_operations};
    struct input input = {data, data + size};
    begin_world();
    for (int step = 0; step < 64 && input.at < input.end && has_room(); step++) {
        operation *const *list = lists[below(&input, sizeof lists / sizeof *lists)];
        unsigned count = 0;
        while (list[count] != NULL) count++;
        list[below(&input, count)](&input);
    }
    end_world();
    return 0;
}
