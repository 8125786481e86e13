//! asyncio as a host: coroutine functions as entry points, and what a coroutine can await.
//!
//! The way between the threads of the core and an event loop is a `bell`, which is rung without the interpreter: whoever
//! completes a deferral never waits for Python to hear of it (L4). What is awaited is a `wait`, a future of the core that
//! the loop polls when its bell has rung; `entry` is a coroutine as the core sees it. The rest is `_aio.py`, which is
//! imported, and asyncio with it, when something of this is used for the first time.

mod bell;
mod channel;
mod entry;
mod wait;

use std::time::Duration;

use backstay::Cancellation;
use pyo3::exceptions::{PyRuntimeError, PyStopIteration};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

pub(crate) use self::bell::Bell;
pub(crate) use self::entry::{Lease, Reply, entry};
pub(crate) use self::wait::{Ends, Wait};
use crate::errors::raise;
use crate::{call, words};

/// Whether calling this gives a coroutine: a function, or an object with an async `__call__`.
pub(crate) fn is_coroutine_function(run: &Bound<'_, PyAny>) -> PyResult<bool> {
    let asks = words::is_coroutine_function(run.py())?;
    if call::truth(&call::with(asks, (run,))?)? {
        return Ok(true);
    }
    match run.get_type().getattr_opt("__call__")? {
        Some(called) => call::truth(&call::with(asks, (called,))?),
        None => Ok(false),
    }
}

/// The event loop that runs on this thread. Does not import asyncio: without it there is none.
pub(crate) fn running_loop(py: Python<'_>) -> PyResult<Option<Bound<'_, PyAny>>> {
    let Some(events) = words::modules(py)?.cast::<PyDict>()?.get_item("asyncio.events")? else {
        return Ok(None);
    };
    let asks = match call::attribute(&events, "_get_running_loop") {
        Ok(asks) => asks,
        Err(problem) => {
            // Another thread is about to import it; no loop runs before that is done.
            call::discard_error(py, problem);
            return Ok(None);
        }
    };
    let running = call::with(&asks, ())?;
    Ok((!running.is_none()).then_some(running))
}

/// Whether a coroutine makes this call: a plain function that a loop calls cannot await anything.
pub(crate) fn is_in_task(py: Python<'_>) -> PyResult<bool> {
    let Some(running) = running_loop(py)? else { return Ok(false) };
    let tasks = call::import(py, "asyncio.tasks")?;
    let task = call::method(&tasks, "current_task", (running,))?;
    Ok(!task.is_none())
}

/// The loops of a host: on the one given, on one that is adopted, or on one of its own (`_aio.Loops`).
pub(crate) fn loops<'py>(py: Python<'py>, given: Option<&Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
    call::with(words::loops_class(py)?, (given,))
}

/// From now on coroutines run on the loop of this thread, unless one was given.
pub(crate) fn adopt(py: Python<'_>, loops: &Bound<'_, PyAny>) -> PyResult<()> {
    match running_loop(py)? {
        Some(running) => call::method(loops, "adopt", (running,)).map(call::discard),
        None => Err(PyRuntimeError::new_err("async with host: needs a running event loop of asyncio")),
    }
}

/// Waits for the threads of loops that the host does not need any more, and lets Python run meanwhile.
pub(crate) fn join(loops: &Bound<'_, PyAny>, timeout: Duration) -> PyResult<()> {
    call::method(loops, "join", (timeout.as_secs_f64(),)).map(call::discard)
}

/// The same for all hosts, at the exit of the interpreter.
pub(crate) fn join_all(py: Python<'_>, timeout: Duration) -> PyResult<()> {
    match words::modules(py)?.cast::<PyDict>()?.get_item("backstay._loops")? {
        Some(loops) => call::method(&loops, "join_all", (timeout.as_secs_f64(),)).map(call::discard),
        None => Ok(()),
    }
}

/// Refuses a call that would block the event loop that the host's coroutines need (E8).
pub(crate) fn refuse_on_loop(
    py: Python<'_>,
    loops: Option<&Bound<'_, PyAny>>,
    call: &'static str,
) -> PyResult<()> {
    let (Some(loops), Some(running)) = (loops, running_loop(py)?) else { return Ok(()) };
    if !call::truth(&call::method(loops, "need", (running,))?)? {
        return Ok(());
    }
    Err(raise(
        py,
        &backstay::Error::WouldDeadlock {
            call,
            place: "the event loop of the host's coroutines",
            instead: "await the instance, shutdown_async() or drain_async() there, or call it on another thread",
        },
    ))
}

/// The iterator of `await instance`: gives the Completion.
pub(crate) fn await_finished<'py>(
    py: Python<'py>,
    instance: &backstay::Instance,
) -> PyResult<Bound<'py, PyAny>> {
    let given = crate::instance::Instance::new(instance.clone());
    iterator(py, "an instance", (Wait::finished(instance), given))
}

/// The iterator of `await cancellation`: gives the reason, or None when the instance finished without one.
pub(crate) fn await_canceled<'py>(
    py: Python<'py>,
    cancellation: &Cancellation,
) -> PyResult<Bound<'py, PyAny>> {
    iterator(py, "a cancellation", (Wait::canceled(cancellation),))
}

/// What `instance.checkpoint()` gives on an event loop: something to await for a bool.
pub(crate) fn await_checkpoint<'py>(
    py: Python<'py>,
    instance: &backstay::Instance,
) -> PyResult<Bound<'py, PyAny>> {
    call::with(words::aio_checkpoint(py)?, (Wait::checkpoint(instance),))
}

/// Something to await that gives the value at once, under any event loop.
pub(crate) fn ready<'py>(py: Python<'py>, value: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    Ok(Bound::new(py, Ready(value.unbind()))?.into_any())
}

fn iterator<'py, A>(py: Python<'py>, what: &str, arguments: A) -> PyResult<Bound<'py, PyAny>>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
    A::Error: Into<PyErr>,
{
    if running_loop(py)?.is_none() {
        return Err(PyRuntimeError::new_err(format!(
            "{what} can only be awaited on a running event loop of asyncio; elsewhere, wait() for it in a thread"
        )));
    }
    call::with(words::aio_iterator(py)?, arguments)
}

#[pyclass(frozen, module = "backstay._lib", name = "_Ready")]
struct Ready(Py<PyAny>);

#[pymethods]
impl Ready {
    fn __await__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        Err(PyStopIteration::new_err((self.0.clone_ref(py),)))
    }

    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        visit.call(&self.0)
    }
}
