//! The futures of an instance under any executor: who waits is woken, and who does not wait any more is forgotten.

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use backstay::{CancelReason, Instance, Outcome};
use common::caller::running;
use common::narrow_host;

/// Counts wakes; its count of references tells how many wakers somebody has.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Wakes {
    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// How many wakers of this are kept.
fn kept(wakes: &Arc<Wakes>) -> usize {
    Arc::strong_count(wakes) - 1
}

/// Polls once, in this task.
fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>, task: &Arc<Wakes>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::clone(task));
    future.as_mut().poll(&mut Context::from_waker(&waker))
}

/// Each kind of future that an instance gives, without what it comes to.
fn futures_of(instance: &Instance) -> Vec<Pin<Box<dyn Future<Output = ()> + Send>>> {
    let (end, asked, goes_on) =
        (instance.finished(), instance.cancellation().canceled(), instance.checkpoint_async());
    vec![
        Box::pin(async { _ = end.await }),
        Box::pin(async { _ = asked.await }),
        Box::pin(async { _ = goes_on.await }),
    ]
}

#[test]
fn a_future_that_is_dropped_leaves_no_waker_behind() {
    let host = narrow_host();
    let deferral = running(&host);
    deferral.instance().suspend(None);
    let wakes = Arc::default();
    let mut waiting: Vec<_> = (0..100).flat_map(|_| futures_of(deferral.instance())).collect();
    assert_eq!(kept(&wakes), 0, "a future that was not polled waits for nothing");
    assert!(waiting.iter_mut().all(|future| poll(future, &wakes).is_pending()));
    assert_eq!(kept(&wakes), 300);
    waiting.truncate(150);
    assert_eq!(kept(&wakes), 150);
    drop(waiting);
    assert_eq!(kept(&wakes), 0);
    deferral.complete();
    assert_eq!(wakes.count(), 0);
}

#[test]
fn a_future_that_is_polled_again_keeps_one_waker() {
    let host = narrow_host();
    let deferral = running(&host);
    let wakes = Arc::default();
    let mut end = Box::pin(deferral.instance().finished());
    for _ in 0..100 {
        assert!(poll(&mut end, &wakes).is_pending());
    }
    assert_eq!(kept(&wakes), 1);
    deferral.complete();
    assert_eq!((wakes.count(), kept(&wakes)), (1, 0));
}

#[test]
fn a_future_that_wanders_from_task_to_task_wakes_the_last_one() {
    let host = narrow_host();
    let deferral = running(&host);
    deferral.instance().suspend(None);
    for mut future in futures_of(deferral.instance()) {
        let tasks: [Arc<Wakes>; 3] = Default::default();
        for task in &tasks {
            assert!(poll(&mut future, task).is_pending());
        }
        assert_eq!(tasks.each_ref().map(kept), [0, 0, 1]);
        // Back to the first one, which was forgotten before.
        assert!(poll(&mut future, &tasks[0]).is_pending());
        assert_eq!(tasks.each_ref().map(kept), [1, 0, 0]);
        deferral.instance().resume();
        deferral.instance().suspend(None);
        assert_eq!(tasks.each_ref().map(|task| task.count()), [1, 0, 0]);
    }
}

#[test]
fn a_future_that_wanders_after_its_wake_misses_nothing() {
    let host = narrow_host();
    let deferral = running(&host);
    let (first, second) = (Arc::default(), Arc::default());
    let mut end = Box::pin(deferral.instance().finished());
    assert!(poll(&mut end, &first).is_pending());
    deferral.instance().cancel(CancelReason::Abort);
    assert_eq!((first.count(), kept(&first)), (1, 0), "a wake takes its waker out");
    assert!(poll(&mut end, &second).is_pending());
    deferral.complete();
    assert_eq!((first.count(), second.count()), (1, 1));
    let Poll::Ready(done) = poll(&mut end, &second) else { panic!("it is over") };
    assert_eq!(done.outcome, Outcome::Canceled);
}

#[test]
fn a_future_of_what_is_over_is_ready_at_once_and_keeps_no_waker() {
    let host = narrow_host();
    let deferral = running(&host);
    let instance = deferral.instance().clone();
    let wakes = Arc::default();
    let mut before = Box::pin(instance.finished());
    assert!(poll(&mut before, &wakes).is_pending());
    deferral.complete();
    common::end_of(&instance);
    assert!(futures_of(&instance).iter_mut().all(|future| poll(future, &wakes).is_ready()));
    assert!(poll(&mut before, &wakes).is_ready());
    assert_eq!(kept(&wakes), 0);
}

#[test]
fn of_many_only_those_that_still_wait_are_woken() {
    let host = narrow_host();
    let deferral = running(&host);
    let tasks: Vec<Arc<Wakes>> = (0..1000).map(|_| Arc::default()).collect();
    let mut ends: Vec<_> = tasks.iter().map(|_| Some(Box::pin(deferral.instance().finished()))).collect();
    for (end, wakes) in ends.iter_mut().flatten().zip(&tasks) {
        assert!(poll(end, wakes).is_pending());
    }
    for end in ends.iter_mut().step_by(3) {
        *end = None;
    }
    deferral.complete();
    let woken: Vec<usize> = tasks.iter().map(|wakes| wakes.count()).collect();
    assert!(
        woken.iter().enumerate().all(|(index, count)| *count == usize::from(index % 3 != 0)),
        "{woken:?}"
    );
}
