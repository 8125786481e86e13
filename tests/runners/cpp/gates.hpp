// Where runs stand at a `hold` until a `go` lets them pass.
#pragma once

#include <backstay.hpp>

#include <condition_variable>
#include <map>
#include <mutex>

namespace scenarios {

/// The holds of all runs.
class Gates {
  public:
    /// Stands until the run may pass. This is code that looks at no cancellation, so nothing but `go` and the end of
    /// the file ends it.
    void stand(const backstay::Uuid &run);
    /// Waits until the run stands; false when it does not come.
    bool wait_for(const backstay::Uuid &run);
    /// Lets the run pass the hold at which it stands.
    void let_pass(const backstay::Uuid &run);
    /// Lets everybody pass, now and later.
    void release();

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    /// The runs that stand, each with whether it may pass.
    std::map<backstay::Uuid, bool> standing_;
    bool is_released_ = false;
};

} // namespace scenarios
