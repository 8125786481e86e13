// The six scenarios of the sample: what a user does on its pages, and what the system does meanwhile.
#include "cases.hpp"

namespace sample {
namespace {

const std::string INTERNET = "InternetAvailable";

void background_task(System &system, Variant variant) {
    {
        App app(system, variant);
        Page page(app, SAMPLE);
        page.register_task();
        system.raise_event(TIME_ZONE_CHANGE);
        system.advance(11);
        system.say("BackgroundWorkCost: " + app.settings->get("BackgroundWorkCost").value());
    }
    system.say("The application is opened anew");
    App app(system, variant);
    const Page page(app, SAMPLE);
    system.raise_event(TIME_ZONE_CHANGE);
    system.advance(3);
    page.unregister();
    system.advance(1);
}

void with_condition(System &system, Variant variant) {
    App app(system, variant);
    Registration wanted{"SampleBackgroundTaskWithCondition", backstay::Trigger::event(TIME_ZONE_CHANGE)};
    wanted.condition = INTERNET;
    Page page(app, wanted);
    const auto task = page.register_task();
    system.raise_event(TIME_ZONE_CHANGE);
    system.advance(60);
    system.say("Running: " + std::to_string(task.running()) + ", pending: " + std::to_string(task.pending()));
    system.set_condition(INTERNET, true);
    system.advance(11);
    system.raise_event(TIME_ZONE_CHANGE);
    system.advance(3);
    system.set_condition(INTERNET, false);
    system.advance(1);
    page.unregister();
}

/// In process it is the ten ticks that run, as in the sample.
void servicing_complete(System &system, Variant variant) {
    App app(system, variant);
    Registration wanted{"ServicingCompleteTask", backstay::Trigger::event("ServicingComplete")};
    wanted.entry_point = "Tasks.ServicingComplete";
    Page page(app, wanted);
    page.register_task();
    system.raise_event("ServicingComplete");
    system.advance(11);
    page.unregister();
}

void time_trigger(System &system, Variant variant) {
    system.set_condition(ACCESS, true);
    App app(system, variant);
    try {
        app.register_task({TIME_TRIGGERED_TASK, backstay::Trigger::every(14min)});
    } catch (const std::invalid_argument &error) {
        system.say(std::string("Register: ") + error.what());
    }
    Page page(app, {TIME_TRIGGERED_TASK, backstay::Trigger::every(15min)});
    page.register_task();
    system.advance(30 * 60 + 11);
    page.unregister();
    // What is denied waits, is held once, and never runs unless the user changes their mind (B96).
    system.set_condition(ACCESS, false);
    page.register_task();
    system.advance(45 * 60);
    page.unregister();
}

void application_trigger(System &system, Variant variant) {
    App app(system, variant);
    Page page(app, {APPLICATION_TRIGGER_TASK, backstay::Trigger::manual()});
    page.signal();
    page.register_task();
    page.signal();
    system.set_condition(ACCESS, true);
    try {
        page.register_task();
    } catch (const backstay::Error &error) {
        system.say(std::string("Register again: ") + name(error.status()));
    }
    try {
        app.register_task({"AnotherApplicationTriggerTask", backstay::Trigger::manual()});
    } catch (const std::invalid_argument &error) {
        system.say(std::string("Register another: ") + error.what());
    }
    page.signal();
    system.advance(1);
    page.signal();
    system.advance(10);
    // The name is free as soon as it is unregistered, also while what is asked to stop has not.
    page.signal();
    system.advance(1);
    page.unregister();
    page.register_task();
    page.signal();
    system.advance(11);
    page.unregister();
    page.signal();
}

template <class List, class Text> void show_list(const System &system, std::string line, const List &list, Text text) {
    for (const auto &listed : list) line += " " + text(listed);
    system.say(list.empty() ? line + " none" : line);
}

/// What AllTasks, AllTaskGroups and the group's own AllTasks have.
void show_lists(const App &app) {
    const auto name = [](const backstay::Task &task) { return task.name(); };
    show_list(app.system, "AllTasks:", app.tasks(), name);
    show_list(app.system, "AllTaskGroups:", app.system.host.groups(), [](const std::string &group) { return group; });
    show_list(app.system, "AllTasks of the group:", app.tasks(GROUP_ID), name);
}

void grouped_task(System &system, Variant variant) {
    App app(system, variant);
    Registration grouped{"GroupedBackgroundTask", backstay::Trigger::event(TIME_ZONE_CHANGE)};
    grouped.group = GROUP_ID;
    Page page(app, grouped);
    page.register_task();
    app.register_task(SAMPLE);
    show_lists(app);
    system.say("Unregister ungrouped tasks");
    for (const backstay::Task &task : app.tasks()) task.unregister(true);
    show_lists(app);
    system.raise_event(TIME_ZONE_CHANGE);
    system.advance(11);
    page.unregister();
    show_lists(app);
}

} // namespace

Cases scenarios() {
    const std::map<std::string, void (*)(System &, Variant)> plays = {
        {"1-background-task", background_task},         {"2-with-condition", with_condition},
        {"3-servicing-complete", servicing_complete},   {"4-time-trigger", time_trigger},
        {"5-application-trigger", application_trigger}, {"6-grouped-task", grouped_task},
    };
    Cases cases;
    for (const auto &[name, play] : plays) {
        cases[name + "-out"] = [play = play](System &system) { play(system, Variant::OutOfProcess); };
        cases[name + "-in"] = [play = play](System &system) { play(system, Variant::InProcess); };
    }
    return cases;
}

} // namespace sample
