// The finish may come at any point of `co_await instance.finished()`: each is tried, and the coroutine goes on once. The
// points are where the header calls the library, so the test stands in between with a table of functions of its own.
#include <backstay_table.h>

#include "check.hpp"

static backstay_api functions = *backstay_get_api();
const backstay_api *backstay_table = &functions;

// What happens at the point that a test chooses, once.
static std::function<void()> before_attaching, before_state;

static void now(std::function<void()> &happens) {
    if (const auto once = std::exchange(happens, nullptr)) once();
}

static backstay_status attach(backstay_instance instance, backstay_completed_fn completed, void *user_data,
                              backstay_destroy_fn destroy, backstay_subscription *out) {
    now(before_attaching);
    return backstay_get_api()->instance_on_completed(instance, completed, user_data, destroy, out);
}

static backstay_status get_state(backstay_instance instance, backstay_state *out) {
    now(before_state);
    return backstay_get_api()->instance_get_state(instance, out);
}

struct Detached {
    struct promise_type {
        Detached get_return_object() noexcept { return {}; }
        std::suspend_never initial_suspend() noexcept { return {}; }
        std::suspend_never final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() { throw; }
    };
};

// What it has captured ends with its frame.
static Detached await(backstay::Instance instance, Count &resumed, Witness) {
    co_await instance.finished();
    resumed.add();
}

enum class Point { BeforeLooking, BeforeAttaching, AfterAttaching, AfterAll };

static void check_resumed_once(Point point) {
    functions.instance_on_completed = attach;
    functions.instance_get_state = get_state;
    const backstay::Host host = manual_host();
    Gate leave;
    const backstay::Instance instance = add(host, "worker", [&](const backstay::Instance &) { leave.wait(); }).fire();
    Count resumed, ended;
    const auto finish = [&] {
        leave.open();
        instance.wait(SOON);
        // Whoever is attached by now is told.
        host.flush(SOON);
    };
    if (point == Point::BeforeLooking) before_state = finish;
    if (point == Point::BeforeAttaching) before_attaching = finish;
    if (point == Point::AfterAttaching) before_attaching = [&] { before_state = finish; };
    await(instance, resumed, Witness(ended));
    CHECK(resumed.get() == (point == Point::AfterAll ? 0 : 1));
    finish();
    CHECK(resumed.get() == 1 && ended.get() == 1 && !before_attaching && !before_state);
    close(host);
}

static void finished_before_the_look() { check_resumed_once(Point::BeforeLooking); }
static void finished_after_the_look() { check_resumed_once(Point::BeforeAttaching); }
static void finished_after_the_attaching() { check_resumed_once(Point::AfterAttaching); }
static void finished_later() { check_resumed_once(Point::AfterAll); }

TESTS(TEST(finished_before_the_look), TEST(finished_after_the_look), TEST(finished_after_the_attaching),
      TEST(finished_later))
