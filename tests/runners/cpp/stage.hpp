// What the steps of a scenario share with the runs of its tasks.
#pragma once

#include "deferrals.hpp"
#include "gates.hpp"
#include "step.hpp"
#include "traces.hpp"

#include <memory>
#include <set>

namespace scenarios {

/// One playing scenario, as its runs see it.
class Stage {
  public:
    Traces traces;
    Gates gates;
    Deferrals deferrals;

    /// Says what the later runs of that task do. A run that was seen to have started is not a later one, so this waits
    /// until each of those has taken its script.
    void set_script(const std::string &task, std::vector<Act> acts);

    void set_task(const std::string &name, backstay::Task task);
    /// The task last registered under that name, also when it was unregistered since.
    std::optional<backstay::Task> task(const std::string &name) const;

    /// One run of the task of that name: the entry point of every task.
    void enter(const std::string &task, const backstay::Instance &instance);

    /// What a run was told to do and could not, since the file is wrong; the first of it.
    std::optional<std::string> mistake() const;

  private:
    using Script = std::shared_ptr<const std::vector<Act>>;

    /// What this run of that task does; nothing when no `run` said so.
    Script script(const std::string &task, const backstay::Instance &run);
    void add_mistake(const std::string &mistake);

    mutable std::mutex mutex_;
    std::map<std::string, Script> scripts_;
    /// The runs that know what they do.
    std::set<backstay::Uuid> entered_;
    std::map<std::string, backstay::Task> tasks_;
    std::optional<std::string> mistake_;
};

} // namespace scenarios
