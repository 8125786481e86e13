//! Draining: nothing new, nothing cancelled, and a report of what was alive (H2).

mod common;

use backstay::{HolderKind, HostState, Outcome, State};
use common::{
    Deferring, Journal, LONG, Latch, Staying, advance, end_of, fire, free_the_worker, keep, manual_host,
    narrow_host, register, run, until,
};
use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[test]
fn a_host_without_instances_is_closed_at_once() {
    // H2
    let host = manual_host();
    register(&host, "quiet", |_| Ok(()));
    let report = host.drain(HOUR).expect("this is no callback");
    assert_eq!((report.state, host.state()), (HostState::Closed, HostState::Closed));
    assert!(report.is_clean(), "{report}");
}

#[test]
fn it_cancels_nothing_and_waits_for_the_last_one() {
    // H2
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let running = staying.start();
    let pending = fire(&staying.task);
    let (other, last) = (host.clone(), pending.clone());
    let draining = std::thread::spawn(move || (other.drain(HOUR), last.state()));
    until(|| host.state() == HostState::Draining);
    assert_eq!((running.canceled(), pending.canceled()), (None, None));
    staying.leave.open();
    let (report, state_of_the_last) = draining.join().expect("nothing panics");
    let report = report.expect("that is no callback");
    assert_eq!(state_of_the_last, State::Finished);
    assert_eq!((report.state, report.succeeded, report.finished()), (HostState::Closed, 2, 2));
    assert!(report.is_clean(), "{report}");
}

#[test]
fn one_whose_time_is_over_names_what_is_alive() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let _deferral = deferring.start();
    free_the_worker(&host);
    let staying = Staying::new(&host, "stay");
    let running = staying.start();
    let pending = fire(&staying.task);
    let report = host.drain(Duration::ZERO).expect("this is no callback");
    assert_eq!((report.state, report.finished(), report.is_clean()), (HostState::Draining, 0, false));
    let remaining: Vec<_> = report.remaining.iter().map(|held| (&*held.task, held.instance_id)).collect();
    assert_eq!(remaining[1..], [("stay", running.id()), ("stay", pending.id())]);
    assert_eq!(remaining[0].0, "defer");
    let holders: Vec<Vec<_>> =
        report.remaining.iter().map(|held| held.holders.iter().map(|holder| holder.kind).collect()).collect();
    assert_eq!(holders, [vec![HolderKind::Deferral], vec![HolderKind::EntryPoint], vec![]]);
    let text = report.to_string();
    assert!(text.contains("deferral \"the test\" from core/tests/common/mod.rs"), "{text}");
    assert!(text.contains(&format!("still alive: stay {}, which has not started", pending.id())), "{text}");
    staying.leave.open();
}

#[test]
fn one_whose_time_is_over_closes_the_host_later() {
    // H2
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    host.drain(Duration::ZERO).expect("this is no callback");
    assert_eq!(host.state(), HostState::Draining);
    deferral.complete();
    assert_eq!(host.state(), HostState::Closed, "the last hold went inside the call");
    let report = host.drain(Duration::ZERO).expect("this is no callback");
    assert_eq!((report.state, report.succeeded), (HostState::Closed, 1));
}

#[test]
fn only_what_ends_from_then_on_is_counted() {
    // H2
    let host = manual_host();
    run(&register(&host, "before", |_| Ok(())));
    let deferral = Deferring::new(&host, "defer").start();
    host.drain(Duration::ZERO).expect("this is no callback");
    deferral.fail(backstay::TaskError::new("broken"));
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Failed);
    let report = host.drain(Duration::ZERO).expect("this is no callback");
    assert_eq!((report.failed, report.finished()), (1, 1));
}

#[test]
fn the_report_comes_after_the_events_that_it_counts() {
    // H2
    let host = manual_host();
    let staying = Staying::new(&host, "stay");
    let (journal, door) = (Journal::new(), Latch::default());
    let (seen, gate) = (journal.clone(), door.clone());
    keep(staying.task.on_completed(move |_| {
        gate.wait();
        seen.write(());
    }));
    staying.start();
    staying.leave.open();
    let (other, (tell, told)) = (host.clone(), mpsc::channel());
    let draining = std::thread::spawn(move || {
        other.drain(HOUR).expect("that is no callback");
        tell.send(journal.read().len()).expect("the test listens");
    });
    until(|| host.state() == HostState::Closed);
    assert!(told.try_recv().is_err(), "the handler has not returned");
    door.open();
    assert_eq!(told.recv_timeout(LONG), Ok(1));
    draining.join().expect("nothing panics");
}

#[test]
fn its_time_is_that_of_the_hosts_clock() {
    // H2, H5
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (tell, told) = mpsc::channel();
    let other = host.clone();
    let draining = std::thread::spawn(move || tell.send(other.drain(HOUR)).expect("the test listens"));
    until(|| host.state() == HostState::Draining);
    assert!(told.try_recv().is_err(), "no time has gone by");
    // Again until it is seen: the moment of the first may be before the drain waits.
    until(|| {
        advance(&host, HOUR);
        draining.is_finished()
    });
    let report = told.recv_timeout(LONG).expect("its time is over").expect("that is no callback");
    assert_eq!(report.state, HostState::Draining);
    deferral.complete();
}

#[test]
fn no_drain_misses_the_moment_that_ends_it() {
    // H2, H5: the clock comes to the deadline while somebody begins to wait for it, again and again.
    for _ in 0..1000 {
        let host = manual_host();
        let deferral = Deferring::new(&host, "defer").start();
        let closing = host.begin_drain(HOUR);
        let start = Arc::new(Barrier::new(2));
        let (tell, told) = mpsc::channel();
        let also = Arc::clone(&start);
        std::thread::spawn(move || {
            also.wait();
            // The test may have failed already.
            let _ = tell.send(closing.wait(None).map(|report| report.state));
        });
        start.wait();
        advance(&host, HOUR);
        assert_eq!(told.recv_timeout(LONG), Ok(Ok(HostState::Draining)), "the deadline is over");
        deferral.complete();
    }
}
