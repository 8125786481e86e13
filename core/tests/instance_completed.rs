//! A Completed handler of one instance (L2, E4).

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use backstay::{CancelReason, Outcome};
use common::{Deferring, LONG, manual_host};

#[test]
fn it_is_called_once_with_the_completion_and_then_dropped() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (calls, held) = (Arc::new(AtomicUsize::new(0)), Arc::new(()));
    let instance = deferral.instance().clone();
    let (counted, captured) = (Arc::clone(&calls), Arc::clone(&held));
    let _ = instance.on_completed(move |completion| {
        assert_eq!((completion.outcome, *captured), (Outcome::Succeeded, ()));
        counted.fetch_add(1, Ordering::Relaxed);
    });
    assert_eq!(Arc::strong_count(&held), 2);
    deferral.complete();
    deferral.instance().wait(Some(LONG)).expect("nothing holds it");
    host.flush(Some(LONG)).expect("in time");
    assert_eq!((calls.load(Ordering::Relaxed), Arc::strong_count(&held)), (1, 1));
}

#[test]
fn it_comes_after_the_canceled_handlers_and_before_those_of_the_task() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let told = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let tell = |what: &'static str| {
        let told = Arc::clone(&told);
        move || told.lock().push(what)
    };
    let instance = deferral.instance().clone();
    let (canceled, own, task) = (tell("canceled"), tell("own"), tell("task"));
    let _ = instance.task().on_completed(move |_| task());
    let _ = instance.on_completed(move |_| own());
    let _ = instance.on_canceled(move |_| canceled());
    instance.cancel(CancelReason::Abort);
    deferral.complete();
    deferral.instance().wait(Some(LONG)).expect("nothing holds it");
    host.flush(Some(LONG)).expect("in time");
    assert_eq!(*told.lock(), ["canceled", "own", "task"]);
}

#[test]
fn on_a_finished_instance_it_is_dropped_uncalled() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    deferral.complete();
    instance.wait(Some(LONG)).expect("nothing holds it");
    let held = Arc::new(());
    let captured = Arc::clone(&held);
    let _ = instance.on_completed(move |_| panic!("{captured:?}"));
    host.flush(Some(LONG)).expect("in time");
    assert_eq!(Arc::strong_count(&held), 1);
}

#[test]
fn a_cancelled_subscription_is_not_called() {
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let called = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&called);
    let subscription = deferral.instance().on_completed(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    subscription.cancel();
    deferral.complete();
    deferral.instance().wait(Some(LONG)).expect("nothing holds it");
    host.flush(Some(LONG)).expect("in time");
    assert_eq!(called.load(Ordering::Relaxed), 0);
}
