// A page of the sample: registers one task, and shows its status and progress.
#ifndef SAMPLE_PAGE_HPP
#define SAMPLE_PAGE_HPP

#include "configuration.hpp"

namespace sample {

/// Opening it finds the task if it is registered already, and attaches to it anew.
class Page {
  public:
    Page(App &app, Registration wanted) : app_(app), system_(app.system), wanted_(std::move(wanted)) {
        if (const auto task = app_.find(wanted_)) attach(*task);
        show_status();
    }
    /// The page is left: its handlers go, the task stays (B91).
    ~Page() {
        for (const backstay::Subscription &subscription : subscriptions_) (void)subscription.try_cancel();
    }
    Page(const Page &) = delete;
    Page &operator=(const Page &) = delete;

    /// The button Register.
    backstay::Task register_task() {
        auto task = app_.register_task(wanted_);
        attach(task);
        show_status();
        system_.say("Progress: none");
        return task;
    }
    /// The button Unregister.
    void unregister() const {
        app_.unregister(wanted_);
        show_status();
        system_.settle();
    }
    /// The button Signal, of the page with the application trigger.
    void signal() const {
        const std::string result = app_.signal(wanted_);
        system_.say("Signal result: " + result);
        system_.settle();
    }

  private:
    void attach(const backstay::Task &task) {
        // Handlers are called on a thread of the host, and what they have to show is posted to that of the page.
        subscriptions_.push_back(task.on_progress([this](const backstay::Instance &instance, uint32_t) {
            system_.post([this, instance] { show_progress(instance); });
        }));
        subscriptions_.push_back(task.on_completed([this](const backstay::Completion &done) {
            system_.post([this, done] { show_completed(done); });
        }));
    }
    void show_progress(const backstay::Instance &instance) {
        // Values that come faster than they are told are told as one (E3): what is shown is where it is now.
        const auto now = std::pair(instance.id(), instance.progress());
        if (now == shown_) return;
        shown_ = now;
        system_.say("Progress: " + std::to_string(now.second) + "%");
    }
    void show_completed(const backstay::Completion &done) const {
        system_.say(told(done));
        show_status();
    }
    void show_status() const { system_.say(app_.status(wanted_)); }

    App &app_;
    System &system_;
    const Registration wanted_;
    std::optional<std::pair<backstay::Uuid, uint32_t>> shown_;
    std::vector<backstay::Subscription> subscriptions_;
};

} // namespace sample

#endif // SAMPLE_PAGE_HPP
