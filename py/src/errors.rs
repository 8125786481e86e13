//! Errors across the border: ours become exceptions of the package, Python's become task errors.

use std::sync::Arc;

use backstay::{CancelReason, Error, Fault, Status, TaskError};
use pyo3::exceptions::{PyBaseException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::gate::Kept;
use crate::{call, words};

/// The exception of the package for this error; its class is chosen by the status (`_errors.py`).
pub(crate) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let faults = match error {
        Error::InvalidTask { faults } => faults.as_slice(),
        _ => &[],
    };
    exception(py, error.status(), error.to_string(), faults)
}

/// An argument is outside of what is accepted.
pub(crate) fn invalid(py: Python<'_>, text: String) -> PyErr {
    exception(py, Status::InvalidArgument, text, &[])
}

/// The answer of the library is a status.
pub(crate) fn refused(py: Python<'_>, status: Status, text: String) -> PyErr {
    exception(py, status, text, &[])
}

fn exception(py: Python<'_>, status: Status, text: String, faults: &[Fault]) -> PyErr {
    let made = self::faults(py, faults)
        .and_then(|faults| call::with(words::error_for(py)?, (status.name(), text, faults)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(problem) => problem,
    }
}

pub(crate) fn faults<'py>(py: Python<'py>, faults: &[Fault]) -> PyResult<Bound<'py, PyTuple>> {
    let class = words::fault_class(py)?;
    let made: Vec<_> = faults
        .iter()
        .map(|fault| call::with(class, (fault.field, fault.problem.as_str())))
        .collect::<PyResult<_>>()?;
    PyTuple::new(py, made)
}

/// An original exception, kept on a task error for `TaskFailed.__cause__`.
pub(crate) type Original = Kept<PyBaseException>;

/// What an exception that left an entry point says to the instance (L7, C8). The exception is kept, with a traceback
/// that shows the same lines but has not the frames themselves (`_tracebacks.py`).
pub(crate) fn raised_error(py: Python<'_>, error: PyErr) -> TaskError {
    let exception = error.clone_ref(py).into_value(py);
    let said = told_error(py, error);
    let without = words::without_frames(py).and_then(|without| call::with(without, (&exception,)));
    match without {
        Ok(nothing) => call::discard(nothing),
        Err(problem) => call::unraisable(py, problem, None),
    }
    said.carrying(Arc::new(Original::new(exception)))
}

/// What an exception says that was handed over while its frames still run: its text and type. The exception itself is
/// not kept: the frames that run may have a deferral of this very instance, which would never be dropped.
pub(crate) fn told_error(py: Python<'_>, error: PyErr) -> TaskError {
    let exception = error.into_value(py).into_bound(py);
    let text = call::text(&exception).unwrap_or_else(|problem| {
        call::discard_error(py, problem);
        "an exception without a text".to_owned()
    });
    let kind = exception.get_type().name().map_or_else(|_| "Exception".to_owned(), |name| name.to_string());
    let canceled = is_canceled(&exception).unwrap_or(false);
    call::discard(exception);
    if canceled { TaskError::canceled_with(text, kind) } else { TaskError::with_type(text, kind) }
}

/// Whether this exception says "left because cancelled": `TaskCanceled`, or asyncio's own if asyncio was ever imported.
fn is_canceled(exception: &Bound<'_, PyBaseException>) -> PyResult<bool> {
    let py = exception.py();
    if call::is_instance(exception, words::task_canceled_class(py)?)? {
        return Ok(true);
    }
    let asyncio = call::method(words::modules(py)?, "get", ("asyncio.exceptions",))?;
    if asyncio.is_none() {
        return Ok(false);
    }
    call::is_instance(exception, &call::attribute(&asyncio, "CancelledError")?)
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
pub(crate) fn given_reason(py: Python<'_>, number: usize) -> PyResult<CancelReason> {
    u32::try_from(number).ok().and_then(CancelReason::from_number).ok_or_else(|| {
        invalid(py, format!("{number} is no reason; use a CancelReason, or 64 and above for your own"))
    })
}
