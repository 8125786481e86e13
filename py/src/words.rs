//! The enumerations, results and helpers of the Python half, looked up once.

use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyTuple;

use crate::call;

macro_rules! python_objects {
    ($($function:ident = $module:literal $name:literal;)*) => {$(
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
            static OBJECT: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            call::once(py, &OBJECT, || object(py, $module, $name))
        }
    )*};
}

/// What an object of a class is made with, by its base and without a call of the class.
macro_rules! new_objects {
    ($($function:ident = $class:ident;)*) => {$(
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyTuple>> {
            static ALONE: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();
            call::once(py, &ALONE, || PyTuple::new(py, [$class(py)?]))
        }
    )*};
}

/// Members stand in the order of their numbers, without a gap, from 0.
macro_rules! enumerations {
    ($($function:ident = $class:literal;)*) => {$(
        pub(crate) fn $function(py: Python<'_>, number: u32) -> PyResult<Bound<'_, PyAny>> {
            static MEMBERS: PyOnceLock<Py<PyTuple>> = PyOnceLock::new();
            call::once(py, &MEMBERS, || members(py, $class))?.get_item(number as usize)
        }
    )*};
}

python_objects! {
    opaque_class = "backstay._values" "Opaque";
    trigger_class = "backstay._values" "Trigger";
    completion_class = "backstay._results" "Completion";
    holder_class = "backstay._results" "Holder";
    held_instance_class = "backstay._results" "HeldInstance";
    drain_report_class = "backstay._results" "DrainReport";
    told_class = "backstay._lib" "_Told";
    progress_class = "backstay._results" "Progress";
    event_class = "backstay._results" "InstanceEvent";
    fire_answer_class = "backstay._results" "FireAnswer";
    snapshot_class = "backstay._snapshot" "Snapshot";
    task_snapshot_class = "backstay._snapshot" "TaskSnapshot";
    instance_snapshot_class = "backstay._snapshot" "InstanceSnapshot";
    straggler_class = "backstay._snapshot" "Straggler";
    totals_class = "backstay._snapshot" "Totals";
    fault_class = "backstay._values" "Fault";
    error_for = "backstay._errors" "error_for";
    task_canceled_class = "backstay._errors" "TaskCanceled";
    end_before_pools = "backstay._pools" "end_before_pools";
    farewell_class = "backstay._host" "Farewell";
    log = "backstay._report" "log";
    give_way = "backstay._turns" "give_way";
    json_dumps = "json" "dumps";
    json_loads = "json" "loads";
    without_frames = "backstay._tracebacks" "without_frames";
    format_stack = "traceback" "format_stack";
    is_coroutine_function = "inspect" "iscoroutinefunction";
    coroutine_class = "types" "CoroutineType";
    generator_class = "types" "GeneratorType";
    async_generator_class = "types" "AsyncGeneratorType";
    tuple_class = "builtins" "tuple";
    float_class = "builtins" "float";
    uuid_class = "uuid" "UUID";
    modules = "sys" "modules";
    aio_begin = "backstay._aio" "begin";
    aio_iterator = "backstay._aio" "iterator";
    aio_checkpoint = "backstay._aio" "Checkpoint";
    loops_class = "backstay._loops" "Loops";
}

new_objects! {
    new_completion = completion_class;
    new_progress = progress_class;
    new_event = event_class;
}

/// `_Told.__new__`
pub(crate) fn new_told(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
    static NEW: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    call::once(py, &NEW, || call::attribute(told_class(py)?, "__new__"))
}

enumerations! {
    state = "State";
    outcome = "Outcome";
    host_state = "HostState";
    holder_kind = "HolderKind";
    event_kind = "EventKind";
    firing = "Firing";
    waiting_for = "WaitingFor";
    status_member = "Status";
    reason_member = "CancelReason";
}

/// Imports what the threads of a host may need, before there are any. A child that is made by fork while one of them
/// imports something could never import that: the lock of the import would be held by a thread that it does not have.
pub(crate) fn prepare(py: Python<'_>) -> PyResult<()> {
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    if IS_DONE.load(Ordering::Relaxed) {
        return Ok(());
    }
    let own = ["_errors", "_report", "_results", "_snapshot", "_tracebacks", "_turns", "_values", "_words"];
    let others = ["json", "inspect", "logging", "traceback", "uuid"].map(ToOwned::to_owned);
    for module in own.map(|name| format!("backstay.{name}")).into_iter().chain(others) {
        call::import(py, &module)?;
    }
    IS_DONE.store(true, Ordering::Relaxed);
    Ok(())
}

fn object<'py>(py: Python<'py>, module: &str, name: &str) -> PyResult<Bound<'py, PyAny>> {
    call::attribute(&call::import(py, module)?, name)
}

fn members<'py>(py: Python<'py>, class: &str) -> PyResult<Bound<'py, PyTuple>> {
    let class = object(py, "backstay._words", class)?;
    Ok(call::with(tuple_class(py)?, (class,))?.cast_into::<PyTuple>()?)
}

pub(crate) fn status(py: Python<'_>, status: backstay::Status) -> PyResult<Bound<'_, PyAny>> {
    status_member(py, status.number().unsigned_abs())
}

/// A member of `CancelReason`, the number of a reason of the application's own, or None, which most looks find.
#[inline]
pub(crate) fn reason(py: Python<'_>, reason: Option<backstay::CancelReason>) -> PyResult<Bound<'_, PyAny>> {
    reason.map_or_else(|| Ok(py.None().into_bound(py)), |reason| some_reason(py, reason))
}

fn some_reason(py: Python<'_>, reason: backstay::CancelReason) -> PyResult<Bound<'_, PyAny>> {
    match reason {
        backstay::CancelReason::Own(own) => Ok(own.number().into_pyobject(py)?.into_any()),
        reason => reason_member(py, reason.number()),
    }
}

pub(crate) fn uuid(py: Python<'_>, id: backstay::Uuid) -> PyResult<Bound<'_, PyAny>> {
    let none = py.None();
    call::with(uuid_class(py)?, (&none, &none, &none, &none, id.as_u128()))
}
