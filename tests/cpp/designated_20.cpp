// With C++20, options are written by their fields, as the guide shows.
#include "check.hpp"

using backstay::Instance;

static void a_task_is_described_by_its_fields() {
    const backstay::Host host({.workers = 1, .grace = 2s, .manual_clock = true});
    CHECK(host.grace() == 2s);
    const auto copy = host.register_task({.name = "copy", .deadline = 30s, .run = [](backstay::Instance instance) {
                                              auto deferral = instance.get_deferral("upload");
                                              CHECK(instance.deadline() == 30s);
                                              std::thread([d = std::move(deferral)]() mutable { d.complete(); }).detach();
                                          }});
    auto instance = copy.fire("photo.jpg");
    instance.on_canceled([](backstay::CancelReason) {});
    CHECK(instance.wait(SOON).check().outcome == backstay::Outcome::Succeeded);
    const auto clock = host.register_task({
        .name = "clock",
        .group = "times",
        .trigger = backstay::Trigger::every(15min),
        .conditions = {"network", "power"},
        .when_busy = backstay::WhenBusy::Coalesce,
        .run = nothing,
    });
    CHECK(clock.group() == "times");
    host.advance(15min);
    CHECK(clock.pending() == 1);
    close(host);
}

TESTS(TEST(a_task_is_described_by_its_fields))
