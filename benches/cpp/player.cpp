// The player for C++: what the library costs a program that uses backstay.hpp, as such a program is written. A method
// that fails throws, and nobody catches that: it ends the player.
//
// A work with a host of its own closes it in the same sample. Those that fire share one host, which is kept from sample
// to sample, since starting its threads is not what they are about; outside of a sample it is idle.
#include "../c/countdown.h"
#include "peers.hpp"

#include <backstay.hpp>

#include <iterator>
#include <optional>
#include <vector>

namespace {

using namespace std::chrono_literals;
using backstay::Deferral;
using backstay::Host;
using backstay::Instance;
using backstay::Status;
using backstay::Task;

// ---- Hosts and tasks ------------------------------------------------------------------------------------------------

backstay::HostOptions with_workers(uint32_t workers) {
    backstay::HostOptions options;
    options.workers = workers;
    return options;
}

// Nothing may be left in it, which would be at work during the next sample.
void close(const Host &host) {
    const auto report = host.shutdown(5s);
    CHECK(report.state == backstay::HostState::Closed && report.abandoned == 0 && report.stragglers == 0);
}

Task add(const Host &host, const char *name, backstay::EntryPoint run) {
    // However far the workers are behind, no firing of a sample is to be refused.
    return host.register_task({.name = name, .max_pending = UINT32_MAX, .run = std::move(run)});
}

void nothing(const Instance &) {}

// Returns when every entry point that was fired before has returned, on a host with one worker: it runs one more.
void settle(const Host &host) { add(host, "next", nothing).fire().wait().check(); }

// What other threads count, and one waits for.
class Countdown {
  public:
    Countdown() { countdown_open(&countdown_); }
    ~Countdown() { countdown_close(&countdown_); }
    Countdown(const Countdown &) = delete;
    Countdown &operator=(const Countdown &) = delete;
    void begin(uint64_t steps) { countdown_begin(&countdown_, steps); }
    void step() { countdown_step(&countdown_); }
    void wait() { countdown_wait(&countdown_); }

  private:
    countdown countdown_{};
};

// ---- Running instances ----------------------------------------------------------------------------------------------

double play_deferral(uint64_t size) {
    const Host host(with_workers(1));
    std::optional<Deferral> held;
    const Instance instance =
        add(host, "holding", [&held](const Instance &one) { held.emplace(one.get_deferral("hold")); }).fire();
    settle(host);

    const uint64_t begin = now_ns();
    for (uint64_t pair = 0; pair < size; pair++) {
        auto deferral = instance.get_deferral("upload");
        CHECK(deferral.complete() == Status::Ok);
    }
    const double cost = cost_since(begin, size);

    CHECK(held->complete() == Status::Ok);
    instance.wait().check();
    close(host);
    return cost;
}

// From the call that cancels all of them until the last of their handlers was called.
double play_cancel_handlers(uint64_t size) {
    backstay::HostOptions options = with_workers(1);
    // Calling a million handlers takes seconds, and none of their instances is to be abandoned meanwhile.
    options.grace = 1h;
    const Host host(options);
    Countdown calls;
    // The only worker is the only one who writes to it.
    std::vector<Deferral> held;
    held.reserve(size);
    const Task task = add(host, "holding", [&](const Instance &instance) {
        held.push_back(instance.get_deferral("hold"));
        (void)instance.on_canceled([&calls](backstay::CancelReason) { calls.step(); });
    });
    for (uint64_t firing = 0; firing < size; firing++) task.fire();
    settle(host);
    CHECK(held.size() == size && task.running() == size);
    calls.begin(size);

    const uint64_t begin = now_ns();
    task.unregister(true);
    calls.wait();
    const double cost = cost_since(begin, size);

    for (Deferral &deferral : held) CHECK(deferral.complete() == Status::Ok);
    close(host);
    return cost;
}

// ---- Firings --------------------------------------------------------------------------------------------------------

// The host that is kept.
struct Kept {
    Kept() {
        (void)counted.on_completed([this] { completions.step(); });
    }
    ~Kept() { close(host); }
    Countdown completions;
    Host host{with_workers(2)};
    // A completed handler counts what ended of the first task; nobody listens to the second.
    Task counted = add(host, "counted", nothing), plain = add(host, "plain", nothing);
};

std::optional<Kept> kept;

// From the first firing until the handler has been told of the last instance.
double play_fire(uint64_t size) {
    kept->completions.begin(size);
    const uint64_t begin = now_ns();
    for (uint64_t firing = 0; firing < size; firing++) kept->counted.fire();
    kept->completions.wait();
    const double cost = cost_since(begin, size);
    kept->host.flush();
    return cost;
}

// One firing after the other, each waited for.
double play_round_trip(uint64_t size) {
    const uint64_t begin = now_ns();
    for (uint64_t trip = 0; trip < size; trip++) kept->plain.fire().wait();
    const double cost = cost_since(begin, size);
    kept->host.flush();
    return cost;
}

#ifdef HAVE_TBB
constexpr work tbb_task_group{"tbb_task_group", play_tbb_task_group, nullptr};
#else
constexpr work tbb_task_group{"tbb_task_group", nullptr, "oneTBB is not installed"};
#endif

constexpr work works[] = {
    {"deferral", play_deferral, nullptr},
    {"fire", play_fire, nullptr},
    {"round_trip", play_round_trip, nullptr},
    {"cancel_handlers", play_cancel_handlers, nullptr},
    {"stop_token", play_stop_token, nullptr},
    {"stop_callbacks", play_stop_callbacks, nullptr},
    tbb_task_group,
};

} // namespace

int main() {
    kept.emplace();
    play_works(works, std::size(works));
    kept.reset();
    CHECK(backstay_live_handles() == 0);
}
