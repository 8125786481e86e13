//! An executor of the application (H7): `backstay.Job`, and how a host hands them out.

use std::cell::Cell;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

use crate::callable::Callable;
use crate::errors::raise;
use crate::lock::Mutex;
use crate::mine::Mine;
use crate::shelf::Shelf;
use crate::{call, gate};

type Work = Box<dyn FnOnce() + Send>;

thread_local! {
    /// Whether this thread is inside the call that submits a job.
    static SUBMITTING: Cell<bool> = const { Cell::new(false) };
}

/// What the host calls with each job: `submit` of an executor, or the function itself.
pub(crate) fn executor(
    executor: Bound<'_, PyAny>,
    shelf: &Arc<Shelf>,
) -> PyResult<impl Fn(Work) + Send + Sync + 'static> {
    let kind = executor.get_type().name()?;
    if kind == "ProcessPoolExecutor" {
        return Err(PyTypeError::new_err(
            "executor: entry points run in this process; give a ThreadPoolExecutor, or let them use the processes",
        ));
    }
    let submit = if executor.hasattr("submit")? { call::attribute(&executor, "submit")? } else { executor };
    let submit = Callable::new(submit, shelf)?;
    Ok(move |work| {
        let job = Job { work: Mine::new(Mutex::new(Some(work))) };
        let before = SUBMITTING.replace(true);
        // A job that is not taken, also because the interpreter is going down, is dropped, and the host is told by that.
        submit.tell(|py| Ok(Bound::new(py, job)?.into_any()));
        SUBMITTING.set(before);
    })
}

#[pyclass(frozen, module = "backstay", name = "Job")]
pub(crate) struct Job {
    work: Mine<Mutex<Option<Work>>>,
}

impl Drop for Job {
    fn drop(&mut self) {
        // Dropping the work tells the host, which may have to call others: not while the interpreter waits for that.
        let Some(work) = self.work.here().and_then(|work| work.lock().take()) else { return };
        gate::enter(|py| py.detach(|| drop(work)));
    }
}

#[pymethods]
impl Job {
    fn __call__(&self, py: Python<'_>) -> PyResult<()> {
        let work = self.work.get(py)?;
        if SUBMITTING.get() {
            return Err(raise(
                py,
                &backstay::Error::WouldDeadlock {
                    call: "a job",
                    place: "the call that submits it",
                    instead: "call it later, or on another thread",
                },
            ));
        }
        let work = work.lock().take();
        py.detach(|| work.map(|work| work()));
        Ok(())
    }

    fn __repr__(&self) -> String {
        let is_done = self.work.here().is_some_and(|work| work.lock().is_none());
        format!("<backstay.Job({})>", if is_done { "done" } else { "to do" })
    }
}
