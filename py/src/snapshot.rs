//! Snapshots as frozen dataclasses of the Python half (H3).

use backstay::{InstanceSnapshot, Snapshot, Straggler, TaskSnapshot};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::results::{holder, made, seconds, tuple};
use crate::words;

pub(crate) fn snapshot<'py>(py: Python<'py>, snapshot: &Snapshot) -> PyResult<Bound<'py, PyAny>> {
    let conditions = PyDict::new(py);
    for condition in &snapshot.conditions {
        conditions.set_item(&*condition.name, condition.on)?;
    }
    let totals = PyDict::new(py);
    totals.set_item("tasks", snapshot.totals.tasks)?;
    totals.set_item("pending", snapshot.totals.pending)?;
    totals.set_item("running", snapshot.totals.running)?;
    totals.set_item("suspended", snapshot.totals.suspended)?;
    totals.set_item("holders", snapshot.totals.holders)?;
    totals.set_item("stragglers", snapshot.totals.stragglers)?;
    let fields = PyDict::new(py);
    fields.set_item("state", words::host_state(py, snapshot.state as u32)?)?;
    fields.set_item("suspended", snapshot.suspended)?;
    fields.set_item("conditions", conditions)?;
    fields.set_item("tasks", tuple(py, &snapshot.tasks, task)?)?;
    fields.set_item("stragglers", tuple(py, &snapshot.stragglers, straggler)?)?;
    fields.set_item("totals", made(words::totals_class(py)?, &totals)?)?;
    fields.set_item("text", snapshot.to_string())?;
    fields.set_item("json", snapshot.to_json())?;
    made(words::snapshot_class(py)?, &fields)
}

fn task<'py>(py: Python<'py>, task: &TaskSnapshot) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("name", &*task.name)?;
    fields.set_item("group", task.group.as_deref())?;
    fields.set_item("trigger", &task.trigger)?;
    fields.set_item("registered", task.registered)?;
    fields.set_item("disabled", task.disabled)?;
    fields.set_item("suspended", task.suspended)?;
    fields.set_item("failures", task.failures)?;
    fields.set_item("fires_in", seconds(task.fires_in))?;
    fields.set_item("explanation", &task.explanation)?;
    fields.set_item("instances", tuple(py, &task.instances, instance)?)?;
    made(words::task_snapshot_class(py)?, &fields)
}

fn instance<'py>(py: Python<'py>, instance: &InstanceSnapshot) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("id", words::uuid(py, instance.id)?)?;
    fields.set_item("state", words::state(py, instance.state as u32)?)?;
    fields.set_item("progress", instance.progress)?;
    fields.set_item("canceled", words::reason(py, instance.canceled)?)?;
    fields.set_item("asked_for", seconds(instance.asked_for))?;
    fields.set_item("noticed_after", seconds(instance.noticed_after))?;
    fields.set_item("suspended", instance.suspended)?;
    fields.set_item("suspended_count", instance.suspended_count)?;
    fields.set_item("age", instance.age.as_secs_f64())?;
    fields.set_item("running_for", seconds(instance.running_for))?;
    fields.set_item("remaining", seconds(instance.remaining))?;
    fields.set_item("holders", tuple(py, &instance.holders, holder)?)?;
    made(words::instance_snapshot_class(py)?, &fields)
}

fn straggler<'py>(py: Python<'py>, straggler: &Straggler) -> PyResult<Bound<'py, PyAny>> {
    let fields = PyDict::new(py);
    fields.set_item("instance_id", words::uuid(py, straggler.instance_id)?)?;
    fields.set_item("task", &*straggler.task)?;
    fields.set_item("group", straggler.group.as_deref())?;
    fields.set_item("in_handler", straggler.in_handler)?;
    fields.set_item("given_up_for", straggler.given_up_for.as_secs_f64())?;
    made(words::straggler_class(py)?, &fields)
}
