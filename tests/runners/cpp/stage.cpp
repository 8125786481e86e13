#include "stage.hpp"

#include "trouble.hpp"

#include <algorithm>

namespace scenarios {

using backstay::Instance;
using backstay::Task;
using backstay::Uuid;

void Stage::set_script(const std::string &task, std::vector<Act> acts) {
    const std::vector<Uuid> started = traces.started();
    const bool have_entered = traces.wait_for([&] {
        const std::lock_guard lock(mutex_);
        return std::all_of(started.begin(), started.end(), [&](const Uuid &run) { return entered_.count(run) != 0; });
    });
    if (!have_entered) throw Wrong("expected every started run to enter, saw one that does not");
    const std::lock_guard lock(mutex_);
    scripts_[task] = std::make_shared<const std::vector<Act>>(std::move(acts));
}

Stage::Script Stage::script(const std::string &task, const Instance &run) {
    const std::lock_guard lock(mutex_);
    entered_.insert(run.id());
    const auto found = scripts_.find(task);
    return found == scripts_.end() ? std::make_shared<const std::vector<Act>>() : found->second;
}

void Stage::set_task(const std::string &name, Task task) {
    const std::lock_guard lock(mutex_);
    tasks_[name] = std::move(task);
}

std::optional<Task> Stage::task(const std::string &name) const {
    const std::lock_guard lock(mutex_);
    const auto found = tasks_.find(name);
    return found == tasks_.end() ? std::nullopt : std::optional<Task>(found->second);
}

void Stage::add_mistake(const std::string &mistake) {
    const std::lock_guard lock(mutex_);
    if (!mistake_) mistake_ = mistake;
}

std::optional<std::string> Stage::mistake() const {
    const std::lock_guard lock(mutex_);
    return mistake_;
}

} // namespace scenarios
