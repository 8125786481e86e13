//! What happens when the record's lock is let go: those who wait for a change are woken, under no lock.
//!
//! Invariants:
//!
//! 1. A waker is cloned before the record is locked, and woken or dropped after it was let go: both are user code
//!    (law 1).
//! 2. Every change that somebody can wait for (cancelled, suspended or resumed, finished) takes all wakers out and
//!    notifies the condition variable. A future that is not ready then leaves its waker again.
//! 3. A future that is dropped takes its waker out. So an instance never keeps more wakers than there are futures.

use std::collections::BTreeMap;
use std::future::Future;
use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::sync::MutexGuard;

use super::{Inner, Instance, Record};
use crate::completion::Completion;
use crate::home::Home;
use crate::shield::shield_and_report;

/// The record while its lock is held; what its changes leave to be done is done when this is dropped.
pub(super) struct Open<'a> {
    // Declared in the order of dropping: first the lock is let go, then the rest is done.
    pub(super) record: MutexGuard<'a, Record>,
    pub(super) after: AfterLock<'a>,
}

/// What is left to do when the lock is let go.
#[derive(Default)]
pub(crate) struct After {
    wakers: Vec<Waker>,
    /// Jobs were submitted that an executor may have to be asked for.
    pub(crate) hand_out: bool,
    /// What a shutdown does not wait for is all that is left.
    pub(crate) abandon_left: bool,
}

pub(super) struct AfterLock<'a> {
    home: &'a Arc<dyn Home>,
    what: After,
}

/// The wakers of the futures that wait for a change of one instance.
#[derive(Default)]
pub(super) struct Wakers {
    waiting: BTreeMap<u64, Waker>,
    given: u64,
}

impl Inner {
    pub(super) fn open(&self) -> Open<'_> {
        self.opened(self.record.lock())
    }

    /// For a record that is locked already.
    pub(super) fn opened<'a>(&'a self, record: MutexGuard<'a, Record>) -> Open<'a> {
        Open { record, after: AfterLock { home: &self.definition.home, what: After::default() } }
    }
}

impl Open<'_> {
    /// Something changed that others may wait for (invariant 2).
    pub(super) fn wake_all(&mut self, inner: &Inner) {
        inner.changed.notify_all();
        // Most instances have none.
        if let Some(rare) = &mut self.record.rare {
            self.after.what.wakers.extend(std::mem::take(&mut rare.wakers.waiting).into_values());
        }
    }

    pub(super) fn after(&mut self) -> &mut After {
        &mut self.after.what
    }
}

impl Deref for Open<'_> {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl DerefMut for Open<'_> {
    fn deref_mut(&mut self) -> &mut Record {
        &mut self.record
    }
}

impl Drop for AfterLock<'_> {
    fn drop(&mut self) {
        // Before the wakers, so that one that waits for what was started here does not wait for this call.
        if self.what.hand_out {
            self.home.hand_out();
        }
        for waker in self.what.wakers.drain(..) {
            let report = |text: &str| self.home.log()(&format!("a waker panicked: {text}"));
            // Woken and dropped apart: one that panics at both would end the process if it did so at once.
            shield_and_report(report, || waker.wake_by_ref());
            shield_and_report(report, move || drop(waker));
        }
        if self.what.abandon_left {
            self.home.abandon_left();
        }
    }
}

/// A future that is ready as soon as `look` finds something in the record.
pub(super) struct Watch<T> {
    instance: Instance,
    look: fn(&Instance, &Record) -> Option<T>,
    /// Under which number the waker waits.
    number: Option<u64>,
}

impl<T> Watch<T> {
    pub(super) fn new(instance: Instance, look: fn(&Instance, &Record) -> Option<T>) -> Self {
        Self { instance, look, number: None }
    }
}

impl<T> Future for Watch<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Before the lock, and what is left of it is dropped after it (invariant 1).
        let mut waker = Some(context.waker().clone());
        let watch = &mut *self;
        let mut record = watch.instance.0.record.lock();
        if let Some(found) = (watch.look)(&watch.instance, &record) {
            return Poll::Ready(found);
        }
        let wakers = &mut record.rare().wakers;
        let number = *watch.number.get_or_insert_with(|| {
            wakers.given += 1;
            wakers.given
        });
        waker = waker.and_then(|waker| wakers.waiting.insert(number, waker));
        drop(record);
        drop(waker);
        Poll::Pending
    }
}

impl<T> Drop for Watch<T> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let waker = self.instance.0.record.lock().rare().wakers.waiting.remove(&number);
            drop(waker);
        }
    }
}

/// The future of the end of an instance; see [`Instance::finished`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Finished(Watch<Arc<Completion>>);

impl Finished {
    pub(super) fn of(instance: Instance) -> Self {
        Self(Watch::new(instance, |_, record| record.completion.clone()))
    }
}

impl Future for Finished {
    type Output = Arc<Completion>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl std::fmt::Debug for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Finished({:?})", self.0.instance)
    }
}
