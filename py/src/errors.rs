//! Errors across the border: ours become exceptions of the package, Python's become task errors.

use std::sync::Arc;

use backstay::{CancelReason, Error, TaskError};
use pyo3::exceptions::{PyBaseException, PyTypeError, PyValueError};
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

/// What an exception that left an entry point says to the instance (L7, C8). The exception is kept, but not the locals
/// of the frames that it came through: among them may be a deferral of this very instance, which would never be dropped.
pub(crate) fn raised_error(py: Python<'_>, error: PyErr) -> TaskError {
    let exception = error.clone_ref(py).into_value(py);
    let said = told_error(py, error);
    if let Err(problem) = clear_frames(exception.bind(py).clone()) {
        problem.write_unraisable(py, None);
    }
    said.carrying(Arc::new(Original::new(exception)))
}

/// What an exception says that was handed over while its frames still run: its text and type. The exception itself is
/// not kept, for the reason above.
pub(crate) fn told_error(py: Python<'_>, error: PyErr) -> TaskError {
    let exception = error.into_value(py);
    let bound = exception.bind(py);
    let text = bound.str().map_or_else(|_| "an exception without a text".to_owned(), |text| text.to_string());
    let kind = bound.get_type().name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    if is_canceled(bound).unwrap_or(false) {
        TaskError::canceled_with(text, kind)
    } else {
        TaskError::with_type(text, kind)
    }
}

/// Clears the locals of all frames of an exception and of those that it came from.
fn clear_frames(exception: Bound<'_, PyBaseException>) -> PyResult<()> {
    let clear = words::clear_frames(exception.py())?;
    let mut pending = vec![exception.into_any()];
    // A chain of exceptions may be a circle; no honest one is this long.
    for _ in 0..1000 {
        let Some(exception) = pending.pop() else { break };
        let traceback = exception.getattr("__traceback__")?;
        if !traceback.is_none() {
            clear.call1((traceback,))?;
        }
        let origins = [exception.getattr("__context__")?, exception.getattr("__cause__")?];
        pending.extend(origins.into_iter().filter(|origin| !origin.is_none()));
    }
    Ok(())
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
        return Ok(told_error(error.py(), PyErr::from_value(exception.clone().into_any())));
    }
    let Ok(text) = error.cast::<PyString>() else {
        let kind = error.get_type().name()?;
        return Err(PyTypeError::new_err(format!("expected a text or an exception, not {kind}")));
    };
    Ok(TaskError::with_type(&*text.to_cow()?, "str"))
}

/// A reason that Python passed: a member of `CancelReason`, or a number of the application's own from 64 on.
pub(crate) fn given_reason(number: u32) -> PyResult<CancelReason> {
    CancelReason::from_number(number).ok_or_else(|| {
        PyValueError::new_err(format!(
            "{number} is no reason; use a CancelReason, or 64 and above for your own"
        ))
    })
}
