//! The queue of events of one host, and the one thread that delivers them.
//!
//! Whoever posts puts an event into the *inbox*. The thread takes over all that is there at once, as its *batch*, and
//! delivers that on the *desk*: so those who post meet it once in a batch, and not at every event.
//!
//! Invariants:
//!
//! 1. Events are delivered one at a time in the order in which they were posted; so those of one instance reach one
//!    subscriber in order (E3). The batch is older than the inbox, and is filled only when it is empty.
//! 2. Delivering is never done by the thread that posts (E2), and never under a lock of ours (law 1).
//! 3. The thread exists from the first post until the queue is closed and empty. A post after that starts another one,
//!    so an event is late but never lost. Only a thread that sleeps is woken, and once.
//! 4. `delivered` counts an event when its last handler has returned; a flush compares it with `posted` (E7).
//! 5. A thread delivers while its turn lasts. `give_up` ends the turn of a thread that is stuck in a handler: another
//!    one goes on with the next event, and the stuck one calls nobody any more and ends when its handler returns (E9).
//!
//! The locks are taken last of all: a post may come from under the instance's and the host's lock. That of the desk comes
//! before that of the inbox, under which nothing is taken but the count of threads, when one is started. The delivering
//! thread holds nothing. So no circle is possible.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Instant;

use crate::surround::Surround;
use crate::sync::{Condvar, LOOKS, Mutex, MutexGuard, thread};
use crate::threads::Threads;

/// The events of one host. `E` is an event, `S` what a straggler is listed as.
pub(crate) struct Events<E, S> {
    shared: Arc<Shared<E, S>>,
    threads: Threads,
}

/// What an event is about, as far as the queue needs to know.
pub(crate) trait Subject {
    /// A number that events about the same thing share.
    fn subject(&self) -> Option<usize>;
}

struct Shared<E, S> {
    inbox: Mutex<Inbox<E>>,
    desk: Mutex<Desk<E, S>>,
    posted: Condvar,
    delivered: Condvar,
    surround: Surround,
    deliver: Deliver<E, S>,
}

type Deliver<E, S> = Box<dyn Fn(E, &Turn<'_, E, S>) + Send + Sync>;

/// What was posted and not taken over.
struct Inbox<E> {
    waiting: VecDeque<E>,
    posted: u64,
    closed: bool,
    has_thread: bool,
    /// Whether it sleeps, and nobody has woken it.
    is_asleep: bool,
}

/// What is being delivered.
struct Desk<E, S> {
    batch: VecDeque<E>,
    delivered: u64,
    /// What the event is about that is being delivered.
    delivering: Option<usize>,
    /// Whether a handler of it has been called and has not returned: only then the thread can be stuck.
    in_call: bool,
    /// The number of the thread whose turn it is; raised by `give_up`.
    turn: u64,
    /// By the number of the turn that was ended.
    stragglers: HashMap<u64, S>,
}

/// Room for so many events is kept when the queue is empty.
const ROOM_KEPT: usize = 1024;

/// The turn of the thread that delivers an event, to be asked before each handler.
pub(crate) struct Turn<'a, E, S> {
    shared: &'a Shared<E, S>,
    number: u64,
}

impl<E, S> Turn<'_, E, S> {
    /// Whether another thread has taken over, so that this one must call nobody any more.
    pub(crate) fn is_over(&self) -> bool {
        self.shared.desk.lock().turn != self.number
    }

    /// Calls one handler, unless another thread has taken over; whether it has.
    pub(crate) fn call(&self, handler: impl FnOnce()) -> bool {
        {
            let mut desk = self.shared.desk.lock();
            if desk.turn != self.number {
                return false;
            }
            desk.in_call = true;
        }
        handler();
        let mut desk = self.shared.desk.lock();
        if desk.turn == self.number {
            desk.in_call = false;
        }
        true
    }
}

