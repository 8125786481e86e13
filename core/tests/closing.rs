//! A drain or shutdown that is waited for in slices, as those do who must look at something else in between (H2).

mod common;

use std::time::Duration;

use backstay::{Closing, DrainReport, Error, Host, HostState};
use common::{Deferring, LONG, Latch, advance, keep, manual_host, register, run};

const HOUR: Duration = Duration::from_hours(1);

fn real_host() -> Host {
    Host::builder().workers(1).build().expect("one worker is enough")
}

/// One slice that is over at once.
fn look(closing: &Closing) -> Result<DrainReport, Error> {
    closing.wait(Some(Duration::ZERO))
}

fn is_too_early(answer: &Result<DrainReport, Error>) -> bool {
    matches!(answer, Err(Error::TimedOut { .. }))
}

#[test]
fn a_slice_ends_with_its_own_time_on_a_manual_clock() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let closing = host.begin_drain(HOUR);
    assert!(is_too_early(&look(&closing)) && is_too_early(&look(&closing)));
    assert_eq!(format!("{closing:?}"), "Closing(host Draining)");
    deferral.complete();
    let report = closing.wait(Some(LONG)).expect("nothing is alive");
    assert_eq!((report.state, report.succeeded), (HostState::Closed, 1));
}

#[test]
fn a_slice_ends_with_its_own_time_on_the_machines_clock() {
    let host = real_host();
    let deferral = Deferring::new(&host, "defer").start();
    let closing = host.begin_shutdown(HOUR);
    assert!(is_too_early(&look(&closing)) && is_too_early(&look(&closing)));
    deferral.complete();
    let report = closing.wait(Some(LONG)).expect("nothing is alive, and the deadline is far");
    assert_eq!((report.state, report.canceled), (HostState::Closed, 1));
    assert!(report.is_clean(), "{report}");
}

#[test]
fn a_slice_ends_early_when_the_deadline_comes_first() {
    let host = real_host();
    let deferral = Deferring::new(&host, "defer").start();
    let closing = host.begin_drain(Duration::ZERO);
    let report = closing.wait(Some(LONG)).expect("the time of the drain is over");
    assert_eq!((report.state, report.remaining.len()), (HostState::Draining, 1));
    deferral.complete();
}

#[test]
fn a_deadline_that_the_clock_has_reached_ends_it_as_well() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let closing = host.begin_drain(HOUR);
    advance(&host, HOUR);
    assert_eq!(closing.wait(Some(LONG)).map(|report| report.state), Ok(HostState::Draining));
    deferral.complete();
}

#[test]
fn a_slice_does_not_wait_for_a_handler_that_does_not_return() {
    // The last events have their time, which is not the caller's: that is over first.
    let host = manual_host();
    let leave = Latch::default();
    let gate = leave.clone();
    let task = register(&host, "task", |_| Ok(()));
    keep(task.on_completed(move |_| gate.wait()));
    run(&task);
    let closing = host.begin_shutdown(HOUR);
    assert!(is_too_early(&look(&closing)) && is_too_early(&look(&closing)));
    leave.open();
    assert_eq!(closing.wait(Some(LONG)).map(|report| report.state), Ok(HostState::Closed));
}
