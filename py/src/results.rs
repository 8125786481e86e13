//! Results as frozen dataclasses of the Python half.

use backstay::{Completion, DrainReport, HeldInstance, Holder, Progress};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::Original;
use crate::words;

pub(crate) fn completion<'py>(py: Python<'py>, completion: &Completion) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("instance_id", completion.instance_id)?;
    fields.set_item("task", &*completion.task)?;
    fields.set_item("outcome", words::outcome_class(py)?.call1((completion.outcome as u32,))?)?;
    fields.set_item("canceled", words::reason(py, completion.canceled)?)?;
    let error = completion.error.as_ref();
    fields.set_item("error", error.map(backstay::TaskError::text))?;
    fields.set_item("error_type", error.map(backstay::TaskError::type_name))?;
    let original =
        error.and_then(backstay::TaskError::payload).and_then(|kept| kept.downcast_ref::<Original>());
    fields.set_item("exception", original.map(|kept| kept.get().clone_ref(py)))?;
    fields.set_item("dropped", holders(py, &completion.dropped)?)?;
    fields.set_item("holders", holders(py, &completion.holders)?)?;
    fields.set_item("progress", completion.progress)?;
    fields.set_item("pending_for", completion.pending_for.as_secs_f64())?;
    fields.set_item("ran_for", completion.ran_for.as_secs_f64())?;
    words::completion_class(py)?.call((), Some(&fields))
}

pub(crate) fn holder<'py>(py: Python<'py>, holder: &Holder) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("kind", words::holder_kind_class(py)?.call1((holder.kind as u32,))?)?;
    fields.set_item("label", &*holder.label)?;
    fields.set_item("language", holder.site.language.to_string())?;
    fields.set_item("file", &*holder.site.file)?;
    fields.set_item("line", holder.site.line)?;
    fields.set_item("age", holder.age.as_secs_f64())?;
    words::holder_class(py)?.call((), Some(&fields))
}

pub(crate) fn holders<'py>(py: Python<'py>, holders: &[Holder]) -> PyResult<Bound<'py, PyTuple>> {
    let made: Vec<_> = holders.iter().map(|one| holder(py, one)).collect::<PyResult<_>>()?;
    PyTuple::new(py, made)
}

pub(crate) fn drain_report<'py>(py: Python<'py>, report: &DrainReport) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("state", words::host_state_class(py)?.call1((report.state as u32,))?)?;
    fields.set_item("succeeded", report.succeeded)?;
    fields.set_item("canceled", report.canceled)?;
    fields.set_item("failed", report.failed)?;
    fields.set_item("abandoned", held_instances(py, &report.abandoned)?)?;
    fields.set_item("remaining", held_instances(py, &report.remaining)?)?;
    fields.set_item("stragglers", report.stragglers)?;
    fields.set_item("text", report.to_string())?;
    words::drain_report_class(py)?.call((), Some(&fields))
}

fn held_instances<'py>(py: Python<'py>, held: &[HeldInstance]) -> PyResult<Bound<'py, PyTuple>> {
    let one = |held: &HeldInstance| {
        let fields = PyDict::new(py);
        fields.set_item("instance_id", held.instance_id)?;
        fields.set_item("task", &*held.task)?;
        fields.set_item("canceled", words::reason(py, held.canceled)?)?;
        fields.set_item("holders", holders(py, &held.holders)?)?;
        words::held_instance_class(py)?.call((), Some(&fields))
    };
    let made: Vec<_> = held.iter().map(one).collect::<PyResult<_>>()?;
    PyTuple::new(py, made)
}

pub(crate) fn progress<'py>(py: Python<'py>, progress: &Progress) -> PyResult<Bound<'py, PyAny>> {
    let instance = crate::instance::Instance::new(progress.instance.clone());
    words::progress_class(py)?.call1((instance, progress.progress))
}
