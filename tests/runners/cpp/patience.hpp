// How the runner waits for what other threads make true.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace scenarios {

/// How long an expectation waits, by the machine's clock.
inline constexpr std::chrono::seconds PATIENCE{5};

/// Wakes who waits when something has changed.
class Changes {
  public:
    void tell() {
        const std::lock_guard lock(mutex_);
        count_++;
        changed_.notify_all();
    }

    /// Looks until there is something to see, at every change and every few milliseconds, for at most PATIENCE. Gives
    /// what `look` saw last.
    template <class Look> auto wait_for(Look look) {
        const auto until = std::chrono::steady_clock::now() + PATIENCE;
        for (;;) {
            const auto before = count();
            const bool is_last = std::chrono::steady_clock::now() >= until;
            auto found = look();
            if (found || is_last) return found;
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, GLANCE, [&] { return count_ != before; });
        }
    }

  private:
    /// How soon somebody who waits looks again when nothing is told: not everything that is looked at is an event.
    static constexpr std::chrono::milliseconds GLANCE{2};

    uint64_t count() {
        const std::lock_guard lock(mutex_);
        return count_;
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    uint64_t count_ = 0;
};

} // namespace scenarios
