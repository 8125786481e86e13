//! The one gate for everything that calls Python from threads of ours.
//!
//! An interpreter that ends under a thread that is inside it kills the process (`call` says how). So every entry is
//! counted, and interpreter exit closes the gate first and then waits, detached and bounded, until those inside have
//! left. Those that never leave are caught by the belt of `call`.
//!
//! Invariants:
//!
//! 1. A thread of ours touches Python objects only between `enter` and its return.
//! 2. Once the gate is closed nobody enters; what would have been told or dropped stays as it is.
//! 3. The gate is one atomic word, and no lock: a fork may come while other threads come and go, and a lock that one of
//!    them held would stay locked in the child.
//! 4. In a stretch (`stretch`) a thread remains inside from one call to the next, as one visitor. Between two calls it runs
//!    code of ours and nothing else: it leaves before it waits for anything, and as soon as the gate is closed.
//! 5. A thread of a host keeps its state in the interpreter from its first visit on, since a new one costs more than most
//!    calls (`thread`). It gives it up as a visitor, so never once the gate is closed: then the state goes with the
//!    interpreter, and the thread, which may not touch it any more, stands still for good.
//! 6. A child of a fork has the word, but none of the visitors, so the word of another process counts nobody. Only a
//!    child that was made inside has one visitor left, and it ends there (`EndChildOf`).

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread::Thread;
use std::time::{Duration, Instant};

use backstay_ffi::interop::forks;
use pyo3::prelude::*;

use crate::{block, call, handle, stretch};

/// Which process (32 bits, counted in forks), closed (1), how many are inside (31). One word is in one order for all
/// threads, and what a visitor did is published by the interpreter's own lock: relaxed is enough.
static GATE: AtomicU64 = AtomicU64::new(0);
const CLOSED: u64 = 1 << 31;
const INSIDE: u64 = CLOSED - 1;

/// The thread that closes the gate; who leaves then wakes it.
static CLOSER: OnceLock<Thread> = OnceLock::new();

/// How long the closer sleeps at most, should it be woken between its look and its sleep.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The word as this process sees it: closed stays closed, but only its own visitors count (6).
fn own(word: u64, process: u32) -> u64 {
    if word >> 32 == u64::from(process) { word } else { (u64::from(process) << 32) | (word & CLOSED) }
}

/// One visitor; leaves the gate, however the visit ends.
struct Visit {
    process: u32,
}

impl Visit {
    fn begin() -> Option<Self> {
        let process = forks();
        let enter = |word| {
            let word = own(word, process);
            (word & CLOSED == 0).then_some(word + 1)
        };
        GATE.fetch_update(Relaxed, Relaxed, enter).ok().map(|_| Self { process })
    }

    /// The same for a thread that cannot go on outside of the gate.
    fn begin_or_stand_still() -> Self {
        loop {
            match Self::begin() {
                Some(visit) => return visit,
                None => std::thread::park(),
            }
        }
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        // The end of the thread's state, after the last call, runs code of Python, too.
        drop(EndChildOf(self.process));
        let before = GATE.fetch_sub(1, Relaxed);
        if before & CLOSED != 0
            && let Some(closer) = CLOSER.get()
        {
            closer.unpark();
        }
    }
}

/// Ends a child that was made by fork inside the gate and has come back, before it leaves: behind it is a worker of its
/// parent's host, which would go on with the parent's work.
///
/// Nothing is flushed, as with `os._exit`: what the parent has not written yet would be written twice.
struct EndChildOf(u32);

impl Drop for EndChildOf {
    fn drop(&mut self) {
        if forks() != self.0 {
            call::end_process(
                1,
                "backstay: a child process that was made by fork inside an entry point or handler came back from it, \
                 and was ended with status 1; leave it by os._exit(), or use multiprocessing\n",
            );
        }
    }
}

/// What a thread has that is inside.
pub(crate) struct Inside {
    // Detached first, then counted out.
    attached: call::Attached,
    visit: Visit,
}

impl Inside {
    fn begin() -> Option<Self> {
        let visit = Visit::begin()?;
        Some(Self { attached: call::attach()?, visit })
    }
}

/// Runs `body` attached to the interpreter; `None` when the interpreter is going or gone.
///
/// A process that `body` makes by fork and that comes back from it is ended here.
pub(crate) fn enter<R>(body: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    let Some(call) = stretch::Call::begin() else {
        // Within a call, which is counted already.
        return if is_closed() { None } else { run(forks(), body) };
    };
    let inside = match call.stayed() {
        Some(_) if is_closed() => return None,
        Some(stayed) => stayed,
        None => Inside::begin()?,
    };
    let answer = run(inside.visit.process, body);
    call.end(inside);
    answer
}

fn run<R>(process: u32, body: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    let _end_child = EndChildOf(process);
    Python::try_attach(body)
}

/// Surrounds the life of a thread of a host that Python opened: its state in the interpreter lasts as long (5).
///
/// To make one takes the interpreter, before the first job. When other languages may have the host, a job may be theirs,
/// and must not wait for that: then there is a state for each call.
pub(crate) fn thread(body: Box<dyn FnOnce() + Send>) {
    let body = Cell::new(Some(body));
    if !handle::was_lent()
        && let Some(Inside { attached, visit: entering }) = Inside::begin()
    {
        let life = |py: Python<'_>| {
            let body = body.take();
            py.detach(|| {
                drop(entering);
                if let Some(body) = body {
                    body();
                }
                Visit::begin_or_stand_still()
            })
        };
        if let Some(leaving) = Python::try_attach(life) {
            // Within a call, since the end of the state runs code of Python.
            let _call = stretch::Call::begin();
            drop(Inside { attached, visit: leaving });
        }
    }
    // Nothing surrounded it.
    if let Some(body) = body.take() {
        body();
    }
}

/// Whether the interpreter has gone, or is about to.
pub(crate) fn is_closed() -> bool {
    GATE.load(Relaxed) & CLOSED != 0
}

/// Lets nobody in any more and waits until all have left; how many have not within `timeout`, or until Ctrl-C.
pub(crate) fn close(py: Python<'_>, timeout: Duration) -> usize {
    let process = forks();
    let shut = |word| Some(own(word, process) | CLOSED);
    let _ = GATE.fetch_update(Relaxed, Relaxed, shut);
    let inside = || (GATE.load(Relaxed) & INSIDE) as usize;
    CLOSER.get_or_init(std::thread::current);
    let waited = block::slices(
        py,
        Some(timeout),
        |inside| *inside > 0,
        |slice| {
            let until = Instant::now() + slice;
            loop {
                let left = until.saturating_duration_since(Instant::now());
                if inside() == 0 || left.is_zero() {
                    return inside();
                }
                std::thread::park_timeout(left.min(LOOK_AGAIN));
            }
        },
    );
    // An exception that ends the wait has no one to go to: the process is about to end.
    waited.unwrap_or_else(|_| inside())
}

/// A Python object that our side keeps: dropped inside the gate, on whichever thread that happens.
pub(crate) struct Kept<T>(Option<Py<T>>);

impl<T> Kept<T> {
    pub(crate) fn new(object: Py<T>) -> Self {
        Self(Some(object))
    }

    pub(crate) fn get(&self) -> &Py<T> {
        // It is taken out by drop only.
        self.0.as_ref().unwrap_or_else(|| unreachable!("a dropped object is not used"))
    }
}

impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        let mut object = self.0.take();
        enter(|py| object.take().map(|object| call::discard(object.into_bound(py))));
        // When the interpreter is gone, so is the object; its memory is not ours to touch.
        std::mem::forget(object);
    }
}
