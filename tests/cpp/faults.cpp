// Everything that is wrong with a task is told at once, each fault with its field, with and without registering (G2).
#include "check.hpp"

using backstay::Result, backstay::Status, backstay::TaskOptions, backstay::Trigger;

static bool has(const std::string &text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

static void every_fault_is_told_at_once() {
    const backstay::Host host = manual_host();
    const auto options = TaskOptions().with_trigger(Trigger::every(0s)).with_condition("").with_when_busy(
        backstay::WhenBusy::Parallel);
    const Result<void> validated = options.validate();
    CHECK(validated.status() == Status::InvalidTask);
    for (const char *field : {"name", "period", "condition", "run"}) CHECK(has(validated.text(), field));
    try {
        host.register_task(options);
        check::fail("registered", "a task without a name", __FILE__, __LINE__);
    } catch (const backstay::Error &error) {
        CHECK(error.status() == Status::InvalidTask && has(error.what(), validated.text()));
    }
    close(host);
}

static void what_no_task_could_have_is_another_status() {
    const auto negative = TaskOptions().with_name("negative").with_deadline(-1s).with_grace(-1s).with_run(nothing);
    CHECK(negative.validate().status() == Status::InvalidArgument);
    CHECK(has(negative.validate().text(), "deadline_ns") && has(negative.validate().text(), "grace_ns"));
    const auto unknown = TaskOptions().with_name("unknown").with_on_shutdown(backstay::OnShutdown(9)).with_run(nothing);
    CHECK(has(unknown.validate().text(), "on_shutdown"));
    CHECK(has(TaskOptions().with_name("\xff").with_run(nothing).validate().text(), "name: is not UTF-8"));
}

static void what_is_right_is_ok() {
    const auto options = TaskOptions().with_name("right").with_deadline(backstay::forever).with_run(nothing);
    CHECK(options.validate().ok() && options.validate().text().empty());
    CHECK(TaskOptions(options).with_trigger(Trigger::after(1ms)).validate().ok());
    CHECK(TaskOptions(options).with_trigger(Trigger::event("saved")).validate().ok());
    CHECK(TaskOptions(options).with_trigger(Trigger::manual()).validate().ok());
}

static void every_option_arrives() {
    const backstay::Host host = manual_host();
    auto options = TaskOptions().with_name("all").with_group("some").with_trigger(Trigger::every(3s)).with_condition("a");
    options.with_condition("b").with_cancel_on_condition_loss(true).with_deadline(5s).with_grace(2s);
    options.with_when_busy(backstay::WhenBusy::Queue).with_max_running(3).with_max_pending(4).with_max_failures(1);
    options.with_if_exists(backstay::IfExists::Keep).with_on_shutdown(backstay::OnShutdown::Finish);
    const backstay::Task task = host.register_task(options.with_run([](const backstay::Instance &instance) {
        CHECK(instance.deadline() == 5s && instance.remaining() == 5s);
        throw std::runtime_error("once is enough");
    }));
    CHECK(host.register_task(options) == task && task.group() == "some" && host.group_task("some", "all") == task);
    host.set_condition("a", true);
    host.advance(3s);
    CHECK(task.pending() == 1 && has(task.explain(), "b"));
    const Result<backstay::Instance> fourth = [&] {
        (void)task.fire(), (void)task.fire(), (void)task.fire();
        return task.try_fire();
    }();
    CHECK(fourth.status() == Status::CurrentlyRunning);
    host.set_condition("b", true);
    // One that fails after `enable` would disable the task once more.
    await([&] { return task.is_disabled() && task.running() + task.pending() == 0; });
    CHECK_THROWS(Disabled, task.fire());
    task.enable();
    CHECK(!task.is_disabled() && task.is_registered());
    task.unregister(true);
    CHECK(!task.is_registered());
    CHECK_THROWS(Unregistered, task.unregister(false));
    close(host);
}

static void a_lost_condition_cancels_and_busy_is_a_number() {
    const backstay::Host host = manual_host();
    Gate leave;
    auto options = TaskOptions().with_name("online").with_condition("network").with_cancel_on_condition_loss(true);
    options.with_when_busy(backstay::WhenBusy::Reject).with_max_running(2).with_run([&](const backstay::Instance &instance) {
        CHECK(instance.cancellation().wait(SOON) == backstay::CancelReason::ConditionLoss);
        leave.wait();
    });
    const backstay::Task task = host.register_task(options);
    host.set_condition("network", true);
    const backstay::Instance first = task.fire(), second = task.fire();
    CHECK_THROWS(CurrentlyRunning, task.fire());
    await([&] { return task.running() == 2; });
    host.set_condition("network", false);
    leave.open();
    CHECK(first.wait(SOON).canceled && second.wait(SOON).canceled);
    close(host);
}

TESTS(TEST(every_fault_is_told_at_once), TEST(what_no_task_could_have_is_another_status), TEST(what_is_right_is_ok),
      TEST(every_option_arrives), TEST(a_lost_condition_cancels_and_busy_is_a_number))
