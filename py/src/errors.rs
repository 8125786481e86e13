//! Errors across the border: ours become exceptions of the package, Python's become task errors.

use std::sync::Arc;

use backstay::{CancelReason, Error, TaskError};
use pyo3::exceptions::{PyBaseException, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::gate::Kept;
use crate::words;

/// The exception of the package for this error; its class is chosen by the status (`_errors.py`).
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let faults: Vec<(&str, &str)> = match error {
        Error::InvalidTask { faults } => faults.iter().map(|f| (f.field, f.problem.as_str())).collect(),
        _ => Vec::new(),
    };
    let made =
        words::error_for(py).and_then(|make| make.call1((error.status().name(), error.to_string(), faults)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

/// An original exception, kept on a task error for `TaskFailed.__cause__`.
pub(crate) type Original = Kept<PyBaseException>;

/// What an exception that left Python code says to the instance (L7, C8).
pub(crate) fn task_error(py: Python<'_>, error: PyErr) -> TaskError {
    let exception = error.into_value(py);
    let bound = exception.bind(py);
    let text = bound.str().map_or_else(|_| "an exception without a text".to_owned(), |text| text.to_string());
    let kind = bound.get_type().name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    let error = if is_canceled(bound).unwrap_or(false) {
        TaskError::canceled_with(text, kind)
    } else {
        TaskError::with_type(text, kind)
    };
    error.carrying(Arc::new(Original::new(exception)))
}

/// Whether this exception says "left because cancelled": `TaskCanceled`, or asyncio's own if asyncio was ever imported.
fn is_canceled(exception: &Bound<'_, PyBaseException>) -> PyResult<bool> {
    let py = exception.py();
    if exception.is_instance(words::task_canceled_class(py)?)? {
        return Ok(true);
    }
    let modules = py.import("sys")?.getattr("modules")?;
    let asyncio = modules.call_method1("get", ("asyncio.exceptions",))?;
    Ok(!asyncio.is_none() && exception.is_instance(&asyncio.getattr("CancelledError")?)?)
}

/// What `Deferral.fail` was given: a text or an exception.
pub(crate) fn given_error(error: &Bound<'_, PyAny>) -> PyResult<TaskError> {
    if let Ok(exception) = error.cast::<PyBaseException>() {
        return Ok(task_error(error.py(), PyErr::from_value(exception.clone().into_any())));
    }
    Ok(TaskError::with_type(&*error.cast::<PyString>()?.to_cow()?, "str"))
}

/// A reason that Python passed: a member of `CancelReason`, or a number of the application's own from 64 on.
pub(crate) fn given_reason(number: u32) -> PyResult<CancelReason> {
    CancelReason::from_number(number).ok_or_else(|| {
        PyValueError::new_err(format!(
            "{number} is no reason; use a CancelReason, or 64 and above for your own"
        ))
    })
}
