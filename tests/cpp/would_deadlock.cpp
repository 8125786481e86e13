// What would wait for itself is refused, and begin_shutdown works from anywhere (E8).
#include "check.hpp"

using backstay::Host, backstay::Instance;

static void check_refused(const Host &host) {
    CHECK_THROWS(WouldDeadlock, host.flush(SOON));
    CHECK_THROWS(WouldDeadlock, host.advance(1s));
    CHECK_THROWS(WouldDeadlock, host.drain(SOON));
    CHECK_THROWS(WouldDeadlock, host.shutdown(SOON));
    CHECK_THROWS(WouldDeadlock, host.wait(SOON));
}

static void in_an_entry_point() {
    const Host host = manual_host();
    const backstay::Completion done = add(host, "self", [&](const Instance &instance) {
                                          check_refused(host);
                                          check_refused(instance.host());
                                          CHECK_THROWS(WouldDeadlock, instance.wait(SOON));
                                      }).fire().wait(SOON);
    CHECK(done.check().error.empty());
    close(host);
}

static void in_a_handler() {
    const Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    Count called;
    task.on_completed([&](const backstay::Completion &) {
        check_refused(host);
        called.add();
    });
    host.on_event([&](const backstay::Event &event) {
        if (event.kind == backstay::EventKind::Fired) check_refused(event.instance.host());
        called.add();
    });
    task.fire().wait(SOON);
    host.flush(SOON);
    CHECK(called.get() == 4);
    close(host);
}

static void a_handler_may_begin_the_end() {
    const Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    task.on_completed([&] { host.begin_shutdown(SOON); });
    (void)task.fire();
    CHECK(host.wait(SOON).state == backstay::HostState::Closed);
}

TESTS(TEST(in_an_entry_point), TEST(in_a_handler), TEST(a_handler_may_begin_the_end))
