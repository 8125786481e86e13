//! The one choke point for everything that blocks a Python thread.
//!
//! Python runs its signal handlers, Ctrl-C among them, on the main thread only, and only while that is attached. So the
//! main thread waits in slices and looks between two of them; any other thread would wake for nothing and waits in one
//! piece.

use std::time::{Duration, Instant};

use backstay::Error;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::call;
use crate::errors::raise;

/// How long a signal may have to wait until Python sees it.
const SLICE: Duration = Duration::from_millis(50);

/// Waits detached for something that answers `TimedOut` when it was given too little time.
///
/// `wait` is called again and again until `timeout` is over. A Python signal handler that raises ends the wait with its
/// exception.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    wait: impl Fn(Duration) -> Result<T, Error> + Send + Sync,
) -> PyResult<T> {
    let answer = slices(py, timeout, |answer| matches!(answer, Err(Error::TimedOut { .. })), wait)?;
    answer
        .map_err(|error| match error {
            // It was one slice that timed out; the caller asked for all of them.
            Error::TimedOut { what, .. } => Error::TimedOut { what, after: timeout.unwrap_or_default() },
            error => error,
        })
        .map_err(|error| raise(py, &error))
}

/// Waits detached for something that says in its own way that it was given too little time: `is_early` knows.
///
/// The answer is the last one, early or not.
pub(crate) fn slices<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    is_early: impl Fn(&T) -> bool,
    wait: impl Fn(Duration) -> T + Send + Sync,
) -> PyResult<T> {
    // A deadline that cannot be represented is no deadline.
    let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let mut slice = SLICE;
    loop {
        let left = until.map_or(Duration::MAX, |until| until.saturating_duration_since(Instant::now()));
        let answer = py.detach(|| wait(left.min(slice)));
        if left <= slice || !is_early(&answer) {
            return Ok(answer);
        }
        // Most waits are over before this is asked.
        if sees_signals(py)? {
            py.check_signals()?;
        } else {
            slice = Duration::MAX;
        }
    }
}

/// Whether Python runs signal handlers on this thread: whether it is the main one, as Python sees that now. After a
/// fork that is the thread that forked, and `threading` may never have been imported, or by another thread first.
fn sees_signals(py: Python<'_>) -> PyResult<bool> {
    // No function says it. But this one refuses every thread but the main one, before it refuses the number.
    let refusal = call::method(&call::import(py, "_signal")?, "signal", (0, 0));
    match refusal {
        Err(error) if error.is_instance_of::<PyValueError>(py) => {
            Ok(!call::text(error.value(py))?.contains("main thread"))
        }
        // Should it ever answer otherwise, slices do no harm.
        _ => Ok(true),
    }
}
