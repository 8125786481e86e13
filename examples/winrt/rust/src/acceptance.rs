//! What else ported code relies on, each from another sample; the README says which.

use std::io;
use std::sync::{Arc, OnceLock};

use backstay::{Deferral, Details, Error, Instance, Task, TaskBuilder, TaskError};
use parking_lot::Mutex;

use crate::configuration::{App, Variant};
use crate::page::Page;
use crate::scenarios::{SAMPLE, TIME_ZONE_CHANGE};
use crate::system::{SECOND, System, told};
use crate::tasks::{SampleBackgroundTask, ending, start_timer};
use crate::{Case, Play, Played};

pub(crate) fn cases() -> Vec<(String, Case)> {
    let plays: [(&str, Play); 8] = [
        ("canceled-after-100", canceled_after_100),
        ("check-result", check_result),
        ("complete-in-canceled", complete_in_canceled),
        ("complete-many-times", complete_many_times),
        ("deferrals-by-scope", deferrals_by_scope),
        ("registration", registration),
        ("second-tick", second_tick),
        ("token", token),
    ];
    plays.into_iter().map(|(name, play)| (name.to_owned(), Box::new(play) as Case)).collect()
}

/// A cancellation that comes after 100 percent is too late: the task says "Completed".
fn canceled_after_100(system: &Arc<System>) -> Played {
    let app = App::launch(system, Variant::OutOfProcess);
    let page = Page::open(&app, &SAMPLE);
    page.register()?;
    system.raise_event(TIME_ZONE_CHANGE)?;
    system.advance(10)?;
    page.unregister()?;
    system.advance(1)?;
    Ok(())
}

/// A tick that was under way when the last one stopped the timer completes once more, and harms nobody.
fn second_tick(system: &Arc<System>) -> Played {
    let body = Arc::new(OnceLock::new());
    let (settings, begun) = (Arc::clone(&system.local_settings), Arc::clone(&body));
    let task = watched(system, move |instance| {
        begun.get_or_init(|| SampleBackgroundTask::run(&settings, instance));
        Ok(())
    })?;
    fire(system, &task, "")?;
    system.advance(11)?;
    let again = body.get().is_some_and(|body| body.as_ref().is_ok_and(|body| body.tick()));
    system.settle()?;
    system.say(format!("A second tick goes on: {}", yes(again)));
    system.say(format!("Stored: {}", stored(system, &task)));
    Ok(())
}

/// `CheckResult` throws what a task has thrown, and nothing after one that went well.
fn check_result(system: &Arc<System>) -> Played {
    let task = watched(system, |instance| match instance.details().as_text() {
        Some("nowhere") => Err(TaskError::new("no position")),
        _ => Ok(()),
    })?;
    fire(system, &task, "nowhere")?;
    fire(system, &task, "here")?;
    Ok(())
}

/// The deferral is completed by the handler of Canceled; to be canceled in time is no error.
fn complete_in_canceled(system: &Arc<System>) -> Played {
    let settings = Arc::clone(&system.local_settings);
    let task = watched(system, move |instance| {
        let (settings, deferral) = (Arc::clone(&settings), instance.get_deferral("sensor")?);
        let _ = instance.on_canceled(move |reason| {
            settings.set(deferral.instance().task().name(), ending(Some(reason)));
            deferral.complete();
        });
        Ok(())
    })?;
    fire(system, &task, "")?;
    system.advance(1)?;
    task.unregister(true)?;
    system.settle()?;
    system.say(format!("Stored: {}", stored(system, &task)));
    Ok(())
}

/// The first `complete` counts; all others are answered, also long after the end.
fn complete_many_times(system: &Arc<System>) -> Played {
    let taken = Arc::new(OnceLock::<Deferral>::new());
    let complete = {
        let (system, taken) = (Arc::downgrade(system), Arc::clone(&taken));
        move || {
            if let (Some(system), Some(deferral)) = (system.upgrade(), taken.get()) {
                system.say(format!("complete: {}", deferral.complete()));
            }
        }
    };
    let inside = complete.clone();
    let task = watched(system, move |instance| {
        let deferral = instance.get_deferral("connection")?;
        taken.get_or_init(|| deferral);
        inside();
        inside();
        Ok(())
    })?;
    fire(system, &task, "")?;
    system.advance(60)?;
    complete();
    Ok(())
}

