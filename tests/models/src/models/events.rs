//! The queue of events: several that post, flush, give up and close against the thread that delivers.
//!
//! Modelled: the queue of core, with the threads that it starts. A handler that is stuck waits for something that only
//! the next thread does. Not modelled: what delivering does, which `notify` models.

use std::sync::Arc;

use loom::thread;

use super::{Log, Tally, join, never, over, prove, prove_within};
use crate::events::{Events, Subject, Turn};
use crate::surround::Surround;
use crate::threads::Threads;

struct Event(usize);

impl Subject for Event {
    fn subject(&self) -> Option<usize> {
        Some(self.0)
    }
}

/// A queue whose threads log what they have delivered.
struct Host {
    events: Arc<Events<Event, &'static str>>,
    threads: Threads,
    delivered: Arc<Log<usize>>,
}

impl Host {
    /// The handler of every event: it runs, then the event is logged.
    fn new(handler: impl Fn(usize, &Log<usize>) + Send + Sync + 'static) -> Self {
        let (threads, delivered) = (Threads::default(), Arc::new(Log::default()));
        let log = Arc::clone(&delivered);
        let deliver = move |Event(number), turn: &Turn<'_, Event, &'static str>| {
            turn.call(|| {
                handler(number, &log);
                log.add(number);
            });
        };
        Self {
            events: Arc::new(Events::new(threads.clone(), Surround::default(), deliver)),
            threads,
            delivered,
        }
    }

    fn quick() -> Self {
        Self::new(|_, _| {})
    }

    fn post_aside(&self, numbers: &'static [usize]) -> thread::JoinHandle<()> {
        let events = Arc::clone(&self.events);
        thread::spawn(move || numbers.iter().for_each(|number| events.post(Event(*number))))
    }

    /// Closes the queue and waits for its threads, which proves that none is left behind.
    fn end(&self) -> Vec<usize> {
        self.events.close();
        self.wait_for_the_end()
    }

    fn wait_for_the_end(&self) -> Vec<usize> {
        assert!(self.threads.wait(0, never()));
        assert!(self.events.stragglers().is_empty());
        self.delivered.all()
    }
}

/// Invariant 3: an event is delivered, also when it is posted while the queue closes or after that.
pub fn post_races_close_nothing_is_lost() {
    prove(|| {
        let host = Host::quick();
        let other = host.post_aside(&[2]);
        host.events.post(Event(1));
        host.events.close();
        join(other);
        let mut delivered = host.wait_for_the_end();
        delivered.sort_unstable();
        assert_eq!(delivered, [1, 2]);
    });
}

/// E3, invariant 1: one at a time, and what one thread posts stays in order.
pub fn posts_race_and_each_threads_own_stay_in_order() {
    prove(|| {
        let busy = Tally::default();
        let host = Host::new(move |_, _| {
            assert_eq!(busy.add_one(), 0, "two are delivered at once");
            busy.take_one();
        });
        let other = host.post_aside(&[1, 2]);
        host.events.post(Event(3));
        join(other);
        let delivered = host.end();
        assert!([[1, 2, 3], [1, 3, 2], [3, 1, 2]].iter().any(|order| *order == *delivered), "{delivered:?}");
    });
}

/// E7, invariant 4: whatever others post meanwhile.
pub fn flush_returns_after_what_was_posted_before() {
    prove(|| {
        let host = Host::quick();
        let other = host.post_aside(&[2]);
        host.events.post(Event(1));
        assert!(host.events.flush(None));
        assert!(host.delivered.has(&1));
        join(other);
        assert!(host.events.flush(Some(never())));
        assert!(host.delivered.has(&2));
        host.end();
    });
}

/// E7, law 2: a flush whose time is over first does not say that it is done.
pub fn a_flush_whose_time_is_over_says_the_truth() {
    prove(|| {
        let host = Host::quick();
        host.events.post(Event(1));
        if host.events.flush(Some(over())) {
            assert!(host.delivered.has(&1));
        }
        assert_eq!(host.end(), [1]);
    });
}

/// E9, invariants 4 and 5: the event is counted by the handler that returns or by who gives it up, never by both, so
/// that a flush waits for the next one.
pub fn give_up_races_the_return_of_the_handler_counts_once() {
    prove(|| {
        let host = Host::quick();
        host.events.post(Event(1));
        host.events.post(Event(2));
        let events = Arc::clone(&host.events);
        let giver = thread::spawn(move || events.give_up(1, || "stuck"));
        assert!(host.events.flush(None));
        assert!(host.delivered.has(&2));
        join(giver);
        let mut delivered = host.end();
        delivered.sort_unstable();
        assert_eq!(delivered, [1, 2]);
    });
}

