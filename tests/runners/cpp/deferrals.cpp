#include "deferrals.hpp"

#include "trouble.hpp"

#include <algorithm>

namespace scenarios {

using backstay::Deferral;
using backstay::Instance;
using backstay::Status;

// All of it is done under the lock: who has seen the holder finds the deferral, and nobody is called back on the thread
// that takes or ends one (E2).

void Deferrals::take(const Instance &instance, const std::string &label) {
    const std::lock_guard lock(mutex_);
    kept_[{instance.id(), label}].emplace_back(instance.get_deferral(label));
}

Status Deferrals::complete(const Instance &instance, const std::string &label) {
    const std::lock_guard lock(mutex_);
    Kept &kept = chosen(instance, label);
    // A dropped deferral counts as completed (L5), and the file asks about a completed one (L4).
    return kept ? kept->complete() : Status::AlreadyCompleted;
}

Status Deferrals::fail(const Instance &instance, const std::string &label, std::string_view error) {
    const std::lock_guard lock(mutex_);
    Kept &kept = chosen(instance, label);
    return kept ? kept->fail(error) : Status::AlreadyCompleted;
}

void Deferrals::drop(const Instance &instance, const std::string &label) {
    const std::lock_guard lock(mutex_);
    chosen(instance, label).reset();
}

Deferrals::Kept &Deferrals::chosen(const Instance &instance, const std::string &label) {
    const auto found = kept_.find({instance.id(), label});
    if (found == kept_.end()) throw Wrong(nobody("deferral", label));
    auto &kept = found->second;
    const auto is_pending = [](const Kept &one) { return one && one->try_holder(); };
    const auto pending = std::find_if(kept.begin(), kept.end(), is_pending);
    return pending == kept.end() ? kept.back() : *pending;
}

} // namespace scenarios
