// What stands behind a step as `key=value`: in any order, each at most once, `condition` excepted.
#pragma once

#include "step.hpp"
#include "words.hpp"

namespace scenarios {

step::Host read_host(Words &rest);
step::Task read_task(Words &rest);
step::Details read_details(Words &rest);
step::Joined read_joined(Words &rest);
std::optional<backstay::Cause> read_cause(Words &rest);
expected::Instance read_expected_instance(Words &rest);
expected::Task read_expected_task(Words &rest);
expected::Host read_expected_host(Words &rest);

/// That a step has no such option.
Fault unknown(std::string_view option);

} // namespace scenarios
