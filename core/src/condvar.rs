//! A condition variable for the locks of `parking_lot`, on which threads wait that a fork leaves behind.
//!
//! `parking_lot` keeps the threads that wait in one table for the whole process, and what it knows of each on that
//! thread's own stack. A child made by fork has the table but none of the threads, gives their stacks to new ones, and
//! crashes when it comes past what stood there; so a child could not have a host of its own. Idle threads of ours wait for
//! hours. They wait here by std's condition variable, which keeps a number and no list. For locks, which a thread waits
//! for but a moment, `parking_lot` stays.
//!
//! Invariants:
//!
//! 1. No notification is lost: who waits has `asleep` locked when it lets the user's lock go, and every notification
//!    takes `asleep`. So it comes before that, and then the waiter had the user's lock and has looked, or after, and then
//!    the waiter is counted and the number has moved.
//! 2. `asleep` is taken with or without the user's lock and never the other way round, and nothing else is taken or
//!    called under it: there is no circle.
//! 3. With nobody waiting a notification costs one lock that nobody else wants, and no call of the system.
//!
//! A waiter may come back without a notification, so all wait in loops. The numbers are only used under `asleep`; they
//! are atomics because a sanitizer does not see into the locks of std, which come compiled (relaxed, then).

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Condvar as Sleep, Mutex as Lock, MutexGuard as Locked, PoisonError};
use std::time::Instant;

use parking_lot::MutexGuard;

#[derive(Debug, Default)]
pub(crate) struct Condvar {
    asleep: Lock<()>,
    changed: Sleep,
    /// How often something was notified.
    number: AtomicU64,
    waiting: AtomicUsize,
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
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Wakes one of those who wait.
    pub(crate) fn notify_one(&self) {
        if self.turn() {
            self.changed.notify_one();
        }
    }

    /// Wakes all who wait.
    pub(crate) fn notify_all(&self) {
        if self.turn() {
            self.changed.notify_all();
        }
    }

    /// Lets the lock go, waits, and has it again.
    pub(crate) fn wait<T>(&self, guard: &mut MutexGuard<'_, T>) {
        self.wait_some(guard, None);
    }

    /// The same, until that moment at the latest.
    pub(crate) fn wait_until<T>(&self, guard: &mut MutexGuard<'_, T>, until: Instant) -> Waited {
        self.wait_some(guard, Some(until))
    }

    /// Whether somebody waits for it.
    fn turn(&self) -> bool {
        let _asleep = self.lock();
        self.number.fetch_add(1, Relaxed);
        self.waiting.load(Relaxed) > 0
    }

    fn wait_some<T>(&self, guard: &mut MutexGuard<'_, T>, until: Option<Instant>) -> Waited {
        let asleep = self.lock();
        // The user's lock is taken again when the closure has let `asleep` go (2).
        MutexGuard::unlocked(guard, || self.sleep(asleep, until))
    }

    /// Sleeps until the number moves.
    fn sleep(&self, mut asleep: Locked<'_, ()>, until: Option<Instant>) -> Waited {
        self.waiting.fetch_add(1, Relaxed);
        let before = self.number.load(Relaxed);
        let mut timed_out = false;
        while self.number.load(Relaxed) == before && !timed_out {
            match until.map(|until| until.saturating_duration_since(Instant::now())) {
                None => asleep = self.changed.wait(asleep).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => timed_out = true,
                Some(left) => {
                    let woken = self.changed.wait_timeout(asleep, left);
                    asleep = woken.unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
        self.waiting.fetch_sub(1, Relaxed);
        Waited { timed_out }
    }

    fn lock(&self) -> Locked<'_, ()> {
        // Nothing panics under it.
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use parking_lot::Mutex;

    use super::*;

    #[test]
    fn a_wait_ends_at_its_deadline_and_has_the_lock_again() {
        let (lock, condvar) = (Mutex::new(1), Condvar::new());
        let mut guard = lock.lock();
        assert!(condvar.wait_until(&mut guard, Instant::now()).timed_out());
        assert!(condvar.wait_until(&mut guard, Instant::now() + Duration::from_millis(1)).timed_out());
        assert!(lock.try_lock().is_none());
        drop(guard);
        condvar.notify_all();
        assert_eq!(condvar.waiting.load(Relaxed), 0);
    }

    /// A baton goes around: each wake-up that is lost is a deadlock, which the deadline turns into a failure.
    #[test]
    fn no_notification_is_lost() {
        const ROUNDS: usize = 20_000;
        const THREADS: usize = 3;
        let shared = Arc::new((Mutex::new(0), Condvar::new()));
        let carriers: Vec<_> = (0..THREADS)
            .map(|me| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (baton, moved) = &*shared;
                    let until = Instant::now() + Duration::from_mins(1);
                    let mut at = baton.lock();
                    while *at < ROUNDS {
                        if *at % THREADS == me {
                            *at += 1;
                            moved.notify_all();
                        } else {
                            assert!(!moved.wait_until(&mut at, until).timed_out(), "lost at {}", *at);
                        }
                    }
                })
            })
            .collect();
        for carrier in carriers {
            carrier.join().expect("none timed out");
        }
        assert_eq!(*shared.0.lock(), ROUNDS);
    }

    #[test]
    fn each_of_many_is_woken_by_a_notification_of_its_own() {
        let shared = Arc::new((Mutex::new((0, 0)), Condvar::new()));
        let waiters: Vec<_> = (0..4)
            .map(|_| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || {
                    let (tokens, came) = &*shared;
                    let mut state = tokens.lock();
                    state.1 += 1;
                    while state.0 == 0 {
                        came.wait(&mut state);
                    }
                    state.0 -= 1;
                })
            })
            .collect();
        let (tokens, came) = &*shared;
        let mut given = 0;
        while given < waiters.len() {
            let mut state = tokens.lock();
            // Only once it waits, and one at a time: who is woken for a token must not leave it to nobody.
            if state.1 > given && state.0 == 0 {
                state.0 += 1;
                given += 1;
                drop(state);
                came.notify_one();
            } else {
                drop(state);
                thread::yield_now();
            }
        }
        for waiter in waiters {
            waiter.join().expect("it was woken");
        }
    }
}
