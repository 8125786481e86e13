// Reports name the line that took a deferral or registered a task, not a line of the header (H4).
#include "check.hpp"

using backstay::Holder, backstay::Instance;

static void the_line_of_the_caller() {
    const backstay::Host host = manual_host();
    Gate taken, leave;
    std::vector<backstay::Deferral> deferrals;
    uint32_t lines[4] = {};
    auto options = backstay::TaskOptions().with_name("here").with_run([&](const Instance &running) {
        lines[1] = __LINE__, deferrals.push_back(running.get_deferral("by name"));
        lines[2] = __LINE__, deferrals.push_back(running.get_deferral());
        lines[3] = __LINE__, deferrals.push_back(*running.try_get_deferral("tried"));
        deferrals.push_back(running.get_deferral("of a wrapper", {"wrapper.cpp", 7}));
        deferrals.push_back(running.get_deferral("of nobody", {}));
        taken.open();
        leave.wait();
    });
    lines[0] = __LINE__; const backstay::Task task = host.register_task(options);
    const Instance instance = task.fire();
    taken.wait();
    // The entry point is a holder, too, in the reports of what is left of a cancelled instance.
    instance.cancel();
    host.advance(5s);
    const std::vector<Holder> holders = instance.wait(SOON).holders;
    CHECK(holders.size() == 6);
    for (size_t index = 0; index < 4; index++) {
        CHECK(holders[index].line == lines[index]);
        CHECK(holders[index].file.find("site.cpp") != std::string::npos);
        CHECK(holders[index].language == backstay::Language::Cpp);
    }
    CHECK(holders[0].kind == backstay::HolderKind::EntryPoint && holders[2].label.empty());
    CHECK(holders[4].file == "wrapper.cpp" && holders[4].line == 7);
    CHECK(holders[5].file.empty() && holders[5].line == 0);
    leave.open();
    await([&] { return host.stragglers().empty(); });
    deferrals.clear();
    close(host);
}

TESTS(TEST(the_line_of_the_caller))
