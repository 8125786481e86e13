// Plays a whole scenario, and comes back whatever it does.
#pragma once

#include "trouble.hpp"

namespace scenarios {

/// Plays the scenario `text`; throws Failure.
///
/// A file that fails leaves nothing behind: holds are released and the host is shut down without a grace. Only a call
/// of the library that never returns keeps its thread; then this comes back after a minute without it.
void play(std::string_view text);

} // namespace scenarios
