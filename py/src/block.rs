//! The one choke point for everything that blocks a Python thread.

use std::time::{Duration, Instant};

use backstay::Error;
use pyo3::prelude::*;

use crate::errors::raise;

/// How long a signal may have to wait until Python sees it.
const SLICE: Duration = Duration::from_millis(50);

/// Waits detached, in slices, and looks at signals between two of them.
///
/// `wait` waits at most as long as it is told and answers `TimedOut` when that was too short; it is called again until
/// `timeout` is over. A Python signal handler that raises ends the wait with its exception.
pub(crate) fn wait<T: Send>(
    py: Python<'_>,
    timeout: Option<Duration>,
    wait: impl Fn(Duration) -> Result<T, Error> + Send + Sync,
) -> PyResult<T> {
    // A deadline that cannot be represented is no deadline.
    let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    loop {
        let left = until.map_or(SLICE, |until| until.saturating_duration_since(Instant::now()));
        match py.detach(|| wait(left.min(SLICE))) {
            Err(Error::TimedOut { .. }) if left > SLICE || until.is_none() => py.check_signals()?,
            Err(Error::TimedOut { what, .. }) => {
                let after = timeout.unwrap_or_default();
                return Err(raise(py, &Error::TimedOut { what, after }));
            }
            answer => return answer.map_err(|error| raise(py, &error)),
        }
    }
}
