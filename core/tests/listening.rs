//! Listening to everything that happens to the instances of a host (E3).

mod common;

use backstay::{CancelReason, Details, EventKind, Host, InstanceEvent, Outcome, TaskBuilder, WhenBusy};
use common::{
    Deferring, DropBell, Journal, LONG, Latch, SECOND, events, fire, flush, free_the_worker, keep,
    manual_host, narrow_host, put, register, run,
};
use std::sync::mpsc;
use std::time::Duration;

/// What happens from now on, each with its instance.
fn told(host: &Host) -> Journal<(EventKind, backstay::Uuid)> {
    events(host, |event| Some((event.kind, event.instance_id)))
}

fn kinds(journal: &Journal<(EventKind, backstay::Uuid)>) -> Vec<EventKind> {
    journal.read().into_iter().map(|(kind, _)| kind).collect()
}

#[test]
fn an_instance_is_told_from_its_firing_to_its_end() {
    // E3
    let host = manual_host();
    let told = told(&host);
    let task = register(&host, "work", |instance| {
        instance.set_progress(7);
        Ok(())
    });
    let done = run(&task);
    flush(&host);
    let expected = [EventKind::Fired, EventKind::Started, EventKind::Progress, EventKind::Completed];
    assert_eq!(told.read(), expected.map(|kind| (kind, done.instance_id)));
}

#[test]
fn every_kind_has_what_it_has_to_say() {
    // E3
    let host = manual_host();
    let journal = events(&host, |event| Some(event.clone()));
    let builder = TaskBuilder::new("work").group("photos").condition("network");
    let task = Deferring::described(&host, builder);
    let instance = fire(&task.task);
    host.set_condition("network", true).expect("the name is not empty");
    let deferral = task.wait_started();
    deferral.set_overdue_after(Duration::ZERO);
    common::advance(&host, Duration::ZERO);
    instance.set_progress(40);
    flush(&host);
    instance.cancel(CancelReason::IdleTask);
    instance.set_progress(50);
    deferral.complete();
    common::end_of(&instance);
    flush(&host);
    let events = journal.read();
    assert!(events.iter().all(|event| event.instance == instance && event.instance_id == instance.id()));
    assert!(events.iter().all(|event| (&*event.task, event.group.as_deref()) == ("work", Some("photos"))));
    let of = |kind| events.iter().find(|event| event.kind == kind).expect("it was told");
    assert_eq!(of(EventKind::Waits).conditions, ["network".into()]);
    assert_eq!(of(EventKind::Overdue).label.as_deref(), Some("the test"));
    assert_eq!(of(EventKind::Progress).progress, Some(40));
    assert_eq!(of(EventKind::Canceled).reason, Some(CancelReason::IdleTask));
    let end = of(EventKind::Completed);
    assert_eq!((end.outcome, end.reason), (Some(Outcome::Canceled), Some(CancelReason::IdleTask)));
    assert_eq!(end.progress, Some(50));
    let fired = of(EventKind::Fired);
    assert_eq!((fired.outcome, fired.reason, fired.progress, fired.conditions.len()), (None, None, None, 0));
}

#[test]
fn waiting_is_told_directly_after_the_firing() {
    // E3, F2: and an instance that never starts still ends
    let host = manual_host();
    let told = told(&host);
    let task = put(&host, TaskBuilder::new("wait").condition("never").run(|_| Ok(())));
    fire(&task).cancel(CancelReason::Abort);
    flush(&host);
    let expected = [EventKind::Fired, EventKind::Waits, EventKind::Canceled, EventKind::Completed];
    assert_eq!(kinds(&told), expected);
}

#[test]
fn a_firing_that_is_merged_or_refused_has_no_event() {
    // F4
    let host = manual_host();
    let merging = Deferring::described(&host, TaskBuilder::new("merge").when_busy(WhenBusy::Coalesce));
    let rejecting = Deferring::described(&host, TaskBuilder::new("reject").when_busy(WhenBusy::Reject));
    let _held = (merging.start(), fire(&merging.task), rejecting.start());
    let told = told(&host);
    fire(&merging.task);
    rejecting.task.fire(Details::none()).expect_err("it is busy");
    flush(&host);
    assert_eq!(told.read(), []);
}

#[test]
fn one_who_listens_hears_of_every_task() {
    // E3: of those that are registered later as well
    let host = narrow_host();
    let names = events(&host, |event| (event.kind == EventKind::Completed).then(|| event.task.to_string()));
    for name in ["first", "second"] {
        run(&register(&host, name, |_| Ok(())));
    }
    flush(&host);
    assert_eq!(names.read(), ["first", "second"]);
}

#[test]
fn who_comes_later_hears_only_what_happens_later() {
    // E3
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    flush(&host);
    let told = told(&host);
    deferral.complete();
    flush(&host);
    assert_eq!(kinds(&told), [EventKind::Completed]);
}

