// A host lives as long as a copy of it; when the last one goes a shutdown begins that nobody waits for (H2, H8).
#include "check.hpp"

using backstay::Host, backstay::HostState, backstay::Instance;

static void the_last_copy_begins_the_shutdown() {
    // By the clock of the machine: when nobody has the host any more, nobody could advance a clock of its own.
    std::optional<Host> host = Host(), copy = host;
    Gate is_running, go_on;
    const Instance instance = add(*host, "worker", [&](const Instance &) {
                                  is_running.open();
                                  go_on.wait();
                              }).fire();
    is_running.wait();
    host.reset();
    CHECK(!instance.canceled() && copy->state() == HostState::Open);
    copy.reset();
    CHECK(instance.canceled() == backstay::CancelReason::Terminating);
    CHECK_THROWS(Closed, instance.host());
    go_on.open();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Canceled);
}

// What an entry point captures it keeps: a host that its own task keeps is ended by a shutdown only.
static void a_captured_host_stays_open() {
    Count destroyed;
    std::optional<Host> host = manual_host();
    const backstay::Task task =
        add(*host, "keeper", [kept = *host, witness = Witness(destroyed)](const Instance &) { (void)kept.state(); });
    host.reset();
    CHECK(task.fire().wait(SOON).outcome == backstay::Outcome::Succeeded);
    const Instance last = task.fire();
    last.host().begin_shutdown(0s);
    last.wait(SOON);
    await([&] { return destroyed.get() == 1 && backstay_live_handles() == 2; });
}

// An instance knows its host without keeping it.
static void an_instance_does_not_keep_its_host() {
    std::optional<Host> host = manual_host();
    std::optional<Host> seen;
    Gate is_seen;
    const Instance instance = add(*host, "asker", [&](const Instance &running) {
                                  seen = running.host();
                                  is_seen.open();
                              }).fire();
    is_seen.wait();
    instance.wait(SOON);
    host.reset();
    // Only what the entry point has kept is left.
    CHECK(seen->state() == HostState::Open && instance.host().state() == HostState::Open);
    const Host last = std::move(*seen);
    seen.reset();
    close(last);
}

static void a_destructor_never_waits() {
    Gate is_running, leave;
    const Instance instance = add(manual_host(), "worker", [&](const Instance &) {
                                  is_running.open();
                                  leave.wait();
                              }).fire();
    // The host is gone already, and its entry point may not even have begun.
    leave.open();
    CHECK(instance.wait(SOON).canceled == backstay::CancelReason::Terminating);
}

TESTS(TEST(the_last_copy_begins_the_shutdown), TEST(a_captured_host_stays_open), TEST(an_instance_does_not_keep_its_host),
      TEST(a_destructor_never_waits))
