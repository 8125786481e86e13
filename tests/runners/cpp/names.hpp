// The words of the language that stand for values, read and written.
#pragma once

#include "words.hpp"

#include <backstay.hpp>

#include <charconv>

namespace scenarios {

/// A word and what it stands for.
template <class Value> struct Named {
    std::string_view name;
    Value value;
};

inline constexpr Named<backstay::WhenBusy> BUSY[] = {{"parallel", backstay::WhenBusy::Parallel},
                                                     {"queue", backstay::WhenBusy::Queue},
                                                     {"coalesce", backstay::WhenBusy::Coalesce},
                                                     {"reject", backstay::WhenBusy::Reject},
                                                     {"replace", backstay::WhenBusy::Replace}};

/// The language has no word for the fourth policy, which cancels what the replaced task runs.
inline constexpr Named<backstay::IfExists> IF_EXISTS[] = {{"fail", backstay::IfExists::Fail},
                                                          {"replace", backstay::IfExists::Replace},
                                                          {"keep", backstay::IfExists::Keep}};

inline constexpr Named<backstay::Cause> CAUSE[] = {{"cpu", backstay::Cause::Cpu},
                                                   {"network", backstay::Cause::Network}};

inline constexpr Named<backstay::State> STATE[] = {{"Pending", backstay::State::Pending},
                                                   {"Running", backstay::State::Running},
                                                   {"Finished", backstay::State::Finished}};

inline constexpr Named<backstay::Outcome> OUTCOME[] = {{"Succeeded", backstay::Outcome::Succeeded},
                                                       {"Canceled", backstay::Outcome::Canceled},
                                                       {"Failed", backstay::Outcome::Failed},
                                                       {"Abandoned", backstay::Outcome::Abandoned}};

inline constexpr Named<backstay::HostState> HOST_STATE[] = {{"Open", backstay::HostState::Open},
                                                            {"Draining", backstay::HostState::Draining},
                                                            {"Closed", backstay::HostState::Closed}};

inline constexpr Named<bool> YES_NO[] = {{"yes", true}, {"no", false}};

inline constexpr Named<bool> ON_OFF[] = {{"on", true}, {"off", false}};

/// The value that `word` stands for.
template <class Value, std::size_t Count> Value value(const Named<Value> (&table)[Count], std::string_view word) {
    std::vector<std::string> names;
    for (const Named<Value> &named : table) {
        if (named.name == word) return named.value;
        names.emplace_back(named.name);
    }
    throw Fault(quoted(word) + " is none of " + joined(names, ", "));
}

/// The number that `word` is; none when it is something else, or does not fit.
template <class Number> std::optional<Number> find_number(std::string_view word) {
    Number read{};
    const char *const end = word.data() + word.size();
    const auto [stopped, error] = std::from_chars(word.data(), end, read);
    return error == std::errc() && stopped == end ? std::optional<Number>(read) : std::nullopt;
}

template <class Number> Number number(std::string_view word) {
    if (const auto found = find_number<Number>(word)) return *found;
    throw Fault(quoted(word) + " is not a number that fits");
}

backstay::CancelReason reason(std::string_view word);
backstay::Status status(std::string_view word);
/// Such as `250ms`, `5s`, `2m` or `1h`.
backstay::Duration duration(std::string_view word);

/// Values as the language writes them.
inline std::string written(backstay::State state) { return name(state); }
inline std::string written(backstay::Outcome outcome) { return name(outcome); }
inline std::string written(backstay::HostState state) { return name(state); }
inline std::string written(bool yes) { return yes ? "yes" : "no"; }
inline std::string written(uint64_t count) { return std::to_string(count); }
inline std::string written(const std::string &text) { return text; }
inline std::string written(const std::vector<std::string> &list) { return joined(list, ","); }
std::string written(backstay::CancelReason reason);
std::string written(backstay::Duration duration);

} // namespace scenarios
