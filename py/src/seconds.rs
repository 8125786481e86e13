//! Numbers that Python passes: durations as seconds or timedelta, and counts. Python gets seconds as floats.

use std::time::Duration;

use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyFloat, PyInt};

use crate::errors::invalid;
use crate::{call, words};

/// A duration that Python passed: not negative, a number of seconds or a timedelta.
pub(crate) struct Seconds(pub(crate) Duration);

impl<'a, 'py> FromPyObject<'a, 'py> for Seconds {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        let py = object.py();
        let number = match number(&object)?.extract::<f64>() {
            // An integer beyond every float.
            Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
                if object.lt(0)? {
                    f64::NEG_INFINITY
                } else {
                    f64::INFINITY
                }
            }
            number => number?,
        };
        if number.is_nan() || number < 0.0 {
            return Err(invalid(py, format!("a duration is not negative; got {number}")));
        }
        // What is too large for a duration is as good as forever.
        Ok(Self(Duration::try_from_secs_f64(number).unwrap_or(Duration::MAX)))
    }
}

/// The seconds as an int or a float.
fn number<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if object.is_instance_of::<PyFloat>() || object.is_instance_of::<PyInt>() {
        return Ok(object.clone());
    }
    let py = object.py();
    if object.hasattr("total_seconds")? {
        return call::method(object, "total_seconds", ());
    }
    // A text is none, although `float` would read it.
    if object.hasattr("__float__")? {
        return call::with(words::float_class(py)?, (object,));
    }
    let kind = object.get_type().name()?;
    Err(PyTypeError::new_err(format!("expected seconds or a timedelta, not {kind}")))
}

/// The same for an argument that may be None.
pub(crate) fn optional(seconds: Option<Seconds>) -> Option<Duration> {
    seconds.map(|seconds| seconds.0)
}

/// A count that Python passed: not negative. One that is larger than any count is the largest.
pub(crate) struct Count(pub(crate) usize);

impl<'a, 'py> FromPyObject<'a, 'py> for Count {
    type Error = PyErr;

    fn extract(object: Borrowed<'a, 'py, PyAny>) -> PyResult<Self> {
        match object.extract::<usize>() {
            Ok(count) => Ok(Self(count)),
            Err(error) if !error.is_instance_of::<PyOverflowError>(object.py()) => Err(error),
            Err(_) if object.lt(0)? => {
                let number = call::text(&object)?;
                Err(invalid(object.py(), format!("a count is not negative; got {number}")))
            }
            Err(_) => Ok(Self(usize::MAX)),
        }
    }
}
