// What an entry point throws makes the instance Failed, with what() and the name of the type; it goes no further (L7, C8).
#include "check.hpp"

using backstay::Completion, backstay::Instance, backstay::Outcome;

namespace shop {
struct Sold : std::runtime_error {
    using std::runtime_error::runtime_error;
};
} // namespace shop

// How an instance of this entry point ends.
static Completion end_of(backstay::EntryPoint run, bool cancelled = false) {
    const backstay::Host host = manual_host();
    Gate is_running, is_canceled;
    const backstay::Task task = add(host, "thrower", [&](const Instance &instance) {
        is_running.open();
        is_canceled.wait();
        return run(instance);
    });
    const Instance instance = task.fire();
    is_running.wait();
    if (cancelled) instance.cancel(backstay::CancelReason::LoggingOff);
    is_canceled.open();
    const Completion done = instance.wait(SOON);
    close(host);
    return done;
}

static void an_exception_is_a_failure_with_its_text() {
    const Completion done = end_of([](const Instance &) { throw shop::Sold("all was sold \xe2\x80\x94 sorry"); });
    CHECK(done.outcome == Outcome::Failed && !done.canceled);
    CHECK(done.error == "all was sold \xe2\x80\x94 sorry" && done.error_type == "shop::Sold");
}

static void anything_else_is_a_failure_too() {
    const Completion done = end_of([](const Instance &) { throw 7; });
    CHECK(done.outcome == Outcome::Failed && done.error == "an exception that is no std::exception");
    CHECK(done.error_type == "unknown");
}

static void a_text_that_is_no_utf8_is_shown_as_far_as_it_is_ascii() {
    const Completion done = end_of([](const Instance &) { throw shop::Sold("gr\xfc\xdf" "e"); });
    CHECK(done.error == "gr??e" && done.error_type == "shop::Sold");
}

static void leaving_by_the_cancellation_is_a_return_after_a_cancellation() {
    const auto leave = [](const Instance &instance) {
        if (instance.canceled()) throw backstay::Canceled("on my way");
    };
    const Completion done = end_of(leave, true);
    CHECK(done.outcome == Outcome::Canceled && done.error.empty());
    CHECK(done.canceled == backstay::CancelReason::LoggingOff);
    CHECK(end_of(leave).outcome == Outcome::Succeeded);
}

static void without_one_it_is_a_failure() {
    const Completion done = end_of([](const Instance &) { throw backstay::Canceled("by nobody"); });
    CHECK(done.outcome == Outcome::Failed && done.error == "by nobody" && done.error_type == "backstay::Canceled");
}

static void a_refused_call_is_a_failure() {
    const Completion done = end_of([](const Instance &instance) { instance.wait(0s); });
    CHECK(done.outcome == Outcome::Failed && done.error_type == "backstay::Error");
    CHECK(done.error.find("WOULD_DEADLOCK: ") == 0);
}

static void an_error_counts_also_after_a_cancellation() {
    const Completion done = end_of([](const Instance &) { throw shop::Sold("too late"); }, true);
    CHECK(done.outcome == Outcome::Failed && done.canceled && done.error == "too late");
}

static void the_instance_waits_for_its_deferrals() {
    const backstay::Host host = manual_host();
    Gate taken;
    std::optional<backstay::Deferral> deferral;
    const backstay::Task task = add(host, "thrower", [&](const Instance &instance) {
        deferral = instance.get_deferral();
        taken.open();
        throw shop::Sold("out");
    });
    const Instance instance = task.fire();
    taken.wait();
    CHECK(instance.state() == backstay::State::Running);
    deferral->complete();
    CHECK(instance.wait(SOON).error == "out");
    close(host);
}

static void a_status_is_an_answer() {
    CHECK(end_of([](const Instance &) { return backstay::Status::Ok; }).outcome == Outcome::Succeeded);
    const Completion failed = end_of([](const Instance &) { return backstay::Status::Closed; });
    CHECK(failed.outcome == Outcome::Failed && failed.error_type == "CLOSED");
    CHECK(failed.error == message(backstay::Status::Closed));
    CHECK(end_of([](const Instance &) { return backstay::Status::Canceled; }, true).outcome == Outcome::Canceled);
    CHECK(end_of([](const Instance &) { return backstay::Status::Canceled; }).outcome == Outcome::Failed);
    const Completion said = end_of([](const Instance &instance) {
        instance.set_error("the shelf is empty");
        return backstay::Status::Failed;
    });
    CHECK(said.error == "the shelf is empty" && said.error_type == "FAILED");
    CHECK_THROWS(InvalidHandle, Instance().set_error("nobody's"));
}

TESTS(TEST(an_exception_is_a_failure_with_its_text), TEST(anything_else_is_a_failure_too),
      TEST(a_text_that_is_no_utf8_is_shown_as_far_as_it_is_ascii),
      TEST(leaving_by_the_cancellation_is_a_return_after_a_cancellation), TEST(without_one_it_is_a_failure),
      TEST(a_refused_call_is_a_failure), TEST(an_error_counts_also_after_a_cancellation),
      TEST(the_instance_waits_for_its_deferrals), TEST(a_status_is_an_answer))
