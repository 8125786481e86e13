//! The plainest call from Python into Rust: a method that does nothing and an attribute that is nothing.
//!
//! What backstay's calls cost is told as a multiple of these (P3).

use pyo3::prelude::*;

/// Frozen, as the classes of backstay are: an object that can change would be borrowed for each call.
#[pyclass(frozen)]
struct Trivial;

#[pymethods]
impl Trivial {
    #[new]
    fn new() -> Self {
        Self
    }

    /// Gives None.
    #[allow(clippy::unused_self)] // A method is what is measured.
    fn trivial(&self) {}

    /// Is None.
    #[getter]
    #[allow(clippy::unused_self)] // The same.
    fn nothing(&self) -> Option<u32> {
        None
    }
}

#[pymodule]
fn trivial(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Trivial>()
}
