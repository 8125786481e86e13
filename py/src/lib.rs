//! The compiled half of the Python package `backstay`: `backstay._lib`.
//!
//! Two borders are kept here, each by one module. `gate`: everything that calls Python from threads of ours goes
//! through it, and interpreter exit closes it. `block`: everything that blocks a Python thread goes through it,
//! detached and in slices, so that Ctrl-C is seen. No lock of the core is ever held while a thread attaches, and no
//! thread blocks while it is attached.
#![deny(unsafe_code)]
// Arguments of functions that Python calls are taken by value, as pyo3 extracts them.
#![allow(clippy::needless_pass_by_value)]

mod block;
mod callable;
mod deferral;
mod details;
mod errors;
mod exit;
mod gate;
mod host;
mod instance;
mod results;
mod seconds;
mod site;
mod subscription;
mod task;
mod words;

use pyo3::prelude::*;
use pyo3::types::PyCapsule;

#[pymodule(gil_used = false)]
fn _lib(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<host::Host>()?;
    module.add_class::<task::Task>()?;
    module.add_class::<instance::Instance>()?;
    module.add_class::<deferral::Deferral>()?;
    module.add_class::<subscription::Subscription>()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    // PyCapsule_Import finds it by this name; the capsule's pointer is the table itself.
    let table = PyCapsule::new_with_value(module.py(), backstay_ffi::API, c"backstay._C_API")?;
    module.add("_C_API", table)?;
    module.add_function(wrap_pyfunction!(exit::_live_handles, module)?)?;
    exit::watch(module)
}
