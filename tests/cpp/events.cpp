// A host tells everything that happens to its instances, in order, with what belongs to it.
#include "check.hpp"

using backstay::Event, backstay::EventKind, backstay::Instance;

// What was told, copied out of the call that told it.
struct Told {
    EventKind kind;
    Instance instance;
    std::string text;
    std::optional<backstay::CancelReason> reason;
    std::optional<backstay::Outcome> outcome;
    std::optional<uint32_t> progress;
};

static std::vector<Told> told_of(const backstay::Host &host, const std::function<void()> &happens) {
    std::vector<Told> told;
    const backstay::Subscription subscription = host.on_event([&told](const Event &event) {
        CHECK(event.instance.id() == event.instance_id && event.task == "worker" && event.group == "group");
        std::string text(event.label);
        for (const std::string_view condition : event.conditions) text += std::string(condition) + ",";
        told.push_back({event.kind, event.instance, text, event.reason, event.outcome, event.progress});
    });
    happens();
    host.flush(SOON);
    subscription.cancel();
    return told;
}

static void a_life_is_told_in_order() {
    const backstay::Host host = manual_host();
    Gate is_running, go_on;
    std::optional<backstay::Deferral> deferral;
    const auto options = backstay::TaskOptions().with_name("worker").with_group("group").with_condition("a").with_condition("b");
    const backstay::Task task = host.register_task(backstay::TaskOptions(options).with_run([&](const Instance &instance) {
        deferral = instance.get_deferral("slow");
        deferral->set_overdue_after(1s);
        is_running.open();
        go_on.wait();
        instance.set_progress(50);
    }));
    Instance fired;
    const std::vector<Told> told = told_of(host, [&] {
        fired = task.fire();
        host.set_condition("a", true);
        host.set_condition("b", true);
        is_running.wait();
        host.advance(1s);
        fired.suspend(backstay::Cause::Cpu);
        fired.resume();
        fired.cancel(backstay::CancelReason(80));
        go_on.open();
        await([&] { return fired.progress() == 50; });
        host.flush(SOON);
        deferral->complete();
        fired.wait(SOON);
    });
    const EventKind order[] = {EventKind::Fired, EventKind::Waits, EventKind::Started, EventKind::Overdue,
                               EventKind::Suspended, EventKind::Resumed, EventKind::Canceled, EventKind::Progress,
                               EventKind::Completed};
    CHECK(told.size() == std::size(order));
    for (size_t index = 0; index < told.size(); index++) {
        CHECK(told[index].kind == order[index] && told[index].instance == fired);
        CHECK(told[index].outcome.has_value() == (told[index].kind == EventKind::Completed));
        CHECK(told[index].reason.has_value() == (index == 6 || index == 8));
    }
    CHECK(told[1].text == "a,b," && told[3].text == "slow" && told[7].progress == 50);
    CHECK(told[6].reason == backstay::CancelReason(80) && told[8].reason == backstay::CancelReason(80));
    CHECK(told[8].outcome == backstay::Outcome::Canceled && told[8].progress == 50 && !told[2].progress);
    CHECK(fired.suspended_count() == 1 && fired.throttle_count(backstay::Counter::Cpu) == 1);
    CHECK(fired.throttle_count(backstay::Counter::Network) == 0 && fired.throttle_count() == 1);
    close(host);
}

static void a_canceled_handler_may_ask_for_the_instance() {
    const backstay::Host host = manual_host();
    const auto options = backstay::TaskOptions().with_name("waits").with_condition("never").with_run(nothing);
    const Instance instance = host.register_task(options).fire();
    std::vector<std::pair<Instance, backstay::CancelReason>> told;
    Count short_form;
    instance.on_canceled([&](const Instance &other, backstay::CancelReason reason) { told.emplace_back(other, reason); });
    instance.on_canceled([&](backstay::CancelReason reason) {
        CHECK(reason == backstay::CancelReason::IdleTask);
        short_form.add();
    });
    instance.cancel(backstay::CancelReason::IdleTask);
    instance.cancel(backstay::CancelReason::Abort);
    host.flush(SOON);
    CHECK(told.size() == 1 && told[0].first == instance && told[0].second == backstay::CancelReason::IdleTask);
    CHECK(short_form.get() == 1);
    CHECK_THROWS(InvalidArgument, instance.cancel(backstay::own_reason(12)));
    close(host);
}

static void an_event_fires_its_tasks() {
    const backstay::Host host = manual_host();
    Lines seen;
    const auto options = backstay::TaskOptions().with_trigger(backstay::Trigger::event("saved")).with_run(
        [&](const Instance &instance) { seen.add(instance.details().as_text().value()); });
    for (const char *name : {"one", "two"}) host.register_task(backstay::TaskOptions(options).with_name(name));
    CHECK(host.raise_event("saved", "a file") == 2 && host.raise_event("loaded") == 0);
    host.drain(SOON);
    CHECK(seen.lines.size() == 2 && seen.has("a file"));
    CHECK_THROWS(Closed, host.raise_event("saved"));
}

TESTS(TEST(a_life_is_told_in_order), TEST(a_canceled_handler_may_ask_for_the_instance), TEST(an_event_fires_its_tasks))
