//! The six scenarios of the sample: what a user does on its pages, and what the system does meanwhile.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use backstay::{Task, Trigger};

use crate::configuration::{
    ACCESS, APPLICATION_TRIGGER_TASK, App, GROUP_ID, RegisterError, Registration, TIME_TRIGGERED_TASK,
    Variant,
};
use crate::page::Page;
use crate::system::System;
use crate::{Case, Played};

pub(crate) const TIME_ZONE_CHANGE: &str = "TimeZoneChange";
const INTERNET: &str = "InternetAvailable";
pub(crate) static SAMPLE: LazyLock<Registration> =
    LazyLock::new(|| Registration::new("SampleBackgroundTask", Trigger::event(TIME_ZONE_CHANGE)));

type Scenario = fn(&Arc<System>, Variant) -> Played;

/// Each in its two variants.
pub(crate) fn cases() -> Vec<(String, Case)> {
    let plays: [(&str, Scenario); 6] = [
        ("1-background-task", background_task),
        ("2-with-condition", with_condition),
        ("3-servicing-complete", servicing_complete),
        ("4-time-trigger", time_trigger),
        ("5-application-trigger", application_trigger),
        ("6-grouped-task", grouped_task),
    ];
    let variants = [("out", Variant::OutOfProcess), ("in", Variant::InProcess)];
    let both = |(name, play): (&str, Scenario)| {
        variants.map(|(suffix, variant)| {
            let case: Case = Box::new(move |system| play(system, variant));
            (format!("{name}-{suffix}"), case)
        })
    };
    plays.into_iter().flat_map(both).collect()
}

fn background_task(system: &Arc<System>, variant: Variant) -> Played {
    let app = App::launch(system, variant);
    let page = Page::open(&app, &SAMPLE);
    page.register()?;
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(11)?;
    let cost = app.settings.get("BackgroundWorkCost").unwrap_or_default();
    system.say(format!("BackgroundWorkCost: {cost}"));
    drop((page, app));
    system.say("The application is opened anew");
    let app = App::launch(system, variant);
    let page = Page::open(&app, &SAMPLE);
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(3)?;
    page.unregister()?;
    system.advance(1)?;
    Ok(())
}

fn with_condition(system: &Arc<System>, variant: Variant) -> Played {
    let app = App::launch(system, variant);
    let wanted = Registration::new("SampleBackgroundTaskWithCondition", Trigger::event(TIME_ZONE_CHANGE));
    let page = Page::open(&app, &Registration { condition: Some(INTERNET), ..wanted });
    let task = page.register()?;
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(60)?;
    system.say(format!("Running: {}, pending: {}", task.running(), task.pending()));
    system.set_condition(INTERNET, true)?;
    system.advance(11)?;
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(3)?;
    system.set_condition(INTERNET, false)?;
    system.advance(1)?;
    page.unregister()?;
    Ok(())
}

/// In process it is the ten ticks that run, as in the sample.
fn servicing_complete(system: &Arc<System>, variant: Variant) -> Played {
    let app = App::launch(system, variant);
    let wanted = Registration::new("ServicingCompleteTask", Trigger::event("ServicingComplete"));
    let page = Page::open(&app, &Registration { entry_point: "Tasks.ServicingComplete", ..wanted });
    page.register()?;
    system.raise_event("ServicingComplete")?;
    system.advance(11)?;
    page.unregister()?;
    Ok(())
}

fn time_trigger(system: &Arc<System>, variant: Variant) -> Played {
    let every =
        |minutes| Registration::new(TIME_TRIGGERED_TASK, Trigger::every(Duration::from_mins(minutes)));
    system.set_condition(ACCESS, true)?;
    let app = App::launch(system, variant);
    if let Err(error @ RegisterError::TooOften) = app.register(&every(14)) {
        system.say(format!("Register: {error}"));
    }
    let page = Page::open(&app, &every(15));
    page.register()?;
    system.advance(30 * 60 + 11)?;
    page.unregister()?;
    // What is denied waits, is held once, and never runs unless the user changes their mind (B96).
    system.set_condition(ACCESS, false)?;
    page.register()?;
    system.advance(45 * 60)?;
    page.unregister()?;
    Ok(())
}

fn application_trigger(system: &Arc<System>, variant: Variant) -> Played {
    let app = App::launch(system, variant);
    let page = Page::open(&app, &Registration::new(APPLICATION_TRIGGER_TASK, Trigger::manual()));
    page.signal()?;
    page.register()?;
    page.signal()?;
    system.set_condition(ACCESS, true)?;
    if let Err(RegisterError::Refused(error)) = page.register() {
        system.say(format!("Register again: {}", error.status()));
    }
    if let Err(error) = app.register(&Registration::new("AnotherApplicationTriggerTask", Trigger::manual())) {
        system.say(format!("Register another: {error}"));
    }
    page.signal()?;
    system.advance(1)?;
    page.signal()?;
    system.advance(10)?;
    // The name is free as soon as it is unregistered, also while what is asked to stop has not.
    page.signal()?;
    system.advance(1)?;
    page.unregister()?;
    page.register()?;
    page.signal()?;
    system.advance(11)?;
    page.unregister()?;
    page.signal()?;
    Ok(())
}

fn grouped_task(system: &Arc<System>, variant: Variant) -> Played {
    let app = App::launch(system, variant);
    let grouped = Registration::new("GroupedBackgroundTask", Trigger::event(TIME_ZONE_CHANGE));
    let page = Page::open(&app, &Registration { group: Some(GROUP_ID), ..grouped });
    page.register()?;
    app.register(&SAMPLE)?;
    show_lists(&app);
    system.say("Unregister ungrouped tasks");
    for task in app.tasks(None) {
        task.unregister(true)?;
    }
    show_lists(&app);
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(11)?;
    page.unregister()?;
    show_lists(&app);
    Ok(())
}

/// What `AllTasks`, `AllTaskGroups` and the group's own `AllTasks` have.
fn show_lists(app: &App) {
    let names = |tasks: Vec<Task>| tasks.iter().map(|task| task.name().to_owned()).collect::<Vec<_>>();
    let groups = app.system.host.groups().iter().map(ToString::to_string).collect();
    let lists = [
        ("AllTasks", names(app.tasks(None))),
        ("AllTaskGroups", groups),
        ("AllTasks of the group", names(app.tasks(Some(GROUP_ID)))),
    ];
    for (name, listed) in lists {
        let listed = if listed.is_empty() { "none".to_owned() } else { listed.join(" ") };
        app.system.say(format!("{name}: {listed}"));
    }
}
