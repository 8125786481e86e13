//! A deferral that is older than it should be is reported once (H4).

mod common;

use backstay::{CancelReason, EventKind, Host, Status, Uuid};
use common::{Deferring, GRACE, Journal, SECOND, TICK, advance, events, just_before, manual_host};
use std::time::Duration;

const AGE: std::time::Duration = SECOND;

fn strict_host() -> Host {
    let host = Host::builder().workers(4).manual_clock().overdue_after(AGE).build();
    host.expect("four workers are enough")
}

/// Which deferrals are reported from now on.
fn reported(host: &Host) -> Journal<(Uuid, String)> {
    events(host, |event| {
        let is_overdue = event.kind == EventKind::Overdue;
        is_overdue.then(|| (event.instance_id, event.label.clone().expect("it tells which").into_owned()))
    })
}

#[test]
fn it_is_reported_when_it_is_as_old_as_that_and_once() {
    // H4
    let host = strict_host();
    let reported = reported(&host);
    let deferral = Deferring::new(&host, "defer").start();
    advance(&host, just_before(AGE));
    assert_eq!((reported.read(), deferral.holder().map(|holder| holder.overdue)), (vec![], Some(false)));
    advance(&host, TICK);
    assert_eq!(reported.read(), [(deferral.instance().id(), "the test".to_owned())]);
    assert_eq!(deferral.holder().map(|holder| holder.overdue), Some(true));
    advance(&host, AGE * 100);
    assert_eq!(reported.read().len(), 1);
}

#[test]
fn without_a_limit_none_is() {
    // H4
    let host = manual_host();
    let reported = reported(&host);
    let _deferral = Deferring::new(&host, "defer").start();
    advance(&host, AGE * 1_000_000);
    assert_eq!(reported.read().len(), 0);
}

#[test]
fn each_is_reported_by_its_own_age() {
    // H4
    let host = strict_host();
    let reported = reported(&host);
    let first = Deferring::new(&host, "defer").start();
    advance(&host, AGE / 2);
    let _second = first.instance().get_deferral("second").expect("it is Running");
    advance(&host, AGE / 2);
    assert_eq!(reported.read().len(), 1);
    advance(&host, AGE / 2);
    let id = first.instance().id();
    assert_eq!(reported.read(), [(id, "the test".to_owned()), (id, "second".to_owned())]);
}

#[test]
fn one_that_was_completed_in_time_is_not() {
    // H4
    let host = strict_host();
    let reported = reported(&host);
    let first = Deferring::new(&host, "defer").start();
    let second = first.instance().get_deferral("second").expect("it is Running");
    let patient = first.instance().get_deferral("patient").expect("it is Running");
    patient.set_overdue_after(AGE * 100);
    first.complete();
    advance(&host, just_before(AGE));
    drop(second);
    advance(&host, AGE * 10);
    assert_eq!(reported.read().len(), 0);
}

#[test]
fn a_deferral_may_have_a_limit_of_its_own() {
    // H4: instead of the host's, and counted from its taking
    let host = strict_host();
    let reported = reported(&host);
    let task = Deferring::new(&host, "defer");
    let (patient, strict) = (task.start(), task.start());
    advance(&host, AGE / 4);
    assert_eq!(patient.set_overdue_after(AGE * 10), Status::Ok);
    assert_eq!(strict.set_overdue_after(AGE / 2), Status::Ok);
    advance(&host, AGE / 4);
    assert_eq!(reported.read().into_iter().map(|(id, _)| id).collect::<Vec<_>>(), [strict.instance().id()]);
    advance(&host, AGE * 9);
    assert_eq!(reported.read().len(), 1);
    advance(&host, AGE);
    assert_eq!(reported.read().len(), 2);
}

#[test]
fn a_limit_that_is_over_already_reports_at_once() {
    // H4
    let host = manual_host();
    let reported = reported(&host);
    let deferral = Deferring::new(&host, "defer").start();
    advance(&host, AGE * 3);
    deferral.set_overdue_after(AGE);
    advance(&host, Duration::ZERO);
    assert_eq!(reported.read().len(), 1);
}

#[test]
fn the_last_limit_counts_and_nothing_is_reported_twice() {
    // H4
    let host = manual_host();
    let reported = reported(&host);
    let deferral = Deferring::new(&host, "defer").start();
    for seconds in [5, 3, 9] {
        deferral.set_overdue_after(SECOND * seconds);
    }
    advance(&host, just_before(SECOND * 9));
    assert_eq!(reported.read().len(), 0);
    advance(&host, TICK);
    assert_eq!(reported.read().len(), 1);
    deferral.set_overdue_after(SECOND * 20);
    advance(&host, SECOND * 20);
    assert_eq!(reported.read().len(), 1);
}

#[test]
fn an_abandoned_instance_reports_nothing_more() {
    // H4, L2: nothing comes after Completed
    let host = manual_host();
    let reported = reported(&host);
    let deferral = Deferring::new(&host, "defer").start();
    deferral.set_overdue_after(GRACE * 2);
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE * 3);
    assert_eq!(reported.read().len(), 0);
    assert_eq!(deferral.set_overdue_after(GRACE), Status::NotRunning);
    deferral.complete();
    assert_eq!(deferral.set_overdue_after(GRACE), Status::AlreadyCompleted);
}
