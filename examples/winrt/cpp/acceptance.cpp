// What else ported code relies on, each from a sample beside BackgroundTask; the README says which.
#include "cases.hpp"

namespace sample {
namespace {

std::string yes(bool fact) { return fact ? "yes" : "no"; }

/// A task that is fired by hand, with its events in the trace.
backstay::Task watched(System &system, backstay::EntryPoint run) {
    auto task = system.host.register_task(backstay::TaskOptions().with_name("Task").with_run(std::move(run)));
    task.on_progress([&system](const backstay::Instance &, uint32_t progress) {
        system.post([&system, progress] { system.say("Progress: " + std::to_string(progress)); });
    });
    task.on_completed([&system](const backstay::Completion &done) {
        system.post([&system, done] { system.say(told(done)); });
    });
    return task;
}

void fire(System &system, const backstay::Task &task, const std::string &details = {}) {
    system.say(details.empty() ? "Fired" : "Fired with " + details);
    task.fire(details);
    system.settle();
}

/// A cancellation that comes after 100 percent is too late: the task says "Completed".
void canceled_after_100(System &system) {
    App app(system, Variant::OutOfProcess);
    Page page(app, SAMPLE);
    page.register_task();
    system.raise_event(TIME_ZONE_CHANGE);
    system.advance(10);
    page.unregister();
    system.advance(1);
}

/// A tick that was under way when the last one stopped the timer completes once more, and harms nobody.
void second_tick(System &system) {
    std::shared_ptr<SampleBackgroundTask> body;
    const auto task = watched(system, [&system, &body](const backstay::Instance &instance) {
        body = SampleBackgroundTask::run(system.local_settings, instance);
    });
    fire(system, task);
    system.advance(11);
    const bool again = body->tick();
    system.settle();
    system.say("A second tick goes on: " + yes(again));
    system.say("Stored: " + system.local_settings->get(task.name()).value());
}

/// CheckResult throws what a task has thrown, and nothing after one that went well.
void check_result(System &system) {
    const auto task = watched(system, [](const backstay::Instance &instance) {
        if (instance.details().as_text() == "nowhere") throw std::runtime_error("no position");
    });
    fire(system, task, "nowhere");
    fire(system, task, "here");
}

/// The deferral is completed by the handler of Canceled; to be canceled in time is no error.
void complete_in_canceled(System &system) {
    const auto task = watched(system, [&system](const backstay::Instance &instance) {
        instance.on_canceled([&system, deferral = instance.get_deferral("sensor")](
                                 const backstay::Instance &canceled, backstay::CancelReason reason) mutable {
            system.local_settings->set(canceled.task().name(), ending(reason));
            deferral.complete();
        });
    });
    fire(system, task);
    system.advance(1);
    task.unregister(true);
    system.settle();
    system.say("Stored: " + system.local_settings->get(task.name()).value());
}

/// The first `complete` counts; all others are answered, also long after the end.
void complete_many_times(System &system) {
    std::optional<backstay::Deferral> deferral;
    const auto complete = [&] { system.say(std::string("complete: ") + name(deferral->complete())); };
    const auto task = watched(system, [&](const backstay::Instance &instance) {
        deferral = instance.get_deferral("connection");
        complete();
        complete();
    });
    fire(system, task);
    system.advance(60);
    complete();
}

/// Writes to a device every second until the token is canceled.
void sync_device(const backstay::Instance &instance) {
    // What is thrown from here on destroys it, and so lets the instance go.
    auto deferral = instance.get_deferral("device");
    if (instance.details().as_text() != "device") throw std::runtime_error("the device is gone");
    auto write = [instance, token = instance.cancellation(), deferral = std::move(deferral)]() mutable {
        if (token.is_canceled()) {
            instance.set_progress(0);
            deferral.complete();
            return false;
        }
        instance.set_progress(instance.progress() + 1);
        return true;
    };
    start_timer(instance, "writes", 1s, std::move(write));
}

/// Work that looks at a token, and a deferral that what it throws does not leak.
void token(System &system) {
    const auto task = watched(system, sync_device);
    fire(system, task, "device");
    system.advance(2);
    fire(system, task, "no device");
    system.say("Deferrals: " + std::to_string(system.host.holders().size()));
    task.unregister(true);
    system.settle();
    system.advance(1);
}

/// Each operation holds the instance for as long as its block lasts; the last one to end ends it.
void deferrals_by_scope(System &system) {
    const auto begin = [&system](const backstay::Instance &instance, std::chrono::seconds after) {
        const std::string label = std::to_string(after.count()) + " s";
        auto operate = [&system, instance, deferral = instance.get_deferral(label)]() mutable {
            const auto block = std::move(deferral);
            system.say("Deferrals: " + std::to_string(instance.holders().size()));
            return false;
        };
        start_timer(instance, label, after, std::move(operate));
    };
    const auto task = watched(system, [begin](const backstay::Instance &instance) {
        for (const auto after : {3s, 1s, 2s}) begin(instance, after);
    });
    fire(system, task);
    system.advance(3);
}

/// What is registered has its name, is found in the lists, and is gone when it is unregistered.
void registration(System &system) {
    App app(system, Variant::OutOfProcess);
    const auto task = app.register_task(SAMPLE);
    const auto is_listed = [&] {
        const auto tasks = app.tasks();
        return yes(std::find(tasks.begin(), tasks.end(), task) != tasks.end());
    };
    system.say("Name: " + task.name());
    system.say("In AllTasks: " + is_listed());
    system.say("Found by its name: " + yes(app.find(SAMPLE) == task));
    task.unregister(true);
    system.say("Registered: " + yes(task.is_registered()));
    system.say("In AllTasks: " + is_listed());
    system.say(std::string("Unregister again: ") + name(task.try_unregister(true).status()));
}

} // namespace

Cases acceptance() {
    return {
        {"canceled-after-100", canceled_after_100},     {"check-result", check_result},
        {"complete-in-canceled", complete_in_canceled}, {"complete-many-times", complete_many_times},
        {"deferrals-by-scope", deferrals_by_scope},     {"registration", registration},
        {"second-tick", second_tick},                   {"token", token},
    };
}

} // namespace sample
