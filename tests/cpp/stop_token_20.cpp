// With C++20, an instance is a source of stop tokens: stopped when it is asked to stop, whenever the token was taken.
#include "check.hpp"

#if defined(__cpp_lib_jthread)

using backstay::Host, backstay::Instance;

// An instance that waits for a condition, and so is Pending until the test says otherwise.
static Instance pending(const Host &host) {
    return host.register_task(backstay::TaskOptions().with_name("waits").with_condition("go").with_run(nothing)).fire();
}

static void a_token_taken_before_is_stopped() {
    const Host host = manual_host();
    const Instance instance = pending(host);
    const std::stop_token token = instance.stop_token();
    Count called;
    const std::stop_callback callback(token, [&called] { called.add(); });
    CHECK(token.stop_possible() && !token.stop_requested());
    instance.cancel();
    host.flush(SOON);
    CHECK(token.stop_requested() && called.get() == 1);
    close(host);
}

static void a_token_taken_after_is_stopped_at_once() {
    const Host host = manual_host();
    Gate is_running, go_on;
    const Instance instance = add(host, "worker", [&](const Instance &) {
                                  is_running.open();
                                  go_on.wait();
                              }).fire();
    is_running.wait();
    instance.cancel();
    CHECK(instance.stop_token().stop_requested());
    go_on.open();
    instance.wait(SOON);
    CHECK(instance.stop_token().stop_requested());
    close(host);
}

static void a_token_of_what_finished_by_itself_never_is() {
    const Host host = manual_host();
    const Instance instance = add(host, "nothing", nothing).fire();
    const std::stop_token before = instance.stop_token();
    instance.wait(SOON);
    host.flush(SOON);
    const std::stop_token after = instance.stop_token();
    CHECK(!before.stop_requested() && !after.stop_requested() && !before.stop_possible() && !after.stop_possible());
    close(host);
}

static void a_token_may_outlive_everything() {
    std::stop_token token;
    {
        const Host host = manual_host();
        const Instance instance = pending(host);
        token = instance.stop_token();
        close(host);
    }
    CHECK(token.stop_requested());
    CHECK_THROWS(InvalidHandle, Instance().stop_token());
}

TESTS(TEST(a_token_taken_before_is_stopped), TEST(a_token_taken_after_is_stopped_at_once),
      TEST(a_token_of_what_finished_by_itself_never_is), TEST(a_token_may_outlive_everything))

#else

// The standard library of this compiler has no stop tokens, so there is nothing to promise.
TESTS()

#endif
