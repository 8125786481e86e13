// The two background tasks of the sample, and the timer that the first of them runs by.
#ifndef SAMPLE_TASKS_HPP
#define SAMPLE_TASKS_HPP

#include "system.hpp"

namespace sample {

/// What the store keeps of how a task ended.
inline std::string ending(std::optional<backstay::CancelReason> reason) {
    return reason ? "Canceled with reason: " + backstay::to_string(*reason) : "Completed";
}

/// Calls `tick` every so often by the host's clock, as long as it says that there is more to do.
template <class Tick>
void start_timer(const backstay::Instance &instance, const std::string &label, backstay::Duration period, Tick tick) {
    instance.host().register_task(backstay::TaskOptions()
                                      .with_name(label + " of " + backstay::to_string(instance.id()))
                                      .with_group(std::string(TIMERS))
                                      .with_trigger(backstay::Trigger::every(period))
                                      .with_run([tick = std::move(tick)](const backstay::Instance &timer) mutable {
                                          if (!tick()) timer.task().unregister(false);
                                      }));
}

/// Body A: ten ticks of a second, ten percent each, held by a deferral after Run has returned.
class SampleBackgroundTask {
  public:
    SampleBackgroundTask(std::shared_ptr<Settings> settings, const backstay::Instance &instance)
        : settings_(std::move(settings)), instance_(instance), deferral_(instance.get_deferral("ten ticks")) {
        // A host that knows of batteries would say what work costs now.
        settings_->set("BackgroundWorkCost", "Low");
    }
    /// Begins to tick, and returns. Who does not look at the body leaves it to the timer.
    static std::shared_ptr<SampleBackgroundTask> run(const std::shared_ptr<Settings> &settings,
                                                     const backstay::Instance &instance) {
        auto body = std::make_shared<SampleBackgroundTask>(settings, instance);
        start_timer(instance, "ticks", 1s, [body] { return body->tick(); });
        return body;
    }
    /// Goes on by ten percent, or ends; whether there is more to do.
    ///
    /// The instance remembers a cancellation, so there is neither a handler nor a flag. Two ticks that both see the end
    /// do no harm: the second `complete` changes nothing.
    bool tick() {
        const auto reason = instance_.canceled();
        const uint32_t progress = instance_.progress();
        if (!reason && progress < 100) {
            instance_.set_progress(progress + 10);
            return true;
        }
        // All is done at 100, so a cancellation that comes then is too late to be reported.
        settings_->set(instance_.task().name(), ending(progress < 100 ? reason : std::nullopt));
        deferral_.complete();
        return false;
    }

  private:
    const std::shared_ptr<Settings> settings_;
    const backstay::Instance instance_;
    backstay::Deferral deferral_;
};

/// Body B: all in one go and no deferral, so that the instance ends when this returns.
inline void servicing_complete(const std::shared_ptr<Settings> &settings, const backstay::Instance &instance) {
    for (uint32_t progress = 0; progress <= 100 && !instance.canceled(); progress += 10) {
        instance.set_progress(progress);
    }
    settings->set(instance.task().name(), ending(instance.canceled()));
}

/// The entry points by the names of their classes, as a manifest lists them.
using Class = void (*)(const std::shared_ptr<Settings> &, const backstay::Instance &);
inline const std::map<std::string, Class> CLASSES = {
    {"Tasks.SampleBackgroundTask",
     [](auto &settings, auto &instance) { SampleBackgroundTask::run(settings, instance); }},
    {"Tasks.ServicingComplete", servicing_complete},
};

} // namespace sample

#endif // SAMPLE_TASKS_HPP
