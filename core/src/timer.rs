//! What is due when.
//!
//! Invariants:
//!
//! 1. Entries fall due in the order of their moments, and in the order of arming when these are equal.
//! 2. An entry is handed out once. There is no disarming: who armed an entry looks, when it falls due, whether it
//!    still matters.
//! 3. On the machine's clock one thread hands the entries out; it exists from the first entry until the timer is
//!    closed, which forgets what was armed, and again for what is armed after that. On a manual clock there is no thread: [`Timer::next_due`] hands them to whoever moves the clock (H5).
//! 4. `fire` runs outside of the lock. It never calls users, so an entry is never late because of them (H1).
//!
//! The lock is taken alone or under those of instance and host; nothing is taken under it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::clock::{Clock, Moment};
use crate::threads::Threads;

/// The timer of one host.
pub(crate) struct Timer<T> {
    shared: Arc<Shared<T>>,
    threads: Threads,
}

struct Shared<T> {
    clock: Arc<Clock>,
    queue: Mutex<Queue<T>>,
    changed: Condvar,
    fire: Box<dyn Fn(T) + Send + Sync>,
}

struct Queue<T> {
    heap: BinaryHeap<Reverse<Entry<T>>>,
    armed: u64,
    closed: bool,
    has_thread: bool,
}

struct Entry<T> {
    at: Moment,
    number: u64,
    what: T,
}

impl<T: Send + 'static> Timer<T> {
    /// `fire` is told what has fallen due; it does not unwind.
    pub(crate) fn new(clock: Arc<Clock>, threads: Threads, fire: impl Fn(T) + Send + Sync + 'static) -> Self {
        let queue = Queue { heap: BinaryHeap::new(), armed: 0, closed: false, has_thread: false };
        let shared =
            Shared { clock, queue: Mutex::new(queue), changed: Condvar::new(), fire: Box::new(fire) };
        Self { shared: Arc::new(shared), threads }
    }

    /// Lets `what` fall due at `at`; what is due [`Moment::NEVER`] is dropped.
    pub(crate) fn arm(&self, at: Moment, what: T) {
        if at == Moment::NEVER {
            return;
        }
        let mut queue = self.shared.queue.lock();
        let number = queue.armed;
        queue.armed += 1;
        queue.heap.push(Reverse(Entry { at, number, what }));
        if self.shared.clock.is_manual() {
            return;
        }
        if queue.has_thread {
            self.shared.changed.notify_one();
            return;
        }
        let shared = Arc::clone(&self.shared);
        // When no thread can be had now, the entry waits for the next one to try again.
        queue.has_thread = self.threads.start("backstay-timer", move || shared.run()).is_ok();
    }

    /// The earliest entry that is due at or before `until`, for the one who moves a manual clock.
    pub(crate) fn next_due(&self, until: Moment) -> Option<(Moment, T)> {
        let mut queue = self.shared.queue.lock();
        queue.pop_due(until).map(|entry| (entry.at, entry.what))
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
            std::mem::take(&mut queue.heap)
        };
        self.shared.changed.notify_one();
        drop(forgotten);
    }
}

impl<T> Queue<T> {
    fn pop_due(&mut self, until: Moment) -> Option<Entry<T>> {
        if self.heap.peek()?.0.at > until {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
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
            if let Some(entry) = queue.pop_due(self.clock.now()) {
                return Some(entry.what);
            }
            if queue.closed && queue.heap.is_empty() {
                queue.has_thread = false;
                return None;
            }
            let next = queue.heap.peek().and_then(|Reverse(entry)| self.clock.instant_of(entry.at));
            match next {
                Some(instant) => {
                    self.changed.wait_until(&mut queue, instant);
                }
                // Idle until something is armed or the timer is closed; both notify.
                None => self.changed.wait(&mut queue),
            }
        }
    }
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}

impl<T> Eq for Entry<T> {}

impl<T> PartialOrd for Entry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> Ord for Entry<T> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
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
        let timer = Timer::new(Arc::clone(&clock), Threads::default(), |_: &str| {});
        let start = clock.now();
        let second = Duration::from_secs(1);
        timer.arm(start.plus(second * 2), "third");
        timer.arm(start.plus(second), "first");
        timer.arm(start.plus(second), "second");
        timer.arm(start.plus(Duration::MAX), "never");
        assert_eq!(timer.next_due(start), None);
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
        timer.close();
        assert!(threads.wait(0, std::time::Instant::now() + Duration::from_secs(10)));
        assert!(receive.try_recv().is_err());
        timer.arm(clock.now(), 3);
        assert_eq!(receive.recv_timeout(Duration::from_secs(10)), Ok(3), "also after the close");
        assert!(threads.wait(0, std::time::Instant::now() + Duration::from_secs(10)));
    }
}
