//! The end of a host, waited for by those who do not begin it (H2, E8).

mod common;

use std::time::Duration;

use backstay::{Details, Error, Host, HostState, TaskBuilder};
use common::{Deferring, LONG, advance, manual_host};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn nothing_was_begun_and_the_time_is_over() {
    let host = manual_host();
    assert!(matches!(host.wait(Some(Duration::ZERO)), Err(Error::TimedOut { .. })));
    assert_eq!(host.state(), HostState::Open);
}

#[test]
fn whoever_waits_gets_the_report_of_what_another_thread_begins() {
    let host = manual_host();
    let waiting = {
        let host = host.clone();
        std::thread::spawn(move || host.wait(Some(LONG)))
    };
    let deferral = Deferring::new(&host, "defer").start();
    host.begin_drain(SECOND);
    deferral.complete();
    let report = waiting.join().expect("no panic").expect("in time");
    assert_eq!((report.state, report.succeeded), (HostState::Closed, 1));
}

#[test]
fn a_drain_whose_time_is_over_is_reported_and_a_later_shutdown_is_waited_for() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    host.begin_drain(SECOND);
    advance(&host, SECOND);
    let report = host.wait(Some(LONG)).expect("the deadline is over");
    assert_eq!((report.state, report.remaining.len()), (HostState::Draining, 1));

    host.begin_shutdown(SECOND);
    assert!(matches!(host.wait(Some(Duration::ZERO)), Err(Error::TimedOut { .. })));
    advance(&host, SECOND);
    let report = host.wait(Some(LONG)).expect("the deadline is over");
    assert_eq!((report.state, report.abandoned.len()), (HostState::Closed, 1));
    drop(deferral);
}

#[test]
fn inside_of_an_entry_point_it_is_refused() {
    let host = Host::builder().workers(1).build().expect("one worker is enough");
    let inside = host.downgrade();
    let refused = move |_: &backstay::Instance| match inside.upgrade().map(|host| host.wait(None)) {
        Some(Err(Error::WouldDeadlock { .. })) => Ok(()),
        other => Err(backstay::TaskError::new(format!("{other:?}"))),
    };
    let task = TaskBuilder::new("waits").run(refused).register(&host).expect("it is complete");
    task.fire(Details::none()).expect("open").wait(Some(LONG)).expect("refused").check().expect("refused");
}
