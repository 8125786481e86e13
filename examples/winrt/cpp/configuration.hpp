// What SampleConfiguration and App are in the sample: how tasks are registered, found, entered and shown.
#ifndef SAMPLE_CONFIGURATION_HPP
#define SAMPLE_CONFIGURATION_HPP

#include "tasks.hpp"

namespace sample {

/// OutOfProcess: entry points by the names of classes, status in a store that outlives the application.
/// InProcess: the handlers of the application are entered, status in its memory.
enum class Variant { OutOfProcess, InProcess };

inline const std::string GROUP_ID = "3F2504E0-5F89-41D3-9A0C-0405E82C3333";
inline const std::string TIME_TRIGGERED_TASK = "TimeTriggeredTask";
inline const std::string APPLICATION_TRIGGER_TASK = "ApplicationTriggerTask";
/// The host says by this condition whether the user lets the application work in the background (RequestAccessAsync).
inline const std::string ACCESS = "BackgroundAccess";
/// What a time trigger may not be below. The library has no such limit; the sample has it from Windows.
constexpr backstay::Duration SHORTEST_PERIOD = 15min;

/// What a page registers, the arguments of RegisterBackgroundTask.
struct Registration {
    std::string name;
    backstay::Trigger trigger;
    std::string entry_point = "Tasks.SampleBackgroundTask";
    /// To lose it cancels what runs; empty is none.
    std::string condition{};
    std::string group{};

    /// Whether the application itself signals it: what ApplicationTrigger is.
    bool is_application_triggered() const { return trigger.kind == BACKSTAY_TRIGGER_MANUAL; }
};

/// The application, in one of its two variants. A new one takes the place of the old one.
class App {
  public:
    App(System &on, Variant variant)
        : system(on), settings(variant == Variant::InProcess ? std::make_shared<Settings>() : on.local_settings),
          is_in_process_(variant == Variant::InProcess) {
        // A group has a handler of its own, which is entered instead of that of the application (B87).
        groups_[GROUP_ID] = [this](const backstay::Instance &instance) { on_group_activated(instance); };
        system.activated = [this](const backstay::Instance &instance) { on_background_activated(instance); };
    }
    ~App() { system.activated = nullptr; }
    App(const App &) = delete;
    App &operator=(const App &) = delete;

    /// Registers a task and forgets how it ended before.
    backstay::Task register_task(const Registration &wanted) {
        if (wanted.trigger.kind == BACKSTAY_TRIGGER_EVERY && wanted.trigger.period < SHORTEST_PERIOD) {
            throw std::invalid_argument("a time trigger takes 15 minutes or more");
        }
        const bool is_signaled = wanted.is_application_triggered();
        // A second one of the same name is refused by the host.
        if (is_signaled && signaled_ && signaled_.is_registered() && signaled_.name() != wanted.name) {
            throw std::invalid_argument(signaled_.name() + " has the application trigger");
        }
        const bool needs_access = wanted.name == TIME_TRIGGERED_TASK || wanted.name == APPLICATION_TRIGGER_TASK;
        backstay::TaskOptions options;
        options.with_name(wanted.name).with_group(wanted.group).with_trigger(wanted.trigger);
        if (!wanted.condition.empty()) options.with_condition(wanted.condition).with_cancel_on_condition_loss(true);
        if (needs_access) options.with_condition(ACCESS);
        if (is_signaled) options.with_when_busy(backstay::WhenBusy::Reject);
        auto task = system.host.register_task(options.with_run(entry_point(wanted)));
        if (is_signaled) signaled_ = task;
        settings->remove(wanted.name);
        return task;
    }
    /// Unregisters a task, and asks what runs of it to stop.
    void unregister(const Registration &wanted) const {
        if (const auto task = find(wanted)) task->unregister(true);
    }
    /// ApplicationTrigger.RequestAsync.
    std::string signal(const Registration &wanted) const {
        settings->remove(wanted.name);
        if (!signaled_) return "Unregistered";
        if (!system.host.condition(ACCESS)) return "DisabledByPolicy";
        const auto status = signaled_.try_fire().status();
        if (status == backstay::Status::CurrentlyRunning) return "CurrentlyRunning";
        if (status == backstay::Status::Unregistered) return "Unregistered";
        return status == backstay::Status::Ok ? "Allowed" : "UnknownError";
    }
    /// AllTasks, or those of a group.
    std::vector<backstay::Task> tasks(const std::string &group = {}) const {
        return group.empty() ? system.host.tasks() : system.host.group_tasks(group);
    }
    /// The task of this name, if it is registered.
    std::optional<backstay::Task> find(const Registration &wanted) const {
        auto found = wanted.group.empty() ? system.host.try_task(wanted.name)
                                          : system.host.try_group_task(wanted.group, wanted.name);
        return found ? std::optional(std::move(found).value()) : std::nullopt;
    }
    /// How a page shows it: "Registered - Completed".
    std::string status(const Registration &wanted) const {
        const auto stored = settings->get(wanted.name);
        return (find(wanted) ? "Registered" : "Unregistered") + (stored ? " - " + *stored : "");
    }

    System &system;
    const std::shared_ptr<Settings> settings;

  private:
    /// The class of the name, or else whichever application is there when the task runs.
    backstay::EntryPoint entry_point(const Registration &wanted) const {
        if (is_in_process_) {
            return [&system = system](const backstay::Instance &instance) { system.activated(instance); };
        }
        return [&system = system, name = wanted.entry_point](const backstay::Instance &instance) {
            system.say("Run: " + name);
            CLASSES.at(name)(system.local_settings, instance);
        };
    }
    /// Where what names no entry point is entered, unless its group has a handler.
    void on_background_activated(const backstay::Instance &instance) const {
        const auto group = groups_.find(instance.task().group());
        if (group != groups_.end()) return group->second(instance);
        system.say("OnBackgroundActivated: " + instance.task().name());
        SampleBackgroundTask::run(settings, instance);
    }
    /// The handler of the group.
    void on_group_activated(const backstay::Instance &instance) const {
        system.say("BackgroundActivated of the group: " + instance.task().name());
        SampleBackgroundTask::run(settings, instance);
    }

    const bool is_in_process_;
    std::map<std::string, std::function<void(const backstay::Instance &)>> groups_;
    /// The task that the application signals: one, as Windows allows (B88).
    backstay::Task signaled_;
};

} // namespace sample

#endif // SAMPLE_CONFIGURATION_HPP