impl<E: Subject + Send + 'static, S: Clone + Send + 'static> Events<E, S> {
    /// `deliver` runs on the events thread and calls the handlers of one event; it does not unwind.
    pub(crate) fn new(
        threads: Threads,
        surround: Surround,
        deliver: impl Fn(E, &Turn<'_, E, S>) + Send + Sync + 'static,
    ) -> Self {
        let inbox =
            Inbox { waiting: VecDeque::new(), posted: 0, closed: false, has_thread: false, is_asleep: false };
        let desk = Desk {
            batch: VecDeque::new(),
            delivered: 0,
            delivering: None,
            in_call: false,
            turn: 0,
            stragglers: HashMap::new(),
        };
        let shared = Shared {
            inbox: Mutex::new(inbox),
            desk: Mutex::new(desk),
            posted: Condvar::new(),
            delivered: Condvar::new(),
            surround,
            deliver: Box::new(deliver),
        };
        Self { shared: Arc::new(shared), threads }
    }

    /// Puts an event at the end of the queue. Never blocks on user code.
    pub(crate) fn post(&self, event: E) {
        if self.put(event) {
            self.see_to_it();
        }
    }

    /// The same for a caller who has a lock that others wait for: whether `see_to_it` is to be called, once that is let
    /// go. To wake a thread takes longer than all else that happens here.
    pub(crate) fn put(&self, event: E) -> bool {
        let mut inbox = self.shared.inbox.lock();
        inbox.waiting.push_back(event);
        inbox.posted += 1;
        inbox.is_asleep || !inbox.has_thread
    }

    /// Sees to it that what was put is delivered.
    pub(crate) fn see_to_it(&self) {
        self.start_if_missing();
        self.shared.wake(self.shared.inbox.lock());
    }

    /// Goes on without the thread that is stuck in a handler of this subject; false when none is (invariant 5).
    pub(crate) fn give_up(&self, subject: usize, who: impl FnOnce() -> S) -> bool {
        {
            let mut desk = self.shared.desk.lock();
            if desk.delivering != Some(subject) || !desk.in_call {
                // Between two handlers the thread is not stuck; given up there, it would leave the others untold.
                return false;
            }
            desk.delivering = None;
            desk.in_call = false;
            desk.delivered += 1;
            let turn = desk.turn;
            desk.stragglers.insert(turn, who());
            desk.turn += 1;
            self.shared.inbox.lock().has_thread = false;
            self.shared.delivered.notify_all();
        }
        self.start_if_missing();
        true
    }

    /// Whether an event about this subject is being delivered.
    pub(crate) fn is_delivering(&self, subject: usize) -> bool {
        self.shared.desk.lock().delivering == Some(subject)
    }

    /// The threads that handlers still occupy although they were given up.
    pub(crate) fn stragglers(&self) -> Vec<S> {
        self.shared.desk.lock().stragglers.values().cloned().collect()
    }

    /// Waits until every event posted before this call has been delivered; false when `until` came first.
    pub(crate) fn flush(&self, until: Option<Instant>) -> bool {
        let goal = self.shared.inbox.lock().posted;
        let mut desk = self.shared.desk.lock();
        while desk.delivered < goal {
            match until {
                None => self.shared.delivered.wait(&mut desk),
                Some(until) if self.shared.delivered.wait_until(&mut desk, until).timed_out() => {
                    return desk.delivered >= goal;
                }
                Some(_) => {}
            }
        }
        true
    }

    /// The thread ends when the queue is empty.
    pub(crate) fn close(&self) {
        let mut inbox = self.shared.inbox.lock();
        inbox.closed = true;
        self.shared.wake(inbox);
    }

    /// Starts the thread whose turn it is, when there is something to deliver and nobody who does. When no thread can be
    /// had now, the events wait for the next post to try again.
    fn start_if_missing(&self) {
        let desk = self.shared.desk.lock();
        let mut inbox = self.shared.inbox.lock();
        if inbox.has_thread || desk.batch.is_empty() && inbox.waiting.is_empty() {
            return;
        }
        let (shared, turn) = (Arc::clone(&self.shared), desk.turn);
        inbox.has_thread = self.threads.start_surrounded("backstay-events", move || shared.run(turn)).is_ok();
    }
}

impl<E, S> Shared<E, S> {
    /// Wakes the thread if it sleeps: once, since it takes a while until it is awake (invariant 3).
    fn wake(&self, mut inbox: MutexGuard<'_, Inbox<E>>) {
        if std::mem::take(&mut inbox.is_asleep) {
            drop(inbox);
            self.posted.notify_one();
        }
    }
}

impl<E: Subject, S> Shared<E, S> {
    fn run(&self, turn: u64) {
        let mut has_turn = true;
        loop {
            // First, since a thread that was given up may have left a batch behind.
            self.surround.stretch(&mut || {
                let Some(event) = self.next() else { return false };
                (self.deliver)(event, &Turn { shared: self, number: turn });
                let mut desk = self.desk.lock();
                has_turn = desk.turn == turn;
                if has_turn {
                    desk.delivering = None;
                    desk.delivered += 1;
                    self.delivered.notify_all();
                } else {
                    desk.stragglers.remove(&turn);
                }
                has_turn
            });
            if !has_turn || !self.wait_for_more() {
                return;
            }
        }
    }

    /// The next event, which is being delivered from now on; called by the thread whose turn it is.
    fn next(&self) -> Option<E> {
        let mut desk = self.desk.lock();
        if desk.batch.is_empty() {
            std::mem::swap(&mut desk.batch, &mut self.inbox.lock().waiting);
        }
        let event = desk.batch.pop_front()?;
        desk.delivering = event.subject();
        Some(event)
    }

