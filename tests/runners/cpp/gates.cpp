#include "gates.hpp"

#include "patience.hpp"

namespace scenarios {

void Gates::stand(const backstay::Uuid &run) {
    std::unique_lock lock(mutex_);
    standing_[run] = false;
    changed_.notify_all();
    changed_.wait(lock, [&] { return is_released_ || standing_[run]; });
    standing_.erase(run);
}

bool Gates::wait_for(const backstay::Uuid &run) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, PATIENCE, [&] {
        const auto found = standing_.find(run);
        return found != standing_.end() && !found->second;
    });
}

void Gates::let_pass(const backstay::Uuid &run) {
    const std::lock_guard lock(mutex_);
    standing_[run] = true;
    changed_.notify_all();
}

void Gates::release() {
    const std::lock_guard lock(mutex_);
    is_released_ = true;
    changed_.notify_all();
}

} // namespace scenarios
