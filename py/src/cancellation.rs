//! `backstay.Cancellation`.

use pyo3::prelude::*;

use crate::mine::Mine;
use crate::seconds::{Seconds, optional};
use crate::{aio, block, words};

#[pyclass(frozen, module = "backstay", name = "Cancellation")]
pub(crate) struct Cancellation {
    cancellation: Mine<backstay::Cancellation>,
}

impl Cancellation {
    pub(crate) fn new(cancellation: backstay::Cancellation) -> Self {
        Self { cancellation: Mine::new(cancellation) }
    }
}

#[pymethods]
impl Cancellation {
    #[getter]
    fn is_canceled(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.cancellation.get(py)?.is_canceled())
    }

    #[getter]
    fn reason<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::reason(py, self.cancellation.get(py)?.reason())
    }

    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let cancellation = self.cancellation.get(py)?;
        let reason = block::wait(py, optional(timeout), |slice| cancellation.wait(Some(slice)))?;
        words::reason(py, reason)
    }

    fn __await__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        aio::await_canceled(py, self.cancellation.get(py)?)
    }

    fn __repr__(&self) -> String {
        self.cancellation.repr()
    }
}
