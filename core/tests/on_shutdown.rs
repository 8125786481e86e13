//! What a shutdown does with the instances of each task (H2).

mod common;

use backstay::{
    CancelReason, Deferral, DrainReport, Host, HostState, OnShutdown, Outcome, State, TaskBuilder, WhenBusy,
};
use common::{
    Deferring, GRACE, advance, end_of, fire, free_the_worker, handed_host, narrow_host, run_all, waker,
};
use parking_lot::Mutex;
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn task(host: &Host, on_shutdown: OnShutdown) -> Deferring {
    Deferring::described(host, TaskBuilder::new(format!("{on_shutdown:?}")).on_shutdown(on_shutdown))
}

/// A Running instance of such a task, whose entry point has returned.
fn running(host: &Host, on_shutdown: OnShutdown) -> Deferral {
    let deferral = task(host, on_shutdown).start();
    free_the_worker(host);
    deferral
}

/// The report of the shutdown that has begun, which is over.
fn report(host: &Host) -> DrainReport {
    host.shutdown(HOUR).expect("this is no callback")
}

#[test]
fn cancel_is_the_default() {
    // H2
    let host = narrow_host();
    let by_default = Deferring::new(&host, "default").start();
    let cancel = running(&host, OnShutdown::Cancel);
    host.begin_shutdown(HOUR);
    for deferral in [by_default, cancel] {
        assert_eq!(deferral.instance().canceled(), Some(CancelReason::Terminating));
        assert_eq!(deferral.instance().state(), State::Running, "and waited for");
        deferral.complete();
    }
    assert_eq!(report(&host).canceled, 2);
}

#[test]
fn finish_is_not_cancelled_and_waited_for() {
    // H2
    let host = narrow_host();
    let finish = running(&host, OnShutdown::Finish);
    host.begin_shutdown(HOUR);
    advance(&host, HOUR / 2);
    assert_eq!((finish.instance().canceled(), host.state()), (None, HostState::Draining));
    finish.complete();
    let report = report(&host);
    assert_eq!((report.state, report.succeeded), (HostState::Closed, 1));
    assert!(report.is_clean(), "{report}");
}

#[test]
fn what_is_pending_of_a_task_that_finishes_starts() {
    // H2: nothing of it is cancelled
    let host = narrow_host();
    let builder = TaskBuilder::new("queue").on_shutdown(OnShutdown::Finish).when_busy(WhenBusy::Queue);
    let queue = Deferring::described(&host, builder);
    let first = queue.start();
    let second = fire(&queue.task);
    host.begin_shutdown(HOUR);
    first.complete();
    let started = queue.wait_started();
    assert_eq!(*started.instance(), second);
    started.complete();
    assert_eq!(report(&host).succeeded, 2);
}

#[test]
fn finish_ends_as_abandoned_at_the_deadline() {
    // H2
    let host = narrow_host();
    let finish = running(&host, OnShutdown::Finish);
    host.begin_shutdown(GRACE);
    advance(&host, GRACE);
    let end = end_of(finish.instance());
    assert_eq!((end.outcome, end.canceled), (Outcome::Abandoned, Some(CancelReason::Terminating)));
    assert_eq!(end.holders.len(), 1);
    let report = report(&host);
    assert_eq!((report.state, report.abandoned.len()), (HostState::Closed, 1));
}

#[test]
fn leave_alone_is_not_waited_for() {
    // H2
    let host = narrow_host();
    let leave = running(&host, OnShutdown::Leave);
    host.begin_shutdown(HOUR);
    assert_eq!(host.state(), HostState::Closed);
    let end = end_of(leave.instance());
    assert_eq!((end.outcome, end.canceled), (Outcome::Abandoned, Some(CancelReason::Terminating)));
    assert_eq!(report(&host).abandoned[0].instance_id, leave.instance().id());
}

#[test]
fn leave_ends_as_soon_as_the_others_are_done() {
    // H2: whichever of them is the last
    for last in [OnShutdown::Cancel, OnShutdown::Finish] {
        let host = narrow_host();
        let leave = running(&host, OnShutdown::Leave);
        let others = [running(&host, OnShutdown::Cancel), running(&host, OnShutdown::Finish)];
        host.begin_shutdown(HOUR);
        assert_eq!(leave.instance().canceled(), Some(CancelReason::Terminating));
        let (last, first) = if last == OnShutdown::Cancel { (0, 1) } else { (1, 0) };
        others[first].complete();
        assert_eq!(leave.instance().state(), State::Running);
        others[last].complete();
        assert_eq!(end_of(leave.instance()).outcome, Outcome::Abandoned);
        let report = report(&host);
        assert_eq!((report.succeeded, report.canceled, report.abandoned.len()), (1, 1, 1));
    }
}

