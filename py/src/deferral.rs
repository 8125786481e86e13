//! `backstay.Deferral`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backstay_ffi::interop::is_forked;
use pyo3::exceptions::PyResourceWarning;
use pyo3::prelude::*;

use crate::errors::{given_error, told_error};
use crate::instance::Instance;
use crate::{gate, results, words};

#[pyclass(frozen, module = "backstay", name = "Deferral")]
pub(crate) struct Deferral {
    deferral: backstay::Deferral,
}

impl Deferral {
    pub(crate) fn new(deferral: backstay::Deferral) -> Self {
        Self { deferral }
    }
}

#[pymethods]
impl Deferral {
    #[getter]
    fn instance(&self) -> Instance {
        Instance::new(self.deferral.instance().clone())
    }

    fn holder<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.deferral.holder().map(|holder| results::holder(py, &holder)).transpose()
    }

    fn complete<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.complete())
    }

    fn fail<'py>(&self, py: Python<'py>, error: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.fail(given_error(&error)?))
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: Bound<'_, PyAny>,
        exception: Bound<'_, PyAny>,
        _traceback: Bound<'_, PyAny>,
    ) {
        // The status is discarded: a block that is left late is no error (L4).
        if exception.is_none() {
            self.deferral.complete();
        } else {
            self.deferral.fail(told_error(py, PyErr::from_value(exception)));
        }
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.deferral)
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        // A child of a fork warns of nothing that is its parent's.
        let Some(holder) = self.deferral.holder().filter(|_| !is_forked()) else { return };
        gate::enter(|py| {
            keeping_the_exception(py, || {
                let text = format!("{holder} was dropped without complete()");
                let text = std::ffi::CString::new(text).unwrap_or_default();
                let category = py.get_type::<PyResourceWarning>();
                // Where warnings are errors there is nobody to raise this one to.
                if let Err(error) = PyErr::warn(py, &category, &text, 1) {
                    error.write_unraisable(py, None);
                }
            });
        });
    }
}

/// Runs Python code in the middle of whatever the thread is doing: an object may die while an exception is on its way,
/// and that exception must neither be seen by the code nor be lost.
fn keeping_the_exception(py: Python<'_>, code: impl FnOnce()) {
    // Taking a panic that came through Python out of the interpreter would let it go on from here.
    let Ok(on_its_way) = catch_unwind(AssertUnwindSafe(|| PyErr::take(py))) else { return };
    code();
    if let Some(error) = on_its_way {
        error.restore(py);
    }
}
