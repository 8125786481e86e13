//! Names, groups, and what happens when a name is taken (G1, G3, G5).

mod common;

use backstay::{CancelReason, Error, Host, IfExists, Outcome, State, Task, TaskBuilder, Trigger, WhenBusy};
use common::{
    Deferring, DropBell, Journal, LONG, SECOND, advance, end_of, fire, flush, keep, manual_host, put,
    register, run,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

fn named(name: &str) -> TaskBuilder {
    TaskBuilder::new(name).run(|_| Ok(()))
}

fn names(tasks: &[Task]) -> Vec<&str> {
    tasks.iter().map(Task::name).collect()
}

#[test]
fn a_grouped_task_is_found_through_its_group_only() {
    // G5
    let host = manual_host();
    let grouped = put(&host, named("sync").group("photos"));
    assert_eq!((grouped.name(), grouped.group()), ("sync", Some("photos")));
    assert_eq!((host.task("sync"), host.tasks()), (None, vec![]));
    let group = host.group("photos");
    assert_eq!(
        (group.name(), group.task("sync"), group.task("other")),
        ("photos", Some(grouped.clone()), None)
    );
    assert_eq!(group.tasks(), [grouped]);
    assert_eq!((host.group("films").task("sync"), host.group("films").tasks()), (None, vec![]));
}

#[test]
fn an_ungrouped_task_is_in_no_group() {
    // G5
    let host = manual_host();
    let task = register(&host, "sync", |_| Ok(()));
    assert_eq!((task.group(), host.task("sync")), (None, Some(task.clone())));
    assert_eq!((host.groups().len(), host.group("photos").task("sync")), (0, None));
}

#[test]
fn a_name_is_unique_in_its_group_and_free_in_every_other() {
    // G1
    let host = manual_host();
    let tasks = [named("sync"), named("sync").group("photos"), named("sync").group("films")]
        .map(|new| put(&host, new));
    assert_ne!(tasks[1], tasks[2]);
    let refused = named("sync").group("photos").register(&host);
    assert_eq!(refused, Err(Error::NameTaken { name: "photos/sync".to_owned() }));
    tasks[1].unregister(false).expect("it is registered");
    assert_eq!(host.task("sync").as_ref(), Some(&tasks[0]), "another group is not meant");
    assert_eq!(host.group("films").task("sync").as_ref(), Some(&tasks[2]));
    put(&host, named("sync").group("photos"));
}

#[test]
fn listings_are_in_the_order_of_names() {
    // G5
    let host = manual_host();
    for name in ["b", "c", "a"] {
        put(&host, named(name));
        put(&host, named(name).group(format!("group {name}")));
        put(&host, named(name).group("all"));
    }
    assert_eq!(names(&host.tasks()), ["a", "b", "c"]);
    assert_eq!(names(&host.group("all").tasks()), ["a", "b", "c"]);
    let groups = host.groups();
    assert_eq!(
        groups.iter().map(|name| &**name).collect::<Vec<_>>(),
        ["all", "group a", "group b", "group c"]
    );
}

#[test]
fn a_group_is_gone_with_its_last_task() {
    // G5
    let host = manual_host();
    let tasks = ["a", "b"].map(|name| put(&host, named(name).group("photos")));
    tasks[0].unregister(false).expect("it is registered");
    assert_eq!(host.groups().len(), 1);
    tasks[1].unregister(false).expect("it is registered");
    assert_eq!(host.groups().len(), 0);
}

#[test]
fn the_group_stands_in_what_is_told() {
    // G5
    let host = manual_host();
    let task = put(&host, named("sync").group("photos"));
    let told = Journal::new();
    let (seen, also) = (told.clone(), told.clone());
    keep(task.on_completed(move |completion| seen.write(completion.group.clone())));
    keep(host.on_event(move |event| also.write(event.group.clone())));
    assert_eq!(run(&task).group.as_deref(), Some("photos"));
    flush(&host);
    assert_eq!(told.read().len(), 4, "fired, started, and completed twice");
    assert!(told.read().iter().all(|group| group.as_deref() == Some("photos")));
}

#[test]
fn register_unregister_register_always_works() {
    // G3: with something alive of each before
    let host = manual_host();
    let mut held = Vec::new();
    for _ in 0..10 {
        for group in [None, Some("photos")] {
            let builder = group.into_iter().fold(TaskBuilder::new("sync"), TaskBuilder::group);
            let task = Deferring::described(&host, builder);
            held.push(task.start());
            task.task.unregister(false).expect("it is registered");
        }
    }
    assert!(held.iter().all(|deferral| deferral.instance().state() == State::Running));
}

/// A task that runs and has one Pending, and what a new one of its name becomes under this rule.
fn again(
    if_exists: IfExists,
) -> (Host, Deferring, backstay::Deferral, backstay::Instance, Result<Task, Error>) {
    let host = manual_host();
    let old = Deferring::described(&host, TaskBuilder::new("sync").when_busy(WhenBusy::Queue));
    let (running, pending) = (old.start(), fire(&old.task));
    let new = named("sync").if_exists(if_exists).register(&host);
    (host, old, running, pending, new)
}

#[test]
fn fail_refuses_and_is_the_default() {
    // G1
    let (host, old, running, pending, new) = again(IfExists::Fail);
    assert_eq!(new, Err(Error::NameTaken { name: "sync".to_owned() }));
    assert_eq!(new, named("sync").register(&host));
    assert_eq!((running.instance().canceled(), pending.state()), (None, State::Pending));
    assert_eq!(host.task("sync"), Some(old.task));
}

#[test]
fn keep_gives_the_old_one_back_as_it_is() {
    // G1
    let (host, old, running, pending, new) = again(IfExists::Keep);
    assert_eq!(new.as_ref(), Ok(&old.task));
    assert_eq!((running.instance().canceled(), pending.state()), (None, State::Pending));
    assert_eq!(host.task("sync"), Some(old.task));
}

#[test]
fn keep_keeps_the_schedule_and_lets_the_new_entry_point_go() {
    // G1
    let host = manual_host();
    put(&host, named("clock").trigger(Trigger::every(SECOND * 10)));
    advance(&host, SECOND * 4);
    let (bell, dropped) = DropBell::new();
    let again = TaskBuilder::new("clock").trigger(Trigger::every(SECOND * 10)).if_exists(IfExists::Keep);
    put(
        &host,
        again.run(move |_| {
            let _own = &bell;
            Ok(())
        }),
    );
    dropped.try_recv().expect("nobody will run it");
    assert_eq!(host.snapshot().tasks[0].fires_in, Some(SECOND * 6));
    assert_eq!(host.snapshot().tasks.len(), 1);
}

#[test]
fn replace_takes_the_place_of_the_old_one_and_lets_what_runs_finish() {
    // G1, G3
    let (host, old, running, pending, new) = again(IfExists::Replace);
    let new = new.expect("it is not refused");
    assert_ne!(new, old.task);
    assert_eq!(host.task("sync"), Some(new.clone()));
    assert!(!old.task.is_registered());
    assert_eq!(running.instance().canceled(), None);
    assert_eq!((pending.state(), pending.canceled()), (State::Finished, Some(CancelReason::Abort)));
    assert_eq!(run(&new).outcome, Outcome::Succeeded);
    running.complete();
    assert_eq!(end_of(running.instance()).outcome, Outcome::Succeeded);
}

#[test]
fn replace_and_cancel_cancels_what_runs_as_well() {
    // G1
    let (host, old, running, pending, new) = again(IfExists::ReplaceAndCancel);
    let new = new.expect("it is not refused");
    assert_eq!((host.task("sync").as_ref(), old.task.is_registered()), (Some(&new), false));
    assert_eq!(running.instance().canceled(), Some(CancelReason::Abort));
    assert_eq!((pending.state(), pending.canceled()), (State::Finished, Some(CancelReason::Abort)));
}

#[test]
fn a_free_name_is_taken_whatever_the_rule() {
    // G1
    let host = manual_host();
    let rules = [IfExists::Fail, IfExists::Replace, IfExists::Keep, IfExists::ReplaceAndCancel];
    for (rule, name) in rules.into_iter().zip(["a", "b", "c", "d"]) {
        assert_eq!(run(&put(&host, named(name).if_exists(rule))).outcome, Outcome::Succeeded);
    }
}

#[test]
fn the_clock_of_a_replaced_task_stands_still() {
    // G1, F5
    let host = manual_host();
    let old = put(&host, named("clock").trigger(Trigger::every(SECOND)).condition("never"));
    advance(&host, SECOND / 2);
    let new = named("clock").trigger(Trigger::every(SECOND)).if_exists(IfExists::Replace).condition("never");
    let new = put(&host, new);
    advance(&host, SECOND / 2);
    assert_eq!((old.pending(), new.pending()), (0, 0), "the new one has a schedule of its own");
    advance(&host, SECOND / 2);
    assert_eq!((old.pending(), new.pending()), (0, 1));
}

#[test]
fn while_a_task_is_replaced_its_name_is_never_free() {
    // G1: atomic
    let host = manual_host();
    put(&host, named("sync"));
    let (looker, is_over) = (host.clone(), Arc::new(AtomicBool::new(false)));
    let ends = Arc::clone(&is_over);
    let looking = std::thread::spawn(move || {
        let mut looks = 0_u64;
        while !ends.load(Ordering::Relaxed) || looks == 0 {
            assert!(looker.task("sync").is_some_and(|task| task.name() == "sync"));
            looks += 1;
        }
    });
    for _ in 0..1000 {
        put(&host, named("sync").if_exists(IfExists::Replace));
    }
    is_over.store(true, Ordering::Relaxed);
    looking.join().expect("the name was always taken");
    host.flush(Some(LONG)).expect("the old ones end");
}

#[test]
fn a_report_names_the_group() {
    // G1: the name alone says too little
    let host = manual_host();
    let task = TaskBuilder::new("copy").group("night").condition("never").run(|_| Ok(()));
    let instance = fire(&put(&host, task));
    let report = host.drain(std::time::Duration::ZERO).expect("this is no callback");
    assert_eq!(report.remaining[0].to_string(), format!("night/copy {}", instance.id()));
}
