//! Which threads a host has, as the operating system sees them (H1).
#![cfg(target_os = "linux")]

mod common;

use backstay::{CancelReason, Details};
use common::{Deferring, GRACE, Staying, advance, end_of, flush, keep, narrow_host, register, run, until};
use parking_lot::Mutex;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::time::Duration;

/// The threads of one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

/// The threads that hosts of this process have started, by the number that the operating system has given to each.
fn numbered() -> BTreeMap<OsString, String> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    // A thread may end between listing and reading.
    let named = tasks.filter_map(|task| {
        let task = task.ok()?;
        let name = std::fs::read_to_string(task.path().join("comm")).ok()?;
        Some((task.file_name(), name.trim().to_owned()))
    });
    named.filter(|(_, name)| name.starts_with("backstay-")).collect()
}

/// Their names.
fn threads() -> Vec<String> {
    let mut names: Vec<_> = numbered().into_values().collect();
    names.sort();
    names
}

/// Waits for what the operating system needs a moment to list.
fn expect_threads(expected: &[&str]) {
    let limit = std::time::Instant::now() + common::LONG;
    while threads() != expected {
        assert!(std::time::Instant::now() < limit, "there are {:?} instead of {expected:?}", threads());
        std::thread::yield_now();
    }
}

#[test]
fn none_is_started_before_it_is_needed_and_none_is_left_after_the_shutdown() {
    // H1
    let _alone = ALONE.lock();
    // A thread of the test before may have been started so late that it gets its name, and ends, only now.
    let all = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    let before: BTreeSet<_> = all.filter_map(|task| Some(task.ok()?.file_name())).collect();
    let host = backstay::Host::builder().workers(8).build().expect("eight workers are enough");
    let deferring = Deferring::new(&host, "defer");
    let mut started = numbered();
    started.retain(|number, _| !before.contains(number));
    assert_eq!(started, BTreeMap::new(), "opening and registering need none");
    let deferral = deferring.start();
    expect_threads(&["backstay-worker"]);
    deferral.instance().cancel(CancelReason::Abort);
    expect_threads(&["backstay-timer", "backstay-worker"]);
    deferral.complete();
    end_of(deferral.instance());
    flush(&host);
    expect_threads(&["backstay-timer", "backstay-worker"]);
    keep(host.on_event(|_| {}));
    deferring.start().complete();
    expect_threads(&["backstay-events", "backstay-timer", "backstay-worker"]);
    // A deadline that nobody needs any more keeps no thread.
    host.shutdown(Duration::from_hours(1)).expect("this is no callback");
    expect_threads(&[]);
    host.shutdown(Duration::from_hours(1)).expect("this is no callback");
    expect_threads(&[]);
}

#[test]
fn a_manual_clock_needs_no_timer_thread() {
    // H1, H5
    let _alone = ALONE.lock();
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert!(!threads().contains(&"backstay-timer".to_owned()));
    drop(host);
    expect_threads(&[]);
}

#[test]
fn a_firing_that_is_refused_starts_none() {
    // H1
    let _alone = ALONE.lock();
    let host = narrow_host();
    let task = register(&host, "quiet", |_| Ok(()));
    task.unregister(false).expect("it is registered");
    flush(&host);
    task.fire(Details::none()).expect_err("it is not registered");
    let started = threads();
    drop(host);
    expect_threads(&[]);
    assert_eq!(started, ["backstay-events"], "only the end of the task was told");
}

#[test]
fn a_worker_that_is_idle_is_used_again() {
    // H1
    let _alone = ALONE.lock();
    let host = backstay::Host::builder().workers(200).manual_clock().build().expect("200 are enough");
    let deferring = Deferring::new(&host, "defer");
    let first = deferring.start();
    let task = register(&host, "next", |_| Ok(()));
    for _ in 0..200 {
        run(&task);
    }
    let workers = threads().iter().filter(|name| *name == "backstay-worker").count();
    // One that has finished its job may need a moment until it is idle, so another one may be started now and then.
    assert!(workers < 100, "one at a time was fired, and {workers} workers were started");
    first.complete();
    drop(host);
    expect_threads(&[]);
}

#[test]
fn a_straggler_is_all_that_is_left_and_ends_when_it_may() {
    // H1, C6
    let _alone = ALONE.lock();
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let report = host.shutdown(Duration::ZERO).expect("this is no callback");
    assert_eq!(report.stragglers, 1);
    expect_threads(&["backstay-worker"]);
    staying.leave.open();
    expect_threads(&[]);
}

#[test]
fn a_handler_that_still_runs_is_all_that_is_left_and_ends_when_it_may() {
    // H1: a host that was dropped waits for nobody.
    let _alone = ALONE.lock();
    let host = narrow_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let (entered, leave) = (common::Latch::default(), common::Latch::default());
    let (mark, gate) = (entered.clone(), leave.clone());
    keep(task.on_completed(move |_| {
        mark.open();
        gate.wait();
    }));
    run(&task);
    until(|| entered.is_open());
    drop(host);
    expect_threads(&["backstay-events"]);
    leave.open();
    expect_threads(&[]);
}
