//! Results as frozen dataclasses of the Python half.

use std::sync::Arc;
use std::time::Duration;

use backstay::{
    Completion, DrainReport, FireAnswer, HeldInstance, Holder, InstanceEvent, Progress, WaitingFor,
};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::errors::Original;
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

fn names<'py>(py: Python<'py>, names: &[Arc<str>]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, names.iter().map(|name| &**name))
}

pub(crate) fn completion<'py>(py: Python<'py>, completion: &Completion) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("instance_id", words::uuid(py, completion.instance_id)?)?;
    fields.set_item("task", &*completion.task)?;
    fields.set_item("group", completion.group.as_deref())?;
    fields.set_item("outcome", words::outcome(py, completion.outcome as u32)?)?;
    fields.set_item("canceled", words::reason(py, completion.canceled)?)?;
    let error = completion.error.as_ref();
    fields.set_item("error", error.map(backstay::TaskError::text))?;
    fields.set_item("error_type", error.map(backstay::TaskError::type_name))?;
    let original =
        error.and_then(backstay::TaskError::payload).and_then(|kept| kept.downcast_ref::<Original>());
    fields.set_item("exception", original.map(|kept| kept.get().clone_ref(py)))?;
    fields.set_item("dropped", tuple(py, &completion.dropped, holder)?)?;
    fields.set_item("holders", tuple(py, &completion.holders, holder)?)?;
    fields.set_item("progress", completion.progress)?;
    fields.set_item("suspended_count", completion.suspended_count)?;
    fields.set_item("noticed_after", seconds(completion.noticed_after))?;
    fields.set_item("pending_for", completion.pending_for.as_secs_f64())?;
    fields.set_item("ran_for", completion.ran_for.as_secs_f64())?;
    made(words::completion_class(py)?, &fields)
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

pub(crate) fn progress<'py>(py: Python<'py>, progress: &Progress) -> PyResult<Bound<'py, PyAny>> {
    let instance = crate::instance::Instance::new(progress.instance.clone());
    call::with(words::progress_class(py)?, (instance, progress.progress))
}

pub(crate) fn event<'py>(py: Python<'py>, event: &InstanceEvent) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("kind", words::event_kind(py, event.kind as u32)?)?;
    fields.set_item("instance", crate::instance::Instance::new(event.instance.clone()))?;
    fields.set_item("instance_id", words::uuid(py, event.instance_id)?)?;
    fields.set_item("task", &*event.task)?;
    fields.set_item("group", event.group.as_deref())?;
    fields.set_item("conditions", names(py, &event.conditions)?)?;
    fields.set_item("reason", words::reason(py, event.reason)?)?;
    let outcome = event.outcome.map(|outcome| words::outcome(py, outcome as u32)).transpose()?;
    fields.set_item("outcome", outcome)?;
    fields.set_item("progress", event.progress)?;
    fields.set_item("label", event.label.as_deref())?;
    fields.set_item("text", event.to_string())?;
    made(words::event_class(py)?, &fields)
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
