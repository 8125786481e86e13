//! `backstay.Instance`.

use backstay::{CancelReason, Completion, State};
use backstay_ffi::across::Shared as _;
use backstay_ffi::backstay_instance;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use crate::callable::Callable;
use crate::cancellation::Cancellation;
use crate::deferral::Deferral;
use crate::errors::{given_reason, invalid};
use crate::handle::{Given, Own, bad};
use crate::mine::Mine;
use crate::seconds::{Count, Seconds, optional};
use crate::shelf::{self, Shelf};
use crate::subscription::Subscription;
use crate::task::{Task, hash};
use crate::{aio, block, call, details, options, results, told, words};

#[pyclass(frozen, eq, module = "backstay", name = "Instance")]
pub(crate) struct Instance {
    instance: Mine<backstay::Instance>,
    handle: Own<backstay::Instance>,
}

impl Instance {
    pub(crate) fn new(instance: backstay::Instance) -> Self {
        Self::of(Mine::new(instance))
    }

    pub(crate) fn of(instance: Mine<backstay::Instance>) -> Self {
        Self { instance, handle: Own::new() }
    }
}

impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        self.instance.anywhere() == other.instance.anywhere()
    }
}

#[pymethods]
impl Instance {
    #[getter]
    fn id<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::uuid(py, self.instance.anywhere().id())
    }

    #[getter]
    fn task(&self, py: Python<'_>) -> PyResult<Task> {
        let instance = self.instance.get(py)?;
        Ok(Task::new(instance.task(), Shelf::of(instance.host().as_ref())))
    }

    #[getter]
    fn host<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Shelf::of(self.instance.get(py)?.host().as_ref()).python(py)
    }

    #[getter]
    fn details<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        details::to_python(py, &self.instance.get(py)?.details())
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::state(py, self.instance.get(py)?.state() as u32)
    }

    #[getter]
    fn completion<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let completion = self.instance.get(py)?.completion();
        completion.map(|completion| told::completion(py, completion)).transpose()
    }

    #[getter]
    fn progress(&self, py: Python<'_>) -> PyResult<u32> {
        Ok(self.instance.get(py)?.progress())
    }

    #[setter]
    fn set_progress(&self, py: Python<'_>, progress: Count) -> PyResult<()> {
        let number = u32::try_from(progress.0)
            .map_err(|_| invalid(py, format!("progress is at most {}; got {}", u32::MAX, progress.0)))?;
        self.instance.get(py)?.set_progress(number);
        Ok(())
    }

    #[getter]
    fn deadline(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        Ok(results::seconds(self.instance.get(py)?.deadline()))
    }

    #[getter]
    fn remaining(&self, py: Python<'_>) -> PyResult<Option<f64>> {
        Ok(results::seconds(self.instance.get(py)?.remaining()))
    }

    #[getter]
    fn canceled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::reason(py, self.instance.get(py)?.canceled())
    }

    fn cancellation(&self, py: Python<'_>) -> PyResult<Cancellation> {
        Ok(Cancellation::new(self.instance.get(py)?.cancellation()))
    }

    fn raise_if_canceled(&self, py: Python<'_>) -> PyResult<()> {
        match self.instance.get(py)?.canceled() {
            None => Ok(()),
            Some(reason) => {
                let text = format!("the instance was asked to stop: {reason}");
                let class = words::task_canceled_class(py)?;
                let exception = call::with(class, (text, words::reason(py, Some(reason))?))?;
                Err(PyErr::from_value(exception))
            }
        }
    }

    #[pyo3(signature = (timeout=None))]
    fn checkpoint<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let instance = self.instance.get(py)?;
        if aio::is_in_task(py)? {
            if timeout.is_some() {
                return Err(PyTypeError::new_err(
                    "checkpoint: takes no timeout on an event loop; use asyncio's",
                ));
            }
            return aio::await_checkpoint(py, instance);
        }
        let stop = block::wait(py, optional(timeout), |slice| instance.checkpoint_within(Some(slice)))?;
        Ok(stop.into_pyobject(py)?.to_owned().into_any())
    }

    #[pyo3(signature = (cause=None))]
    fn suspend(&self, py: Python<'_>, cause: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        let (instance, cause) = (self.instance.get(py)?, options::cause(cause)?);
        py.detach(|| instance.suspend(cause));
        Ok(())
    }

    fn resume(&self, py: Python<'_>) -> PyResult<()> {
        let instance = self.instance.get(py)?;
        py.detach(|| instance.resume());
        Ok(())
    }

    #[getter]
    fn suspended(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.instance.get(py)?.is_suspended())
    }

    #[getter]
    fn suspended_count(&self, py: Python<'_>) -> PyResult<u32> {
        Ok(self.instance.get(py)?.suspended_count())
    }

    #[pyo3(signature = (counter=None))]
    fn throttle_count(&self, py: Python<'_>, counter: Option<Bound<'_, PyAny>>) -> PyResult<u32> {
        Ok(self.instance.get(py)?.throttle_count(options::counter(counter)?))
    }

    #[pyo3(signature = (label=None))]
    fn get_deferral(&self, py: Python<'_>, label: Option<&Bound<'_, PyString>>) -> PyResult<Deferral> {
        Deferral::take(py, self.instance.get(py)?, label)
    }

    fn holders<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        results::tuple(py, &self.instance.get(py)?.holders(), results::holder)
    }

    #[pyo3(signature = (reason=Count(0)), text_signature = "($self, reason=0)")]
    fn cancel(&self, py: Python<'_>, reason: Count) -> PyResult<()> {
        let (instance, reason) = (self.instance.get(py)?, given_reason(py, reason.0)?);
        py.detach(|| instance.cancel(reason));
        Ok(())
    }

    fn on_canceled(&self, py: Python<'_>, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let instance = self.instance.get(py)?;
        let handler = Callable::handler(handler, &Shelf::of(instance.host().as_ref()))?;
        let told = move |reason: CancelReason| handler.tell(|py| words::reason(py, Some(reason)));
        Ok(Subscription::new(instance.on_canceled(told)))
    }

    fn on_completed(&self, py: Python<'_>, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let instance = self.instance.get(py)?;
        let handler = Callable::handler(handler, &Shelf::of(instance.host().as_ref()))?;
        let told = move |done: &Completion| handler.tell(|py| told::completed(py, done));
        Ok(Subscription::new(instance.on_completed(told)))
    }

    #[pyo3(signature = (timeout=None))]
    fn wait<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let (instance, timeout) = (self.instance.get(py)?, optional(timeout));
        let may_block = timeout.is_none_or(|timeout| !timeout.is_zero());
        if may_block && shelf::has_loops() && instance.state() != State::Finished {
            let shelf = Shelf::of(instance.host().as_ref());
            aio::refuse_on_loop(py, shelf.loops(py).as_ref(), "wait")?;
        }
        let completion = block::wait(py, timeout, |slice| instance.wait(Some(slice)))?;
        told::completion(py, completion)
    }

    fn __await__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        aio::await_finished(py, self.instance.get(py)?)
    }

    fn handle(&self, py: Python<'_>) -> PyResult<u64> {
        self.handle.of(py, self.instance.get(py)?)
    }

    #[staticmethod]
    fn from_handle(py: Python<'_>, handle: Given) -> PyResult<Self> {
        words::prepare(py)?;
        let found = backstay::Instance::from_handle(backstay_instance { id: handle.0 });
        found.map(Self::new).map_err(|error| bad(py, error))
    }

    fn __hash__(&self) -> u64 {
        hash(self.instance.anywhere().id())
    }

    fn __repr__(&self) -> String {
        self.instance.repr()
    }
}
