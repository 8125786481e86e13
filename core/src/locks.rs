//! Locks and condition variables without poison, which a child made by fork can use for objects of its own.
//!
//! They are those of std, of which each is a number and no more. `parking_lot`, which keeps the handles of the C ABI, has
//! the threads that wait for any of its locks in one table for the whole process, and what it knows of each on that
//! thread's own stack. A child has the table but none of the threads, and gives their stacks to new ones: the first lock
//! for which two of its threads meet may crash it, or never come free. Idle threads of ours wait for hours.
//!
//! A panic under a lock cannot leave anything half done: no code of the user runs there, and ours does not panic. So
//! poison is passed over.
//!
//! A waiter may come back without a notification, so all wait in loops for something that only a notification changes.
//! That is changed under the lock; so who notifies has had the lock since, and need not ask the system to wake anybody
//! when nobody waits.

use std::fmt;
use std::ops::{Deref, DerefMut};
#[cfg(backstay_tsan)]
use std::sync::atomic::AtomicU8;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// A lock.
#[derive(Default)]
pub(crate) struct Mutex<T> {
    #[cfg(backstay_tsan)]
    order: Order,
    inner: std::sync::Mutex<T>,
}

/// How long others may have a lock that is taken in turn: together about as long as it takes to wake a thread.
const MOMENTS: [Duration; 3] =
    [Duration::from_micros(8), Duration::from_micros(16), Duration::from_micros(32)];

/// The lock's content, for as long as this is there.
pub(crate) struct MutexGuard<'a, T> {
    mutex: &'a Mutex<T>,
    /// Missing only while its thread is inside of a method of `Condvar`, which has it then.
    inner: Option<std::sync::MutexGuard<'a, T>>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self {
            #[cfg(backstay_tsan)]
            order: Order(AtomicU8::new(0)),
            inner: std::sync::Mutex::new(value),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.guard(self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same for a lock that threads take again and again, each time for less than it takes to wake one of them. Whoever
    /// slept at once would have to be woken at almost every turn; so the others have it for a moment, then for longer ones,
    /// and only who has not got it by then sleeps.
    pub(crate) fn lock_in_turn(&self) -> MutexGuard<'_, T> {
        self.look().unwrap_or_else(|| self.wait_for_turn())
    }

    #[cold]
    fn wait_for_turn(&self) -> MutexGuard<'_, T> {
        for moment in MOMENTS {
            let begun = Instant::now();
            while begun.elapsed() < moment {
                std::thread::yield_now();
            }
            if let Some(guard) = self.look() {
                return guard;
            }
        }
        self.lock()
    }

    fn look(&self) -> Option<MutexGuard<'_, T>> {
        match self.inner.try_lock() {
            Ok(inner) => Some(self.guard(inner)),
            Err(TryLockError::Poisoned(inner)) => Some(self.guard(inner.into_inner())),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn guard<'a>(&'a self, inner: std::sync::MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.taken();
        MutexGuard { mutex: self, inner: Some(inner) }
    }

    /// The content, for its only owner.
    pub(crate) fn get_mut(&mut self) -> &mut T {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner)
    }

    /// The lock was taken, and is about to be let go: what a sanitizer needs to be told (`Order`).
    #[cfg(not(backstay_tsan))]
    #[expect(clippy::unused_self, reason = "in other builds it is used")]
    fn taken(&self) {}
    #[cfg(not(backstay_tsan))]
    #[expect(clippy::unused_self, reason = "in other builds it is used")]
    fn leaving(&self) {}
    #[cfg(backstay_tsan)]
    fn taken(&self) {
        self.order.0.load(Ordering::Acquire);
    }
    #[cfg(backstay_tsan)]
    fn leaving(&self) {
        self.order.0.store(0, Ordering::Release);
    }
}

/// `ThreadSanitizer` does not see into the locks of std, which come compiled, and would take what they guard for races.
/// So in its builds each lock has a number as well, which says the same to it.
#[cfg(backstay_tsan)]
#[derive(Default)]
struct Order(AtomicU8);

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // Nobody looks during a wait: the waiter has the guard's only reference.
        self.inner.as_ref().unwrap_or_else(|| unreachable!("nobody looks during a wait"))
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // As above.
        self.inner.as_mut().unwrap_or_else(|| unreachable!("nobody looks during a wait"))
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.leaving();
    }
}

impl<T: fmt::Debug> fmt::Debug for Mutex<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

/// What threads wait for that have let a lock go.
#[derive(Debug, Default)]
pub(crate) struct Condvar {
    /// How many wait, or have been woken and have not got the lock again. Changed under the lock, so that whoever has
    /// had it knows; Relaxed for that reason.
    waiting: AtomicUsize,
    inner: std::sync::Condvar,
}

/// Why a wait with a deadline ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Waited {
    timed_out: bool,
}

impl Waited {
    pub(crate) fn timed_out(self) -> bool {
        self.timed_out
    }
}

impl Condvar {
    pub(crate) const fn new() -> Self {
        Self { waiting: AtomicUsize::new(0), inner: std::sync::Condvar::new() }
    }

    /// Wakes one of those who wait, at least. The caller has changed what they wait for under their lock.
    pub(crate) fn notify_one(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.inner.notify_one();
        }
    }

    /// Wakes all who wait. The caller has changed what they wait for under their lock.
    pub(crate) fn notify_all(&self) {
        if self.waiting.load(Ordering::Relaxed) > 0 {
            self.inner.notify_all();
        }
    }

    /// Lets the lock go, waits, and has it again.
    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        let Some(inner) = guard.inner.take() else { return };
        guard.mutex.leaving();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        guard.inner = Some(self.inner.wait(inner).unwrap_or_else(PoisonError::into_inner));
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard.mutex.taken();
    }

    /// The same, until that moment at the latest.
    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, until: Instant) -> Waited {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Waited { timed_out: true };
        }
        let Some(inner) = guard.inner.take() else { return Waited { timed_out: true } };
        guard.mutex.leaving();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let (inner, waited) = self.inner.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        guard.inner = Some(inner);
        guard.mutex.taken();
        Waited { timed_out: waited.timed_out() && Instant::now() >= until }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn who_waits_for_a_turn_gets_it_when_it_comes_soon_and_when_it_comes_late() {
        let (counted, rounds) = (Mutex::new(0), 10_000);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| (0..rounds).for_each(|_| *counted.lock_in_turn() += 1));
            }
        });
        assert_eq!(*counted.lock(), 2 * rounds);

        let held = counted.lock();
        let (send, got) = mpsc::channel();
        std::thread::scope(|scope| {
            let counted = &counted;
            scope.spawn(move || send.send(*counted.lock_in_turn()));
            // Longer than all the moments, as a rule; it gets the lock in any case.
            let early = got.recv_timeout(MOMENTS.iter().sum::<Duration>() * 100);
            assert!(early.is_err(), "the lock is taken");
            drop(held);
            assert_eq!(got.recv_timeout(Duration::from_secs(10)), Ok(2 * rounds));
        });
    }
}