#[test]
fn several_listeners_hear_the_same() {
    // E3
    let host = manual_host();
    let (first, second) = (told(&host), told(&host));
    run(&register(&host, "work", |_| Ok(())));
    flush(&host);
    assert_eq!(first.read(), second.read());
    assert_eq!(first.read().len(), 3);
}

#[test]
fn nothing_comes_after_completed() {
    // L2, E3: whoever goes on setting the progress
    let host = manual_host();
    let told = told(&host);
    let task = register(&host, "work", |instance| {
        let late = instance.clone();
        std::thread::spawn(move || (0..1000).for_each(|value| late.set_progress(value)));
        Ok(())
    });
    let fired: Vec<_> = (0..100).map(|_| fire(&task)).collect();
    common::end_all(&fired);
    flush(&host);
    for instance in fired {
        let own: Vec<_> = told.read().into_iter().filter(|(_, id)| *id == instance.id()).collect();
        assert_eq!(own.last().map(|(kind, _)| *kind), Some(EventKind::Completed));
        assert_eq!(own.iter().filter(|(kind, _)| *kind == EventKind::Completed).count(), 1);
    }
}

#[test]
fn one_that_panics_harms_nobody() {
    // E5
    let (say, said) = mpsc::channel();
    let builder = Host::builder().manual_clock().log(move |line| drop(say.send(line.to_owned())));
    let host = builder.build().expect("the defaults are enough");
    keep(host.on_event(|event| assert_ne!(event.kind, EventKind::Started, "on purpose")));
    let told = told(&host);
    run(&register(&host, "work", |_| Ok(())));
    flush(&host);
    assert_eq!(kinds(&told), [EventKind::Fired, EventKind::Started, EventKind::Completed]);
    assert!(said.try_recv().is_ok_and(|line| line.contains("on purpose")));
}

#[test]
fn after_cancel_it_hears_nothing_and_what_it_captured_is_gone() {
    // E4
    let host = manual_host();
    let (bell, dropped) = DropBell::new();
    let heard = Journal::new();
    let seen = heard.clone();
    let subscription = host.on_event(move |event| {
        let _own = &bell;
        seen.write(event.kind);
    });
    run(&register(&host, "before", |_| Ok(())));
    flush(&host);
    subscription.cancel();
    dropped.try_recv().expect("it is called no more");
    run(&register(&host, "after", |_| Ok(())));
    flush(&host);
    assert_eq!(heard.read().len(), 3);
}

#[test]
fn what_it_captured_is_dropped_once_when_the_host_closes() {
    // E4: after the last event
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (bell, dropped) = DropBell::new();
    let heard = Journal::new();
    let seen = heard.clone();
    keep(host.on_event(move |event| {
        let _own = &bell;
        seen.write(event.kind);
    }));
    host.begin_drain(SECOND);
    flush(&host);
    assert!(dropped.try_recv().is_err(), "something is alive");
    deferral.complete();
    dropped.recv_timeout(LONG).expect("nothing will happen any more");
    assert_eq!(heard.read().last(), Some(&EventKind::Completed));
    assert!(dropped.recv_timeout(LONG).is_err(), "dropped twice");
}

#[test]
fn on_a_closed_host_it_is_dropped_and_never_called() {
    // E4
    let host = manual_host();
    host.shutdown(SECOND).expect("this is no callback");
    let (bell, dropped) = DropBell::new();
    keep(host.on_event(move |_| {
        let _own = &bell;
    }));
    dropped.try_recv().expect("there is nothing to hear");
}

#[test]
fn a_listener_that_hangs_in_an_abandoned_instance_is_passed_over() {
    // E9, C6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    let (entered, leave) = (Latch::default(), Latch::default());
    let (mark, gate) = (entered.clone(), leave.clone());
    keep(host.on_event(move |event| {
        if event.kind == EventKind::Canceled {
            mark.open();
            gate.wait();
        }
    }));
    deferral.instance().cancel(CancelReason::Abort);
    entered.wait();
    let report = host.shutdown(Duration::ZERO).expect("this is no callback");
    assert_eq!((report.abandoned.len(), report.stragglers), (1, 1));
    let stragglers = host.snapshot().stragglers;
    assert_eq!((stragglers[0].in_handler, stragglers[0].instance_id), (true, deferral.instance().id()));
    leave.open();
    common::until(|| host.stragglers() == 0);
}

#[test]
fn an_event_can_be_read() {
    // E3
    let host = manual_host();
    let lines = events(&host, |event: &InstanceEvent| Some(event.to_string()));
    let task = TaskBuilder::new("sync").group("photos").condition("network").condition("power");
    let instance = fire(&put(&host, task.run(|_| Ok(()))));
    instance.cancel(CancelReason::Abort);
    flush(&host);
    let id = instance.id();
    let expected = [
        format!("Fired photos/sync {id}"),
        format!("Waits photos/sync {id} for network, power"),
        format!("Canceled photos/sync {id} (Abort)"),
        format!("Completed photos/sync {id} Canceled (Abort) at 0"),
    ];
    assert_eq!(lines.read(), expected);
}
