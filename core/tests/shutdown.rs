//! Shutting down: one deadline for all, and proof of how everything ended (H2).

mod common;

use backstay::{CancelReason, DrainReport, Host, HostState, Outcome, State, TaskBuilder, TaskError};
use common::{
    Deferring, GRACE, Journal, LONG, Latch, Staying, advance, end_of, fire, flush, free_the_worker, keep,
    manual_host, narrow_host, register,
};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn shut_down(host: &Host, grace: Duration) -> DrainReport {
    host.shutdown(grace).expect("this is no callback")
}

#[test]
fn everything_alive_is_canceled_with_terminating() {
    // H2
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let running = staying.start();
    let pending = fire(&staying.task);
    let leave = staying.leave.clone();
    keep(running.on_canceled(move |_| leave.open()));
    let report = shut_down(&host, HOUR);
    assert_eq!((report.state, report.canceled, report.finished()), (HostState::Closed, 2, 2));
    assert!(report.is_clean(), "{report}");
    for instance in [running, pending] {
        assert_eq!(end_of(&instance).canceled, Some(CancelReason::Terminating));
    }
}

#[test]
fn the_report_tells_how_everything_ended() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferrals: Vec<_> = (0..4).map(|_| deferring.start()).collect();
    free_the_worker(&host);
    host.begin_shutdown(HOUR);
    deferrals[0].complete();
    deferrals[1].fail(TaskError::new("broken"));
    let report = shut_down(&host, Duration::ZERO);
    assert_eq!((report.canceled, report.failed, report.succeeded), (1, 1, 0));
    let abandoned: Vec<_> = report.abandoned.iter().map(|held| held.instance_id).collect();
    assert_eq!(abandoned, [deferrals[2].instance().id(), deferrals[3].instance().id()]);
    let held = &report.abandoned[0];
    assert_eq!((&*held.task, held.canceled), ("defer", Some(CancelReason::Terminating)));
    assert_eq!((held.holders.len(), &*held.holders[0].label), (1, "the test"));
    assert!(!report.is_clean());
    assert_eq!(report.to_string().lines().count(), 1 + 2 * 2, "two lines for each of two: {report}");
}

#[test]
fn an_earlier_reason_stays() {
    // H2, C2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::EnergySaver);
    let report = shut_down(&host, Duration::ZERO);
    assert_eq!(report.abandoned[0].canceled, Some(CancelReason::EnergySaver));
}

#[test]
fn its_deadline_goes_before_a_longer_grace() {
    // H2
    let host = Host::builder().grace(HOUR).manual_clock().build().expect("the default is enough");
    let deferral = Deferring::new(&host, "defer").start();
    host.begin_shutdown(GRACE);
    advance(&host, GRACE.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(deferral.instance().state(), State::Running);
    advance(&host, Duration::from_nanos(1));
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
    assert_eq!(host.state(), HostState::Closed);
}

#[test]
fn a_shorter_grace_goes_before_its_deadline() {
    // H2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    host.begin_shutdown(HOUR);
    advance(&host, GRACE);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
    assert_eq!(host.state(), HostState::Closed, "and the host closes early");
}

#[test]
fn all_tasks_have_one_deadline_and_not_one_after_another() {
    // H2
    let host = manual_host();
    let graces = [HOUR, HOUR * 2, HOUR * 3];
    let (give, deferrals) = mpsc::channel();
    for (name, grace) in ["one", "two", "three"].into_iter().zip(graces) {
        let give = give.clone();
        let run = move |instance: &backstay::Instance| Ok(give.send(instance.get_deferral(name)?)?);
        fire(&TaskBuilder::new(name).grace(grace).run(run).register(&host).expect("the names differ"));
    }
    let held: Vec<_> = deferrals.iter().take(graces.len()).collect();
    host.begin_shutdown(GRACE);
    advance(&host, GRACE);
    for deferral in held {
        assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
    }
}

#[test]
fn the_earliest_of_several_deadlines_counts() {
    // H2
    for (first, second) in [(HOUR, GRACE), (GRACE, HOUR)] {
        let host = Host::builder().grace(HOUR * 2).manual_clock().build().expect("the default is enough");
        let deferral = Deferring::new(&host, "defer").start();
        host.begin_shutdown(first);
        host.begin_shutdown(second);
        advance(&host, GRACE);
        assert_eq!(deferral.instance().state(), State::Finished, "{first:?} and {second:?}");
    }
}

#[test]
fn without_a_grace_nothing_is_waited_for() {
    // H2: on a clock that nobody moves
    let host = manual_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let report = shut_down(&host, Duration::ZERO);
    assert_eq!((report.state, report.abandoned.len(), report.stragglers), (HostState::Closed, 1, 1));
    assert!(!report.is_clean(), "a thread is occupied");
    staying.leave.open();
    common::until(|| host.stragglers() == 0);
}

#[test]
fn on_the_machines_clock_a_stuck_entry_point_does_not_hold_it_up() {
    // H2
    let host = Host::builder().workers(2).build().expect("two workers are enough");
    let staying = Staying::new(&host, "stay");
    staying.start();
    let (tell, told) = mpsc::channel();
    let shutting = std::thread::spawn(move || tell.send(shut_down(&host, Duration::ZERO)));
    let report = told.recv_timeout(LONG).expect("it returns although the entry point does not");
    assert_eq!((report.state, report.stragglers), (HostState::Closed, 1));
    shutting.join().expect("nothing panics").expect("the test listened");
    staying.leave.open();
}

#[test]
fn twice_is_the_same_as_once() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let (first, _second) = (deferring.start(), deferring.start());
    free_the_worker(&host);
    host.begin_shutdown(HOUR);
    first.complete();
    let report = shut_down(&host, Duration::ZERO);
    assert_eq!(shut_down(&host, HOUR), report);
    assert_eq!(host.drain(HOUR).expect("this is no callback"), report);
    host.begin_shutdown(Duration::ZERO);
    assert_eq!(shut_down(&host, Duration::ZERO), report);
}

