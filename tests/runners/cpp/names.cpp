#include "names.hpp"

#include <algorithm>
#include <limits>

namespace scenarios {
namespace {

using backstay::CancelReason;
using backstay::Duration;
using backstay::Status;
using namespace std::chrono_literals;

/// The longest unit first, so that a duration is written in the largest one that divides it. What is finer than the
/// language can say appears in what was seen only.
constexpr Named<Duration> UNITS[] = {{"h", 1h}, {"m", 1min}, {"s", 1s}, {"ms", 1ms}, {"ns", 1ns}};
constexpr Duration FINEST_READ = 1ms;

constexpr std::string_view OWN = "Own(";

constexpr auto FIRST_OWN = backstay::number(CancelReason::FirstOwn);

} // namespace

CancelReason reason(std::string_view word) {
    for (uint32_t known = 0; known < FIRST_OWN; known++) {
        if (name(CancelReason{known}) == word) return CancelReason{known};
    }
    if (word.substr(0, OWN.size()) == OWN && word.back() == ')') {
        const auto own = find_number<uint32_t>(word.substr(OWN.size(), word.size() - OWN.size() - 1));
        if (own && *own >= FIRST_OWN) return CancelReason{*own};
    }
    throw Fault(quoted(word) + " is not the name of a reason");
}

std::string written(CancelReason reason) {
    const auto known = backstay::number(reason);
    return known < FIRST_OWN ? name(reason) : std::string(OWN) + std::to_string(known) + ')';
}

Status status(std::string_view word) {
    // The numbers of the statuses go down from zero without a gap.
    for (int32_t known = 0; name(Status{known}) != std::string_view("UNKNOWN"); known--) {
        if (name(Status{known}) == word) return Status{known};
    }
    throw Fault(quoted(word) + " is not the name of a status");
}

Duration duration(std::string_view word) {
    const auto digits = std::min(word.find_first_not_of("0123456789"), word.size());
    const auto count = find_number<uint64_t>(word.substr(0, digits));
    for (const auto &[unit, length] : UNITS) {
        if (!count || length < FINEST_READ || word.substr(digits) != unit) continue;
        // What is longer than 292 years is as long as a time can be that is not for ever.
        constexpr Duration longest = backstay::forever - 1ns;
        return *count > static_cast<uint64_t>(longest / length) ? longest : static_cast<int64_t>(*count) * length;
    }
    throw Fault(quoted(word) + " is not a duration such as 250ms, 5s, 2m or 1h");
}

std::string written(Duration duration) {
    if (duration == 0s) return "0s";
    const auto divides = [duration](const auto &unit) { return duration % unit.value == 0s; };
    const auto &[unit, length] = *std::find_if(std::begin(UNITS), std::end(UNITS), divides);
    return std::to_string(duration / length) + std::string(unit);
}

} // namespace scenarios
