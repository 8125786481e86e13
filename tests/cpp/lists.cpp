// Lists and texts come whole, however long: tasks, groups, holders, stragglers, the snapshot, explanations.
#include "check.hpp"

using backstay::Instance, backstay::Task;

static std::string numbered(const char *what, int number) {
    return what + std::to_string(1000 + number);
}

static void tasks_and_groups() {
    const backstay::Host host = manual_host();
    CHECK(host.tasks().empty() && host.groups().empty() && host.group_tasks("nobody").empty());
    for (int index = 0; index < 40; index++) {
        add(host, numbered("plain ", index).c_str(), nothing);
        auto options = backstay::TaskOptions().with_name(numbered("grouped ", index)).with_run(nothing);
        host.register_task(options.with_group("one"));
        host.register_task(options.with_group(numbered("group ", index)));
    }
    const std::vector<Task> plain = host.tasks(), grouped = host.group_tasks("one");
    const std::vector<std::string> groups = host.groups();
    CHECK(plain.size() == 40 && grouped.size() == 40 && groups.size() == 41 && groups[40] == "one");
    for (int index = 0; index < 40; index++) {
        const auto at = static_cast<size_t>(index);
        CHECK(plain[at].name() == numbered("plain ", index) && grouped[at].name() == numbered("grouped ", index));
        CHECK(groups[at] == numbered("group ", index));
        CHECK(host.group_task(groups[at], numbered("grouped ", index)).group() == groups[at]);
    }
    CHECK_THROWS(NotFound, host.task("grouped 1001"));
    CHECK_THROWS(NotFound, host.group_task("one", "plain 1001"));
    close(host);
}

static void holders_and_the_snapshot() {
    const backstay::Host host = manual_host();
    std::vector<backstay::Deferral> deferrals;
    Gate taken, leave;
    const Instance instance = add(host, "held", [&](const Instance &running) {
                                  for (int index = 0; index < 30; index++) {
                                      deferrals.push_back(running.get_deferral(numbered("label ", index)));
                                  }
                                  taken.open();
                                  leave.wait();
                              }).fire();
    taken.wait();
    const std::vector<backstay::Holder> holders = instance.holders(), all = host.holders();
    CHECK(holders.size() == 30 && all.size() == 30);
    const std::string json = host.snapshot_json();
    CHECK(json.front() == '{' && json.back() == '}' && json.size() > 1000);
    for (int index = 0; index < 30; index++) {
        const std::string label = numbered("label ", index);
        CHECK(holders[static_cast<size_t>(index)].label == label && json.find(label) != std::string::npos);
        CHECK(all[static_cast<size_t>(index)].label == label && all[0].instance_id == instance.id());
    }
    leave.open();
    deferrals.clear();
    instance.wait(SOON);
    CHECK(host.holders().empty());
    close(host);
}

static void explanations() {
    const backstay::Host host = manual_host();
    auto options = backstay::TaskOptions().with_name("picky").with_run(nothing);
    for (int index = 0; index < 30; index++) options.with_condition(numbered("condition ", index));
    const Task task = host.register_task(options);
    const auto [instance, answer] = task.fire_with_answer();
    CHECK(answer.became == backstay::Firing::Waiting && answer.waiting_for == backstay::WaitingFor::Conditions);
    const std::string why = task.explain();
    CHECK(answer.conditions.size() == 30);
    for (int index = 0; index < 30; index++) {
        CHECK(answer.conditions[static_cast<size_t>(index)] == numbered("condition ", index));
    }
    CHECK(why.find("condition 1000") != std::string::npos && why.find('\0') == std::string::npos);
    close(host);
    CHECK(instance.wait(SOON).outcome == backstay::Outcome::Canceled);
}

static void stragglers() {
    const backstay::Host host = manual_host(20);
    std::vector<Instance> instances;
    Gate leave;
    Count entered;
    auto options = backstay::TaskOptions().with_name("stuck").with_group("bad").with_run([&](const Instance &) {
        entered.add();
        leave.wait();
    });
    const Task task = host.register_task(options.with_grace(1s));
    for (int index = 0; index < 20; index++) instances.push_back(task.fire());
    await([&] { return entered.get() == 20; });
    for (const Instance &instance : instances) instance.cancel();
    host.advance(3s);
    const std::vector<backstay::Straggler> stuck = host.stragglers();
    CHECK(stuck.size() == 20);
    for (const backstay::Straggler &one : stuck) {
        CHECK(one.task == "stuck" && one.group == "bad" && !one.in_handler && one.given_up_for == 2s);
    }
    leave.open();
    await([&] { return host.stragglers().empty(); });
    instances.clear();
    // Each of the entry points still has the handle that was lent to it until it has returned.
    close(host);
}

TESTS(TEST(tasks_and_groups), TEST(holders_and_the_snapshot), TEST(explanations), TEST(stragglers))
