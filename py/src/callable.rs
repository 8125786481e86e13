//! Python callables that our threads call.

use std::sync::Arc;

use backstay::{Instance, TaskError};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::errors::raised_error;
use crate::gate;
use crate::shelf::{Place, Shelf};
use crate::{aio, call, words};

/// A callable of Python, called and dropped inside the gate.
pub(crate) struct Callable(Place);

impl Callable {
    /// Refuses what cannot be called where the mistake was made, not later on another thread.
    pub(crate) fn new(object: Bound<'_, PyAny>, shelf: &Arc<Shelf>) -> PyResult<Self> {
        if !object.is_callable() {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!("expected a callable, not {kind}")));
        }
        Ok(Self(shelf.put(object)))
    }

    /// The same for a handler, which nobody would await.
    pub(crate) fn handler(object: Bound<'_, PyAny>, shelf: &Arc<Shelf>) -> PyResult<Self> {
        if object.is_callable() && aio::is_coroutine_function(&object)? {
            return Err(PyTypeError::new_err(
                "a handler is a plain function, since nobody would await it; let it call loop.call_soon_threadsafe \
                 or asyncio.run_coroutine_threadsafe",
            ));
        }
        Self::new(object, shelf)
    }

    pub(crate) fn get<'py>(&self, py: Python<'py>) -> Bound<'py, PyAny> {
        self.0.get(py)
    }

    /// Calls a handler with one argument. Its exception goes to `sys.unraisablehook` (E5).
    pub(crate) fn tell(&self, argument: impl for<'py> FnOnce(Python<'py>) -> PyResult<Bound<'py, PyAny>>) {
        gate::enter(|py| {
            let function = self.get(py);
            match argument(py).and_then(|argument| call::with(&function, (argument,))) {
                Ok(answer) => call::discard(answer),
                Err(error) => call::unraisable(py, error, Some(&function)),
            }
        });
    }

    /// Calls an entry point. Its exception is the instance's error (L7).
    pub(crate) fn run(&self, instance: &Instance) -> Result<(), TaskError> {
        let called = gate::enter(|py| {
            let argument = crate::instance::Instance::new(instance.clone());
            let answer = call::with(&self.get(py), (argument,)).and_then(refuse_undone);
            answer.map_err(|error| raised_error(py, error))
        });
        called.unwrap_or_else(|| Err(TaskError::new("the Python interpreter is going down")))
    }
}

/// A function that gives back a coroutine or a generator has left its work undone, and nobody would notice.
fn refuse_undone(answer: Bound<'_, PyAny>) -> PyResult<()> {
    if answer.is_none() {
        return Ok(());
    }
    let py = answer.py();
    let kinds = [words::coroutine_class(py)?, words::generator_class(py)?, words::async_generator_class(py)?];
    let Some(kind) = kinds.into_iter().find(|kind| answer.is_exact_instance(kind)) else {
        call::discard(answer);
        return Ok(());
    };
    let kind = call::text(&call::attribute(kind, "__name__")?)?;
    // A coroutine warns when it is dropped unused, which says less.
    if kind == "coroutine" {
        call::method(&answer, "close", ())?;
    }
    Err(PyTypeError::new_err(format!(
        "the entry point gave back a {kind}, which nobody would run; register a coroutine function or a plain one"
    )))
}
