//! Named events: who raises one fires all that are bound to it (F6).

mod common;

use backstay::{
    Details, Error, EventKind, Host, HostState, Status, TaskBuilder, TaskError, Trigger, WhenBusy,
};
use common::{Deferring, Journal, SECOND, advance, end_of, events, fire, flush, manual_host, put};
use std::time::Duration;

/// The names of the tasks that are fired from now on, in that order.
fn fired(host: &Host) -> Journal<String> {
    events(host, |event| (event.kind == EventKind::Fired).then(|| event.task.to_string()))
}

fn quick(name: &str, trigger: Trigger) -> TaskBuilder {
    TaskBuilder::new(name).trigger(trigger).run(|_| Ok(()))
}

#[test]
fn an_event_fires_each_task_that_is_bound_to_it_and_no_other() {
    // F6: and tells how many, in the order of registration
    let host = manual_host();
    let fired = fired(&host);
    let bound = ["b", "a", "c"].map(|name| put(&host, quick(name, Trigger::event("photo"))));
    put(&host, quick("other", Trigger::event("film")));
    put(&host, quick("by hand", Trigger::manual()));
    assert_eq!(host.raise_event("photo", Details::none()), Ok(3));
    flush(&host);
    assert_eq!(fired.read(), ["b", "a", "c"]);
    bound[0].unregister(false).expect("it is registered");
    assert_eq!(host.raise_event("photo", Details::none()), Ok(2));
    assert_eq!(host.raise_event("nobody's", Details::none()), Ok(0));
}

#[test]
fn the_details_of_an_event_reach_every_task() {
    // F6, F7
    let host = manual_host();
    let seen = Journal::new();
    for name in ["first", "second"] {
        let seen = seen.clone();
        let task = TaskBuilder::new(name).trigger(Trigger::event("photo")).run(move |instance| {
            seen.write(instance.details().as_text().map(ToOwned::to_owned));
            Ok(())
        });
        put(&host, task);
    }
    host.raise_event("photo", Details::text("photo.jpg")).expect("the host is open");
    common::until(|| seen.read().len() == 2);
    assert!(seen.read().iter().all(|text| text.as_deref() == Some("photo.jpg")));
}

#[test]
fn an_event_is_an_edge() {
    // F6: who was not there, or could not take it, does not see it later
    let host = manual_host();
    let builder = TaskBuilder::new("early").trigger(Trigger::event("photo")).max_failures(1);
    let disabled = put(&host, builder.run(|_| Err(TaskError::new("on purpose"))));
    end_of(&fire(&disabled));
    assert_eq!(host.raise_event("photo", Details::none()), Ok(0));
    let late = put(&host, quick("late", Trigger::event("photo")));
    let fired = fired(&host);
    disabled.enable().expect("it is registered");
    advance(&host, SECOND * 10);
    assert_eq!((fired.read().len(), late.pending()), (0, 0));
}

#[test]
fn a_task_that_refuses_an_event_is_not_counted() {
    // F6, F1
    let host = manual_host();
    let builder = TaskBuilder::new("busy").trigger(Trigger::event("photo")).when_busy(WhenBusy::Reject);
    let busy = Deferring::described(&host, builder);
    put(&host, quick("free", Trigger::event("photo")));
    let deferral = busy.start();
    assert_eq!(host.raise_event("photo", Details::none()), Ok(1));
    assert!(busy.task.explain().contains("was refused"), "{}", busy.task.explain());
    deferral.complete();
    end_of(deferral.instance());
    assert_eq!(host.raise_event("photo", Details::none()), Ok(2));
    busy.wait_started().complete();
    assert!(!busy.task.explain().contains("was refused"), "{}", busy.task.explain());
}

#[test]
fn an_event_that_has_to_wait_is_taken() {
    // F6, F2
    let host = manual_host();
    let waiting = put(&host, quick("waiting", Trigger::event("photo")).condition("network"));
    assert_eq!(host.raise_event("photo", Details::none()), Ok(1));
    assert_eq!(host.raise_event("photo", Details::none()), Ok(1), "and merged");
    assert_eq!(waiting.pending(), 1);
}

#[test]
fn a_host_that_ends_refuses_events() {
    // F6, H2
    let host = manual_host();
    let task = Deferring::described(&host, TaskBuilder::new("bound").trigger(Trigger::event("photo")));
    let deferral = task.start();
    for state in [HostState::Draining, HostState::Closed] {
        if state == HostState::Closed {
            deferral.complete();
            end_of(deferral.instance());
        }
        host.drain(Duration::ZERO).expect("this is no callback");
        let refused = host.raise_event("photo", Details::none()).expect_err("it takes nothing new");
        assert_eq!(refused, Error::Closed { state });
        assert_eq!(refused.status(), Status::Closed);
    }
    assert_eq!(task.task.pending(), 0);
}
