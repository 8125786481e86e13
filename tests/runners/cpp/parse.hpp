// From the text of a scenario to its steps. A file is read as a whole before anything is played, so a step that the
// language does not know fails the file wherever it stands.
#pragma once

#include "step.hpp"
#include "trouble.hpp"

namespace scenarios {

/// Reads a scenario. Throws Failure for the first line that is no step of the language.
std::vector<Line> parse(std::string_view text);

} // namespace scenarios
