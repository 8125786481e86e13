// A completion says how it ended; check() throws for Failed and Abandoned and passes the others (L9).
#include "check.hpp"

using backstay::Completion, backstay::Instance, backstay::Outcome;

template <class Wanted> static std::string thrown(const Completion &done) {
    try {
        done.check();
    } catch (const Wanted &error) {
        return error.what();
    }
    return "nothing";
}

static void succeeded_passes() {
    const backstay::Host host = manual_host();
    const Instance instance = add(host, "fine", [](const Instance &running) { running.set_progress(9); }).fire();
    const Completion done = instance.wait(SOON);
    CHECK(&done.check() == &done && done.outcome == Outcome::Succeeded && done.progress == 9);
    CHECK(done.task == "fine" && done.group.empty() && done.instance_id == instance.id());
    CHECK(done.error.empty() && done.error_type.empty() && !done.canceled && !done.noticed_after);
    // The answer of a call that ends with the line is no view of it.
    auto &&checked = instance.wait(SOON).check();
    static_assert(std::is_same_v<decltype(checked), Completion &&>);
    static_assert(std::is_same_v<decltype(instance.wait(SOON).check()), Completion>);
    CHECK(checked.task == "fine");
    close(host);
}

static void failed_throws_task_failed() {
    const backstay::Host host = manual_host();
    const Completion done =
        add(host, "bad", [](const Instance &) { throw std::runtime_error("no room"); }).fire().wait(SOON);
    CHECK(thrown<backstay::TaskFailed>(done) == "no room");
    CHECK_THROWS(Failed, done.check());
    CHECK_THROWS(Failed, Completion(done).check());
    close(host);
}

static void canceled_passes() {
    const backstay::Host host = manual_host();
    const Instance instance =
        host.register_task(backstay::TaskOptions().with_name("waits").with_condition("never").with_run(nothing)).fire();
    instance.cancel(backstay::CancelReason::QuietHoursEntered);
    const Completion done = instance.wait(SOON);
    CHECK(done.check().outcome == Outcome::Canceled && done.ran_for == 0s);
    CHECK(done.canceled == backstay::CancelReason::QuietHoursEntered);
    close(host);
}

static void abandoned_throws_task_abandoned() {
    const backstay::Host host = manual_host(1);
    std::optional<backstay::Deferral> deferral;
    Gate taken;
    const backstay::Task task = add(host, "stuck", [&](const Instance &running) {
        deferral = running.get_deferral("forgotten");
        taken.open();
    });
    const Instance instance = task.fire();
    taken.wait();
    settle(host);
    host.advance(3s);
    instance.cancel();
    host.advance(5s);
    const Completion done = instance.wait(SOON);
    CHECK(done.outcome == Outcome::Abandoned && done.holders.back().label == "forgotten" && done.ran_for == 8s);
    CHECK(thrown<backstay::TaskAbandoned>(done).find("stuck") != std::string::npos);
    CHECK_THROWS(Failed, done.check());
    deferral.reset();
    close(host);
}

static void handlers_get_the_same() {
    const backstay::Host host = manual_host();
    const backstay::Task task = add(host, "bad", [](const Instance &) { throw std::runtime_error("no room"); });
    std::vector<Completion> told;
    task.on_completed([&](Completion done) { told.push_back(std::move(done)); });
    task.on_completed([&](const Completion &done) { told.push_back(done); });
    const Completion done = task.fire().wait(SOON);
    host.flush(SOON);
    CHECK(told.size() == 2);
    for (const Completion &other : told) {
        CHECK(other.instance_id == done.instance_id && other.error == done.error && other.outcome == done.outcome);
    }
    close(host);
}

TESTS(TEST(succeeded_passes), TEST(failed_throws_task_failed), TEST(canceled_passes),
      TEST(abandoned_throws_task_abandoned), TEST(handlers_get_the_same))
