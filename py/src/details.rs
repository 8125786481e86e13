//! Details (F7): Python values that every language can read, or objects that only Python can.

use backstay::Details;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBool, PyBytes, PyDict, PyFloat, PyInt, PyList, PyString};

use crate::gate::Kept;
use crate::{call, words};

const JSON: &str = "application/json";
const BYTES: &str = "application/octet-stream";

/// The details for what Python fires with, if it does with anything.
pub(crate) fn given(value: Option<Bound<'_, PyAny>>) -> PyResult<Details> {
    value.map_or_else(|| Ok(Details::none()), |value| from_python(&value))
}

fn from_python(value: &Bound<'_, PyAny>) -> PyResult<Details> {
    let py = value.py();
    if value.is_none() {
        return Ok(Details::none());
    }
    // A text with half of a surrogate pair, such as the name of a file, is a text in Python only.
    if let Ok(text) = value.cast_exact::<PyString>()
        && let Ok(text) = text.to_cow()
    {
        return Ok(Details::text(text));
    }
    if let Ok(bytes) = value.cast_exact::<PyBytes>() {
        return Ok(Details::bytes(BYTES, bytes.as_bytes()));
    }
    if is_json_like(value)
        && let Some(json) = json(value)?
    {
        return Ok(Details::bytes(JSON, json));
    }
    let object = if value.is_instance(words::opaque_class(py)?)? {
        call::attribute(value, "value")?
    } else {
        value.clone()
    };
    Ok(Details::opaque(Kept::new(object.unbind())))
}

fn is_json_like(value: &Bound<'_, PyAny>) -> bool {
    value.is_exact_instance_of::<PyList>()
        || value.is_exact_instance_of::<PyDict>()
        || value.is_exact_instance_of::<PyInt>()
        || value.is_exact_instance_of::<PyFloat>()
        || value.is_exact_instance_of::<PyBool>()
}

/// The value as ASCII JSON, if it comes back from that as an equal value; else nothing.
fn json(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    match try_json(value) {
        // What JSON or the value's own comparison objects to is kept as an object; Ctrl-C is not for us.
        Err(error) if error.is_instance_of::<PyException>(value.py()) => Ok(None),
        answer => answer,
    }
}

fn try_json(value: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    let py = value.py();
    let options = [("allow_nan", false)].into_py_dict(py)?;
    let value_alone = (value,).into_pyobject(py)?;
    let text = call::call(words::json_dumps(py)?, &value_alone, Some(&options))?;
    let back = call::with(words::json_loads(py)?, (&text,))?;
    if call::equal(&back, value)? { Ok(Some(text.extract()?)) } else { Ok(None) }
}

/// The value that an instance's details are in Python: a new equal one, or the very object that was fired.
pub(crate) fn to_python<'py>(py: Python<'py>, details: &Details) -> PyResult<Bound<'py, PyAny>> {
    if let Some(object) = details.as_object::<Kept<PyAny>>() {
        return Ok(object.get().bind(py).clone());
    }
    if let Some(text) = details.as_text() {
        return Ok(PyString::new(py, text).into_any());
    }
    match (details.media_type(), details.as_bytes()) {
        (Some(JSON), Some(bytes)) => call::with(words::json_loads(py)?, (PyBytes::new(py, bytes),)),
        (_, Some(bytes)) => Ok(PyBytes::new(py, bytes).into_any()),
        (_, None) if details.is_none() => Ok(py.None().into_bound(py)),
        // An object of another language: it is there, but Python cannot read it.
        (_, None) => call::with(words::opaque_class(py)?, (py.None(),)),
    }
}
