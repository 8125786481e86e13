// Whatever can be moved can be captured: by entry points, which are copied, and by handlers (Callbacks).
#include "check.hpp"

using backstay::Instance;

static void an_entry_point_owns_what_it_captures() {
    Count destroyed;
    {
        const backstay::Host host = manual_host();
        backstay::TaskOptions options;
        int seen = 0;
        options.with_name("owner").with_run([&seen, number = std::make_unique<int>(7), witness = Witness(destroyed)](
                                                Instance) { seen = *number; });
        const backstay::TaskOptions copy = options; // shares the callable
        const backstay::Task task = host.register_task(copy);
        options = {};
        task.fire().wait(SOON);
        CHECK(seen == 7);
        close(host);
        CHECK(destroyed.get() == 0);
    }
    await([&] { return destroyed.get() == 1; });
}

static void an_entry_point_may_be_called_with_a_reference_or_a_copy() {
    const backstay::Host host = manual_host();
    std::optional<Instance> kept;
    add(host, "reference", [&](const Instance &instance) { kept = instance; }).fire().wait(SOON);
    CHECK(kept->state() == backstay::State::Finished && kept->task().name() == "reference");
    add(host, "copy", [&](Instance instance) { kept = std::move(instance); }).fire().wait(SOON);
    CHECK(kept->task().name() == "copy");
    add(host, "anything", [&](auto &&instance) { kept = instance; }).fire().wait(SOON);
    CHECK(kept->task().name() == "anything");
    kept.reset();
    close(host);
}

static void a_handler_owns_what_it_captures() {
    Count destroyed, called;
    const backstay::Host host = manual_host();
    Gate is_running, go_on;
    const backstay::Task task = add(host, "worker", [&](const Instance &instance) {
        is_running.open();
        go_on.wait();
        instance.set_progress(3);
    });
    const auto number = [&destroyed] { return std::make_pair(std::make_unique<int>(5), Witness(destroyed)); };
    const Instance instance = task.fire();
    is_running.wait();
    task.on_progress([&called, owned = number()](const Instance &, uint32_t progress) {
        CHECK(*owned.first == 5 && progress == 3);
        called.add();
    });
    task.on_completed([&called, owned = number()](const backstay::Completion &) { called.add(); });
    instance.on_canceled([&called, owned = number()](const Instance &, backstay::CancelReason) { called.add(); });
    host.on_event([&called, owned = number()](const backstay::Event &event) {
        if (event.kind == backstay::EventKind::Completed) called.add();
    });
    instance.cancel();
    go_on.open();
    instance.wait(SOON);
    host.flush(SOON);
    CHECK(called.get() == 4);
    close(host);
    await([&] { return destroyed.get() == 4; });
}

// The deferral goes from the entry point into a handler, and ends the instance when that is destroyed.
static void a_handler_may_hold_the_instance() {
    const backstay::Host host = manual_host();
    Gate attached;
    std::optional<backstay::Subscription> subscription;
    const backstay::Task task = add(host, "held", [&](Instance instance) {
        subscription = instance.on_canceled([deferral = instance.get_deferral("in a handler")](
                                                backstay::CancelReason) mutable { deferral.complete(); });
        attached.open();
    });
    const Instance completed = task.fire();
    attached.wait();
    completed.cancel();
    CHECK(completed.wait(SOON).dropped.empty());
    close(host);
}

static void cancelling_the_handler_ends_the_hold() {
    const backstay::Host host = manual_host();
    Gate attached;
    std::optional<backstay::Subscription> subscription;
    const Instance instance = add(host, "held", [&](Instance running) {
                                  subscription = running.on_canceled(
                                      [deferral = running.get_deferral("in a handler")](backstay::CancelReason) {});
                                  attached.open();
                              }).fire();
    attached.wait();
    subscription->cancel();
    CHECK(instance.wait(SOON).dropped.at(0).label == "in a handler");
    subscription.reset();
    close(host);
}

static void a_deferral_goes_to_a_thread() {
    const backstay::Host host = manual_host();
    std::thread worker;
    const Instance instance = add(host, "threaded", [&](Instance running) {
                                  worker = std::thread([deferral = running.get_deferral()]() mutable { deferral.complete(); });
                              }).fire();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Succeeded);
    worker.join();
    close(host);
}

TESTS(TEST(an_entry_point_owns_what_it_captures), TEST(an_entry_point_may_be_called_with_a_reference_or_a_copy),
      TEST(a_handler_owns_what_it_captures), TEST(a_handler_may_hold_the_instance),
      TEST(cancelling_the_handler_ends_the_hold), TEST(a_deferral_goes_to_a_thread))
