// The entry point of every task: it does the acts that the file wrote down for it.
#include "stage.hpp"
#include "trouble.hpp"

namespace scenarios {
namespace {

using backstay::Instance;

/// What `panic` throws: nothing that has a what().
struct Panicked {};

/// Does the acts of one run. What the library refuses leaves the run as a backstay::Error, and makes it Failed.
class Run {
  public:
    Run(Stage &stage, const Instance &instance) : stage_(stage), instance_(instance) {}

    void operator()(const act::Defer &act) { stage_.deferrals.take(instance_, act.label); }
    void operator()(const act::Complete &act) { stage_.deferrals.complete(instance_, act.label); }
    void operator()(const act::Progress &act) { instance_.set_progress(act.progress); }
    void operator()(const act::Hold &) { stage_.gates.stand(instance_.id()); }
    // A cancelled run goes on with its next act; whether it then fails or returns is the file's say.
    void operator()(const act::Checkpoint &) { instance_.checkpoint(); }
    [[noreturn]] void operator()(const act::Fail &act) { throw std::runtime_error(act.text); }
    [[noreturn]] void operator()(const act::Panic &) { throw Panicked(); }
    void operator()(const act::Unregister &) { instance_.task().unregister(false); }
    void operator()(const act::Fire &act) {
        const auto task = stage_.task(act.task);
        if (!task) throw Wrong(nobody("task", act.task));
        task->fire();
    }
    void operator()(const act::Return &) {}

  private:
    Stage &stage_;
    const Instance &instance_;
};

} // namespace

void Stage::enter(const std::string &task, const Instance &instance) {
    const Script acts = script(task, instance);
    for (const Act &act : *acts) {
        if (std::holds_alternative<act::Return>(act)) return;
        try {
            std::visit(Run(*this, instance), act);
        } catch (const Wrong &wrong) {
            // It is the file that is wrong, and no fault of the run.
            add_mistake(wrong.what());
        }
    }
}

} // namespace scenarios