#[test]
fn shutdowns_and_drains_may_race() {
    // H2
    for _ in 0..50 {
        let host = manual_host();
        let deferring = Deferring::new(&host, "defer");
        let deferrals: Vec<_> = (0..3).map(|_| deferring.start()).collect();
        let start = Arc::new(Barrier::new(5));
        let (tell, told) = mpsc::channel();
        for is_drain in [true, false, true, false] {
            let (host, start, tell) = (host.clone(), Arc::clone(&start), tell.clone());
            std::thread::spawn(move || {
                start.wait();
                let report = if is_drain { host.drain(HOUR) } else { host.shutdown(HOUR) };
                // The test may have failed already.
                let _ = tell.send(report);
            });
        }
        start.wait();
        for deferral in &deferrals {
            deferral.complete();
        }
        let reports: Vec<_> = (0..4).map(|_| told.recv_timeout(LONG).expect("all come back")).collect();
        let first = reports[0].clone().expect("those are no callbacks");
        assert_eq!((first.state, first.abandoned.len()), (HostState::Closed, 0));
        assert!(reports.iter().all(|report| *report == Ok(first.clone())), "{reports:?}");
    }
}

#[test]
fn a_shutdown_ends_a_drain_that_waits() {
    // H2
    let host = manual_host();
    let _deferral = Deferring::new(&host, "defer").start();
    let (tell, told) = mpsc::channel();
    let other = host.clone();
    let draining = std::thread::spawn(move || tell.send(other.drain(HOUR)));
    common::until(|| host.state() == HostState::Draining);
    let report = shut_down(&host, Duration::ZERO);
    assert_eq!(told.recv_timeout(LONG).expect("the host is closed"), Ok(report));
    draining.join().expect("nothing panics").expect("the test listened");
}

#[test]
fn all_handlers_were_called_when_it_returns() {
    // H2: both events of an instance that the shutdown itself ends
    let host = manual_host();
    let deferring = Deferring::new(&host, "defer");
    let journal = Journal::new();
    let (canceled, completed) = (journal.clone(), journal.clone());
    let deferral = deferring.start();
    keep(deferral.instance().on_canceled(move |_| canceled.write("canceled")));
    keep(deferring.task.on_completed(move |_| completed.write("completed")));
    shut_down(&host, Duration::ZERO);
    assert_eq!(journal.read(), ["canceled", "completed"]);
}

#[test]
fn an_entry_point_may_begin_it() {
    // H2, E8
    let host = manual_host();
    let own = host.clone();
    let task = register(&host, "end", move |instance| {
        own.begin_shutdown(HOUR);
        assert_eq!(instance.canceled(), Some(CancelReason::Terminating));
        Ok(())
    });
    assert_eq!(end_of(&fire(&task)).outcome, Outcome::Canceled);
    assert_eq!(host.state(), HostState::Closed);
}

#[test]
fn no_instance_begins_after_it_began() {
    // H2, C5: the worker comes to what waits only when that has ended.
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let entered = Latch::default();
    let mark = entered.clone();
    let waiting = fire(&register(&host, "waiting", move |_| {
        mark.open();
        Ok(())
    }));
    host.begin_shutdown(HOUR);
    assert_eq!(waiting.state(), State::Finished);
    staying.leave.open();
    shut_down(&host, HOUR);
    flush(&host);
    assert!(!entered.is_open());
}

#[test]
fn a_stuck_handler_does_not_hold_it_up_for_ever_when_it_is_waited_for_in_slices() {
    // H2: the deadline is over, and so is the moment that the last events have; each slice must count from the same one.
    let host = Host::builder().workers(1).build().expect("one worker is enough");
    let task = register(&host, "quiet", |_| Ok(()));
    let stuck = Latch::default();
    let gate = stuck.clone();
    keep(task.on_completed(move |_| gate.wait()));
    end_of(&fire(&task));
    let closing = host.begin_shutdown(Duration::ZERO);
    let limit = std::time::Instant::now() + LONG;
    let report = loop {
        match closing.wait(Some(Duration::from_millis(1))) {
            Ok(report) => break report,
            Err(_) => assert!(std::time::Instant::now() < limit, "it is waited for again and again"),
        }
    };
    stuck.open();
    assert_eq!(report.state, HostState::Closed);
}
