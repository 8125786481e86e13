// The steps of a scenario as plain types. The fields are the words of the language, which docs/scenarios.md explains;
// what is not there is as the library has it, or is not looked at. Names are those of the file: a task of a group is
// called `GROUP/NAME`.
#pragma once

#include <backstay.hpp>

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace scenarios {

using backstay::Duration;

/// What a run does, one after the other.
namespace act {

struct Defer { std::string label; };
/// Completes a deferral of this instance, whoever took it.
struct Complete { std::string label; };
struct Progress { uint32_t progress; };
/// Stands until a `go` lets it pass.
struct Hold {};
/// Returns when the instance is not suspended, or is cancelled.
struct Checkpoint {};
struct Fail { std::string text; };
/// Leaves the entry point as no error of this library and no error of the standard library does.
struct Panic {};
/// Unregisters the task of this instance.
struct Unregister {};
struct Fire { std::string task; };
struct Return {};

} // namespace act

using Act = std::variant<act::Defer, act::Complete, act::Progress, act::Hold, act::Checkpoint, act::Fail, act::Panic,
                         act::Unregister, act::Fire, act::Return>;

/// What is suspended, resumed or looked at.
namespace target {

struct Host {};
struct Task { std::string task; };
struct Instance { std::string instance; };

} // namespace target

using Target = std::variant<target::Host, target::Task, target::Instance>;

namespace expected {

struct Instance {
    std::optional<backstay::State> state;
    std::optional<backstay::Outcome> outcome;
    std::optional<backstay::CancelReason> reason;
    std::optional<std::string> error;
    std::optional<uint64_t> deferrals, progress, suspended, throttled;
    std::optional<std::string> details;
    std::optional<std::vector<std::string>> dropped;
    std::optional<Duration> remaining;
};

struct Task {
    std::optional<uint64_t> running, pending;
    std::optional<bool> registered, disabled;
};

struct Host {
    std::optional<uint64_t> stragglers, holders;
    std::optional<backstay::HostState> state;
};

} // namespace expected

namespace step {

struct Host {
    std::optional<uint32_t> workers;
    std::optional<Duration> grace, overdue_after;
};

struct Condition { std::string name; bool on; };

struct Task {
    std::string name;
    std::optional<backstay::Trigger> trigger;
    std::vector<std::string> conditions;
    bool cancel_on_loss = false;
    std::optional<Duration> deadline, grace;
    std::optional<backstay::WhenBusy> busy;
    std::optional<uint32_t> max_running, max_failures;
    std::optional<std::string> group;
    std::optional<backstay::IfExists> if_exists;

    /// How later steps call it.
    std::string called() const { return group ? *group + '/' + name : name; }
};

/// What every later run of a task of that name does.
struct Run { std::string task; std::vector<Act> acts; };

struct Details { std::optional<std::string> details; };
struct Fire { std::string task, name; Details details; };
struct Raise { std::string event; Details details; };
/// Names the oldest instance of the task that has no name yet.
struct New { std::string task, name; };
/// Lets the hold pass at which the run stands.
struct Go { std::string instance; };

struct Defer { std::string label, instance; };
struct Complete { std::string label, instance; };
struct Drop { std::string label, instance; };
struct Fail { std::string label, instance, text; };

struct Progress { std::string instance; uint32_t progress; };
struct Cancel { std::string instance; backstay::CancelReason reason; };
struct Suspend { Target target; std::optional<backstay::Cause> cause; };
struct Resume { Target target; };
struct Unregister { std::string task; bool cancel; };
struct Enable { std::string task; };

struct Advance { Duration by; };
struct Drain { Duration timeout; };
struct Shutdown { Duration grace; };
/// What the report of the last drain or shutdown says.
struct Joined {
    std::optional<uint64_t> finished, abandoned;
    std::optional<std::vector<std::string>> holders;
};

struct ExpectInstance { std::string instance; expected::Instance expected; };
struct ExpectTask { std::string task; expected::Task expected; };
struct ExpectHost { expected::Host expected; };
/// The whole trace of an instance so far.
struct Trace { std::string instance; std::vector<std::string> events; };

} // namespace step

using Step = std::variant<step::Host, step::Condition, step::Task, step::Run, step::Fire, step::Raise, step::New,
                          step::Go, step::Defer, step::Complete, step::Drop, step::Fail, step::Progress, step::Cancel,
                          step::Suspend, step::Resume, step::Unregister, step::Enable, step::Advance, step::Drain,
                          step::Shutdown, step::Joined, step::ExpectInstance, step::ExpectTask, step::ExpectHost,
                          step::Trace>;

/// One line of a file: a step, which the library must refuse with `refused` when that is there.
struct Line {
    std::size_t number;
    std::optional<backstay::Status> refused;
    Step step;
};

} // namespace scenarios
