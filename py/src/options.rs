//! The options of a task, as Python passes them by name; what each says stands in `_options.py`.

use backstay::{Cause, Counter, IfExists, OnShutdown, TaskBuilder, Trigger, WhenBusy};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple};

use crate::errors::invalid;
use crate::seconds::{Count, Seconds};
use crate::{call, words};

/// Describes a task as the options say. `call` is the function that was given them.
pub(crate) fn describe(
    mut builder: TaskBuilder,
    function: &str,
    options: Option<&Bound<'_, PyDict>>,
) -> PyResult<TaskBuilder> {
    for (key, value) in options.into_iter().flatten() {
        let key = key.cast::<PyString>()?.to_cow()?.into_owned();
        builder = match option(builder, function, &key, &value) {
            Ok(builder) => builder,
            Err(error) => return Err(naming(value.py(), error, &key)),
        };
    }
    Ok(builder)
}

fn option(
    builder: TaskBuilder,
    function: &str,
    key: &str,
    value: &Bound<'_, PyAny>,
) -> PyResult<TaskBuilder> {
    let is_default = value.is_none();
    Ok(match key {
        "trigger"
        | "group"
        | "conditions"
        | "cancel_on_condition_loss"
        | "deadline"
        | "grace"
        | "when_busy"
        | "max_running"
        | "max_pending"
        | "max_failures"
        | "if_exists"
        | "on_shutdown"
            if is_default =>
        {
            builder
        }
        "trigger" => builder.trigger(trigger(value)?),
        "group" => builder.group(value.extract::<String>()?),
        "conditions" => {
            let names = conditions(value)?;
            names.into_iter().fold(builder, TaskBuilder::condition)
        }
        "cancel_on_condition_loss" => builder.cancel_on_condition_loss(value.extract()?),
        "deadline" => builder.deadline(value.extract::<Seconds>()?.0),
        "grace" => builder.grace(value.extract::<Seconds>()?.0),
        "when_busy" => builder.when_busy(member(value, "WhenBusy", &WHEN_BUSY, 1)?),
        "max_running" => builder.max_running(value.extract::<Count>()?.0),
        "max_pending" => builder.max_pending(value.extract::<Count>()?.0),
        "max_failures" => {
            builder.max_failures(u32::try_from(value.extract::<Count>()?.0).unwrap_or(u32::MAX))
        }
        "if_exists" => builder.if_exists(member(value, "IfExists", &IF_EXISTS, 0)?),
        "on_shutdown" => builder.on_shutdown(member(value, "OnShutdown", &ON_SHUTDOWN, 0)?),
        unknown => {
            let text = format!("{function}() got an unexpected keyword argument '{unknown}'");
            return Err(PyTypeError::new_err(text));
        }
    })
}

/// Says which option is meant, as far as the error does not.
fn naming(py: Python<'_>, error: PyErr, key: &str) -> PyErr {
    let value = error.value(py);
    let Ok(text) = call::text(value) else { return error };
    if text.starts_with(key) || text.contains(&format!("'{key}'")) {
        return error;
    }
    let named = format!("{key}: {text}");
    if value.is_exact_instance_of::<PyTypeError>() {
        return PyTypeError::new_err(named);
    }
    let is_invalid = value.get_type().name().is_ok_and(|name| name == "InvalidArgument");
    if is_invalid { invalid(py, named) } else { error }
}

const WHEN_BUSY: [WhenBusy; 5] =
    [WhenBusy::Parallel, WhenBusy::Queue, WhenBusy::Coalesce, WhenBusy::Reject, WhenBusy::Replace];
const IF_EXISTS: [IfExists; 4] =
    [IfExists::Fail, IfExists::Replace, IfExists::Keep, IfExists::ReplaceAndCancel];
const ON_SHUTDOWN: [OnShutdown; 3] = [OnShutdown::Cancel, OnShutdown::Finish, OnShutdown::Leave];

/// One of the members of an enumeration of the Python half, whose numbers begin with `first`.
fn member<T: Copy>(value: &Bound<'_, PyAny>, class: &str, members: &[T], first: usize) -> PyResult<T> {
    let found = match value.extract::<Count>() {
        Ok(Count(number)) => number.checked_sub(first).and_then(|index| members.get(index)),
        Err(error) if error.is_instance_of::<PyTypeError>(value.py()) => {
            let kind = value.get_type().name()?;
            return Err(PyTypeError::new_err(format!("expected a member of backstay.{class}, not {kind}")));
        }
        Err(_) => None,
    };
    let problem = || Ok::<_, PyErr>(format!("{} is no member of backstay.{class}", call::text(value)?));
    found.copied().map_or_else(|| Err(invalid(value.py(), problem()?)), Ok)
}

/// What suspends something, if a resource does.
pub(crate) fn cause(value: Option<Bound<'_, PyAny>>) -> PyResult<Option<Cause>> {
    value.map(|value| member(&value, "Cause", &[Cause::Cpu, Cause::Network], 1)).transpose()
}

/// Which suspensions are counted.
pub(crate) fn counter(value: Option<Bound<'_, PyAny>>) -> PyResult<Counter> {
    const COUNTERS: [Counter; 3] = [Counter::All, Counter::Cpu, Counter::Network];
    value.map_or(Ok(Counter::All), |value| member(&value, "Counter", &COUNTERS, 0))
}

fn trigger(value: &Bound<'_, PyAny>) -> PyResult<Trigger> {
    if !call::is_instance(value, words::trigger_class(value.py())?)? {
        let kind = value.get_type().name()?;
        let text = format!(
            "expected what backstay.after(), every(), event() or manual() gives, not {kind}; for example \
             every(minutes=15)"
        );
        return Err(PyTypeError::new_err(text));
    }
    let kind = call::attribute(value, "kind")?.extract::<String>()?;
    let seconds = || Ok::<_, PyErr>(call::attribute(value, "seconds")?.extract::<Seconds>()?.0);
    Ok(match kind.as_str() {
        "after" => Trigger::after(seconds()?),
        "every" => Trigger::every(seconds()?),
        "event" => Trigger::event(call::attribute(value, "event")?.extract::<String>()?),
        "manual" => Trigger::manual(),
        unknown => return Err(invalid(value.py(), format!("{unknown:?} is no kind of trigger"))),
    })
}

fn conditions(value: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    // A text is a sequence of texts, but nobody means its letters.
    if value.is_instance_of::<PyString>() {
        return Err(PyTypeError::new_err(
            "expected names of conditions, such as [\"network\"], not one text",
        ));
    }
    let names = call::with(words::tuple_class(value.py())?, (value,))?;
    names.cast::<PyTuple>()?.iter().map(|name| name.extract()).collect()
}
