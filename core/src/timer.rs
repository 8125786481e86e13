//! What is due when.
//!
//! Invariants:
//!
//! 1. Entries fall due in the order of their moments, and in the order of arming when these are equal.
//! 2. An entry is handed out once, or disarmed once, never both. Who disarms may come too late; so who armed an entry
//!    looks, when it falls due, whether it still matters.
//! 3. On the machine's clock one thread hands the entries out; it exists from the first entry until the timer is
//!    closed, which forgets what was armed, and again for what is armed after that. On a manual clock there is no
//!    thread: [`Timer::next_due`] hands them to whoever moves the clock (H5).
//! 4. `fire` runs outside of the lock. It calls no handler and no entry point, so an entry is never late because of
//!    them (H1).
//!
//! The lock is taken alone or under those of instance and host; nothing is taken under it but the count of
//! threads, when one is started.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::clock::{Clock, Moment};
use crate::sync::{Condvar, Mutex};
use crate::threads::Threads;

/// The timer of one host.
pub(crate) struct Timer<T> {
    shared: Arc<Shared<T>>,
    threads: Threads,
}

/// Names one armed entry; the order of keys is the order of falling due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    at: Moment,
    number: u64,
}

struct Shared<T> {
    clock: Arc<Clock>,
    queue: Mutex<Queue<T>>,
    changed: Condvar,
    fire: Box<dyn Fn(T) + Send + Sync>,
}

struct Queue<T> {
    entries: BTreeMap<Key, T>,
    armed: u64,
    closed: bool,
    has_thread: bool,
}

impl<T: Send + 'static> Timer<T> {
    /// `fire` is told what has fallen due; it does not unwind.
    pub(crate) fn new(clock: Arc<Clock>, threads: Threads, fire: impl Fn(T) + Send + Sync + 'static) -> Self {
        let queue = Queue { entries: BTreeMap::new(), armed: 0, closed: false, has_thread: false };
        let shared =
            Shared { clock, queue: Mutex::new(queue), changed: Condvar::new(), fire: Box::new(fire) };
        Self { shared: Arc::new(shared), threads }
    }

    /// Lets `what` fall due at `at`. What is due [`Moment::NEVER`] is dropped, and there is no key for it.
    pub(crate) fn arm(&self, at: Moment, what: T) -> Option<Key> {
        if at == Moment::NEVER {
            return None;
        }
        let mut queue = self.shared.queue.lock();
        let key = Key { at, number: queue.armed };
        queue.armed += 1;
        queue.entries.insert(key, what);
        if self.shared.clock.is_manual() {
            return Some(key);
        }
        if !queue.has_thread {
            let shared = Arc::clone(&self.shared);
            // When no thread can be had now, the entry waits for the next one to try again.
            queue.has_thread = self.threads.start("backstay-timer", move || shared.run()).is_ok();
        } else if queue.entries.first_key_value().is_some_and(|(first, _)| *first == key) {
            self.shared.changed.notify_one();
        }
        Some(key)
    }

    /// Takes an entry back; `None` when it has fallen due before.
    pub(crate) fn disarm(&self, key: Key) -> Option<T> {
        // The thread may wake for an entry that is gone; it finds nothing due and waits for the next one.
        let mut queue = self.shared.queue.lock();
        let what = queue.entries.remove(&key);
        if queue.closed && queue.entries.is_empty() {
            // Nothing is left to wait for, so the thread ends now and not when this would have fallen due.
            self.shared.changed.notify_one();
        }
        what
    }

    /// The earliest entry that is due at or before `until`, for the one who moves a manual clock.
    pub(crate) fn next_due(&self, until: Moment) -> Option<(Moment, T)> {
        self.shared.queue.lock().pop_due(until)
    }

    /// Hands out what has fallen due to `fire`, as the thread does.
    pub(crate) fn fire(&self, what: T) {
        (self.shared.fire)(what);
    }

    /// Nothing that was armed falls due any more; the thread ends when it has nothing to wait for.
    pub(crate) fn close(&self) {
        let forgotten = {
            let mut queue = self.shared.queue.lock();
            queue.closed = true;
            std::mem::take(&mut queue.entries)
        };
        self.shared.changed.notify_one();
        drop(forgotten);
    }
}

