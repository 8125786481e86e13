// From the options of a file to a host and its tasks.
#pragma once

#include "stage.hpp"

namespace scenarios {

/// Opens a host with a manual clock, whose events are written down.
backstay::Host open_host(const step::Host &options, const std::shared_ptr<Stage> &stage);

/// Registers a task whose runs do what the file says.
backstay::Task register_task(const step::Task &options, const std::shared_ptr<Stage> &stage,
                             const backstay::Host &host);

} // namespace scenarios
