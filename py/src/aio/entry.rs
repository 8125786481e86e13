//! A coroutine as the core sees it: an entry point whose work is done elsewhere.
//!
//! Invariants:
//!
//! 1. The first answer counts, and there is always one: a reply that is dropped says that the loop was lost. So a loop
//!    that ends takes no instance with it.
//! 2. An answer needs no worker and no other thread: a coroutine ends although all workers of the host are occupied.
//! 3. A lease is given back when the entry point is dropped, so after the last instance of its task (H2). Giving back
//!    waits for nobody.

use std::sync::Arc;

use backstay::{Stay, TaskError};
use pyo3::exceptions::PyBaseException;
use pyo3::prelude::*;

use super::wait::Wait;
use crate::callable::Callable;
use crate::errors::raised_error;
use crate::instance::Instance;
use crate::lock::Mutex;
use crate::mine::Mine;
use crate::shelf::Place;
use crate::{call, gate, words};

/// One task's claim on the loop of its host, which is there as long as somebody has one.
pub(crate) struct Lease {
    loops: Mine<Place>,
}

impl Lease {
    /// Takes one from a `Loops`.
    pub(crate) fn take(py: Python<'_>, loops: Place) -> PyResult<Self> {
        // Imported now, and not by a worker at a time when modules may be locked or going.
        words::aio_begin(py)?;
        call::method(&loops.get(py), "enter", ())?;
        Ok(Self { loops: Mine::new(loops) })
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // In a child made by fork the loop has no thread, and a lock of its may be held for ever.
        let Some(loops) = self.loops.here() else { return };
        gate::enter(|py| {
            let loops = loops.get(py);
            if let Err(problem) = call::method(&loops, "leave", ()) {
                call::unraisable(py, problem, Some(&loops));
            }
        });
    }
}

/// The entry point of a coroutine function: hands it to the loop, which answers when the coroutine is done.
pub(crate) fn entry(run: Arc<Callable>, lease: Lease) -> impl Fn(Stay) + Send + Sync {
    move |stay| {
        let instance = stay.instance().clone();
        let answer = Answer(Arc::new(Open(Mutex::new(Some(stay)))));
        let begun = gate::enter(|py| {
            begin(py, &lease, &run, &instance, &answer).map_err(|error| raised_error(py, error))
        });
        match begun {
            Some(Ok(())) => {}
            Some(Err(error)) => answer.give(Err(error)),
            None => answer.give(Err(TaskError::new("the Python interpreter is going down"))),
        }
    }
}

fn begin(
    py: Python<'_>,
    lease: &Lease,
    run: &Callable,
    instance: &backstay::Instance,
    answer: &Answer,
) -> PyResult<()> {
    let loops = lease.loops.get(py)?.get(py);
    let (given, asked) = (Instance::new(instance.clone()), Wait::asked(instance));
    let reply = Reply { answer: Mine::new(answer.clone()) };
    call::with(words::aio_begin(py)?, (loops, run.get(py), given, reply, asked)).map(call::discard)
}

/// The stay of an instance, until somebody answers; clones are one.
#[derive(Clone)]
struct Answer(Arc<Open>);

impl Answer {
    fn give(&self, outcome: Result<(), TaskError>) {
        self.0.give(outcome);
    }
}

struct Open(Mutex<Option<Stay>>);

impl Open {
    fn give(&self, outcome: Result<(), TaskError>) {
        // Left outside of the lock.
        let stay = self.0.lock().take();
        if let Some(stay) = stay {
            stay.leave(outcome);
        }
    }

    fn lose(&self) {
        let text = "the event loop ended before the coroutine was done";
        self.give(Err(TaskError::with_type(text, "RuntimeError")));
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.lose();
    }
}

/// What the loop answers with: the exception that left the coroutine, or None.
#[pyclass(frozen, module = "backstay._lib", name = "_Reply")]
pub(crate) struct Reply {
    answer: Mine<Answer>,
}

#[pymethods]
impl Reply {
    fn __call__(&self, py: Python<'_>, error: Option<Bound<'_, PyBaseException>>) -> PyResult<()> {
        let answer = self.answer.get(py)?;
        answer.give(error.map_or(Ok(()), |error| Err(raised_error(py, PyErr::from_value(error.into_any())))));
        Ok(())
    }

    /// The loop has ended.
    fn lose(&self) {
        if let Some(answer) = self.answer.here() {
            answer.0.lose();
        }
    }
}
