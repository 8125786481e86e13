//! `backstay.Deferral`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use backstay::Stack;
use pyo3::exceptions::PyResourceWarning;
use pyo3::prelude::*;

use crate::errors::{given_error, raise, told_error};
use crate::instance::Instance;
use crate::mine::Mine;
use crate::seconds::{Seconds, optional};
use crate::{aio, block, call, gate, results, site, words};

#[pyclass(frozen, module = "backstay", name = "Deferral")]
pub(crate) struct Deferral {
    deferral: Mine<backstay::Deferral>,
}

impl Deferral {
    /// Takes one for the calling line of Python.
    pub(crate) fn take(py: Python<'_>, instance: &backstay::Instance, label: String) -> PyResult<Self> {
        let taken = instance.get_deferral_at(label, site::caller(py)).map_err(|error| raise(py, &error))?;
        // Where native stacks are captured, the one of Python says more.
        if taken.holder().is_some_and(|holder| holder.stack.is_some()) {
            taken.set_stack(Stack::from_text(site::stack(py)?));
        }
        Ok(Self { deferral: Mine::new(taken) })
    }
}

#[pymethods]
impl Deferral {
    #[getter]
    fn instance(&self, py: Python<'_>) -> PyResult<Instance> {
        Ok(Instance::new(self.deferral.get(py)?.instance().clone()))
    }

    #[getter]
    fn canceled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::reason(py, self.deferral.get(py)?.canceled())
    }

    #[pyo3(signature = (timeout=None))]
    fn wait_canceled<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        let deferral = self.deferral.get(py)?;
        let reason = block::wait(py, optional(timeout), |slice| deferral.wait_canceled(Some(slice)))?;
        words::reason(py, reason)
    }

    fn set_note<'py>(&self, py: Python<'py>, note: &str) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.get(py)?.set_note(note))
    }

    fn set_overdue_after<'py>(&self, py: Python<'py>, age: Seconds) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.get(py)?.set_overdue_after(age.0))
    }

    fn set_stack<'py>(&self, py: Python<'py>, stack: String) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.get(py)?.set_stack(Stack::from_text(stack)))
    }

    fn holder<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.deferral.get(py)?.holder().map(|holder| results::holder(py, &holder)).transpose()
    }

    fn complete<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.deferral.get(py)?.complete())
    }

    fn fail<'py>(&self, py: Python<'py>, error: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let error = given_error(&error)?;
        words::status(py, self.deferral.get(py)?.fail(error))
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
        // A child made by fork that leaves the block leaves the deferral to its parent.
        let Some(deferral) = self.deferral.here() else { return };
        // The status is discarded: a block that is left late is no error (L4).
        if exception.is_none() {
            deferral.complete();
        } else {
            deferral.fail(told_error(py, PyErr::from_value(exception)));
        }
    }

    fn __aenter__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        aio::ready(this.py(), this.clone().into_any())
    }

    fn __aexit__<'py>(
        &self,
        py: Python<'py>,
        kind: Bound<'_, PyAny>,
        exception: Bound<'_, PyAny>,
        traceback: Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.__exit__(py, kind, exception, traceback);
        aio::ready(py, py.None().into_bound(py))
    }

    fn __repr__(&self) -> String {
        self.deferral.repr()
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        // A child of a fork warns of nothing that is its parent's.
        let Some(holder) = self.deferral.here().and_then(backstay::Deferral::holder) else { return };
        gate::enter(|py| {
            keeping_the_exception(py, || {
                let text = format!("{holder} was dropped without complete()");
                // Where warnings are errors there is nobody to raise this one to.
                if let Err(error) = call::warn(&py.get_type::<PyResourceWarning>(), &text, 1) {
                    call::unraisable(py, error, None);
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
