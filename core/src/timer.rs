//! What is due when.
//!
//! The entries stand in a slab; a heap of their moments says which is the earliest. Whoever disarms an entry only takes
//! it out of the slab, and its moment stays in the heap until it is the earliest, or until most of the heap is such: so
//! disarming, which is what becomes of most entries, costs little however many are armed.
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
//! 5. Of the moments in the heap at least half belong to entries, but for the first few.
//!
//! The lock is taken alone or under those of instance and host; nothing is taken under it but the count of
//! threads, when one is started.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::num::NonZeroU64;
use std::sync::Arc;

use slab::Slab;

use crate::clock::{Clock, Moment};
use crate::sync::{Condvar, Mutex};
use crate::threads::Threads;

/// The timer of one host.
pub(crate) struct Timer<T> {
    shared: Arc<Shared<T>>,
    threads: Threads,
}

/// Names one armed entry: its number, which no other one has, and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) number: NonZeroU64,
    pub(crate) place: u32,
}

struct Shared<T> {
    clock: Arc<Clock>,
    queue: Mutex<Queue<T>>,
    changed: Condvar,
    fire: Box<dyn Fn(T) + Send + Sync>,
}

struct Queue<T> {
    /// The earliest moment is on top, and of equal ones the one that was armed first.
    moments: BinaryHeap<Reverse<(Moment, Key)>>,
    entries: Slab<(NonZeroU64, T)>,
    armed: u64,
    closed: bool,
    has_thread: bool,
    /// When the thread wakes by itself, while it waits.
    wakes: Moment,
}

/// So many moments without an entry are borne in any case (invariant 5).
const FEW: usize = 64;

impl<T: Send + 'static> Timer<T> {
    /// `fire` is told what has fallen due; it does not unwind.
    pub(crate) fn new(clock: Arc<Clock>, threads: Threads, fire: impl Fn(T) + Send + Sync + 'static) -> Self {
        let queue = Queue {
            moments: BinaryHeap::new(),
            entries: Slab::new(),
            armed: 0,
            closed: false,
            has_thread: false,
            wakes: Moment::NEVER,
        };
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
        let key = queue.insert(at, what)?;
        if self.shared.clock.is_manual() {
            return Some(key);
        }
        if !queue.has_thread {
            let shared = Arc::clone(&self.shared);
            // When no thread can be had now, the entry waits for the next one to try again.
            queue.has_thread = self.threads.start("backstay-timer", move || shared.run()).is_ok();
        } else if at < queue.wakes {
            // It sleeps too long, and is told so once.
            queue.wakes = at;
            drop(queue);
            self.shared.changed.notify_one();
        }
        Some(key)
    }

    /// Takes an entry back; `None` when it has fallen due before.
    pub(crate) fn disarm(&self, key: Key) -> Option<T> {
        self.disarm_if(key, |_| true)
    }

    /// The same if `is_last` says so, which may note in the entry that it matters to one less.
    pub(crate) fn disarm_if(&self, key: Key, is_last: impl FnOnce(&mut T) -> bool) -> Option<T> {
        // The thread may wake for an entry that is gone; it finds nothing due and waits for the next one.
        let mut queue = self.shared.queue.lock();
        let what = queue.remove_if(key, is_last);
        queue.tidy();
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
            queue.moments = BinaryHeap::new();
            std::mem::take(&mut queue.entries)
        };
        self.shared.changed.notify_one();
        drop(forgotten);
    }
}

impl<T> Queue<T> {
    /// `None` when 2³² entries are armed, which no machine has the memory for.
    fn insert(&mut self, at: Moment, what: T) -> Option<Key> {
        self.armed += 1;
        let number = NonZeroU64::new(self.armed)?;
        let place = u32::try_from(self.entries.vacant_key()).ok()?;
        self.entries.insert((number, what));
        let key = Key { number, place };
        self.moments.push(Reverse((at, key)));
        Some(key)
    }

    fn remove_if(&mut self, key: Key, is_meant: impl FnOnce(&mut T) -> bool) -> Option<T> {
        let (number, what) = self.entries.get_mut(key.place as usize)?;
        let is_meant = *number == key.number && is_meant(what);
        is_meant.then(|| self.entries.remove(key.place as usize).1)
    }

    fn is_armed(&self, key: Key) -> bool {
        self.entries.get(key.place as usize).is_some_and(|(number, _)| *number == key.number)
    }

    /// Takes the moments out that belong to no entry, when they are the most (invariant 5).
    fn tidy(&mut self) {
        if self.moments.len() > 2 * self.entries.len() + FEW {
            let mut moments = std::mem::take(&mut self.moments);
            moments.retain(|Reverse((_, key))| self.is_armed(*key));
            moments.shrink_to(2 * moments.len());
            self.moments = moments;
        }
    }

    /// The earliest moment that belongs to an entry.
    fn first(&mut self) -> Option<(Moment, Key)> {
        while let Some(Reverse((at, key))) = self.moments.peek().copied() {
            if self.is_armed(key) {
                return Some((at, key));
            }
            self.moments.pop();
        }
        None
    }

    fn pop_due(&mut self, until: Moment) -> Option<(Moment, T)> {
        let (at, key) = self.first().filter(|(at, _)| *at <= until)?;
        self.moments.pop();
        Some((at, self.remove_if(key, |_| true)?))
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
            // Whoever arms something now finds a thread that is about to look.
            queue.wakes = Moment::START;
            if let Some((_, what)) = queue.pop_due(self.clock.now()) {
                return Some(what);
            }
            if queue.closed && queue.entries.is_empty() {
                queue.has_thread = false;
                return None;
            }
            queue.wakes = queue.first().map_or(Moment::NEVER, |(at, _)| at);
            match self.clock.instant_of(queue.wakes) {
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
    fn an_entry_that_matters_to_several_is_there_until_the_last_has_taken_it_back() {
        let clock = Arc::new(Clock::manual());
        let timer = Timer::new(Arc::clone(&clock), Threads::default(), |_: u32| {});
        let second = clock.now().plus(Duration::from_secs(1));
        let leave = |owners: &mut u32| {
            *owners -= 1;
            *owners == 0
        };
        let of_two = timer.arm(second, 2).expect("it comes");
        let of_three = timer.arm(second, 3).expect("it comes");
        assert_eq!((timer.disarm_if(of_two, leave), timer.disarm_if(of_three, leave)), (None, None));
        assert_eq!(timer.disarm_if(of_two, leave), Some(0));
        assert_eq!(timer.disarm_if(of_two, leave), None, "which none of them does twice");
        assert_eq!(timer.next_due(second).map(|(_, owners)| owners), Some(2));
        assert_eq!(timer.next_due(second), None);
        assert_eq!(timer.disarm_if(of_three, leave), None, "too late");
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
