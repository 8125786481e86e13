// What the system is to the sample: a host on a manual clock, and one thread on which everything happens in order.
#ifndef SAMPLE_SYSTEM_HPP
#define SAMPLE_SYSTEM_HPP

#include <backstay.hpp>

#include <atomic>
#include <cstdio>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

namespace sample {

using namespace std::chrono_literals;

/// The group of the tasks that are timers of others, which no trace shows.
constexpr std::string_view TIMERS = "ThreadPoolTimer";

/// Texts by name, from any thread: what LocalSettings and a PropertySet are.
class Settings {
  public:
    void set(const std::string &name, std::string value) {
        const std::lock_guard<std::mutex> lock(mutex_);
        values_[name] = std::move(value);
    }
    std::optional<std::string> get(const std::string &name) const {
        const std::lock_guard<std::mutex> lock(mutex_);
        const auto found = values_.find(name);
        return found == values_.end() ? std::nullopt : std::optional(found->second);
    }
    void remove(const std::string &name) {
        const std::lock_guard<std::mutex> lock(mutex_);
        values_.erase(name);
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::string, std::string> values_;
};

/// Plays the part of Windows, and outlives the application.
///
/// Entry points are the host's jobs and what handlers have to show is posted, as an application posts to the thread of
/// its window. Both wait in one queue for `settle`, so a case takes the same way every time.
class System {
  public:
    using Work = std::function<void()>;

    System() : host(options()) {
        host.on_event([this](const backstay::Event &event) { on_event(event); });
    }
    /// What the host still calls is called while there is a system to call.
    ~System() { (void)host.try_shutdown(0s); }
    System(const System &) = delete;
    System &operator=(const System &) = delete;

    /// Prints one line of the trace.
    void say(const std::string &line) const {
        std::printf("%02d:%02d  %s\n", seconds_ / 60, seconds_ % 60, line.c_str());
    }
    /// Has work done on the thread of the case, from any thread.
    void post(Work work) {
        const std::lock_guard<std::mutex> lock(mutex_);
        queue_.push_back(std::move(work));
    }
    /// Does all there is to do at this moment: entry points that wait to run, and what handlers have posted.
    void settle() {
        host.flush(BOUND);
        while (const Work work = next()) {
            work();
            host.flush(BOUND);
        }
    }
    /// Lets time pass, second by second, each with everything that comes of it.
    void advance(int seconds) {
        for (const int goal = seconds_ + seconds; seconds_ < goal;) {
            seconds_++;
            host.advance(1s);
            settle();
        }
    }
    /// Tells the tasks that something has happened.
    void raise_event(const std::string &name) {
        const size_t fired = host.raise_event(name);
        say(name + ": fires " + std::to_string(fired));
        settle();
    }
    /// Says whether a condition holds.
    void set_condition(const std::string &name, bool on) {
        say(name + (on ? ": on" : ": off"));
        host.set_condition(name, on);
        settle();
    }
    /// Ends the case: every instance has had one Completed event, and nothing is left.
    void close() {
        say("Completed events: " + std::to_string(completed_));
        const backstay::DrainReport report = host.drain(0s);
        if (report.remaining != 0) say(report.text);
    }

    const backstay::Host host;
    /// The store that outlives the application: what LocalSettings is.
    const std::shared_ptr<Settings> local_settings = std::make_shared<Settings>();
    /// What a task enters that names no entry point: the handlers of the application that is there now.
    std::function<void(const backstay::Instance &)> activated;

  private:
    /// Real time, against a hang only: nothing in a trace depends on how long something takes.
    static constexpr auto BOUND = 60s;

    backstay::HostOptions options() {
        backstay::HostOptions options;
        options.manual_clock = true;
        options.executor = [this](backstay::Job job) {
            post([job = std::make_shared<backstay::Job>(std::move(job))] { job->run(); });
        };
        return options;
    }
    Work next() {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (queue_.empty()) return nullptr;
        Work work = std::move(queue_.front());
        queue_.pop_front();
        return work;
    }
    void on_event(const backstay::Event &event) {
        if (event.group == TIMERS) return;
        if (event.kind == backstay::EventKind::Waits) {
            std::string line = "Waits for";
            for (const std::string_view condition : event.conditions) line.append(" ").append(condition);
            post([this, line = std::move(line)] { say(line); });
        } else if (event.kind == backstay::EventKind::Canceled) {
            post([this, reason = event.reason.value()] { say("Canceled: " + backstay::to_string(reason)); });
        } else if (event.kind == backstay::EventKind::Completed) {
            completed_++;
        }
    }

    int seconds_ = 0;
    std::atomic<int> completed_ = 0;
    std::mutex mutex_;
    std::deque<Work> queue_;
};

/// How a Completed event reads, with what CheckResult says of it.
inline std::string told(const backstay::Completion &done) {
    const std::string line = std::string("Completed: ") + name(done.outcome) + ", CheckResult ";
    try {
        done.check();
    } catch (const backstay::Error &) {
        return line + "throws: " + done.error;
    }
    return line + "passes";
}

} // namespace sample

#endif // SAMPLE_SYSTEM_HPP
