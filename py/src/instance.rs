//! `backstay.Instance`.

use std::sync::OnceLock;

use backstay::{CancelReason, Status};
use backstay_ffi::interop::BorrowedHandle;
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::callable::Callable;
use crate::deferral::Deferral;
use crate::errors::{given_reason, raise};
use crate::seconds::{Seconds, optional};
use crate::subscription::Subscription;
use crate::task::{Task, hash};
use crate::{block, details, results, site, words};

#[pyclass(frozen, eq, module = "backstay", name = "Instance")]
pub(crate) struct Instance {
    instance: backstay::Instance,
    /// Made when it is first asked for; ends with this object.
    handle: OnceLock<BorrowedHandle>,
}

impl Instance {
    pub(crate) fn new(instance: backstay::Instance) -> Self {
        Self { instance, handle: OnceLock::new() }
    }
}

impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        self.instance == other.instance
    }
}

#[pymethods]
impl Instance {
    #[getter]
    fn id(&self) -> backstay::Uuid {
        self.instance.id()
    }

    #[getter]
    fn task(&self) -> Task {
        Task::new(self.instance.task())
    }

    #[getter]
    fn details<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        details::to_python(py, &self.instance.details())
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::state_class(py)?.call1((self.instance.state() as u32,))
    }

    #[getter]
    fn progress(&self) -> u32 {
        self.instance.progress()
    }

    #[setter]
    fn set_progress(&self, progress: u32) {
        self.instance.set_progress(progress);
    }

    #[getter]
    fn canceled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::reason(py, self.instance.canceled())
    }

    fn raise_if_canceled(&self, py: Python<'_>) -> PyResult<()> {
        match self.instance.canceled() {
            None => Ok(()),
            Some(reason) => {
                let text = format!("the instance was asked to stop: {reason}");
                let exception =
                    words::task_canceled_class(py)?.call1((text, words::reason(py, Some(reason))?))?;
                Err(PyErr::from_value(exception))
            }
        }
    }

    #[pyo3(signature = (label=None))]
    fn get_deferral(&self, py: Python<'_>, label: Option<String>) -> PyResult<Deferral> {
        let taken = self.instance.get_deferral_at(label.unwrap_or_default(), site::caller(py));
        taken.map(Deferral::new).map_err(|error| raise(py, &error))
    }

    fn holders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        results::holders(py, &self.instance.holders())
    }

    #[pyo3(signature = (reason=0))]
    fn cancel(&self, py: Python<'_>, reason: u32) -> PyResult<()> {
        let reason: CancelReason = given_reason(reason)?;
        py.detach(|| self.instance.cancel(reason));
        Ok(())
    }

    fn on_canceled(&self, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let handler = Callable::new(handler)?;
        let told =
            move |reason: CancelReason| handler.tell(|py| Ok((words::reason(py, Some(reason))?.unbind(),)));
        Ok(Subscription::new(self.instance.on_canceled(told)))
    }

    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let completion = block::wait(py, optional(timeout), |slice| self.instance.wait(Some(slice)))?;
        results::completion(py, &completion)
    }

    fn handle(&self) -> PyResult<u64> {
        if let Some(handle) = self.handle.get() {
            return Ok(handle.value());
        }
        let made = BorrowedHandle::of(&self.instance)
            .ok_or_else(|| PyMemoryError::new_err(Status::OutOfMemory.message()))?;
        // When another thread was faster, its handle counts and ours ends here.
        Ok(self.handle.get_or_init(|| made).value())
    }

    fn __hash__(&self) -> u64 {
        hash(self.instance.id())
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.instance)
    }
}