/// Work that looks at a token, and a deferral that what it throws does not leak.
fn token(system: &Arc<System>) -> Played {
    let task = watched(system, sync_device)?;
    fire(system, &task, "device")?;
    system.advance(2)?;
    fire(system, &task, "no device")?;
    let deferrals: usize = system.host.holders().iter().map(|held| held.holders.len()).sum();
    system.say(format!("Deferrals: {deferrals}"));
    task.unregister(true)?;
    system.settle()?;
    system.advance(1)?;
    Ok(())
}

/// Writes to a device every second until the token is canceled.
fn sync_device(instance: &Instance) -> Result<(), TaskError> {
    // An error that leaves this function from here on drops it, and so lets the instance go.
    let deferral = instance.get_deferral("device")?;
    if instance.details().as_text() != Some("device") {
        return Err(io::Error::other("the device is gone").into());
    }
    let cancellation = instance.cancellation();
    start_timer(instance, "writes", SECOND, move || {
        let instance = deferral.instance();
        if cancellation.is_canceled() {
            instance.set_progress(0);
            deferral.complete();
            return false;
        }
        instance.set_progress(instance.progress() + 1);
        true
    })
}

/// Each operation holds the instance for as long as its block lasts; the last one to end ends it.
fn deferrals_by_scope(system: &Arc<System>) -> Played {
    let teller = Arc::downgrade(system);
    let task = watched(system, move |instance| {
        for seconds in [3, 1, 2] {
            let label = format!("{seconds} s");
            let (teller, holding) = (teller.clone(), Mutex::new(Some(instance.get_deferral(label.clone())?)));
            start_timer(instance, &label, seconds * SECOND, move || {
                let block = holding.lock().take();
                if let (Some(system), Some(deferral)) = (teller.upgrade(), &block) {
                    system.say(format!("Deferrals: {}", deferral.instance().holders().len()));
                }
                false
            })?;
        }
        Ok(())
    })?;
    fire(system, &task, "")?;
    system.advance(3)?;
    Ok(())
}

/// What is registered has its name, is found in the lists, and is gone when it is unregistered.
fn registration(system: &Arc<System>) -> Played {
    let app = App::launch(system, Variant::OutOfProcess);
    let task = app.register(&SAMPLE)?;
    system.say(format!("Name: {}", task.name()));
    system.say(format!("In AllTasks: {}", yes(app.tasks(None).contains(&task))));
    system.say(format!("Found by its name: {}", yes(app.find(&SAMPLE).as_ref() == Some(&task))));
    task.unregister(true)?;
    system.say(format!("Registered: {}", yes(task.is_registered())));
    system.say(format!("In AllTasks: {}", yes(app.tasks(None).contains(&task))));
    if let Err(error) = task.unregister(true) {
        system.say(format!("Unregister again: {}", error.status()));
    }
    Ok(())
}

/// A task that is fired by hand, with its events in the trace.
fn watched(
    system: &Arc<System>,
    run: impl Fn(&Instance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> Result<Task, Error> {
    let task = TaskBuilder::new("Task").run(run).register(&system.host)?;
    let teller = Arc::downgrade(system);
    let _ = task.on_progress(move |now| {
        if let Some(system) = teller.upgrade() {
            system.post_line(format!("Progress: {}", now.progress));
        }
    });
    let teller = Arc::downgrade(system);
    let _ = task.on_completed(move |done| {
        if let Some(system) = teller.upgrade() {
            system.post_line(told(done));
        }
    });
    Ok(task)
}

fn fire(system: &System, task: &Task, details: &str) -> Result<(), Error> {
    system.say(if details.is_empty() { "Fired".to_owned() } else { format!("Fired with {details}") });
    task.fire(Details::text(details))?;
    system.settle()
}

fn stored(system: &System, task: &Task) -> String {
    system.local_settings.get(task.name()).unwrap_or_default()
}

fn yes(fact: bool) -> &'static str {
    if fact { "yes" } else { "no" }
}
