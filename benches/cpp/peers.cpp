#include "peers.hpp"

#include "../c/player.h"

#include <deque>
#include <stop_token>

#ifdef HAVE_TBB
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_group.h>
#endif

double play_stop_token(std::uint64_t size) {
    const std::stop_source source;
    const std::stop_token given = source.get_token();
    bool is_stopped = false;
    const std::uint64_t begin = now_ns();
    for (std::uint64_t look = 0; look < size && !is_stopped; look++) {
        const std::stop_token token = given;
        is_stopped = token.stop_requested();
    }
    const double cost = cost_since(begin, size);
    CHECK(!is_stopped);
    return cost;
}

double play_stop_callbacks(std::uint64_t size) {
    std::uint64_t calls = 0;
    const auto count = [&calls] { calls++; };
    std::stop_source source;
    // They can be neither copied nor moved, and stay where they are in a deque.
    std::deque<std::stop_callback<decltype(count)>> callbacks;
    for (std::uint64_t index = 0; index < size; index++) callbacks.emplace_back(source.get_token(), count);

    const std::uint64_t begin = now_ns();
    source.request_stop();
    const double cost = cost_since(begin, size);

    CHECK(calls == size);
    return cost;
}

#ifdef HAVE_TBB
double play_tbb_task_group(std::uint64_t size) {
    using oneapi::tbb::global_control;
    const global_control two_threads(global_control::max_allowed_parallelism, 2);
    oneapi::tbb::task_group group;
    // Its thread is started before the time begins, as that of a pool is.
    group.run_and_wait([] {});

    const std::uint64_t begin = now_ns();
    for (std::uint64_t task = 0; task < size; task++) group.run([] {});
    const auto status = group.wait();
    const double cost = cost_since(begin, size);

    CHECK(status == oneapi::tbb::task_group_status::complete);
    return cost;
}
#endif
