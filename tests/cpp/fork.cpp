// A child made by fork is told so by every call, its objects go away without a word, and the parent goes on (H6).
#include "check.hpp"

#include <sys/wait.h>
#include <unistd.h>

using backstay::Host, backstay::Instance, backstay::Status;

// Runs in the child; what it captures would live on in a process that has no other thread.
static void be_the_child(const Host &host, const backstay::Task &task, const Instance &instance, backstay::Deferral held) {
    // Whoever hangs is killed, which the parent sees.
    alarm(static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(SOON).count()));
    Count destroyed;
    CHECK_THROWS(Forked, Host());
    CHECK_THROWS(Forked, Host(host));
    CHECK_THROWS(Forked, task.fire("details"));
    CHECK_THROWS(Forked, host.register_task(backstay::TaskOptions().with_name("child").with_run(
                             [witness = std::make_shared<Witness>(destroyed)](const Instance &) {})));
    CHECK_THROWS(Forked, instance.wait(0s));
    CHECK_THROWS(Forked, host.shutdown(0s));
    CHECK_THROWS(Forked, task.on_completed([witness = Witness(destroyed)] {}));
    CHECK(held.complete() == Status::Forked && destroyed.get() == 2);
    CHECK(task.try_name().status() == Status::Forked && name(Status::Forked) == std::string_view("FORKED"));
}

static void the_child_is_refused_and_the_parent_goes_on() {
    std::optional<Host> host = manual_host();
    std::optional<backstay::Deferral> deferral;
    Gate taken;
    const backstay::Task task = add(*host, "held", [&](const Instance &instance) {
        deferral = instance.get_deferral();
        taken.open();
    });
    const Instance instance = task.fire();
    taken.wait();
    std::fflush(nullptr); // or the child would write it again
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        be_the_child(*host, task, instance, std::move(*deferral));
        host.reset();
        _exit(0);
    }
    int answer = 0;
    CHECK(waitpid(child, &answer, 0) == child && WIFEXITED(answer) && WEXITSTATUS(answer) == 0);
    CHECK(deferral->complete() == Status::Ok);
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Succeeded && instance.wait(SOON).dropped.empty());
    close(*host);
}

TESTS(TEST(the_child_is_refused_and_the_parent_goes_on))
