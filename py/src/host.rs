//! `backstay.Host`.

use backstay::TaskBuilder;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::callable::Callable;
use crate::errors::raise;
use crate::seconds::{Seconds, optional};
use crate::task::Task;
use crate::{block, exit, results, site, words};

/// The compiled half of the host; `backstay.Host` adds the decorator and the context manager.
#[pyclass(frozen, subclass, module = "backstay._lib", name = "Host")]
pub(crate) struct Host {
    host: backstay::Host,
    /// The process that opened it.
    owner: u32,
}

impl Drop for Host {
    fn drop(&mut self) {
        exit::forget(&self.host, self.owner);
    }
}

#[pymethods]
impl Host {
    #[new]
    #[pyo3(
        signature = (*, workers=None, grace=Seconds(std::time::Duration::from_secs(5)), manual_clock=false),
        text_signature = "(*, workers=None, grace=5.0, manual_clock=False)"
    )]
    fn new(py: Python<'_>, workers: Option<usize>, grace: Seconds, manual_clock: bool) -> PyResult<Self> {
        let mut builder = backstay::Host::builder().grace(grace.0);
        if let Some(workers) = workers {
            builder = builder.workers(workers);
        }
        if manual_clock {
            builder = builder.manual_clock();
        }
        let host = builder.build().map_err(|error| raise(py, &error))?;
        exit::remember(&host);
        Ok(Self { host, owner: std::process::id() })
    }

    #[getter]
    fn state<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::host_state_class(py)?.call1((self.host.state() as u32,))
    }

    #[getter]
    fn grace(&self) -> f64 {
        self.host.grace().as_secs_f64()
    }

    #[getter]
    fn stragglers(&self) -> usize {
        self.host.stragglers()
    }

    #[pyo3(signature = (name, run, *, trigger=None, grace=None, max_pending=None))]
    fn register(
        &self,
        py: Python<'_>,
        name: &str,
        run: Bound<'_, PyAny>,
        trigger: Option<Bound<'_, PyAny>>,
        grace: Option<Seconds>,
        max_pending: Option<usize>,
    ) -> PyResult<Task> {
        if let Some(trigger) = trigger
            && !trigger.is_instance(words::trigger_class(py)?)?
        {
            return Err(PyTypeError::new_err("trigger: expected what backstay.manual() gives"));
        }
        refuse_coroutine(&run)?;
        let line = site::definition(&run);
        let run = Callable::new(run)?;
        let mut builder = TaskBuilder::new(name).run_at(move |instance| run.run(instance), line);
        if let Some(grace) = optional(grace) {
            builder = builder.grace(grace);
        }
        if let Some(max_pending) = max_pending {
            builder = builder.max_pending(max_pending);
        }
        builder.register(&self.host).map(Task::new).map_err(|error| raise(py, &error))
    }

    fn get_task(&self, name: &str) -> Option<Task> {
        self.host.task(name).map(Task::new)
    }

    #[pyo3(signature = (timeout=None))]
    fn flush(&self, py: Python<'_>, timeout: Option<Seconds>) -> PyResult<()> {
        block::wait(py, optional(timeout), |slice| self.host.flush(Some(slice)))
    }

    fn advance(&self, py: Python<'_>, seconds: Seconds) -> PyResult<()> {
        py.detach(|| self.host.advance(seconds.0)).map_err(|error| raise(py, &error))
    }

    fn drain<'py>(&self, py: Python<'py>, timeout: Seconds) -> PyResult<Bound<'py, PyAny>> {
        self.host.refuse_inside("drain").map_err(|error| raise(py, &error))?;
        close(py, py.detach(|| self.host.begin_drain(timeout.0)))
    }

    #[pyo3(signature = (grace=None))]
    fn shutdown<'py>(&self, py: Python<'py>, grace: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        self.host.refuse_inside("shutdown").map_err(|error| raise(py, &error))?;
        let grace = optional(grace).unwrap_or(self.host.grace());
        close(py, py.detach(|| self.host.begin_shutdown(grace)))
    }

    #[pyo3(signature = (grace=None))]
    fn begin_shutdown(&self, py: Python<'_>, grace: Option<Seconds>) {
        let grace = optional(grace).unwrap_or(self.host.grace());
        py.detach(|| self.host.begin_shutdown(grace));
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.host)
    }
}

/// Waits for the end of the host, and tells it.
fn close(py: Python<'_>, closing: backstay::Closing) -> PyResult<Bound<'_, PyAny>> {
    let report = block::wait(py, None, |slice| closing.wait(Some(slice)))?;
    results::drain_report(py, &report)
}

/// A coroutine function would return at once, with its work undone and nobody to notice.
fn refuse_coroutine(run: &Bound<'_, PyAny>) -> PyResult<()> {
    let py = run.py();
    let is_coroutine = py.import("inspect")?.getattr("iscoroutinefunction")?;
    // An object may be called by an async method of its class.
    let called = run.get_type().getattr_opt("__call__")?;
    if is_coroutine.call1((run,))?.is_truthy()?
        || called.map_or(Ok(false), |method| is_coroutine.call1((method,))?.is_truthy())?
    {
        return Err(PyTypeError::new_err(
            "run: is a coroutine function, which this version cannot run; give a plain function that runs it, \
             for example lambda instance: asyncio.run(main(instance))",
        ));
    }
    Ok(())
}
