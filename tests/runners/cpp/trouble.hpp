// How a step can go wrong, and how a file does.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace scenarios {

/// Something else than expected was seen, or the file asks for what cannot be. What the library refuses is a
/// backstay::Error, which `refused` may have asked for.
class Wrong : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// There is no task, instance or deferral of that name in the file so far.
inline std::string nobody(std::string_view what, const std::string &name) {
    return "there is no " + std::string(what) + " \"" + name + "\" at this point of the file";
}

/// Why a file failed.
class Failure : public std::runtime_error {
  public:
    /// A line from 1, and what was expected and what was seen instead; line 0 when it is no line's fault.
    Failure(std::size_t line, const std::string &message)
        : std::runtime_error("line " + std::to_string(line) + ": " + message) {}
};

} // namespace scenarios
