//! Registering, firing and unregistering tasks (F1, F4, F7, G1 to G3).

mod common;

use backstay::{CancelReason, Details, Error, Outcome, State, Status, TaskBuilder, Trigger};
use common::{
    Deferring, DropBell, Journal, LONG, Staying, advance, end_of, fire, flush, free_the_worker, manual_host,
    narrow_host, register, run,
};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn fire_returns_the_instance_that_runs() {
    // F1
    let host = manual_host();
    let (tell, told) = mpsc::channel();
    let task = register(&host, "tell", move |instance| Ok(tell.send(instance.clone())?));
    let instance = fire(&task);
    assert_eq!(told.recv_timeout(LONG), Ok(instance.clone()));
    assert_eq!((instance.task(), end_of(&instance).instance_id), (task, instance.id()));
}

#[test]
fn details_reach_the_instance_as_they_are() {
    // F7
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let with = |details| staying.task.fire(details).expect("the host is open");
    let (text, object, none) =
        (with(Details::text("photo.jpg")), with(Details::opaque(7_u64)), with(Details::none()));
    assert_eq!(text.details().as_text(), Some("photo.jpg"));
    assert_eq!(text.details().media_type(), Some("text/plain"));
    assert_eq!(object.details().as_object(), Some(&7_u64));
    assert_eq!((object.details().as_bytes(), object.details().is_none()), (None, false));
    assert!(none.details().is_none());
    staying.leave.open();
}

#[test]
fn what_waits_starts_in_the_order_of_firing() {
    // F4
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let order = Journal::new();
    let seen = order.clone();
    let task = register(&host, "note", move |instance| {
        seen.write(instance.id());
        Ok(())
    });
    let fired: Vec<_> = (0..20).map(|_| fire(&task)).collect();
    assert_eq!(task.pending(), 20);
    staying.leave.open();
    free_the_worker(&host);
    assert_eq!(order.read(), fired.iter().map(backstay::Instance::id).collect::<Vec<_>>());
}

#[test]
fn no_more_than_max_pending_wait() {
    // F4
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let task = TaskBuilder::new("limited").max_pending(2).run(|_| Ok(())).register(&host);
    let task = task.expect("the name is new");
    let (first, second) = (fire(&task), fire(&task));
    let refused = task.fire(Details::none());
    assert_eq!(refused, Err(Error::CurrentlyRunning { task: "limited".to_owned(), running: 0, pending: 2 }));
    first.cancel(CancelReason::Abort);
    let third = fire(&task);
    staying.leave.open();
    for instance in [second, third] {
        assert_eq!(end_of(&instance).outcome, Outcome::Succeeded, "a refusal harms nobody");
    }
    assert_eq!(task.pending(), 0);
}

#[test]
fn time_is_told_as_waited_and_run() {
    // L2, by the host's clock
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let deferring = Deferring::new(&host, "defer");
    let instance = fire(&deferring.task);
    advance(&host, Duration::from_secs(2));
    staying.leave.open();
    let other = deferring.start();
    free_the_worker(&host);
    advance(&host, Duration::from_secs(3));
    for deferral in [instance.get_deferral("second").expect("the first holds it"), other] {
        deferral.complete();
    }
    instance.cancel(CancelReason::Abort);
    advance(&host, common::GRACE);
    let completion = end_of(&instance);
    assert_eq!(completion.pending_for, Duration::from_secs(2));
    assert_eq!(completion.ran_for, Duration::from_secs(3));
}

#[test]
fn a_name_is_taken_until_its_task_is_unregistered() {
    // G1, G3
    let host = manual_host();
    let first = register(&host, "name", |_| Ok(()));
    let again = || TaskBuilder::new("name").run(|_| Ok(())).register(&host);
    assert_eq!(again(), Err(Error::NameTaken { name: "name".to_owned() }));
    assert_eq!(host.task("name"), Some(first.clone()), "the refusal changes nothing");
    first.unregister(false).expect("it is registered");
    assert_eq!(host.task("name"), None);
    let second = again().expect("the name is free when unregister returns");
    assert_ne!(first, second);
    assert_eq!(host.task("name"), Some(second));
}