impl<T> Queue<T> {
    fn pop_due(&mut self, until: Moment) -> Option<(Moment, T)> {
        let first = self.entries.first_entry().filter(|entry| entry.key().at <= until)?;
        let (key, what) = first.remove_entry();
        Some((key.at, what))
    }
}

impl<T> Shared<T> {
    fn run(&self) {
        while let Some(what) = self.next() {
            (self.fire)(what);
        }
    }

    fn next(&self) -> Option<T> {
        let mut queue = self.queue.lock();
        loop {
            if let Some((_, what)) = queue.pop_due(self.clock.now()) {
                return Some(what);
            }
            if queue.closed && queue.entries.is_empty() {
                queue.has_thread = false;
                return None;
            }
            let first = queue.entries.first_key_value();
            match first.and_then(|(key, _)| self.clock.instant_of(key.at)) {
                Some(instant) => {
                    self.changed.wait_until(&mut queue, instant);
                }
                // Idle until something is armed or the timer is closed; both notify.
                None => self.changed.wait(&mut queue),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn entries_fall_due_in_order_and_not_before_their_moment() {
        let clock = Arc::new(Clock::manual());
        let (send, fired) = mpsc::channel();
        let timer = Timer::new(Arc::clone(&clock), Threads::default(), move |what: &str| {
            send.send(what).expect("the test listens");
        });
        let start = clock.now();
        let second = Duration::from_secs(1);
        timer.arm(start.plus(second * 2), "third");
        timer.arm(start.plus(second), "first");
        timer.arm(start.plus(second), "second");
        assert_eq!(timer.arm(start.plus(Duration::MAX), "never"), None);
        let taken_back = timer.arm(start.plus(second), "taken back").expect("it comes");
        assert_eq!(timer.disarm(taken_back), Some("taken back"));
        assert_eq!(timer.disarm(taken_back), None);
        assert_eq!(timer.next_due(start), None);
        timer.fire("handed out");
        assert_eq!(fired.try_recv(), Ok("handed out"));
        let due: Vec<_> = std::iter::from_fn(|| timer.next_due(start.plus(second * 3))).collect();
        assert_eq!(due.iter().map(|(_, what)| *what).collect::<Vec<_>>(), ["first", "second", "third"]);
        assert_eq!(due[2].0, start.plus(second * 2));
    }

    #[test]
    fn on_the_real_clock_a_thread_hands_them_out_and_ends_with_the_timer() {
        let (send, receive) = mpsc::channel();
        let threads = Threads::default();
        let clock = Arc::new(Clock::real());
        let timer = Timer::new(Arc::clone(&clock), threads.clone(), move |n: u32| {
            send.send(n).expect("test listens");
        });
        assert_eq!(threads.running(), 0);
        timer.arm(clock.now().plus(Duration::from_hours(1)), 2);
        timer.arm(clock.now(), 1);
        assert_eq!(receive.recv_timeout(Duration::from_secs(10)), Ok(1));
        for n in 10..60 {
            // Time and again, so that the thread has begun to wait for the hour to pass in some of the rounds.
            timer.arm(clock.now(), n);
            assert_eq!(
                receive.recv_timeout(Duration::from_secs(10)),
                Ok(n),
                "it does not wait for what is later"
            );
        }
        timer.close();
        assert!(threads.wait(0, std::time::Instant::now() + Duration::from_secs(10)));
        assert!(receive.try_recv().is_err());
        timer.arm(clock.now(), 3);
        assert_eq!(receive.recv_timeout(Duration::from_secs(10)), Ok(3), "also after the close");
        assert!(threads.wait(0, std::time::Instant::now() + Duration::from_secs(10)));
    }
}
