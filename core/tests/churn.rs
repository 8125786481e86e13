//! Many hosts, and one that lives long: nothing piles up (H1, H3).
//!
//! The tests take turns, since they count the threads of the process.
#![cfg(target_os = "linux")]

mod common;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use backstay::{CancelReason, Details, Host, Outcome};
use common::{LONG, end_of, flush, run, until};
use tokens::{ALONE, Token, expect_nothing_left, holding, start, threads};

#[test]
fn ten_thousand_hosts_leave_nothing() {
    let _alone = ALONE.lock();
    let token = Token::default();
    for round in 0..10_000 {
        let host = Host::new();
        let task = holding(&token, "churn", |_| Ok(())).register(&host).expect("the name is new");
        let instance = task.fire(Details::opaque(Arc::clone(&token))).expect("it is registered");
        if round % 2 == 0 {
            end_of(&instance);
            host.shutdown(LONG).expect("this is no callback");
        }
        drop((host, task, instance));
        if round % 100 == 0 {
            // Threads end by themselves; a host that is dropped does not wait for them.
            expect_nothing_left(&token);
        }
    }
    expect_nothing_left(&token);
}

/// The memory of the process that is there and not only promised, in KiB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the status of a process");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.strip_suffix("kB"));
    line.and_then(|size| size.trim().parse().ok()).expect("there is such a line with a number")
}

#[test]
fn a_hundred_thousand_firings_leave_nothing_in_a_host_that_lives_on() {
    const FIRINGS: usize = 100_000;
    let _alone = ALONE.lock();
    let token = Token::default();
    let host = Host::builder().workers(2).overdue_after(Duration::from_hours(1)).build().expect("two do");
    let builder = holding(&token, "fired", |instance| {
        instance.get_deferral("inside")?.complete();
        Ok(())
    });
    let task = builder.deadline(Duration::from_hours(1)).register(&host).expect("the name is new");
    let idle = host.snapshot().totals;
    let references = Arc::strong_count(&token);
    let mut used = memory();
    for round in 0..FIRINGS / 1000 {
        let fired: Vec<_> = (0..1000).map(|_| start(&task, &token)).collect();
        if round % 10 == 0 {
            for instance in &fired {
                instance.cancel(CancelReason::Abort);
            }
        }
        assert!(fired.iter().all(|instance| end_of(instance).outcome != Outcome::Failed));
        if round == 10 {
            // By now everything that is kept for the next time is there.
            used = memory();
        }
    }
    flush(&host);
    assert_eq!(host.snapshot().totals, idle);
    until(|| Arc::strong_count(&token) == references);
    let grown = memory().saturating_sub(used);
    assert!(grown < 16 * 1024, "{grown} KiB more than after the first firings");
    assert!(threads() <= 4, "two workers, the events and the timer, but there are {}", threads());
    run(&task);
    drop((task, host));
    expect_nothing_left(&token);
}
