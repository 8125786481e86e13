//! Durations: Python gives seconds as numbers or as timedelta, and gets seconds as floats.

use std::time::Duration;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// A duration that Python passed: not negative, a number of seconds or a timedelta.
pub(crate) struct Seconds(pub(crate) Duration);

impl<'a, 'py> FromPyObject<'a, 'py> for Seconds {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let number = match object.extract::<f64>() {
            Ok(number) => number,
            // Ctrl-C, or what only `__float__` itself can explain.
            Err(error) if !error.is_instance_of::<PyTypeError>(object.py()) => return Err(error),
            Err(_) if object.hasattr("total_seconds")? => object.call_method0("total_seconds")?.extract()?,
            Err(_) => {
                let kind = object.get_type().name()?;
                return Err(PyTypeError::new_err(format!("expected seconds or a timedelta, not {kind}")));
            }
        };
        if number.is_nan() || number < 0.0 {
            return Err(PyValueError::new_err(format!("a duration is not negative; got {number}")));
        }
        // What is too large for a duration is as good as forever.
        Ok(Self(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)))
    }
}

/// The same for an argument that may be None.
pub(crate) fn optional(seconds: Option<Seconds>) -> Option<Duration> {
    seconds.map(|seconds| seconds.0)
}
