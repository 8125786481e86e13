// The deferrals that steps and runs have taken, by their instance and label.
#pragma once

#include <backstay.hpp>

#include <map>
#include <mutex>

namespace scenarios {

/// The deferrals of all instances. Of several with one label, a step means the first that is still pending, else the
/// last one. Nobody has taken one of that label: Wrong.
class Deferrals {
  public:
    /// Takes a deferral and keeps it.
    void take(const backstay::Instance &instance, const std::string &label);
    backstay::Status complete(const backstay::Instance &instance, const std::string &label);
    backstay::Status fail(const backstay::Instance &instance, const std::string &label, std::string_view error);
    /// Ends a deferral without a word.
    void drop(const backstay::Instance &instance, const std::string &label);

  private:
    /// Empty when it was dropped: there is nothing left to ask.
    using Kept = std::optional<backstay::Deferral>;

    Kept &chosen(const backstay::Instance &instance, const std::string &label);

    std::mutex mutex_;
    std::map<std::pair<backstay::Uuid, std::string>, std::vector<Kept>> kept_;
};

} // namespace scenarios
