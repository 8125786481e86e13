//! `backstay.Deferral`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use backstay::{Language, Stack};
use backstay_ffi::across::{Owned as _, take_over};
use backstay_ffi::backstay_deferral;
use pyo3::exceptions::PyResourceWarning;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors::{given_error, raise, refused, told_error};
use crate::handle::{Given, bad, given_away};
use crate::held::{Held, Place};
use crate::instance::Instance;
use crate::seconds::{Seconds, optional};
use crate::{aio, block, call, gate, handle, results, site, words};

#[pyclass(frozen, module = "backstay", name = "Deferral")]
pub(crate) struct Deferral {
    held: Held,
    /// Whether it was completed by this object, which then dies without a word. Nothing is published with it: Relaxed.
    is_over: AtomicBool,
}

impl Deferral {
    /// Takes one for the calling line of Python.
    #[inline]
    pub(crate) fn take(
        py: Python<'_>,
        instance: &backstay::Instance,
        label: Option<&Bound<'_, PyString>>,
    ) -> PyResult<Self> {
        let (label, line) = site::of_deferral(py, label);
        let taken = instance.get_deferral_at(label, line).map_err(|error| raise(py, &error))?;
        // Where native stacks are captured, the one of Python says more.
        if site::may_need_stacks() && taken.holder().is_some_and(|holder| holder.stack.is_some()) {
            taken.set_stack(Stack::from_text(site::stack(py)?));
        }
        Ok(Self::new(taken))
    }

    #[inline]
    fn new(deferral: impl Into<Place>) -> Self {
        Self { held: Held::new(deferral), is_over: AtomicBool::new(false) }
    }

    /// Calls `code` with the deferral, as long as Python has it.
    fn with<R>(&self, py: Python<'_>, code: impl FnOnce(&backstay::Deferral) -> R) -> PyResult<R> {
        self.held.place().get(py)?.with(code).ok_or_else(|| given_away(py))
    }

    /// It has ended, whatever the answer was.
    fn ended(&self, status: backstay::Status) -> backstay::Status {
        self.is_over.store(true, Ordering::Relaxed);
        status
    }
}

#[pymethods]
impl Deferral {
    #[getter]
    fn instance(&self, py: Python<'_>) -> PyResult<Instance> {
        self.with(py, |deferral| Instance::new(deferral.instance().clone()))
    }

    #[getter]
    fn canceled<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::reason(py, self.with(py, backstay::Deferral::canceled)?)
    }

    #[pyo3(signature = (timeout=None))]
    fn wait_canceled<'py>(&self, py: Python<'py>, timeout: Option<Seconds>) -> PyResult<Bound<'py, PyAny>> {
        // The deferral itself is not kept meanwhile: it may be given away, and then it is not ours to hold.
        let token = self.with(py, |deferral| deferral.instance().cancellation())?;
        block::wait(py, optional(timeout), |slice| token.wait(Some(slice)))?;
        // Given away meanwhile, it is somebody else who notices.
        let reason = self.with(py, backstay::Deferral::canceled).unwrap_or_else(|_| token.reason());
        words::reason(py, reason)
    }

    fn set_note<'py>(&self, py: Python<'py>, note: &str) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.with(py, |deferral| deferral.set_note(note))?)
    }

    fn set_overdue_after<'py>(&self, py: Python<'py>, age: Seconds) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.with(py, |deferral| deferral.set_overdue_after(age.0))?)
    }

    fn set_stack<'py>(&self, py: Python<'py>, stack: String) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.with(py, |deferral| deferral.set_stack(Stack::from_text(stack)))?)
    }

    fn holder<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.with(py, backstay::Deferral::holder)?.map(|holder| results::holder(py, &holder)).transpose()
    }

    fn complete<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        words::status(py, self.ended(self.with(py, backstay::Deferral::complete)?))
    }

    fn fail<'py>(&self, py: Python<'py>, error: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let error = given_error(&error)?;
        words::status(py, self.ended(self.with(py, |deferral| deferral.fail(error))?))
    }

    fn detach(&self, py: Python<'_>) -> PyResult<u64> {
        let place = self.held.place().get(py)?;
        let deferral = place.take().ok_or_else(|| given_away(py))?;
        handle::lend();
        match deferral.detach() {
            Ok(handle) => Ok(handle.id),
            Err(refused) => {
                let status = refused.status();
                place.put_back(refused.into_deferral());
                Err(self::refused(py, status, status.message().to_owned()))
            }
        }
    }

    #[staticmethod]
    fn from_handle(py: Python<'_>, handle: Given) -> PyResult<Self> {
        words::prepare(py)?;
        let taken = take_over(backstay_deferral { id: handle.0 }, Language::Python);
        taken.map(Self::new).map_err(|error| bad(py, error))
    }

    fn __enter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    fn __exit__(
        &self,
        py: Python<'_>,
        _kind: &Bound<'_, PyAny>,
        exception: &Bound<'_, PyAny>,
        _traceback: &Bound<'_, PyAny>,
    ) {
        // A child made by fork leaves the deferral to its parent, and one that was given away is its receiver's.
        let Some(place) = self.held.place().here() else { return };
        let ended = if exception.is_none() {
            place.with(backstay::Deferral::complete)
        } else {
            let error = told_error(py, PyErr::from_value(exception.clone()));
            place.with(|deferral| deferral.fail(error))
        };
        if let Some(status) = ended {
            // The status is discarded: a block that is left late is no error (L4).
            self.ended(status);
        }
    }

    fn __aenter__<'py>(this: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        aio::ready(this.py(), this.clone().into_any())
    }

    fn __aexit__<'py>(
        &self,
        py: Python<'py>,
        kind: &Bound<'_, PyAny>,
        exception: &Bound<'_, PyAny>,
        traceback: &Bound<'_, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.__exit__(py, kind, exception, traceback);
        aio::ready(py, py.None().into_bound(py))
    }

    fn __repr__(&self) -> String {
        match self.held.place().here().map(|place| place.with(|deferral| format!("{deferral:?}"))) {
            Some(Some(deferral)) => format!("<backstay.{deferral}>"),
            Some(None) => "<backstay.Deferral(given away)>".to_owned(),
            None => "<a backstay object of the parent process>".to_owned(),
        }
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        if *self.is_over.get_mut() {
            return;
        }
        // A child of a fork warns of nothing that is its parent's.
        let Some(deferral) = self.held.place().here().and_then(Place::take) else { return };
        // Who else has a share of it has the hold.
        let Some(last) = Arc::into_inner(deferral) else { return };
        let Some(holder) = last.holder() else { return };
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
