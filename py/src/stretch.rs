//! Threads of a host that stay inside the gate from one call to the next, while they have work in hand.
//!
//! To attach for each call costs many times as much as a call: in a busy program the thread waits in turn each time. So
//! from the second piece of a stretch of work on, the thread stays.
//!
//! Invariants:
//!
//! 1. A thread stays only between two pieces of one stretch, and only in a host that Python opened. The host's own code
//!    may run meanwhile: its locks are never held by a thread that waits for Python.
//! 2. No code of other languages runs on a thread that stays. It gets into a host of Python's only by a handle: when the
//!    first one is lent, nobody stays any more. Who lends it has the interpreter, so whoever stayed is inside of a call
//!    then, and looks when that is over.
//! 3. Whoever else wants the interpreter gets it as soon as after any other code of Python: a handler that is a function
//!    of C never lets it go, so some of Python is run now and then.
//! 4. The first piece is done by a thread that leaves after each call, since it may be the only one: somebody may wait for
//!    just that, and for the interpreter.

use std::cell::{Cell, RefCell};

use pyo3::prelude::*;

use crate::gate::{self, Inside};
use crate::{call, handle, words};

/// After so many calls others get their turn, if they want one.
const CALLS: u32 = 16;

thread_local! {
    /// Whether this thread is inside of a call.
    static IS_CALLING: Cell<bool> = const { Cell::new(false) };
    /// Whether it may stay when that is over.
    static MAY_STAY: Cell<bool> = const { Cell::new(false) };
    /// What it has while it stays.
    static STAYS: RefCell<Option<Inside>> = const { RefCell::new(None) };
    /// How many calls it has made.
    static CALLED: Cell<u32> = const { Cell::new(0) };
}

/// Does a stretch of a host's work on one of its threads; each call of `piece` does a part and tells whether there is more.
pub(crate) fn run(piece: &mut dyn FnMut() -> bool) {
    if !piece() {
        return;
    }
    let _end = Stretch;
    MAY_STAY.set(true);
    while !gate::is_closed() && piece() {}
}

/// Ends a stretch when it is dropped.
struct Stretch;

impl Drop for Stretch {
    fn drop(&mut self) {
        MAY_STAY.set(false);
        drop(STAYS.take());
    }
}

/// A call of Python on this thread, and not within another one.
pub(crate) struct Call(());

#[expect(clippy::unused_self, reason = "only a call stays and ends")]
impl Call {
    /// Begins one, unless this is within one.
    pub(crate) fn begin() -> Option<Self> {
        // One that is made and not given would end the call that this is within.
        (!IS_CALLING.replace(true)).then(|| Self(()))
    }

    /// What the thread has, if it stayed after the call before.
    pub(crate) fn stayed(&self) -> Option<Inside> {
        // A thread that is being torn down does not stay.
        STAYS.try_with(RefCell::take).ok().flatten()
    }

    /// The call is over, and the thread stays if it may.
    pub(crate) fn end(self, inside: Inside) {
        if !MAY_STAY.get() || handle::was_lent() || gate::is_closed() {
            // Within the call, since the end of the state that the thread has in the interpreter, if it does not keep that
            // (`gate::thread`), runs code of Python.
            return drop(inside);
        }
        let called = CALLED.get().wrapping_add(1);
        CALLED.set(called);
        if called.is_multiple_of(CALLS) {
            Python::try_attach(give_way);
        }
        STAYS.set(Some(inside));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        IS_CALLING.set(false);
    }
}

/// Lets others have the interpreter, if any of them has waited long enough: a function of Python does so when it begins.
fn give_way(py: Python<'_>) {
    match words::give_way(py).and_then(|function| call::with(function, ())) {
        Ok(nothing) => call::discard(nothing),
        Err(problem) => call::unraisable(py, problem, None),
    }
}
