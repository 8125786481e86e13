// The part of the test that is compiled without exceptions.
#include "check.hpp"

#if BACKSTAY_HAS_EXCEPTIONS
#error "this file is to be compiled without exceptions"
#endif

namespace plain {

bool everything_works_by_results();
bool an_entry_point_fails_by_its_status();

using backstay::Result, backstay::Status;

static backstay::TaskOptions named(const char *name, backstay::EntryPoint run) {
    backstay::TaskOptions options;
    options.with_name(name).with_run(std::move(run));
    return options;
}

bool everything_works_by_results() {
    const Result<backstay::Host> host = backstay::Host::open();
    CHECK(host.ok() && host.status() == Status::Ok && host.text().empty());
    const auto refused = host->try_register_task(backstay::TaskOptions());
    CHECK(!refused && refused.status() == Status::InvalidTask && !refused.text().empty());
    Gate taken;
    Result<backstay::Deferral> deferral = Status::NotRunning;
    const auto task = host->try_register_task(named("held", [&](const backstay::Instance &instance) {
        deferral = instance.try_get_deferral("plain");
        taken.open();
    }));
    CHECK(task.ok() && *task->try_name() == "held");
    CHECK(host->try_task("nobody").status() == Status::NotFound);
    const auto instance = (*task).try_fire("details");
    taken.wait();
    CHECK(deferral.ok() && instance->try_details()->as_text() == "details");
    CHECK(instance->try_holders()->size() == 1 && instance->try_wait(0s).status() == Status::TimedOut);
    CHECK(deferral->complete() == Status::Ok && deferral->fail("late") == Status::AlreadyCompleted);
    CHECK(instance->try_wait(SOON)->outcome == backstay::Outcome::Succeeded);
    const Result<void> flushed = host->try_flush(SOON);
    CHECK(flushed.ok() && host->try_advance(1s).status() == Status::NotManualClock);
    CHECK(host->try_shutdown(0s)->finished() == 0);
    return true;
}

bool an_entry_point_fails_by_its_status() {
    const backstay::Host host = manual_host();
    const auto task = host.register_task(named("failing", [](const backstay::Instance &instance) {
        (void)instance.try_set_error("no room");
        return Status::Failed;
    }));
    const backstay::Completion done = task.fire().wait(SOON);
    CHECK(done.outcome == backstay::Outcome::Failed && done.error == "no room");
    close(host);
    return true;
}

} // namespace plain
