//! However much ends at once, no thread needs a stack for all of it (E1, H2, H7).

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use backstay::{Host, OnShutdown, Outcome, TaskBuilder};
use common::{LONG, end_of, fire, manual_host};

#[test]
fn an_executor_that_drops_a_backlog_is_asked_from_one_place() {
    // H7: a runtime that was shut down does that.
    let (depth, deepest) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&deepest);
    let drops = move |job| {
        seen.fetch_max(depth.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        drop(job);
        depth.fetch_sub(1, Ordering::Relaxed);
    };
    let host = Host::builder().executor(drops).manual_clock().log(|_| ()).build().expect("it is a host");
    let task = TaskBuilder::new("backlog").condition("network").run(|_| Ok(()));
    let task = task.register(&host).expect("the name is new");
    let backlog: Vec<_> = (0..100).map(|_| fire(&task)).collect();
    host.set_condition("network", true).expect("the condition has a name");
    assert!(backlog.iter().all(|instance| end_of(instance).outcome == Outcome::Canceled));
    assert_eq!(deepest.load(Ordering::Relaxed), 1);
}

#[test]
fn thousands_that_nobody_waits_for_are_abandoned_one_after_another() {
    // H2: `leave` instances end as soon as the others are done.
    const MANY: usize = 5_000;
    let host = manual_host();
    let (give, deferrals) = mpsc::channel();
    let task = TaskBuilder::new("left").on_shutdown(OnShutdown::Leave).run(move |instance| {
        // The test listens until all of them are there.
        let _ = give.send(instance.get_deferral("the test")?);
        Ok(())
    });
    let task = task.register(&host).expect("the name is new");
    (0..MANY).for_each(|_| drop(fire(&task)));
    let held: Vec<_> = deferrals.iter().take(MANY).collect();
    let report = host.shutdown(LONG).expect("this is no callback");
    assert_eq!(report.abandoned.len(), MANY);
    drop(held);
}
