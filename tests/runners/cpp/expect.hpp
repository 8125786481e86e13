// What the expectations look at, and how what they saw is told.
#pragma once

#include "names.hpp"
#include "stage.hpp"
#include "trouble.hpp"

namespace scenarios {

/// What was expected beside what was seen.
class Comparison {
  public:
    /// One value more; what is not expected is not compared, and what does not exist yet is never equal.
    template <class Value>
    void add(const std::string &name, const std::optional<Value> &expected, const std::optional<Value> &seen) {
        if (!expected) return;
        add_written(name, written(*expected), seen ? std::optional(written(*seen)) : std::nullopt);
    }

    /// Whether all is as expected.
    explicit operator bool() const noexcept { return !differs_; }

    /// Throws Wrong unless all is as expected.
    void check() const {
        if (differs_) throw Wrong("expected" + expected_ + ", saw" + seen_);
    }

  private:
    void add_written(const std::string &name, const std::string &expected, const std::optional<std::string> &seen);

    std::string expected_, seen_;
    bool differs_ = false;
};

Comparison compare(const expected::Instance &expected, const backstay::Instance &instance, const Traces &traces);
Comparison compare(const expected::Task &expected, const backstay::Task &task);
Comparison compare(const expected::Host &expected, const backstay::Host &host);
Comparison compare(const step::Joined &expected, const backstay::DrainReport &report);

} // namespace scenarios
