// With C++20, `co_await instance.finished()` gives the completion, and resumes exactly once, whenever that is.
#include "check.hpp"

using backstay::Completion, backstay::Host, backstay::Instance;

// A coroutine that nobody waits for: it destroys itself when it is done.
struct Detached {
    struct promise_type {
        Detached get_return_object() noexcept { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() { throw; }
    };
    std::coroutine_handle<promise_type> handle;
};

static Detached await_into(Instance instance, std::optional<Completion> &done, Count &resumed) {
    done = co_await instance.finished();
    resumed.add();
}

static void what_has_finished_is_not_waited_for() {
    const Host host = manual_host();
    const Instance instance = add(host, "nothing", nothing).fire();
    instance.wait(SOON);
    std::optional<Completion> done;
    Count resumed;
    await_into(instance, done, resumed);
    CHECK(resumed.get() == 1 && done->instance_id == instance.id());
    close(host);
}

static void what_finishes_later_resumes() {
    const Host host = manual_host();
    Gate leave;
    const Instance instance = add(host, "worker", [&](const Instance &) {
                                  leave.wait();
                                  throw std::runtime_error("so it ended");
                              }).fire();
    std::optional<Completion> done;
    Count resumed;
    await_into(instance, done, resumed);
    CHECK(resumed.get() == 0);
    leave.open();
    instance.wait(SOON);
    host.flush(SOON);
    CHECK(resumed.get() == 1 && done->error == "so it ended");
    close(host);
}

static Detached await_none(Count &refused) {
    try {
        co_await Instance().finished();
    } catch (const backstay::Error &error) {
        CHECK(error.status() == backstay::Status::InvalidHandle);
        refused.add();
    }
}

static void none_is_refused() {
    Count refused;
    await_none(refused);
    CHECK(refused.get() == 1);
}

static void a_coroutine_that_was_destroyed_is_not_resumed() {
    const Host host = manual_host();
    Gate leave;
    const Instance instance = add(host, "worker", [&](const Instance &) { leave.wait(); }).fire();
    std::optional<Completion> done;
    Count resumed;
    await_into(instance, done, resumed).handle.destroy();
    leave.open();
    instance.wait(SOON);
    host.flush(SOON);
    CHECK(resumed.get() == 0 && !done);
    close(host);
}

// Between the look and the suspending it finishes: then there is nobody who would resume.
static void what_finishes_meanwhile_is_not_suspended() {
    const Host host = manual_host();
    Gate leave;
    const Instance instance = add(host, "worker", [&](const Instance &) { leave.wait(); }).fire();
    auto awaiter = instance.finished();
    CHECK(!awaiter.await_ready());
    leave.open();
    instance.wait(SOON);
    CHECK(!awaiter.await_suspend(std::noop_coroutine()) && awaiter.await_resume().instance_id == instance.id());
    close(host);
}

// The finish and the awaiting race: whoever is first, the coroutine goes on once, and its frame ends once.
static void every_race_resumes_exactly_once() {
    const Host host = manual_host(1);
    constexpr int ROUNDS = 600;
    Count resumed;
    std::vector<std::optional<Completion>> done(ROUNDS);
    std::atomic<int> entered = 0, go = 0;
    const backstay::Task task = add(host, "racer", [&](const Instance &) {
        // Where one thread runs at a time, as under memcheck, the other one must get its turn.
        for (const int round = ++entered; go < round;) std::this_thread::yield();
    });
    for (int round = 1; round <= ROUNDS; round++) {
        const Instance instance = task.fire();
        await([&] { return entered == round; });
        go = round;
        // From here on it finishes at any moment; each round the awaiting begins a little later.
        for (std::atomic<int> turns = round % 300; turns > 0; turns--) {}
        await_into(instance, done[static_cast<size_t>(round - 1)], resumed);
    }
    host.drain(SOON);
    await([&] { return resumed.get() == ROUNDS; });
    host.flush(SOON);
    CHECK(resumed.get() == ROUNDS);
    for (const std::optional<Completion> &one : done) CHECK(one.has_value());
    close(host);
}

TESTS(TEST(what_has_finished_is_not_waited_for), TEST(what_finishes_later_resumes), TEST(none_is_refused),
      TEST(a_coroutine_that_was_destroyed_is_not_resumed),
      TEST(what_finishes_meanwhile_is_not_suspended), TEST(every_race_resumes_exactly_once))
