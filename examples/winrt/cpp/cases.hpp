// The cases, by name.
#ifndef SAMPLE_CASES_HPP
#define SAMPLE_CASES_HPP

#include "page.hpp"

namespace sample {

using Cases = std::map<std::string, std::function<void(System &)>>;

/// The six scenarios of the sample, each in its two variants.
Cases scenarios();
/// What else ported code relies on.
Cases acceptance();

inline const std::string TIME_ZONE_CHANGE = "TimeZoneChange";
inline const Registration SAMPLE{"SampleBackgroundTask", backstay::Trigger::event(TIME_ZONE_CHANGE)};

} // namespace sample

#endif // SAMPLE_CASES_HPP
