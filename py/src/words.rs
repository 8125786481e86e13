//! The enumerations and results of the Python half, looked up once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;

macro_rules! python_classes {
    ($($function:ident = $module:literal $class:literal;)*) => {$(
        pub(crate) fn $function(py: Python<'_>) -> PyResult<&Bound<'_, PyAny>> {
            static CLASS: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
            CLASS.import(py, $module, $class)
        }
    )*};
}

python_classes! {
    status_class = "backstay._words" "Status";
    state_class = "backstay._words" "State";
    outcome_class = "backstay._words" "Outcome";
    host_state_class = "backstay._words" "HostState";
    holder_kind_class = "backstay._words" "HolderKind";
    reason_from_number = "backstay._words" "reason_from_number";
    opaque_class = "backstay._words" "Opaque";
    trigger_class = "backstay._words" "Trigger";
    completion_class = "backstay._results" "Completion";
    holder_class = "backstay._results" "Holder";
    held_instance_class = "backstay._results" "HeldInstance";
    drain_report_class = "backstay._results" "DrainReport";
    progress_class = "backstay._results" "Progress";
    error_for = "backstay._errors" "error_for";
    task_canceled_class = "backstay._errors" "TaskCanceled";
    json_dumps = "json" "dumps";
    json_loads = "json" "loads";
    get_frame = "sys" "_getframe";
    clear_frames = "traceback" "clear_frames";
}

pub(crate) fn status(py: Python<'_>, status: backstay::Status) -> PyResult<Bound<'_, PyAny>> {
    status_class(py)?.call1((status.number(),))
}

pub(crate) fn reason(py: Python<'_>, reason: Option<backstay::CancelReason>) -> PyResult<Bound<'_, PyAny>> {
    match reason {
        None => Ok(py.None().into_bound(py)),
        Some(reason) => reason_from_number(py)?.call1((reason.number(),)),
    }
}
