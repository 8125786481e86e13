// What the works over the C++ header are measured against.
#ifndef PEERS_HPP
#define PEERS_HPP

#include <cstdint>

// A std::stop_token copied, asked and dropped.
double play_stop_token(std::uint64_t size);

// request_stop() on a std::stop_source with so many callbacks.
double play_stop_callbacks(std::uint64_t size);

// From the first of so many empty tasks in a tbb::task_group until all have run, with two threads: one of them is the
// caller's own, which works along while it waits. Only where oneTBB is installed.
double play_tbb_task_group(std::uint64_t size);

#endif // PEERS_HPP
