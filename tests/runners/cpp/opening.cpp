#include "opening.hpp"

namespace scenarios {
namespace {

using backstay::Error;
using backstay::Status;
using namespace std::chrono_literals;

/// How many entry points run at once unless the file says otherwise: the same on every machine.
constexpr uint32_t WORKERS = 4;

/// What the library would refuse is answered here where nothing or zero means default there.
void refuse_nothing(bool is_nothing, Status status, const std::string &option) {
    if (is_nothing) throw Error(status, option + ": nothing or zero means default in C++ and cannot be asked for");
}

} // namespace

backstay::Host open_host(const step::Host &options, const std::shared_ptr<Stage> &stage) {
    refuse_nothing(options.workers == 0U, Status::InvalidArgument, "workers");
    backstay::HostOptions settings;
    settings.manual_clock = true;
    settings.workers = options.workers.value_or(WORKERS);
    settings.grace = options.grace;
    settings.overdue_after = options.overdue_after;
    backstay::Host host(settings);
    // Destroying the subscription leaves the handler attached until the host ends (E4). Then the host lets go of what it
    // has called, here and below: what is left of the stage and of the handles in it is a fault of the library.
    host.on_event([stage](const backstay::Event &event) { stage->traces.tell(event); });
    return host;
}

backstay::Task register_task(const step::Task &options, const std::shared_ptr<Stage> &stage,
                             const backstay::Host &host) {
    refuse_nothing(options.max_running == 0U, Status::InvalidTask, "max-running");
    refuse_nothing(options.max_failures == 0U, Status::InvalidTask, "max-failures");
    refuse_nothing(options.group == "", Status::InvalidTask, "group");

    const auto enter = [stage, task = options.called()](const backstay::Instance &instance) {
        stage->enter(task, instance);
    };
    backstay::TaskOptions settings;
    settings.name = options.name;
    settings.group = options.group.value_or("");
    settings.trigger = options.trigger.value_or(backstay::Trigger::manual());
    settings.conditions = options.conditions;
    settings.cancel_on_condition_loss = options.cancel_on_loss;
    settings.deadline = options.deadline;
    settings.grace = options.grace;
    settings.when_busy = options.busy.value_or(backstay::WhenBusy::Default);
    settings.max_running = options.max_running.value_or(0);
    settings.max_failures = options.max_failures.value_or(0);
    settings.if_exists = options.if_exists.value_or(backstay::IfExists::Fail);
    settings.run = enter;
    return host.register_task(settings);
}

} // namespace scenarios