#[test]
fn a_name_is_free_although_an_instance_of_the_old_task_runs() {
    // G3
    let host = manual_host();
    let deferral = Deferring::new(&host, "name").start();
    for _ in 0..3 {
        host.task("name").expect("it is registered").unregister(false).expect("it is registered");
        register(&host, "name", |_| Ok(()));
    }
    assert_eq!(deferral.instance().state(), State::Running);
    assert_eq!(run(&host.task("name").expect("it is registered")).outcome, Outcome::Succeeded);
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    // G2
    let host = manual_host();
    let builder = TaskBuilder::new("").max_pending(0);
    let faults = builder.validate();
    let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
    assert_eq!(fields, ["name", "max_pending", "run"]);
    assert_eq!(builder.register(&host), Err(Error::InvalidTask { faults }));
    assert_eq!(host.task(""), None);
}

#[test]
fn a_name_that_cannot_be_printed_is_a_fault() {
    // G2
    let faults = TaskBuilder::new("two\nlines").run(|_| Ok(())).validate();
    assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["name"]);
}

#[test]
fn a_good_description_has_no_fault_and_validating_registers_nothing() {
    // G2
    let host = manual_host();
    let builder = TaskBuilder::new("good").trigger(Trigger::manual()).run(|_| Ok(()));
    assert_eq!(builder.validate(), []);
    assert_eq!(host.task("good"), None);
    builder.register(&host).expect("it has no fault");
}

#[test]
fn an_unregistered_task_takes_no_firing_and_no_second_unregistering() {
    // G3
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    assert!(task.is_registered());
    task.unregister(false).expect("it is registered");
    assert!(!task.is_registered());
    let refused = Error::Unregistered { task: "quiet".to_owned() };
    assert_eq!(task.fire(Details::none()), Err(refused.clone()));
    assert_eq!(task.unregister(true), Err(refused.clone()));
    assert_eq!(refused.status(), Status::Unregistered);
}

#[test]
fn unregistering_lets_what_runs_finish_and_cancels_what_waits() {
    // G3
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let (running, pending) = (staying.start(), fire(&staying.task));
    staying.task.unregister(false).expect("it is registered");
    assert_eq!(running.canceled(), None);
    assert_eq!((pending.canceled(), pending.state()), (Some(CancelReason::Abort), State::Finished));
    staying.leave.open();
    assert_eq!(end_of(&running).outcome, Outcome::Succeeded);
}

#[test]
fn unregistering_with_cancel_cancels_both() {
    // G3
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let other = Deferring::new(&host, "other").start();
    let (running, pending) = (staying.start(), fire(&staying.task));
    staying.task.unregister(true).expect("it is registered");
    assert_eq!((running.canceled(), running.state()), (Some(CancelReason::Abort), State::Running));
    assert_eq!((pending.canceled(), pending.state()), (Some(CancelReason::Abort), State::Finished));
    assert_eq!(other.instance().canceled(), None, "another task is not meant");
    staying.leave.open();
    assert_eq!(end_of(&running).outcome, Outcome::Canceled);
}

#[test]
fn an_entry_point_is_let_go_when_its_task_has_ended() {
    // G3: unregistered, and without an instance
    let host = manual_host();
    let (bell, dropped) = DropBell::new();
    let (give, deferrals) = mpsc::channel();
    let task = register(&host, "own", move |instance| {
        let _own = &bell;
        Ok(give.send(instance.get_deferral("the test")?)?)
    });
    let instance = fire(&task);
    let deferral = deferrals.recv_timeout(LONG).expect("the entry point takes it");
    task.unregister(false).expect("it is registered");
    flush(&host);
    assert!(dropped.try_recv().is_err(), "an instance is alive");
    deferral.complete();
    end_of(&instance);
    dropped.recv_timeout(LONG).expect("nobody can run it any more");
}
