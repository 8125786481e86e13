//! An entry point whose work is done elsewhere, and the hold of it.
//!
//! Invariants:
//!
//! 1. The entry point's hold is let go once: by the first who leaves, drops the stay, or tells of the panic of `run`.
//! 2. Leaving needs no worker and waits for nobody, like the completion of a deferral (L4).

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::TaskError;
use crate::inside;
use crate::instance::Instance;
use crate::shield::shield;

/// The hold of an entry point whose work is done elsewhere (see
/// [`TaskBuilder::run_elsewhere`](crate::TaskBuilder::run_elsewhere)).
///
/// Owned once, usable from any thread. The instance is held until it is left; one that is dropped instead has failed:
/// whoever should have done the work is gone.
#[must_use = "the work has failed when its stay is dropped"]
pub struct Stay(Arc<Held>);

struct Held {
    instance: Instance,
    left: AtomicBool,
}

impl Stay {
    /// Calls the entry point with a stay.
    pub(crate) fn enter(instance: &Instance, run: impl Fn(Stay)) {
        let held = Arc::new(Held { instance: instance.clone(), left: AtomicBool::new(false) });
        let stay = Stay(Arc::clone(&held));
        if let Err(text) = shield(|| run(stay)) {
            held.leave(Some(TaskError::with_type(text, "panic")));
        }
    }

    /// The instance that is held.
    pub fn instance(&self) -> &Instance {
        &self.0.instance
    }

    /// The work is done: the entry point's hold goes, with the error if there is one (L7).
    pub fn leave(self, result: Result<(), TaskError>) {
        self.0.leave(result.err());
    }
}

impl Held {
    fn leave(&self, error: Option<TaskError>) {
        // Only one may; what it has written is published by the lock of the record.
        if !self.left.swap(true, Ordering::Relaxed) {
            self.instance.leave_entry_point(error);
        }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        // `run` panics, and what it says is the error.
        if std::thread::panicking() && inside::entry_point_of(self.0.instance.address()) {
            return;
        }
        self.0.leave(Some(TaskError::new("the work was dropped before it was done")));
    }
}

impl fmt::Debug for Stay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stay({:?})", self.0.instance)
    }
}