#[test]
fn leave_that_stops_in_time_is_canceled() {
    // H2
    let host = narrow_host();
    let (leave, finish) = (running(&host, OnShutdown::Leave), running(&host, OnShutdown::Finish));
    host.begin_shutdown(HOUR);
    leave.complete();
    assert_eq!(end_of(leave.instance()).outcome, Outcome::Canceled);
    assert_eq!(host.state(), HostState::Draining);
    finish.complete();
    assert!(report(&host).is_clean());
}

#[test]
fn leave_has_its_grace_when_that_is_over_first() {
    // H2, C6
    let host = narrow_host();
    let (leave, finish) = (running(&host, OnShutdown::Leave), running(&host, OnShutdown::Finish));
    host.begin_shutdown(HOUR);
    advance(&host, GRACE);
    assert_eq!(end_of(leave.instance()).outcome, Outcome::Abandoned);
    assert_eq!(host.state(), HostState::Draining);
    finish.complete();
    assert_eq!(host.state(), HostState::Closed);
}

#[test]
fn what_is_pending_of_a_task_that_is_left_is_cancelled() {
    // H2, C5
    let host = narrow_host();
    host.suspend(None);
    let leave = fire(&task(&host, OnShutdown::Leave).task);
    host.begin_shutdown(HOUR);
    assert_eq!((end_of(&leave).outcome, host.state()), (Outcome::Canceled, HostState::Closed));
}

#[test]
fn a_drain_waits_for_all_alike_and_cancels_none() {
    // H2: on_shutdown is for shutdowns
    let host = narrow_host();
    let rules = [OnShutdown::Leave, OnShutdown::Cancel, OnShutdown::Finish];
    let held = rules.map(|on_shutdown| running(&host, on_shutdown));
    host.begin_drain(HOUR);
    assert!(held.iter().all(|deferral| deferral.instance().canceled().is_none()));
    held[1].complete();
    held[2].complete();
    assert_eq!((held[0].instance().state(), host.state()), (State::Running, HostState::Draining));
    held[0].complete();
    assert_eq!(report(&host).succeeded, 3);
}

#[test]
fn a_shutdown_after_a_drain_leaves_what_is_to_be_left() {
    // H2
    let host = narrow_host();
    let leave = running(&host, OnShutdown::Leave);
    host.begin_drain(HOUR);
    host.begin_shutdown(HOUR);
    assert_eq!((end_of(leave.instance()).outcome, host.state()), (Outcome::Abandoned, HostState::Closed));
}

#[test]
fn the_last_handle_that_goes_is_a_shutdown_like_any_other() {
    // H2
    let host = Host::builder().workers(1).grace(HOUR).build().expect("one worker is enough");
    let (finish, cancel) = (running(&host, OnShutdown::Finish), running(&host, OnShutdown::Cancel));
    drop(host);
    assert_eq!(cancel.instance().canceled(), Some(CancelReason::Terminating));
    assert_eq!(finish.instance().canceled(), None);
    cancel.complete();
    finish.complete();
    let outcomes = (end_of(cancel.instance()).outcome, end_of(finish.instance()).outcome);
    assert_eq!(outcomes, (Outcome::Canceled, Outcome::Succeeded));
}

#[test]
fn what_was_pending_does_not_start_because_another_one_ends() {
    // H2, C5. The first one stops the moment that it is asked to, before the shutdown has come to the second one.
    let (host, jobs) = handed_host();
    let queue = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    fire(&queue.task);
    run_all(&jobs);
    let first = queue.wait_started();
    let second = fire(&queue.task);
    let (cancellation, jobs) = (first.instance().cancellation(), Mutex::new(jobs));
    let reacts = waker(move || {
        first.complete();
        run_all(&jobs.lock());
    });
    let mut canceled = pin!(cancellation.canceled());
    assert_eq!(canceled.as_mut().poll(&mut Context::from_waker(&reacts)), Poll::Pending);
    host.begin_shutdown(HOUR);
    assert!(queue.has_started().is_none(), "the second one was entered");
    assert_eq!(end_of(&second).outcome, Outcome::Canceled);
}
