//! The timer: several that arm, disarm and close against the thread that hands entries out.
//!
//! Modelled: the timer of core on the machine's clock, with the thread that it starts. Time stands still (`sync`): an
//! entry is either due when it is armed or does not fall due in the model, so nothing but a notification can bring the
//! thread to look again. On the manual clock there is no thread, and those who advance compete. Not modelled: how the
//! machine's clock runs.

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use super::{Log, Tally, join, never, prove};
use crate::clock::{Clock, Moment};
use crate::threads::Threads;
use crate::timer::Timer;

/// An entry that tells its end, however it comes to it.
struct Entry {
    number: usize,
    ended: Arc<Tally>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ended.add_one();
    }
}

struct Host {
    timer: Arc<Timer<Entry>>,
    clock: Arc<Clock>,
    threads: Threads,
    fired: Arc<Log<usize>>,
    ended: Arc<Tally>,
}

impl Host {
    fn new(clock: Clock) -> Self {
        let (clock, threads, fired) = (Arc::new(clock), Threads::default(), Arc::new(Log::default()));
        let (log, busy) = (Arc::clone(&fired), Tally::default());
        let fire = move |entry: Entry| {
            assert_eq!(busy.add_one(), 0, "there is one thread");
            log.add(entry.number);
            busy.take_one();
        };
        let timer = Arc::new(Timer::new(Arc::clone(&clock), threads.clone(), fire));
        Self { timer, clock, threads, fired, ended: Arc::default() }
    }

    fn entry(&self, number: usize) -> Entry {
        Entry { number, ended: Arc::clone(&self.ended) }
    }

    fn due(&self) -> Moment {
        self.clock.now()
    }

    fn far(&self) -> Moment {
        self.clock.now().plus(Duration::from_hours(1))
    }

    fn arm_aside(&self, number: usize) -> thread::JoinHandle<()> {
        let (timer, entry, due) = (Arc::clone(&self.timer), self.entry(number), self.due());
        thread::spawn(move || {
            timer.arm(due, entry);
        })
    }

    /// Closes the timer and waits for its thread, which proves that it is not left behind.
    fn end(&self) {
        self.timer.close();
        assert!(self.threads.wait(0, never()));
    }
}

/// Invariant 3: what is armed while the thread looks, waits or starts makes it look again.
pub fn arm_races_the_idle_thread_is_not_missed() {
    prove(|| {
        let host = Host::new(Clock::real());
        host.timer.arm(host.far(), host.entry(9));
        host.timer.arm(host.due(), host.entry(1));
        host.fired.wait_for(&1);
        host.end();
        assert_eq!(host.fired.all(), [1]);
        assert_eq!(host.ended.count(), 2);
    });
}

/// Invariants 2 and 3: one thread for all, and each entry once.
pub fn two_that_arm_at_once_share_one_thread() {
    prove(|| {
        let host = Host::new(Clock::real());
        let other = host.arm_aside(1);
        host.timer.arm(host.due(), host.entry(2));
        join(other);
        host.fired.wait_for(&1);
        host.fired.wait_for(&2);
        host.end();
        assert_eq!(host.fired.sorted(), [1, 2]);
    });
}

/// Invariant 1.
pub fn entries_of_one_moment_fall_due_in_the_order_of_arming() {
    prove(|| {
        let host = Host::new(Clock::real());
        let due = host.due();
        for number in 1..=3 {
            host.timer.arm(due, host.entry(number));
        }
        host.fired.wait_for(&3);
        host.end();
        assert_eq!(host.fired.all(), [1, 2, 3]);
    });
}

/// Invariant 2: handed out or taken back, one of both and never neither.
pub fn disarm_races_falling_due_one_wins() {
    prove(|| {
        let host = Host::new(Clock::real());
        let key = host.timer.arm(host.due(), host.entry(1)).expect("it comes");
        let other = Arc::clone(&host.timer);
        let other = thread::spawn(move || other.disarm(key).is_some());
        let taken_back = host.timer.disarm(key).is_some();
        let taken_back = [taken_back, join(other)].iter().filter(|taken| **taken).count();
        if taken_back == 0 {
            host.fired.wait_for(&1);
        }
        host.end();
        assert_eq!(host.fired.all().len() + taken_back, 1);
        assert_eq!(host.ended.count(), 1);
    });
}

/// Invariant 3: what is armed around the close falls due or is forgotten, and no thread stays behind.
pub fn close_races_arm_and_leaves_no_thread() {
    prove(|| {
        let host = Host::new(Clock::real());
        host.timer.arm(host.far(), host.entry(9));
        let other = host.arm_aside(1);
        host.timer.close();
        join(other);
        assert!(host.threads.wait(0, never()));
        assert!(matches!(*host.fired.all(), [] | [1]));
        assert_eq!(host.ended.count(), 2);
    });
}

/// Invariant 3: a closed timer still serves, and its thread ends again.
pub fn what_is_armed_after_the_close_falls_due_and_the_thread_ends() {
    prove(|| {
        let host = Host::new(Clock::real());
        host.timer.arm(host.due(), host.entry(1));
        host.timer.close();
        host.timer.arm(host.due(), host.entry(2));
        host.fired.wait_for(&2);
        assert!(host.threads.wait(0, never()));
        assert_eq!(host.ended.count(), 2);
    });
}

/// H1, invariant 3: an entry that was armed after the close and taken back keeps no thread.
pub fn what_is_taken_back_after_the_close_keeps_no_thread() {
    prove(|| {
        let host = Host::new(Clock::real());
        host.timer.close();
        let key = host.timer.arm(host.far(), host.entry(1)).expect("it comes");
        assert!(host.timer.disarm(key).is_some());
        assert!(host.threads.wait(0, never()));
    });
}

/// Invariant 2, on the manual clock.
pub fn two_that_advance_at_once_hand_an_entry_out_once() {
    prove(|| {
        let host = Host::new(Clock::manual());
        let due = host.due();
        let key = host.timer.arm(due, host.entry(1)).expect("it comes");
        let other = Arc::clone(&host.timer);
        let other = thread::spawn(move || other.next_due(due).is_some());
        let disarming = Arc::clone(&host.timer);
        let disarming = thread::spawn(move || disarming.disarm(key).is_some());
        let mine = host.timer.next_due(due).is_some();
        let won = [mine, join(other), join(disarming)].iter().filter(|won| **won).count();
        assert_eq!(won, 1);
        assert_eq!(host.ended.count(), 1);
    });
}
