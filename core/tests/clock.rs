//! The manual clock: time stands still until it is moved (H5).

mod common;

use backstay::{CancelReason, Error, Host, Outcome, TaskBuilder};
use common::{GRACE, Journal, LONG, Staying, advance, end_of, fire, flush, keep, manual_host};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn only_a_manual_clock_can_be_moved() {
    // H5
    let host = Host::new();
    assert_eq!(host.advance(Duration::ZERO), Err(Error::NotManualClock));
}

#[test]
fn a_long_step_stops_at_every_moment_on_the_way() {
    // H5: each is abandoned at its own moment, in the order of the moments.
    let host = manual_host();
    let (give, deferrals) = mpsc::channel();
    let (journal, mut held) = (Journal::new(), Vec::new());
    for seconds in [3, 1, 2] {
        let give = give.clone();
        let task = TaskBuilder::new(seconds.to_string()).grace(Duration::from_secs(seconds));
        let task = task.run(move |instance| Ok(give.send(instance.get_deferral("stays")?)?));
        let task = task.register(&host).expect("the names differ");
        let seen = journal.clone();
        keep(task.on_completed(move |completion| {
            seen.write((completion.outcome, completion.ran_for.as_secs()));
        }));
        fire(&task);
        held.push(deferrals.recv_timeout(LONG).expect("the entry point takes it"));
    }
    for deferral in &held {
        deferral.instance().cancel(CancelReason::Abort);
    }
    advance(&host, LONG);
    let at = |seconds| (Outcome::Abandoned, seconds);
    assert_eq!(journal.read(), [at(1), at(2), at(3)]);
}

#[test]
fn what_a_handler_causes_on_the_way_happens_on_the_way() {
    // H5: the handler of the first moment cancels another instance, whose grace then ends in the same step.
    let host = manual_host();
    let first = common::Deferring::new(&host, "first");
    let second = common::Deferring::new(&host, "second").start();
    let deferral = first.start();
    let other = second.instance().clone();
    keep(first.task.on_completed(move |_| other.cancel(CancelReason::Abort)));
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE * 2);
    assert_eq!(end_of(second.instance()).ran_for, GRACE * 2);
}

#[test]
fn it_does_not_wait_for_entry_points() {
    // H5
    let host = manual_host();
    let staying = Staying::new(&host, "stay");
    let instance = staying.start();
    advance(&host, LONG * 1000);
    assert!(instance.completion().is_none());
    staying.leave.open();
    assert_eq!(end_of(&instance).ran_for, LONG * 1000);
    flush(&host);
}
