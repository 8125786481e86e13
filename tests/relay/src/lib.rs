//! The Python module `relay_rust`: the carriers of Rust, in the very copy of the library that the Python package is.
//!
//! The package's compiled half is a part of this module (`compiled_half.py` puts it in its place), so its threads hold
//! deferrals as Rust does, not by the table of C functions.

mod office;

use std::thread::{self, JoinHandle};

use backstay::{
    CancelReason, Completion, Deferral, Host, Instance, Language, State, Status, TaskBuilder, TaskError,
};
use backstay_ffi::across::{Owned as _, Shared as _};
use backstay_ffi::{backstay_deferral, backstay_host, backstay_instance};
use parking_lot::Mutex;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use office::{Addresses, Office, Parcel, act};

static THREADS: Mutex<Vec<JoinHandle<()>>> = Mutex::new(Vec::new());

/// Takes a deferral of the instance, whose dup was made for us.
fn take(office: Office, parcel: &Parcel) -> Result<(), Wrong> {
    let handle = backstay_instance { id: parcel.handle };
    let instance = Instance::from_handle(handle)?;
    backstay_ffi::backstay_instance_release(handle);
    match instance.get_deferral(parcel.number.to_string()) {
        Ok(deferral) => office.taken(parcel.number, Status::Ok, deferral.detach()?),
        Err(error) => office.taken(parcel.number, error.status(), backstay_deferral { id: 0 }),
    }
    Ok(())
}

/// Reports say that Rust has it, and who took it; of an instance that was abandoned meanwhile, who had it then.
fn look(parcel: &Parcel, deferral: &Deferral) -> Result<(), Wrong> {
    let holder = deferral.holder().ok_or("it holds nothing")?;
    let is_ours = holder.language == Language::Rust || deferral.instance().state() == State::Finished;
    let is_right =
        is_ours && holder.label == parcel.number.to_string() && holder.site.language as u32 == parcel.taker;
    if is_right { Ok(()) } else { Err(format!("the holder is another: {holder}").into()) }
}

fn carry(office: Office, parcel: &Parcel) -> Result<(), Wrong> {
    let deferral = Deferral::from_handle(backstay_deferral { id: parcel.handle })?;
    look(parcel, &deferral)?;
    let asks = |act| parcel.acts & act != 0;
    if asks(act::NOTE) {
        deferral.set_note("in Rust");
    }
    if asks(act::CANCEL) {
        deferral.instance().cancel(CancelReason::Abort);
    }
    if asks(act::CHECKPOINT) {
        deferral.instance().checkpoint();
    }
    if !asks(act::COMPLETE | act::FAIL | act::DROP) {
        office.pass(parcel.number, deferral.detach()?);
        return Ok(());
    }
    let (mut status, mut again) = (Status::Ok, Status::AlreadyCompleted);
    if asks(act::DROP) {
        drop(deferral);
    } else {
        status = if asks(act::COMPLETE) {
            deferral.complete()
        } else {
            deferral.fail(TaskError::new("on purpose"))
        };
        if asks(act::AGAIN) {
            again = deferral.complete();
        }
    }
    office.ended(parcel.number, status, again);
    Ok(())
}

/// What is not as it should be, in words.
type Wrong = Box<dyn std::error::Error>;

fn work(office: Office) {
    while let Some(parcel) = office.receive() {
        let done = if parcel.is_to_take() { take(office, &parcel) } else { carry(office, &parcel) };
        if let Err(wrong) = done {
            office.wrong(parcel.number, &wrong.to_string());
        }
    }
}

/// The details are the number of the instance.
fn run(office: Office, instance: &Instance) -> Result<(), TaskError> {
    let details = instance.details();
    let number =
        details.as_text().and_then(|text| text.parse().ok()).ok_or_else(|| TaskError::new("no number"))?;
    let guard = instance.get_deferral("guard")?.detach()?;
    office.open(number, instance.handle()?.get(), guard);
    Ok(())
}

fn host_of(handle: u64) -> PyResult<Host> {
    Host::from_handle(backstay_host { id: handle }).map_err(told)
}

fn told(error: impl std::error::Error) -> PyErr {
    PyRuntimeError::new_err(error.to_string())
}

/// Registers two tasks and begins so many threads.
#[pyfunction]
fn carry_in_rust(host: u64, threads: usize, addresses: Addresses) -> PyResult<()> {
    let (host, office) = (host_of(host)?, Office::at(addresses));
    // One whose instances are never given up, and one whose instances may be: their grace is short.
    for (name, grace) in
        [("patient Rust", std::time::Duration::MAX), ("hasty Rust", std::time::Duration::from_nanos(1))]
    {
        let builder = TaskBuilder::new(name).grace(grace).run(move |instance| run(office, instance));
        builder.register(&host).map_err(told)?;
    }
    THREADS.lock().extend((0..threads).map(|_| thread::spawn(move || work(office))));
    Ok(())
}

/// Hears of every completion.
#[pyfunction]
fn listen_in_rust(host: u64, addresses: Addresses) -> PyResult<()> {
    let office = Office::at(addresses);
    for task in host_of(host)?.tasks() {
        // Attached until the task ends.
        let _ = task.on_completed(move |done: &Completion| office.completed(done.instance_id.as_bytes()));
    }
    Ok(())
}

#[pyfunction]
fn join(py: Python<'_>) -> PyResult<()> {
    let threads = std::mem::take(&mut *THREADS.lock());
    // Each is waited for, also behind one that panicked.
    let panicked = py.detach(|| threads.into_iter().filter_map(|thread| thread.join().err()).count());
    if panicked == 0 { Ok(()) } else { Err(PyRuntimeError::new_err("a carrier of Rust panicked")) }
}

#[pymodule]
fn relay_rust(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(carry_in_rust, module)?)?;
    module.add_function(wrap_pyfunction!(listen_in_rust, module)?)?;
    module.add_function(wrap_pyfunction!(join, module)?)?;
    module.add_wrapped(pyo3::wrap_pymodule!(_lib::_lib))
}
