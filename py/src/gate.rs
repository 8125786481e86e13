//! The one gate for everything that calls Python from threads of ours.
//!
//! An interpreter that ends under a thread that is inside it kills the process. So every entry is counted, and
//! interpreter exit closes the gate first and then waits, detached and bounded, until those inside have left.
//!
//! Invariants:
//!
//! 1. A thread of ours touches Python objects only between `enter` and its return.
//! 2. Once the gate is closed nobody enters; what would have been told or dropped stays as it is.
//! 3. The gate's lock is never held while a thread attaches, detaches or runs Python.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};
use pyo3::prelude::*;

struct Gate {
    /// The process that counts: a child made by fork inherits the number but none of the visitors.
    process: u32,
    closed: bool,
    inside: usize,
}

impl Gate {
    fn lock() -> MutexGuard<'static, Gate> {
        let mut gate = GATE.lock();
        let me = std::process::id();
        if gate.process != me {
            *gate = Gate { process: me, closed: false, inside: 0 };
        }
        gate
    }
}

static GATE: Mutex<Gate> = Mutex::new(Gate { process: 0, closed: false, inside: 0 });
static LEFT: Condvar = Condvar::new();

/// Leaves the gate, however the visit ends.
struct Visit;

impl Drop for Visit {
    fn drop(&mut self) {
        // A visitor that forked leaves in the child as well, where it was not counted.
        let mut gate = Gate::lock();
        gate.inside = gate.inside.saturating_sub(1);
        drop(gate);
        LEFT.notify_all();
    }
}

/// Runs `body` attached to the interpreter; `None` when the interpreter is going or gone.
pub(crate) fn enter<R>(body: impl FnOnce(Python<'_>) -> R) -> Option<R> {
    {
        let mut gate = Gate::lock();
        if gate.closed {
            return None;
        }
        gate.inside += 1;
    }
    let _visit = Visit;
    Python::try_attach(body)
}

/// Lets nobody in any more and waits until all have left; how many have not within `timeout`.
pub(crate) fn close(py: Python<'_>, timeout: Duration) -> usize {
    py.detach(|| {
        let until = Instant::now() + timeout;
        let mut gate = Gate::lock();
        gate.closed = true;
        LEFT.wait_while_until(&mut gate, |gate| gate.inside > 0, until);
        gate.inside
    })
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
        enter(|_| drop(object.take()));
        // When the interpreter is gone, so is the object; its memory is not ours to touch.
        std::mem::forget(object);
    }
}
