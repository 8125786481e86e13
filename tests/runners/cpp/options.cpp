#include "options.hpp"

#include "names.hpp"

#include <functional>
#include <initializer_list>

namespace scenarios {
namespace {

/// An option of a step: its key, and how it fills the step.
template <class Step> struct Key {
    std::string_view key;
    std::function<void(Step &, const Option &)> fill;
};

/// Reads all that is left as options of these keys.
template <class Step> Step filled(Step step, Words &rest, std::initializer_list<Key<Step>> keys) {
    while (rest.are_left()) {
        const Option option = rest.option();
        const auto is_named = [&](const Key<Step> &key) { return key.key == option.key; };
        const auto *const key = std::find_if(keys.begin(), keys.end(), is_named);
        if (key == keys.end()) throw unknown(option.key);
        key->fill(step, option);
    }
    return step;
}

const std::string &needed(const Option &option) {
    if (!option.value) throw Fault('`' + option.key + "` needs a value: " + option.key + "=…");
    return *option.value;
}

/// An option that stands once and has a value, which goes into `field`.
template <class Step, class Value, class Read>
Key<Step> once(std::string_view key, std::optional<Value> Step::*field, Read read) {
    return {key, [field, read](Step &step, const Option &option) {
                if (step.*field) throw Fault('`' + option.key + "` stands twice");
                const std::string &word = needed(option);
                try {
                    step.*field = read(word);
                } catch (const Fault &fault) {
                    throw Fault('`' + option.key + "`: " + fault.what());
                }
            }};
}

/// Reads one of the words of a table.
template <class Value, std::size_t Count> auto one_of(const Named<Value> (&table)[Count]) {
    return [&table](std::string_view word) { return value(table, word); };
}

std::string text(const std::string &word) { return word; }

/// Labels with commas between them; no label at all where nothing stands.
std::vector<std::string> labels(std::string_view word) {
    std::vector<std::string> found;
    for (const std::string_view label : parts(word, ',')) {
        if (!label.empty()) found.emplace_back(label);
    }
    return found;
}

backstay::Trigger trigger(std::string_view word) {
    using backstay::Trigger;
    const auto colon = word.find(':');
    const auto kind = word.substr(0, colon);
    const auto what = colon == std::string_view::npos ? std::string_view() : word.substr(colon + 1);
    if (word == "manual") return Trigger::manual();
    if (colon != std::string_view::npos && kind == "after") return Trigger::after(duration(what));
    if (colon != std::string_view::npos && kind == "every") return Trigger::every(duration(what));
    if (colon != std::string_view::npos && kind == "event") return Trigger::event(std::string(what));
    throw Fault(quoted(word) + " is none of manual, after:DUR, every:DUR, event:EVENT");
}

void add_condition(step::Task &task, const Option &option) { task.conditions.push_back(needed(option)); }

void set_cancel_on_loss(step::Task &task, const Option &option) {
    if (option.value) throw unknown(option.key);
    task.cancel_on_loss = true;
}

} // namespace

step::Host read_host(Words &rest) {
    using Host = step::Host;
    return filled(Host(), rest, {once("workers", &Host::workers, number<uint32_t>),
                                 once("grace", &Host::grace, duration),
                                 once("overdue-after", &Host::overdue_after, duration)});
}

step::Task read_task(Words &rest) {
    using Task = step::Task;
    Task task;
    task.name = rest.word("the name of the task");
    return filled(task, rest, {once("trigger", &Task::trigger, trigger),
                               {"condition", add_condition},
                               {"cancel-on-loss", set_cancel_on_loss},
                               once("deadline", &Task::deadline, duration),
                               once("grace", &Task::grace, duration),
                               once("busy", &Task::busy, one_of(BUSY)),
                               once("max-running", &Task::max_running, number<uint32_t>),
                               once("max-failures", &Task::max_failures, number<uint32_t>),
                               once("group", &Task::group, text),
                               once("if-exists", &Task::if_exists, one_of(IF_EXISTS))});
}

step::Details read_details(Words &rest) {
    return filled(step::Details(), rest, {once("details", &step::Details::details, text)});
}

step::Joined read_joined(Words &rest) {
    using Joined = step::Joined;
    return filled(Joined(), rest, {once("finished", &Joined::finished, number<uint64_t>),
                                   once("abandoned", &Joined::abandoned, number<uint64_t>),
                                   once("holders", &Joined::holders, labels)});
}

std::optional<backstay::Cause> read_cause(Words &rest) {
    return filled(step::Suspend(), rest, {once("cause", &step::Suspend::cause, one_of(CAUSE))}).cause;
}

expected::Instance read_expected_instance(Words &rest) {
    using Instance = expected::Instance;
    return filled(Instance(), rest, {once("state", &Instance::state, one_of(STATE)),
                                     once("outcome", &Instance::outcome, one_of(OUTCOME)),
                                     once("reason", &Instance::reason, reason),
                                     once("error", &Instance::error, text),
                                     once("deferrals", &Instance::deferrals, number<uint64_t>),
                                     once("progress", &Instance::progress, number<uint64_t>),
                                     once("suspended", &Instance::suspended, number<uint64_t>),
                                     once("throttled", &Instance::throttled, number<uint64_t>),
                                     once("details", &Instance::details, text),
                                     once("dropped", &Instance::dropped, labels),
                                     once("remaining", &Instance::remaining, duration)});
}

expected::Task read_expected_task(Words &rest) {
    using Task = expected::Task;
    return filled(Task(), rest, {once("running", &Task::running, number<uint64_t>),
                                 once("pending", &Task::pending, number<uint64_t>),
                                 once("registered", &Task::registered, one_of(YES_NO)),
                                 once("disabled", &Task::disabled, one_of(YES_NO))});
}

expected::Host read_expected_host(Words &rest) {
    using Host = expected::Host;
    return filled(Host(), rest, {once("stragglers", &Host::stragglers, number<uint64_t>),
                                 once("holders", &Host::holders, number<uint64_t>),
                                 once("state", &Host::state, one_of(HOST_STATE))});
}

Fault unknown(std::string_view option) { return Fault("unknown option " + quoted(option)); }

} // namespace scenarios
