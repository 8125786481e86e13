// A drain report names everybody who was left, however many they are and however long the text is (H2, H4).
#include "check.hpp"

using backstay::DrainReport, backstay::HostState, backstay::Instance;

// A host on which one instance is held by so many deferrals.
struct Held {
    explicit Held(size_t count) {
        Gate taken;
        instance = add(host, "held", [&](const Instance &running) {
                       for (size_t index = 0; index < count; index++) {
                           deferrals.push_back(running.get_deferral("holder number " + std::to_string(index)));
                       }
                       taken.open();
                   }).fire();
        taken.wait();
        settle(host);
        CHECK(host.holders().size() == count);
    }
    backstay::Host host = manual_host(1);
    std::vector<backstay::Deferral> deferrals;
    Instance instance;
};

static void check_holders(const DrainReport &report, size_t count) {
    CHECK(report.holders.size() == count);
    for (size_t index = 0; index < count; index++) {
        const std::string label = "holder number " + std::to_string(index);
        CHECK(report.holders[index].label == label && report.holders[index].task == "held");
        CHECK(report.text.find(label) != std::string::npos);
    }
    CHECK(!report.text.empty() && report.text.find('\0') == std::string::npos);
}

static void everybody_is_named() {
    for (const size_t count : std::initializer_list<size_t>{1, 15, 16, 17, 100}) {
        Held held(count);
        const DrainReport report = held.host.shutdown(0s);
        CHECK(report.state == HostState::Closed && report.finished() == 1 && report.abandoned == 1);
        CHECK(report.remaining == 0 && report.stragglers == 0);
        check_holders(report, count);
        // Whoever asks later is told the same.
        check_holders(held.host.wait(0s), count);
    }
}

static void a_drain_whose_time_is_over_names_them_too() {
    Held held(40);
    const DrainReport report = held.host.drain(0s);
    CHECK(report.state == HostState::Draining && report.remaining == 1 && report.finished() == 0);
    check_holders(report, 40);
    held.deferrals.clear();
    held.instance.wait(SOON);
    CHECK(held.host.shutdown(0s).succeeded == 1);
}

static void a_drain_of_what_ends_is_closed() {
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    host.suspend();
    for (int round = 0; round < 3; round++) (void)task.fire();
    host.begin_drain(SOON);
    host.resume();
    const DrainReport report = host.wait(SOON);
    CHECK(report.state == HostState::Closed && report.succeeded == 3 && report.holders.empty());
    CHECK(host.state() == HostState::Closed);
    CHECK_THROWS(Closed, task.fire());
}

static void whoever_begins_it_the_report_is_waited_for() {
    const backstay::Host host = manual_host();
    CHECK_THROWS(TimedOut, host.wait(0s));
    Gate is_waiting;
    std::thread main([&] {
        is_waiting.open();
        CHECK(host.wait(SOON).state == HostState::Closed);
    });
    is_waiting.wait();
    host.begin_shutdown(1s);
    main.join();
    host.begin_drain(0s);
    CHECK(host.state() == HostState::Closed);
}

TESTS(TEST(everybody_is_named), TEST(a_drain_whose_time_is_over_names_them_too), TEST(a_drain_of_what_ends_is_closed),
      TEST(whoever_begins_it_the_report_is_waited_for))
