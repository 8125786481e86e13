//! An async entry point under way: a future that the host's workers poll.
//!
//! Invariants:
//!
//! 1. The future is polled by one worker at a time, and only after it was woken: the turn decides. A wake during a poll
//!    is not lost, it queues the next one.
//! 2. A wake polls nothing and waits for nobody; it queues at most one job. So it may come from anywhere, also from
//!    inside the poll and under the waker's own locks.
//! 3. Between two polls the future occupies no worker; it holds its instance all the same (L8).
//! 4. The future is dropped once, under no lock: by the worker that found it ready, or, when its instance was abandoned,
//!    by whoever finds it in its place, which leaves it to the events thread.
//!
//! The place of the future and the turn are apart: the lock of the place is held only to put the future in or to take
//! it out, never while it is polled.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::sync::Mutex;

use crate::error::TaskError;
use crate::home::{Event, Job};
use crate::inside;
use crate::instance::Instance;
use crate::pool::{Phase, Ticket};
use crate::shield::{shield, shield_and_report};

/// The future of an async entry point.
pub(crate) type Future = Pin<Box<dyn std::future::Future<Output = Result<(), TaskError>> + Send>>;

/// Nobody polls it, and nobody has asked for that since the last poll.
const WAITING: u8 = 0;
/// A job to poll it is queued.
const QUEUED: u8 = 1;
/// A worker polls it.
const POLLED: u8 = 2;
/// A worker polls it, and it was woken since that began.
const WOKEN: u8 = 3;

/// One future and its turn.
pub(crate) struct Polling {
    instance: Instance,
    place: Mutex<Option<Future>>,
    turn: AtomicU8,
}

impl Polling {
    /// A future that is about to be polled for the first time.
    pub(crate) fn new(instance: Instance, future: Future) -> Arc<Self> {
        Arc::new(Self { instance, place: Mutex::new(Some(future)), turn: AtomicU8::new(QUEUED) })
    }

    /// Polls the future once, on the worker with this ticket.
    pub(crate) fn poll(self: Arc<Self>, worker: Ticket) {
        // AcqRel on every change of the turn: a poll sees what the one before it, on another worker, has written.
        self.turn.swap(POLLED, Ordering::AcqRel);
        let Some(mut future) = self.take() else { return };
        if !self.instance.set_worker(Some(worker)) {
            self.let_go(future);
            return;
        }
        self.instance.home().mark(worker, Phase::Entered);
        let waker = Waker::from(Arc::clone(&self));
        let polled = {
            let _inside = inside::entry_point(self.instance.home().id(), self.instance.address());
            shield(|| future.as_mut().poll(&mut Context::from_waker(&waker)))
        };
        match polled {
            Ok(Poll::Pending) => {
                self.instance.home().mark(worker, Phase::Leaving);
                self.put_back(future);
            }
            Ok(Poll::Ready(result)) => self.end(future, result.err()),
            Err(text) => self.end(future, Some(TaskError::with_type(text, "panic"))),
        }
    }

    /// The instance was abandoned: the future goes, unless it is being polled; then it goes after that.
    pub(crate) fn give_up(&self) {
        if let Some(future) = self.take() {
            self.let_go(future);
        }
    }

    /// Whose entry point it is.
    pub(crate) fn instance(&self) -> &Instance {
        &self.instance
    }

    fn let_go(&self, future: Future) {
        self.instance.home().post(Event::Drop(Box::new(future)));
    }

    fn take(&self) -> Option<Future> {
        self.place.lock().take()
    }

    fn put_back(self: Arc<Self>, future: Future) {
        *self.place.lock() = Some(future);
        if !self.instance.set_worker(None) {
            // Abandoned during the poll. Whoever did that may have looked before the future was back in its place.
            self.give_up();
            return;
        }
        let waits = self.turn.compare_exchange(POLLED, WAITING, Ordering::AcqRel, Ordering::Acquire).is_ok();
        if !waits {
            self.turn.store(QUEUED, Ordering::Release);
            let home = Arc::clone(self.instance.home());
            home.submit(Job::Poll(self));
            home.hand_out();
        }
    }

    fn end(&self, future: Future, error: Option<TaskError>) {
        let report = |text: &str| {
            self.instance.home().log()(&format!(
                "what an async entry point held panicked when dropped: {text}"
            ));
        };
        shield_and_report(report, move || drop(future));
        self.instance.leave_entry_point(error);
    }
}

impl Wake for Polling {
    fn wake(self: Arc<Self>) {
        let woken = self.turn.try_update(Ordering::AcqRel, Ordering::Acquire, |turn| match turn {
            WAITING => Some(QUEUED),
            POLLED => Some(WOKEN),
            _ => None,
        });
        if woken == Ok(WAITING) {
            let home = Arc::clone(self.instance.home());
            home.submit(Job::Poll(self));
            home.hand_out();
        }
    }
}
