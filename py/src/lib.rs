//! The compiled half of the Python package `backstay`: `backstay._lib`.
//!
//! Two borders are kept here, each by one module. `gate`: everything that calls Python from threads of ours goes
//! through it, and interpreter exit closes it. `block`: everything that blocks a Python thread goes through it,
//! detached and in slices, so that Ctrl-C is seen. No lock of the core is ever held while a thread attaches, and no
//! thread blocks while it is attached.
#![deny(unsafe_code)]
// Arguments of functions that Python calls are taken by value, as pyo3 extracts them.
#![allow(clippy::needless_pass_by_value)]
// A shelf is not `self`.
#![allow(clippy::similar_names)]

mod aio;
mod block;
mod call;
mod callable;
mod cancellation;
mod deferral;
mod details;
mod errors;
mod executor;
mod exit;
mod gate;
mod group;
mod handle;
mod held;
mod host;
mod instance;
mod lock;
mod mine;
mod options;
mod report;
mod results;
mod seconds;
mod shelf;
mod site;
mod snapshot;
mod stretch;
mod subscription;
mod task;
mod told;
mod words;

use pyo3::prelude::*;

/// `backstay._lib`; public for tests/relay, which has it inside of another module.
///
/// # Errors
/// `ImportError` in an interpreter that it refuses; what Python raises when memory is out.
#[pymodule(gil_used = false)]
pub fn _lib(module: &Bound<'_, PyModule>) -> PyResult<()> {
    call::refuse_subinterpreters(module.py())?;
    exit::refuse_successors()?;
    module.add_class::<host::Host>()?;
    module.add_class::<host::Farewell>()?;
    module.add_class::<task::Task>()?;
    module.add_class::<instance::Instance>()?;
    module.add_class::<deferral::Deferral>()?;
    module.add_class::<subscription::Subscription>()?;
    module.add_class::<group::Group>()?;
    module.add_class::<cancellation::Cancellation>()?;
    module.add_class::<executor::Job>()?;
    module.add_class::<aio::Bell>()?;
    module.add_class::<aio::Wait>()?;
    module.add_class::<aio::Reply>()?;
    module.add_class::<told::Told>()?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("_C_API", call::table_of_c(module.py())?)?;
    module.add_function(wrap_pyfunction!(host::validate, module)?)?;
    module.add_function(wrap_pyfunction!(exit::_live_handles, module)?)?;
    module.add_function(wrap_pyfunction!(told::_made_later, module)?)?;
    exit::watch(module)
}
