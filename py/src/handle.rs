//! Handles of C, as Python gives and gets them: numbers.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use backstay::Status;
use backstay_ffi::across::{HandleError, Lent, Shared};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyInt};

use crate::errors::refused;
use crate::mine::Mine;

/// Whether Python was ever given a handle. Whoever has something because of it knows so: Relaxed.
static WAS_GIVEN: AtomicBool = AtomicBool::new(false);

/// Whether Python may have something of another language, such as a host: all of that comes by handles.
pub(crate) fn was_given() -> bool {
    WAS_GIVEN.load(Ordering::Relaxed)
}

/// Whether Python has lent a handle, or given one away. It is said attached, and asked for attached or by a thread that was
/// started afterwards: Relaxed.
static WAS_LENT: AtomicBool = AtomicBool::new(false);

/// Whether other languages may have something of Python's, such as a host: all of that goes by handles.
pub(crate) fn was_lent() -> bool {
    WAS_LENT.load(Ordering::Relaxed)
}

/// Python is about to lend a handle, or to give one away.
pub(crate) fn lend() {
    WAS_LENT.store(true, Ordering::Relaxed);
}

/// A handle that Python was given: an integer. One that no handle can be is like 0, so it is refused where it is used.
pub(crate) struct Given(pub(crate) u64);

impl<'py> FromPyObject<'_, 'py> for Given {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_instance_of::<PyBool>() || !object.is_instance_of::<PyInt>() {
            let kind = object.get_type().name()?;
            return Err(PyTypeError::new_err(format!("a handle is an integer, not {kind}")));
        }
        WAS_GIVEN.store(true, Ordering::Relaxed);
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
        lend();
        let made = object.handle().map_err(|error| bad(py, error))?;
        // When another thread was faster, its handle counts and ours ends here.
        Ok(self.0.get_or_init(|| Mine::new(made)).anywhere().id())
    }
}
