//! Lines of Python source.

use backstay::{Language, Site};
use pyo3::prelude::*;

use crate::words;

fn at(file: Bound<'_, PyAny>, line: Bound<'_, PyAny>) -> PyResult<Site> {
    Ok(Site { language: Language::Python, file: file.extract::<String>()?.into(), line: line.extract()? })
}

/// The line of Python code that called into the library.
pub(crate) fn caller(py: Python<'_>) -> Site {
    let look = || {
        let frame = words::get_frame(py)?.call0()?;
        at(frame.getattr("f_code")?.getattr("co_filename")?, frame.getattr("f_lineno")?)
    };
    // Without a Python frame, or with a file name that is not UTF-8, the language is all there is to say.
    look().unwrap_or(Site { language: Language::Python, file: "".into(), line: 0 })
}

/// The line on which a function is defined; the caller's for other callables.
pub(crate) fn definition(function: &Bound<'_, PyAny>) -> Site {
    let look = || {
        let code = function.getattr("__code__")?;
        at(code.getattr("co_filename")?, code.getattr("co_firstlineno")?)
    };
    look().unwrap_or_else(|_: PyErr| caller(function.py()))
}
