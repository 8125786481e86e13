//! Lines of Python source.

use backstay::{Language, Site};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::{call, words};

fn at(file: Bound<'_, PyAny>, line: Bound<'_, PyAny>) -> PyResult<Site> {
    Ok(Site { language: Language::Python, file: file.extract::<String>()?.into(), line: line.extract()? })
}

/// The line of Python code that called into the library.
pub(crate) fn caller(py: Python<'_>) -> Site {
    let look = || {
        let frame = call::with(words::get_frame(py)?, ())?;
        at(frame.getattr("f_code")?.getattr("co_filename")?, frame.getattr("f_lineno")?)
    };
    // Without a Python frame, or with a file name that is not UTF-8, the language is all there is to say.
    look().unwrap_or(Site { language: Language::Python, file: "".into(), line: 0 })
}

/// The calls that led here, as Python prints them.
pub(crate) fn stack(py: Python<'_>) -> PyResult<String> {
    let lines = call::with(words::format_stack(py)?, ())?.cast_into::<PyList>()?;
    lines.iter().map(|line| line.extract::<String>()).collect()
}

/// The line on which a function is defined, also below `functools.partial` and in an object that can be called; the
/// caller's for what has none.
pub(crate) fn definition(function: &Bound<'_, PyAny>) -> Site {
    let look = || -> PyResult<Site> {
        let mut function = function.clone();
        while !function.hasattr("__code__")? {
            let inner = if function.hasattr("func")? { "func" } else { "__call__" };
            let next = call::attribute(&function, inner)?;
            // A C function is called by itself.
            if !next.hasattr("__code__")? && !next.hasattr("func")? {
                break;
            }
            function = next;
        }
        let code = call::attribute(&function, "__code__")?;
        at(code.getattr("co_filename")?, code.getattr("co_firstlineno")?)
    };
    look().unwrap_or_else(|_: PyErr| caller(function.py()))
}
