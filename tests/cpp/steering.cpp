// Suspending, conditions, cancellation and its tokens: what a program steers by, method by method (S1, C3, F2).
#include "check.hpp"

using backstay::Cancellation, backstay::CancelReason, backstay::Cause, backstay::Host, backstay::Instance;

static void each_level_is_suspended_and_resumed() {
    const Host host = manual_host();
    const backstay::Task task = add(host, "nothing", nothing);
    host.suspend(Cause::Network);
    task.suspend();
    CHECK(host.is_suspended() && task.is_suspended());
    const Instance instance = task.fire();
    CHECK(instance.state() == backstay::State::Pending && task.pending() == 1 && task.running() == 0);
    instance.suspend();
    host.resume();
    task.resume();
    CHECK(!host.is_suspended() && !task.is_suspended());
    instance.resume();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Succeeded && !instance.is_suspended());
    close(host);
}

static void a_checkpoint_waits_and_tells() {
    const Host host = manual_host();
    Gate is_running, is_suspended, stands_still;
    std::vector<bool> answers;
    const Instance instance = add(host, "worker", [&](const Instance &running) {
                                  answers.push_back(running.checkpoint());
                                  is_running.open();
                                  is_suspended.wait();
                                  CHECK_THROWS(TimedOut, running.checkpoint(0s));
                                  stands_still.open();
                                  answers.push_back(running.checkpoint());
                              }).fire();
    is_running.wait();
    instance.suspend();
    CHECK(instance.is_suspended());
    is_suspended.open();
    stands_still.wait();
    instance.cancel();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Canceled);
    CHECK(answers == std::vector<bool>({false, true}));
    close(host);
}

static void a_cancellation_is_waited_for() {
    const Host host = manual_host();
    const auto options = backstay::TaskOptions().with_name("waits").with_condition("go").with_run(nothing);
    const backstay::Task task = host.register_task(options);
    const Instance first = task.fire();
    const Cancellation cancellation = first.cancellation(), copy = cancellation;
    CHECK(!cancellation.is_canceled() && !cancellation.reason());
    CHECK_THROWS(TimedOut, cancellation.wait(0s));
    std::thread canceller([&] { first.cancel(CancelReason::EnergySaver); });
    CHECK(copy.wait(SOON) == CancelReason::EnergySaver);
    canceller.join();
    CHECK(cancellation.is_canceled() && copy.reason() == CancelReason::EnergySaver);
    // One that finishes by itself will never be.
    const Instance second = task.fire();
    host.set_condition("go", true);
    CHECK(host.condition("go") && !host.condition("stop"));
    CHECK(second.cancellation().wait(SOON) == std::nullopt);
    close(host);
}

static void progress_is_read_and_told() {
    const Host host = manual_host();
    Gate leave;
    Count told;
    const backstay::Task task = add(host, "worker", [&](const Instance &running) {
        running.set_progress(70);
        leave.wait();
    });
    task.on_progress([&](Instance instance, uint32_t progress) {
        CHECK(progress == 70 && instance.task().name() == "worker");
        told.add();
    });
    const Instance instance = task.fire();
    await([&] { return instance.progress() == 70; });
    host.flush(SOON);
    CHECK(told.get() == 1);
    leave.open();
    CHECK(instance.wait(SOON).progress == 70);
    instance.set_progress(99);
    CHECK(instance.progress() == 70);
    close(host);
}

static void what_a_shutdown_may_leave() {
    const Host host = manual_host();
    Gate is_running, leave;
    auto options = backstay::TaskOptions().with_name("long").with_on_shutdown(backstay::OnShutdown::Finish);
    const Instance instance = host.register_task(options.with_run([&](const Instance &running) {
                                      is_running.open();
                                      leave.wait();
                                      CHECK(!running.canceled());
                                  })).fire();
    is_running.wait();
    host.begin_shutdown(1min);
    leave.open();
    CHECK(host.wait(SOON).succeeded == 1 && !instance.canceled());
}

TESTS(TEST(each_level_is_suspended_and_resumed), TEST(a_checkpoint_waits_and_tells), TEST(a_cancellation_is_waited_for),
      TEST(progress_is_read_and_told), TEST(what_a_shutdown_may_leave))
