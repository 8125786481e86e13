//! Handles of C, as Python gives and gets them: numbers.

use std::sync::OnceLock;

use backstay::Status;
use backstay_ffi::across::{HandleError, Lent, Shared};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::errors::refused;
use crate::mine::Mine;

/// A handle that Python was given: an integer. One that no handle can be is like 0, so it is refused where it is used.
pub(crate) struct Given(pub(crate) u64);

impl<'py> FromPyObject<'_, 'py> for Given {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyBool>() || !object.is_instance_of::<PyInt>() {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!("a handle is an integer, not {kind}")));
        }
        Ok(Self(object.extract().unwrap_or(0)))
    }
}

/// What Python is told of a handle that is not good.
pub(crate) fn bad(py: Python<'_>, error: HandleError) -> PyErr {
    let text = match error.status() {
        // Also for what is its own: C has no use for it there.
        Status::Forked => {
            "in a child made by fork there are no handles of C; start one by multiprocessing's \"spawn\""
                .to_owned()
        }
        _ => error.to_string(),
    };
    refused(py, error.status(), text)
}

/// What Python is told of an object that has given its handle away.
pub(crate) fn given_away(py: Python<'_>) -> PyErr {
    let text = "this deferral was given away by detach(); who was given its handle has the hold";
    refused(py, Status::InvalidHandle, text.to_owned())
}

/// The handle that a Python object lends: made when it is first asked for, ended with the object.
pub(crate) struct Own<T: Shared>(OnceLock<Mine<Lent<T::Handle>>>);

impl<T: Shared> Own<T> {
    pub(crate) fn new() -> Self {
        Self(OnceLock::new())
    }

    pub(crate) fn of(&self, py: Python<'_>, object: &T) -> PyResult<u64> {
        if let Some(lent) = self.0.get() {
            return Ok(lent.anywhere().id());
        }
        let made = object.handle().map_err(|error| bad(py, error))?;
        // When another thread was faster, its handle counts and ours ends here.
        Ok(self.0.get_or_init(|| Mine::new(made)).anywhere().id())
    }
}
