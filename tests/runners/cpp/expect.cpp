#include "expect.hpp"

#include <algorithm>

namespace scenarios {
namespace {

using backstay::Completion;
using backstay::Holder;
using backstay::State;
using Labels = std::vector<std::string>;

Labels labels(const std::vector<Holder> &holders) {
    Labels found;
    for (const Holder &holder : holders) found.push_back(holder.label);
    return found;
}

/// The state, which counts once its event was delivered as well: a mark that is written next then stands after it.
std::string told(State state, const Trace &trace) {
    const auto has = [&](std::string_view event) {
        const auto is_it = [&](const std::string &entry) { return entry.compare(0, event.size(), event) == 0; };
        return std::any_of(trace.begin(), trace.end(), is_it);
    };
    const bool is_told = state == State::Pending || has(state == State::Running ? "started" : "completed:");
    return written(state) + (is_told ? "" : " without its event");
}

/// There is no completion before all is over.
std::optional<Completion> completion(const backstay::Instance &instance) {
    auto over = instance.try_wait(Duration::zero());
    if (over.status() == backstay::Status::TimedOut) return std::nullopt;
    return std::move(over).value();
}

template <class Value> std::optional<Value> some(Value value) { return value; }

} // namespace

void Comparison::add_written(const std::string &name, const std::string &expected,
                             const std::optional<std::string> &seen) {
    differs_ = differs_ || seen != expected;
    expected_ += ' ' + name + '=' + expected;
    seen_ += seen ? ' ' + name + '=' + *seen : " no " + name;
}

Comparison compare(const expected::Instance &expected, const backstay::Instance &instance, const Traces &traces) {
    const State state = instance.state();
    const auto over = completion(instance);
    const auto details = instance.details();
    const auto remaining = instance.remaining();
    const auto expected_state = expected.state ? some(written(*expected.state)) : std::nullopt;
    Comparison comparison;
    comparison.add("state", expected_state, some(told(state, traces.of(instance))));
    comparison.add("outcome", expected.outcome, over ? some(over->outcome) : std::nullopt);
    comparison.add("reason", expected.reason, instance.canceled());
    comparison.add("error", expected.error, over ? some(over->error) : std::nullopt);
    comparison.add("deferrals", expected.deferrals, some<uint64_t>(instance.holders().size()));
    comparison.add("progress", expected.progress, some<uint64_t>(instance.progress()));
    comparison.add("suspended", expected.suspended, some<uint64_t>(instance.suspended_count()));
    comparison.add("throttled", expected.throttled, some<uint64_t>(instance.throttle_count()));
    comparison.add("details", expected.details, some(std::string(details.as_text().value_or(""))));
    comparison.add("dropped", expected.dropped, over ? some(labels(over->dropped)) : std::nullopt);
    comparison.add("remaining", expected.remaining, remaining);
    return comparison;
}

Comparison compare(const expected::Task &expected, const backstay::Task &task) {
    Comparison comparison;
    comparison.add("running", expected.running, some<uint64_t>(task.running()));
    comparison.add("pending", expected.pending, some<uint64_t>(task.pending()));
    comparison.add("registered", expected.registered, some(task.is_registered()));
    comparison.add("disabled", expected.disabled, some(task.is_disabled()));
    return comparison;
}

Comparison compare(const expected::Host &expected, const backstay::Host &host) {
    Comparison comparison;
    comparison.add("stragglers", expected.stragglers, some<uint64_t>(host.stragglers().size()));
    comparison.add("holders", expected.holders, some<uint64_t>(host.holders().size()));
    comparison.add("state", expected.state, some(host.state()));
    return comparison;
}

Comparison compare(const step::Joined &expected, const backstay::DrainReport &report) {
    Labels holders = labels(report.holders);
    // An entry point has no label: what it occupies shows as a straggler.
    holders.erase(std::remove(holders.begin(), holders.end(), ""), holders.end());
    Comparison comparison;
    comparison.add("finished", expected.finished, some(report.finished()));
    comparison.add("abandoned", expected.abandoned, some(report.abandoned));
    comparison.add("holders", expected.holders, some(holders));
    return comparison;
}

} // namespace scenarios
