//! `backstay.Deferral`.

use pyo3::exceptions::PyResourceWarning;
use pyo3::prelude::*;

use crate::errors::{given_error, task_error};
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
            self.deferral.fail(task_error(py, PyErr::from_value(exception)));
        }
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.deferral)
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        let Some(holder) = self.deferral.holder() else { return };
        gate::enter(|py| {
            let text = std::ffi::CString::new(format!("{holder} was dropped without complete()"))
                .unwrap_or_default();
            let category = py.get_type::<PyResourceWarning>();
            // Where warnings are errors there is nobody to raise this one to.
            if let Err(error) = PyErr::warn(py, &category, &text, 1) {
                error.write_unraisable(py, None);
            }
        });
    }
}
