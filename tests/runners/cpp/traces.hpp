// What has happened to every instance so far: the host's events, with marks of the steps by hand between them.
#pragma once

#include "patience.hpp"

#include <backstay.hpp>

#include <map>

namespace scenarios {

using Trace = std::vector<std::string>;

/// The traces of all instances of one host.
class Traces {
  public:
    /// Writes down an event.
    void tell(const backstay::Event &event);
    /// Writes down a step that is about to be carried out.
    void mark(const backstay::Instance &instance, std::string_view step);
    /// The trace of one instance so far.
    Trace of(const backstay::Instance &instance) const;
    /// Every instance so far, in the order of firing.
    std::vector<backstay::Instance> instances() const;
    /// Every instance that was told to have started.
    std::vector<backstay::Uuid> started() const;
    /// Looks at every event until there is something to see; see Changes.
    template <class Look> auto wait_for(Look look) { return changes_.wait_for(std::move(look)); }

  private:
    mutable std::mutex mutex_;
    std::vector<backstay::Instance> instances_;
    std::map<backstay::Uuid, Trace> entries_;
    Changes changes_;
};

} // namespace scenarios
