//! Ten thousand futures need no thread and no look more than the changes that they wait for (L8, E9).
//!
//! One test, and in a file of its own: what it counts belongs to the whole process.
#![cfg(target_os = "linux")]

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use backstay::{CancelReason, Outcome};
use common::{Deferring, free_the_worker, narrow_host};

const MANY: usize = 10_000;

/// Counts how often its future was woken.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// A future and the count of its wakes; polled only when there was one since the last poll, as a runtime does.
struct Waiting<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
    polled_at: Option<usize>,
}

impl<F: Future> Waiting<F> {
    fn new(future: F) -> Self {
        Self { future: Box::pin(future), wakes: Arc::default(), polled_at: None }
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }

    fn poll_if_woken(&mut self) -> Option<Poll<F::Output>> {
        let seen = self.wakes();
        if self.polled_at.replace(seen) == Some(seen) {
            return None;
        }
        let waker = Waker::from(Arc::clone(&self.wakes));
        Some(self.future.as_mut().poll(&mut Context::from_waker(&waker)))
    }
}

/// How many threads the process has.
fn threads() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells the status of a process");
    let line = status.lines().find_map(|line| line.strip_prefix("Threads:"));
    line.and_then(|count| count.trim().parse().ok()).expect("there is such a line with a number")
}

#[test]
fn ten_thousand_wait_on_one_thread_and_are_woken_once_a_change() {
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    free_the_worker(&host);
    let instance = deferral.instance();
    let before = threads();

    instance.suspend(None);
    let cancellation = instance.cancellation();
    let outcome = |end: backstay::Finished| async { end.await.outcome };
    let mut ends: Vec<_> = (0..MANY).map(|_| Waiting::new(outcome(instance.finished()))).collect();
    let mut asks: Vec<_> = (0..MANY).map(|_| Waiting::new(cancellation.canceled())).collect();
    let mut stays: Vec<_> = (0..MANY).map(|_| Waiting::new(instance.checkpoint_async())).collect();
    assert!(ends.iter_mut().all(|end| end.poll_if_woken() == Some(Poll::Pending)));
    assert!(asks.iter_mut().all(|ask| ask.poll_if_woken() == Some(Poll::Pending)));
    assert!(stays.iter_mut().all(|stay| stay.poll_if_woken() == Some(Poll::Pending)));

    // Nothing changed, so nobody is woken.
    free_the_worker(&host);
    instance.set_progress(1);
    assert!(ends.iter_mut().all(|end| end.poll_if_woken().is_none()));
    assert!(asks.iter_mut().all(|ask| ask.poll_if_woken().is_none()));
    assert!(stays.iter_mut().all(|stay| stay.poll_if_woken().is_none()));

    // The first change ends the suspension, the second asks to stop, the third is the end.
    instance.resume();
    assert!(stays.iter_mut().all(|stay| stay.poll_if_woken() == Some(Poll::Ready(false))));
    assert!(asks.iter_mut().all(|ask| ask.poll_if_woken() == Some(Poll::Pending)));
    assert!(ends.iter_mut().all(|end| end.poll_if_woken() == Some(Poll::Pending)));
    instance.cancel(CancelReason::Abort);
    let asked = Some(Poll::Ready(Some(CancelReason::Abort)));
    assert!(asks.iter_mut().all(|ask| ask.poll_if_woken() == asked));
    assert!(ends.iter_mut().all(|end| end.poll_if_woken() == Some(Poll::Pending)));
    assert_eq!(threads(), before, "nothing that waits has a thread");
    deferral.complete();
    let is_over = Some(Poll::Ready(Outcome::Canceled));
    assert!(ends.iter_mut().all(|end| end.poll_if_woken() == is_over));

    assert!(stays.iter().all(|stay| stay.wakes() == 1));
    assert!(asks.iter().all(|ask| ask.wakes() == 2));
    assert!(ends.iter().all(|end| end.wakes() == 3));
}