/// E9, invariant 5: another thread goes on with what waits and with what is posted meanwhile.
pub fn what_is_posted_behind_a_stuck_handler_is_delivered_once_it_is_given_up() {
    const STUCK: usize = 1;
    const INSIDE: usize = 10;
    prove(|| {
        let host = Host::new(|number, log| {
            if number == STUCK {
                log.add(INSIDE);
                log.wait_for(&2);
            }
        });
        host.events.post(Event(STUCK));
        host.delivered.wait_for(&INSIDE);
        let other = host.post_aside(&[2]);
        assert!(host.events.give_up(STUCK, || "stuck"));
        join(other);
        assert_eq!(host.end(), [INSIDE, 2, STUCK]);
    });
}

/// E7, E9: who flushes does not wait for a handler that was given up.
pub fn give_up_races_flush_which_returns() {
    const INSIDE: usize = 10;
    const FLUSHED: usize = 11;
    prove(|| {
        let host = Host::new(|_, log| {
            log.add(INSIDE);
            log.wait_for(&FLUSHED);
        });
        host.events.post(Event(1));
        host.delivered.wait_for(&INSIDE);
        let events = Arc::clone(&host.events);
        let giver = thread::spawn(move || events.give_up(1, || "stuck"));
        assert!(host.events.flush(None));
        host.delivered.add(FLUSHED);
        assert!(join(giver));
        assert_eq!(host.end(), [INSIDE, FLUSHED, 1]);
    });
}

/// E9, invariant 5: a thread that was given up in one handler does not call the next one, else it calls both.
pub fn give_up_races_two_handlers_of_one_event() {
    prove(|| {
        let (threads, log) = (Threads::default(), Arc::new(Log::default()));
        let called = Arc::clone(&log);
        let deliver = move |_: Event, turn: &Turn<'_, Event, &'static str>| {
            let first = turn.call(|| called.add(1));
            let second = turn.call(|| called.add(2));
            assert!(first || !second, "a turn that is over does not come back");
        };
        let events = Events::new(threads.clone(), Surround::default(), deliver);
        events.post(Event(1));
        let given_up = events.give_up(1, || "stuck");
        events.close();
        assert!(threads.wait(0, never()));
        let called = log.all();
        assert!(called == [1, 2] || given_up && called == [1], "{called:?}");
    });
}

/// E9: between two handlers a thread is not stuck, and giving it up there would leave the second one untold.
pub fn who_is_between_two_handlers_is_not_given_up() {
    prove(|| {
        let (threads, log) = (Threads::default(), Arc::new(Log::default()));
        let its_log = Arc::clone(&log);
        let deliver = move |_: Event, turn: &Turn<'_, Event, &'static str>| {
            turn.call(|| its_log.add("first"));
            its_log.add("between");
            its_log.wait_for(&"asked");
            turn.call(|| its_log.add("second"));
        };
        let events = Events::new(threads.clone(), Surround::default(), deliver);
        events.post(Event(1));
        log.wait_for(&"between");
        assert!(!events.give_up(1, || "stuck"));
        log.add("asked");
        events.close();
        assert!(threads.wait(0, never()));
        assert_eq!(log.all(), ["first", "between", "asked", "second"]);
    });
}

/// E9, invariant 5: a thread that comes back after it was given up says nothing about the one that went on, which may
/// be stuck itself.
pub fn a_late_return_races_the_giving_up_of_the_next_handler() {
    const INSIDE: usize = 10;
    const RETURN: usize = 20;
    prove_within(2, || {
        let host = Host::new(|number, log| {
            log.add(INSIDE + number);
            log.wait_for(&(RETURN + number));
        });
        host.events.post(Event(1));
        host.delivered.wait_for(&(INSIDE + 1));
        assert!(host.events.give_up(1, || "stuck"));
        host.events.post(Event(2));
        host.delivered.wait_for(&(INSIDE + 2));
        host.delivered.add(RETURN + 1);
        assert!(host.events.give_up(2, || "stuck as well"));
        host.delivered.add(RETURN + 2);
        let mut delivered = host.end();
        delivered.retain(|line| *line < INSIDE);
        delivered.sort_unstable();
        assert_eq!(delivered, [1, 2]);
    });
}

/// E2, E9, invariant 5: a thread that was given up finds out before it calls the next handler.
pub fn who_was_given_up_knows_that_its_turn_is_over() {
    prove(|| {
        let (threads, log) = (Threads::default(), Arc::new(Log::default()));
        let its_log = Arc::clone(&log);
        let deliver = move |_: Event, turn: &Turn<'_, Event, &'static str>| {
            turn.call(|| {
                its_log.add("inside");
                its_log.wait_for(&"given up");
            });
            assert!(turn.is_over());
            its_log.add(if turn.call(|| {}) { "goes on" } else { "knows" });
        };
        let events = Events::new(threads.clone(), Surround::default(), deliver);
        events.post(Event(1));
        log.wait_for(&"inside");
        assert!(events.give_up(1, || "stuck"));
        log.add("given up");
        events.close();
        assert!(threads.wait(0, never()));
        assert_eq!(log.all(), ["inside", "given up", "knows"]);
    });
}
