// A handler that throws is told by the host's log and harms nobody else; a log that throws harms nobody either (E5).
#include "check.hpp"

using backstay::Completion, backstay::Instance;

static backstay::Host host_with_log(std::function<void(std::string_view)> log) {
    backstay::HostOptions options;
    options.manual_clock = true;
    options.log = std::move(log);
    return backstay::Host(options);
}

static void the_log_tells_it() {
    Lines log;
    Count others;
    const backstay::Host host = host_with_log([&log](std::string_view line) { log.add(line); });
    Gate is_running, go_on;
    const backstay::Task task = add(host, "worker", [&](const Instance &instance) {
        is_running.open();
        go_on.wait();
        instance.set_progress(1);
    });
    task.on_completed([](const Completion &) { throw std::runtime_error("a broken Completed handler"); });
    task.on_completed([&others](const Completion &) { others.add(); });
    task.on_progress([](const Instance &, uint32_t) { throw std::runtime_error("a broken Progress handler"); });
    host.on_event([](const backstay::Event &event) {
        if (event.kind == backstay::EventKind::Started) throw 7;
    });
    const Instance instance = task.fire();
    is_running.wait();
    instance.on_canceled([](backstay::CancelReason) { throw backstay::Canceled("a broken Canceled handler"); });
    instance.on_completed([] { throw std::runtime_error("no UTF-8: \xff"); });
    instance.cancel();
    go_on.open();
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Canceled);
    host.flush(SOON);
    CHECK(others.get() == 1);
    for (const char *said : {"a broken Completed handler", "a broken Progress handler", "a broken Canceled handler",
                             "an exception that is no std::exception", "no UTF-8: ?"}) {
        if (!log.has(said)) check::fail("not in the log", said, __FILE__, __LINE__);
    }
    close(host);
}

static void it_is_called_again() {
    Lines log;
    const backstay::Host host = host_with_log([&log](std::string_view line) { log.add(line); });
    const backstay::Task task = add(host, "nothing", nothing);
    Count called;
    task.on_completed([&called](const Completion &) {
        called.add();
        throw std::runtime_error("again");
    });
    for (int round = 0; round < 3; round++) task.fire().wait(SOON);
    host.flush(SOON);
    CHECK(called.get() == 3 && log.lines.size() == 3);
    close(host);
}

static void a_log_that_throws_harms_nobody() {
    Count said, others;
    const backstay::Host host = host_with_log([&said](std::string_view) {
        said.add();
        throw std::runtime_error("the log is broken, too");
    });
    const backstay::Task task = add(host, "nothing", nothing);
    task.on_completed([](const Completion &) { throw std::runtime_error("broken"); });
    task.on_completed([&others] { others.add(); });
    task.fire().wait(SOON);
    host.flush(SOON);
    CHECK(said.get() == 1 && others.get() == 1);
    close(host);
}

TESTS(TEST(the_log_tells_it), TEST(it_is_called_again), TEST(a_log_that_throws_harms_nobody))
