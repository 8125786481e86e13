//! What all models share: how one is proved, and what they watch the mechanisms with.
//!
//! Everything that two threads of a model share is loom's, also what the model itself only counts with: what loom does
//! not see is no reason for it to try another order.

#![expect(clippy::missing_panics_doc, reason = "a model panics when its property does not hold")]

use std::time::{Duration, Instant};

use loom::thread::JoinHandle;

use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Condvar, Mutex};

pub mod events;
pub mod executor;
pub mod holders;
pub mod lifecycle;
pub mod notify;
pub mod pool;
pub mod threads;
pub mod timer;

/// How often, at most, a thread of one run is stopped although it could go on. All mistakes that were planted to try the
/// models need two at most; a deep run takes more by `LOOM_MAX_PREEMPTIONS`.
const PREEMPTIONS: usize = 3;

/// Runs `model` once for every order that its threads can take, and panics at the first one in which an assertion fails
/// or in which threads wait for each other.
fn prove(model: impl Fn() + Send + Sync + 'static) {
    prove_within(PREEMPTIONS, model);
}

/// The same for a model that is too large for as many preemptions.
fn prove_within(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound.get_or_insert(preemptions);
    let runs = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let count = std::sync::Arc::clone(&runs);
    let begin = Instant::now();
    builder.check(move || {
        count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        model();
    });
    println!("{} runs in {:.2?}", runs.load(std::sync::atomic::Ordering::Relaxed), begin.elapsed());
}

/// What the thread gave back.
fn join<T>(thread: JoinHandle<T>) -> T {
    thread.join().expect("a thread that panics ends the model")
}

fn join_all<const N: usize>(threads: [JoinHandle<()>; N]) {
    threads.into_iter().for_each(join);
}

/// A deadline that is over, and one that never comes (see `sync`).
fn over() -> Instant {
    Instant::now()
}

fn never() -> Instant {
    Instant::now() + Duration::from_hours(1)
}

/// Something that one thread writes and others read without care: whether they see it is up to the mechanism between
/// them.
#[derive(Default)]
struct Note(AtomicBool);

impl Note {
    fn write(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn is_seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that threads count up and down, each step at once, and read without care.
#[derive(Default)]
struct Tally(AtomicUsize);

impl Tally {
    /// Gives the number before.
    fn add_one(&self) -> usize {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    fn take_one(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What happened, in order; and a place to wait until something has.
#[derive(Default)]
struct Log<T> {
    lines: Mutex<Vec<T>>,
    longer: Condvar,
}

impl<T: Clone + Ord> Log<T> {
    fn add(&self, line: T) {
        self.lines.lock().push(line);
        self.longer.notify_all();
    }

    fn wait_for(&self, line: &T) {
        self.longer.wait_while(&mut self.lines.lock(), |lines| !lines.contains(line));
    }

    fn has(&self, line: &T) -> bool {
        self.lines.lock().contains(line)
    }

    fn all(&self) -> Vec<T> {
        self.lines.lock().clone()
    }

    /// What happened, whatever the order was.
    fn sorted(&self) -> Vec<T> {
        let mut lines = self.all();
        lines.sort();
        lines
    }
}
