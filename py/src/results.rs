//! Results as frozen dataclasses of the Python half.

use std::sync::Arc;
use std::time::Duration;

use backstay::{DrainReport, FireAnswer, HeldInstance, Holder, WaitingFor};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::{call, words};

/// Makes an object of a class from its fields.
pub(crate) fn made<'py>(
    class: &Bound<'py, PyAny>,
    fields: &Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyAny>> {
    call::call(class, &PyTuple::empty(class.py()), Some(fields))
}

/// A tuple of what `make` makes of each.
pub(crate) fn tuple<'py, T>(
    py: Python<'py>,
    all: &[T],
    make: impl Fn(Python<'py>, &T) -> PyResult<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let made: Vec<_> = all.iter().map(|one| make(py, one)).collect::<PyResult<_>>()?;
    PyTuple::new(py, made)
}

pub(crate) fn seconds(duration: Option<Duration>) -> Option<f64> {
    duration.map(|duration| duration.as_secs_f64())
}

pub(crate) fn names<'py>(py: Python<'py>, names: &[Arc<str>]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, names.iter().map(|name| &**name))
}

pub(crate) fn holder<'py>(py: Python<'py>, holder: &Holder) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("kind", words::holder_kind(py, holder.kind as u32)?)?;
    fields.set_item("label", &*holder.label)?;
    fields.set_item("language", holder.language.to_string())?;
    fields.set_item("site_language", holder.site.language.to_string())?;
    fields.set_item("file", &*holder.site.file)?;
    fields.set_item("line", holder.site.line)?;
    fields.set_item("age", holder.age.as_secs_f64())?;
    fields.set_item("note", holder.note.as_deref())?;
    fields.set_item("asked", seconds(holder.asked))?;
    fields.set_item("noticed_after", seconds(holder.noticed_after))?;
    fields.set_item("overdue", holder.overdue)?;
    fields.set_item("stack", holder.stack.as_ref().map(ToString::to_string))?;
    fields.set_item("text", holder.to_string())?;
    made(words::holder_class(py)?, &fields)
}

pub(crate) fn drain_report<'py>(py: Python<'py>, report: &DrainReport) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("state", words::host_state(py, report.state as u32)?)?;
    fields.set_item("succeeded", report.succeeded)?;
    fields.set_item("canceled", report.canceled)?;
    fields.set_item("failed", report.failed)?;
    fields.set_item("abandoned", tuple(py, &report.abandoned, held_instance)?)?;
    fields.set_item("remaining", tuple(py, &report.remaining, held_instance)?)?;
    fields.set_item("stragglers", report.stragglers)?;
    fields.set_item("text", report.to_string())?;
    made(words::drain_report_class(py)?, &fields)
}

pub(crate) fn held_instance<'py>(py: Python<'py>, held: &HeldInstance) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("instance_id", words::uuid(py, held.instance_id)?)?;
    fields.set_item("task", &*held.task)?;
    fields.set_item("group", held.group.as_deref())?;
    fields.set_item("canceled", words::reason(py, held.canceled)?)?;
    fields.set_item("holders", tuple(py, &held.holders, holder)?)?;
    made(words::held_instance_class(py)?, &fields)
}

pub(crate) fn fire_answer<'py>(py: Python<'py>, answer: &FireAnswer) -> PyResult<Bound<'py, PyAny>> {
    let (became, waiting_for, conditions) = match answer {
        FireAnswer::Waiting(WaitingFor::Conditions(names)) => (1, 1, names.as_slice()),
        FireAnswer::Waiting(WaitingFor::Suspended) => (1, 2, &[][..]),
        FireAnswer::Waiting(WaitingFor::Busy) => (1, 3, &[][..]),
        FireAnswer::Waiting(WaitingFor::Worker) => (1, 4, &[][..]),
        FireAnswer::Merged => (2, 0, &[][..]),
        // Started, and what a later core may say besides.
        _ => (0, 0, &[][..]),
    };
    let fields = PyDict::new(py);
    fields.set_item("became", words::firing(py, became)?)?;
    fields.set_item("waiting_for", words::waiting_for(py, waiting_for)?)?;
    fields.set_item("conditions", names(py, conditions)?)?;
    fields.set_item("text", answer.to_string())?;
    made(words::fire_answer_class(py)?, &fields)
}
