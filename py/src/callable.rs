//! Python callables that our threads call.

use backstay::{Instance, TaskError};
use pyo3::call::PyCallArgs;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::errors::raised_error;
use crate::gate::{self, Kept};

/// A callable of Python, called and dropped inside the gate.
pub(crate) struct Callable(Kept<PyAny>);

impl Callable {
    /// Refuses what cannot be called where the mistake was made, not later on another thread.
    pub(crate) fn new(object: Bound<'_, PyAny>) -> PyResult<Self> {
        if !object.is_callable() {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!("expected a callable, not {kind}")));
        }
        Ok(Self(Kept::new(object.unbind())))
    }

    /// Calls a handler. Its exception goes to `sys.unraisablehook` (E5).
    pub(crate) fn tell<A>(&self, arguments: impl FnOnce(Python<'_>) -> PyResult<A>)
    where
        A: for<'py> PyCallArgs<'py>,
    {
        gate::enter(|py| {
            let function = self.0.get().bind(py);
            if let Err(error) = arguments(py).and_then(|arguments| function.call1(arguments)) {
                error.write_unraisable(py, Some(function));
            }
        });
    }

    /// Calls an entry point. Its exception is the instance's error (L7).
    pub(crate) fn run(&self, instance: &Instance) -> Result<(), TaskError> {
        let called = gate::enter(|py| {
            let argument = crate::instance::Instance::new(instance.clone());
            match self.0.get().bind(py).call1((argument,)) {
                Ok(_) => Ok(()),
                Err(error) => Err(raised_error(py, error)),
            }
        });
        called.unwrap_or_else(|| Err(TaskError::new("the Python interpreter is going down")))
    }
}