    /// Waits until something is in the inbox; false when the queue is closed, and the thread is to end.
    fn wait_for_more(&self) -> bool {
        let mut looks = LOOKS;
        let mut inbox = self.inbox.lock();
        loop {
            if !inbox.waiting.is_empty() {
                return true;
            }
            if inbox.closed {
                inbox.has_thread = false;
                return false;
            }
            if looks > 0 {
                looks -= 1;
                drop(inbox);
                thread::yield_now();
                inbox = self.inbox.lock();
                continue;
            }
            inbox.waiting.shrink_to(ROOM_KEPT);
            inbox.is_asleep = true;
            // Idle until something is posted or the queue is closed; both wake it, so there is no deadline to take.
            while inbox.is_asleep {
                self.posted.wait(&mut inbox);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    impl Subject for u32 {
        fn subject(&self) -> Option<usize> {
            usize::try_from(*self).ok()
        }
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn events_arrive_in_order_on_another_thread() {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let events =
            Events::new(Threads::default(), Surround::default(), move |n: u32, _: &Turn<'_, u32, &str>| {
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
        let events = Events::new(threads.clone(), Surround::default(), |_: u32, _: &Turn<'_, u32, &str>| {});
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
        let events = Events::new(threads.clone(), Surround::default(), |_: u32, _: &Turn<'_, u32, &str>| {});
        events.close();
        events.post(1);
        assert!(events.flush(Some(soon())));
        assert!(threads.wait(0, soon()), "and its thread ends again");
    }

    #[test]
    fn a_flush_says_when_its_time_was_over_first() {
        let (leave, may_leave) = std::sync::mpsc::channel::<()>();
        let may_leave = Mutex::new(may_leave);
        let events =
            Events::new(Threads::default(), Surround::default(), move |_: u32, _: &Turn<'_, u32, &str>| {
                may_leave.lock().recv().expect("the test lets it go");
            });
        events.post(1);
        assert!(!events.flush(Some(Instant::now())));
        leave.send(()).expect("the event waits");
        assert!(events.flush(Some(soon())));
    }

    #[test]
    fn a_batch_wakes_the_thread_once_and_not_at_all_while_it_is_awake() {
        let (leave, may_leave) = std::sync::mpsc::channel::<()>();
        let (entered, is_entered) = std::sync::mpsc::channel();
        let (entered, may_leave) = (Mutex::new(entered), Mutex::new(may_leave));
        let events =
            Events::new(Threads::default(), Surround::default(), move |n: u32, _: &Turn<'_, u32, &str>| {
                if n == 0 {
                    entered.lock().send(()).expect("the test listens");
                    may_leave.lock().recv().expect("the test lets it go");
                }
            });
        events.post(0);
        is_entered.recv_timeout(Duration::from_secs(10)).expect("it is delivered");
        assert!((1..100).all(|n| !events.put(n)), "the thread is awake and comes to them");
        leave.send(()).expect("the event waits");
        assert!(events.flush(Some(soon())));
        let until = soon();
        while !events.shared.inbox.lock().is_asleep {
            assert!(Instant::now() < until, "it sleeps when nothing is left");
            std::thread::yield_now();
        }
        assert!(events.put(1), "the first of a batch is to wake it");
        events.see_to_it();
        assert!(!events.shared.inbox.lock().is_asleep, "and the others find it woken");
        assert!(events.flush(Some(soon())));
    }

    #[test]
    fn a_stuck_handler_is_passed_over_and_its_thread_ends_when_it_returns() {
        let (leave, may_leave) = std::sync::mpsc::channel::<()>();
        let (told, is_told) = std::sync::mpsc::channel();
        let (told, may_leave) = (Mutex::new(told), Mutex::new(may_leave));
        let threads = Threads::default();
        let events = Events::new(
            threads.clone(),
            Surround::default(),
            move |n: u32, turn: &Turn<'_, u32, &'static str>| {
                turn.call(|| {
                    told.lock().send(n).expect("the test listens");
                    if n == 7 {
                        may_leave.lock().recv().expect("the test lets it go");
                    }
                });
                if n == 7 {
                    told.lock().send(if turn.is_over() { 70 } else { 71 }).expect("the test listens");
                }
            },
        );
        let next = || is_told.recv_timeout(Duration::from_secs(10)).expect("something is told");
        events.post(7);
        assert_eq!(next(), 7);
        events.post(8);
        assert!(!events.give_up(8, || "nobody"), "that one is not being delivered");
        assert!(events.give_up(7, || "stuck"));
        assert_eq!(next(), 8);
        assert!(events.flush(Some(soon())));
        assert_eq!(events.stragglers(), ["stuck"]);
        leave.send(()).expect("the handler waits");
        assert_eq!(next(), 70, "and knows that its turn is over");
        assert!(threads.wait(1, soon()));
        assert!(events.stragglers().is_empty());
    }
}
