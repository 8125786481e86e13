#include "traces.hpp"

#include "names.hpp"

#include <algorithm>

namespace scenarios {
namespace {

using backstay::EventKind;

/// The word of an event; none for progress, whose events may be merged (E3).
std::optional<std::string> entry(const backstay::Event &event) {
    const std::vector<std::string> conditions(event.conditions.begin(), event.conditions.end());
    switch (event.kind) {
        case EventKind::Fired: return "fired";
        case EventKind::Waits: return "waits:" + joined(conditions, ",");
        case EventKind::Started: return "started";
        case EventKind::Suspended: return "suspended";
        case EventKind::Resumed: return "resumed";
        case EventKind::Canceled: return "canceled:" + written(event.reason.value());
        case EventKind::Overdue: return "overdue:" + std::string(event.label);
        case EventKind::Completed: return "completed:" + written(event.outcome.value());
        case EventKind::Progress: break;
    }
    return std::nullopt;
}

} // namespace

void Traces::tell(const backstay::Event &event) {
    auto word = entry(event);
    if (!word) return;
    {
        const std::lock_guard lock(mutex_);
        // The event's instance is good for this call; the copy is ours.
        if (event.kind == EventKind::Fired) instances_.push_back(event.instance);
        entries_[event.instance_id].push_back(std::move(*word));
    }
    changes_.tell();
}

void Traces::mark(const backstay::Instance &instance, std::string_view step) {
    const std::lock_guard lock(mutex_);
    entries_[instance.id()].push_back('<' + std::string(step) + '>');
}

Trace Traces::of(const backstay::Instance &instance) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(instance.id());
    return found == entries_.end() ? Trace() : found->second;
}

std::vector<backstay::Instance> Traces::instances() const {
    const std::lock_guard lock(mutex_);
    return instances_;
}

std::vector<backstay::Uuid> Traces::started() const {
    const std::lock_guard lock(mutex_);
    std::vector<backstay::Uuid> found;
    for (const auto &[id, trace] : entries_) {
        if (std::find(trace.begin(), trace.end(), "started") != trace.end()) found.push_back(id);
    }
    return found;
}

} // namespace scenarios
