//! The queue of events of one host, and the one thread that delivers them.
//!
//! Invariants:
//!
//! 1. Events are delivered one at a time in the order in which they were posted; so those of one instance reach one
//!    subscriber in order (E3).
//! 2. Delivering is never done by the thread that posts (E2), and never under the queue's lock (law 1).
//! 3. The thread exists from the first post until the queue is closed and empty. A post after that starts another one,
//!    so an event is late but never lost.
//! 4. `delivered` counts an event when its last handler has returned; a flush compares it with `posted` (E7).
//!
//! The lock is taken last of all: a post may come from under the instance's and the host's lock, and nothing is taken
//! under it. The delivering thread holds nothing. So no circle is possible.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

use crate::threads::Threads;

/// The events of one host.
pub(crate) struct Events<E> {
    shared: Arc<Shared<E>>,
    threads: Threads,
}

struct Shared<E> {
    queue: Mutex<Queue<E>>,
    posted: Condvar,
    delivered: Condvar,
    deliver: Box<dyn Fn(E) + Send + Sync>,
}

struct Queue<E> {
    waiting: VecDeque<E>,
    posted: u64,
    delivered: u64,
    closed: bool,
    has_thread: bool,
}

impl<E: Send + 'static> Events<E> {
    /// `deliver` runs on the events thread and calls the handlers of one event; it does not unwind.
    pub(crate) fn new(threads: Threads, deliver: impl Fn(E) + Send + Sync + 'static) -> Self {
        let queue =
            Queue { waiting: VecDeque::new(), posted: 0, delivered: 0, closed: false, has_thread: false };
        let shared = Shared {
            queue: Mutex::new(queue),
            posted: Condvar::new(),
            delivered: Condvar::new(),
            deliver: Box::new(deliver),
        };
        Self { shared: Arc::new(shared), threads }
    }

    /// Puts an event at the end of the queue. Never blocks on user code.
    pub(crate) fn post(&self, event: E) {
        let mut queue = self.shared.queue.lock();
        queue.waiting.push_back(event);
        queue.posted += 1;
        if queue.has_thread {
            self.shared.posted.notify_one();
            return;
        }
        let shared = Arc::clone(&self.shared);
        // When no thread can be had now, the event waits for the next post to try again.
        queue.has_thread = self.threads.start("backstay-events", move || shared.run()).is_ok();
    }

    /// Waits until every event posted before this call has been delivered; false when `until` came first.
    pub(crate) fn flush(&self, until: Option<Instant>) -> bool {
        let mut queue = self.shared.queue.lock();
        let goal = queue.posted;
        while queue.delivered < goal {
            match until {
                None => self.shared.delivered.wait(&mut queue),
                Some(until) if self.shared.delivered.wait_until(&mut queue, until).timed_out() => {
                    return queue.delivered >= goal;
                }
                Some(_) => {}
            }
        }
        true
    }

    /// The thread ends when the queue is empty.
    pub(crate) fn close(&self) {
        self.shared.queue.lock().closed = true;
        self.shared.posted.notify_one();
    }
}

impl<E> Shared<E> {
    fn run(&self) {
        while let Some(event) = self.next() {
            (self.deliver)(event);
            self.queue.lock().delivered += 1;
            self.delivered.notify_all();
        }
    }

    fn next(&self) -> Option<E> {
        let mut queue = self.queue.lock();
        loop {
            if let Some(event) = queue.waiting.pop_front() {
                return Some(event);
            }
            if queue.closed {
                queue.has_thread = false;
                return None;
            }
            // Idle until something is posted or the queue is closed; both notify, so there is no deadline to take.
            self.posted.wait(&mut queue);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn events_arrive_in_order_on_another_thread() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let events = Events::new(Threads::default(), move |n: u32| {
            log.lock().push((n, std::thread::current().name().map(ToOwned::to_owned)));
        });
        (0..100).for_each(|n| events.post(n));
        assert!(events.flush(Some(soon())));
        let seen = seen.lock();
        assert!(seen.iter().map(|(n, _)| *n).eq(0..100));
        assert!(seen.iter().all(|(_, name)| name.as_deref() == Some("backstay-events")));
    }

    #[test]
    fn there_is_no_thread_before_the_first_event_and_none_after_the_close() {
        let threads = Threads::default();
        let events = Events::new(threads.clone(), |_: u32| {});
        assert!(events.flush(Some(soon())));
        assert_eq!(threads.running(), 0);
        events.post(1);
        assert!(events.flush(Some(soon())));
        assert_eq!(threads.running(), 1);
        events.close();
        assert!(threads.wait(0, soon()));
    }

    #[test]
    fn an_event_posted_after_the_close_is_still_delivered() {
        let threads = Threads::default();
        let events = Events::new(threads.clone(), |_: u32| {});
        events.close();
        events.post(1);
        assert!(events.flush(Some(soon())));
        assert!(threads.wait(0, soon()), "and its thread ends again");
    }

    #[test]
    fn a_flush_says_when_its_time_was_over_first() {
        let (leave, may_leave) = std::sync::mpsc::channel::<()>();
        let may_leave = Mutex::new(may_leave);
        let events = Events::new(Threads::default(), move |_: u32| {
            may_leave.lock().recv().expect("the test lets it go");
        });
        events.post(1);
        assert!(!events.flush(Some(Instant::now())));
        leave.send(()).expect("the event waits");
        assert!(events.flush(Some(soon())));
    }
}
