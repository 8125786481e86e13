//! The one way in which our Rust calls code of Python: with a belt.
//!
//! Before 3.14, `CPython` ends a thread that wants the interpreter back while that is going down by `pthread_exit`, which
//! unwinds the thread by force. A forced unwind that meets a frame of Rust aborts the process. pyo3 keeps it from its
//! own attaching and detaching, but not from a C function in which bytecode runs: there the interpreter changes hands
//! between any two instructions. So each of those few functions is called from below a guard that never returns, and
//! the thread stands still instead, as it does from 3.14 on.
//!
//! Invariants:
//!
//! 1. Whatever may run bytecode (a call, an attribute, `str`, a comparison, a warning, the end of an object) goes
//!    through this module, on threads of ours and on Python's own daemon threads alike.
//! 2. The belt is the innermost frame of Rust: what it calls is C, by a pointer of which the compiler knows nothing.
//!    By name it could be merged with the declaration of pyo3, which promises that nothing unwinds, and lose its belt.
//! 3. A thread that stands still holds no lock: none is held while Python runs (`gate`, 3).
#![allow(unsafe_code)] // C functions of the interpreter, declared so that they may unwind; pyo3 declares them otherwise.

use std::ffi::{CString, c_char, c_int};
use std::fs::File;
use std::hint::black_box;
use std::io::Write;
use std::marker::PhantomData;
use std::os::fd::AsFd;
use std::ptr::NonNull;

use pyo3::exceptions::PyImportError;
use pyo3::ffi::{PyGILState_STATE, PyObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyCapsule, PyDict, PyString, PyTuple, PyType};

unsafe extern "C-unwind" {
    fn PyObject_Call(
        function: *mut PyObject,
        arguments: *mut PyObject,
        named: *mut PyObject,
    ) -> *mut PyObject;
    fn PyObject_GetAttr(object: *mut PyObject, name: *mut PyObject) -> *mut PyObject;
    fn PyObject_Str(object: *mut PyObject) -> *mut PyObject;
    fn PyObject_IsTrue(object: *mut PyObject) -> c_int;
    fn PyObject_IsInstance(object: *mut PyObject, class: *mut PyObject) -> c_int;
    fn PyObject_RichCompareBool(left: *mut PyObject, right: *mut PyObject, how: c_int) -> c_int;
    fn PyEval_GetFrame() -> *mut PyObject;
    fn PyImport_Import(name: *mut PyObject) -> *mut PyObject;
    fn PyErr_WarnEx(category: *mut PyObject, text: *const c_char, level: isize) -> c_int;
    fn PyErr_WriteUnraisable(object: *mut PyObject);
    fn Py_DecRef(object: *mut PyObject);
    fn PyGILState_Ensure() -> PyGILState_STATE;
    fn PyGILState_Release(state: PyGILState_STATE);
}

unsafe extern "C" {
    fn _exit(status: c_int) -> !;
}

/// Stands still for good when it is dropped, which is only when the thread is unwound by force.
struct Belt;

impl Drop for Belt {
    fn drop(&mut self) {
        loop {
            std::thread::park();
        }
    }
}

/// Makes one call of C below the belt. Never inlined: the guards of its callers would be unwound first.
#[inline(never)]
fn belted<R: Copy>(call: impl Fn() -> R) -> R {
    let belt = Belt;
    let answer = call();
    std::mem::forget(belt);
    answer
}

/// What a function of C gave back: a new reference, or NULL with an exception set.
fn given(py: Python<'_>, answer: *mut PyObject) -> PyResult<Bound<'_, PyAny>> {
    // SAFETY: all functions that are passed here give back a reference of the caller's, or NULL and an exception.
    unsafe { Bound::from_owned_ptr_or_err(py, answer) }
}

/// What a function of C answered: 1, 0, or -1 with an exception set.
fn answered(py: Python<'_>, answer: c_int) -> PyResult<bool> {
    if answer < 0 { Err(PyErr::fetch(py)) } else { Ok(answer != 0) }
}

/// Calls `function(*arguments, **named)`.
pub(crate) fn call<'py>(
    function: &Bound<'py, PyAny>,
    arguments: &Bound<'py, PyTuple>,
    named: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let call = black_box(PyObject_Call as unsafe extern "C-unwind" fn(_, _, _) -> _);
    let named = named.map_or(std::ptr::null_mut(), Bound::as_ptr);
    let (callee, arguments) = (function.as_ptr(), arguments.as_ptr());
    // SAFETY: attached, as the bound references prove; they live through the call, and NULL is no named arguments.
    given(function.py(), belted(|| unsafe { call(callee, arguments, named) }))
}

/// Calls `function(*arguments)` with a tuple of Rust.
pub(crate) fn with<'py, A>(function: &Bound<'py, PyAny>, arguments: A) -> PyResult<Bound<'py, PyAny>>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
{
    let arguments = arguments.into_pyobject(function.py()).map_err(Into::into)?;
    call(function, &arguments, None)
}

/// Calls `object.name(*arguments)`.
pub(crate) fn method<'py, A>(
    object: &Bound<'py, PyAny>,
    name: &str,
    arguments: A,
) -> PyResult<Bound<'py, PyAny>>
where
    A: IntoPyObject<'py, Target = PyTuple, Output = Bound<'py, PyTuple>>,
{
    with(&attribute(object, name)?, arguments)
}

/// `object.name`
pub(crate) fn attribute<'py>(object: &Bound<'py, PyAny>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let get = black_box(PyObject_GetAttr as unsafe extern "C-unwind" fn(_, _) -> _);
    let name = PyString::intern(object.py(), name);
    let (owner, named) = (object.as_ptr(), name.as_ptr());
    // SAFETY: attached, as the bound references prove; they live through the call.
    given(object.py(), belted(|| unsafe { get(owner, named) }))
}

/// The frame of the Python code that runs, or that called what runs; `None` where there is none.
pub(crate) fn frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    let get = black_box(PyEval_GetFrame as unsafe extern "C-unwind" fn() -> _);
    // SAFETY: attached, as the token proves.
    let frame = belted(|| unsafe { get() });
    // SAFETY: NULL, or a reference of the interpreter's, which has it for as long as the code runs that called us.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, frame) }
}

/// The module `name`, as `importlib.import_module` gives it.
pub(crate) fn import<'py>(py: Python<'py>, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let import = black_box(PyImport_Import as unsafe extern "C-unwind" fn(_) -> _);
    let name = PyString::intern(py, name);
    let named = name.as_ptr();
    // SAFETY: attached, as the bound reference proves; it lives through the call.
    given(py, belted(|| unsafe { import(named) }))
}

/// What `make` gives, made when it is first asked for and kept for good.
///
/// Nothing is locked while it is made, as `PyOnceLock::get_or_try_init` would do: a thread that stands still in `make`,
/// or one that a child of a fork does not have, would keep all others out. Two threads may make it, and one wins.
pub(crate) fn once<'py, T>(
    py: Python<'py>,
    cell: &'static PyOnceLock<Py<T>>,
    make: impl FnOnce() -> PyResult<Bound<'py, T>>,
) -> PyResult<&'py Bound<'py, T>> {
    if let Some(kept) = cell.get(py) {
        return Ok(kept.bind(py));
    }
    // Not `get_or_init`, which detaches and attaches again under the lock of the cell. Attached all the while, no other
    // thread can fork through Python meanwhile. Who comes second finds it set.
    let _ = cell.set(py, make()?.unbind());
    Ok(cell.get(py).unwrap_or_else(|| unreachable!("it was set a line above")).bind(py))
}

/// `str(object)`
pub(crate) fn text(object: &Bound<'_, PyAny>) -> PyResult<String> {
    let text = black_box(PyObject_Str as unsafe extern "C-unwind" fn(_) -> _);
    let pointer = object.as_ptr();
    // SAFETY: attached, as the bound reference proves; it lives through the call.
    let text = given(object.py(), belted(|| unsafe { text(pointer) }))?;
    // A text with half of a surrogate pair is told with a replacement, not refused.
    Ok(text.cast::<PyString>()?.to_string_lossy().into_owned())
}

/// `bool(object)`
pub(crate) fn truth(object: &Bound<'_, PyAny>) -> PyResult<bool> {
    let truth = black_box(PyObject_IsTrue as unsafe extern "C-unwind" fn(_) -> _);
    let pointer = object.as_ptr();
    // SAFETY: attached, as the bound reference proves; it lives through the call.
    answered(object.py(), belted(|| unsafe { truth(pointer) }))
}

/// `isinstance(object, class)`
pub(crate) fn is_instance(object: &Bound<'_, PyAny>, class: &Bound<'_, PyAny>) -> PyResult<bool> {
    let is_instance = black_box(PyObject_IsInstance as unsafe extern "C-unwind" fn(_, _) -> _);
    let (pointer, class) = (object.as_ptr(), class.as_ptr());
    // SAFETY: attached, as the bound references prove; they live through the call.
    answered(object.py(), belted(|| unsafe { is_instance(pointer, class) }))
}

/// `left == right`
pub(crate) fn equal(left: &Bound<'_, PyAny>, right: &Bound<'_, PyAny>) -> PyResult<bool> {
    let compare = black_box(PyObject_RichCompareBool as unsafe extern "C-unwind" fn(_, _, _) -> _);
    let (one, other) = (left.as_ptr(), right.as_ptr());
    // SAFETY: attached, as the bound references prove; they live through the call.
    answered(left.py(), belted(|| unsafe { compare(one, other, pyo3::ffi::Py_EQ) }))
}

/// Warns, with so many levels of the stack to the code that is to blame. Where warnings are errors, that is the answer.
pub(crate) fn warn(category: &Bound<'_, PyType>, text: &str, level: isize) -> PyResult<()> {
    let warn = black_box(PyErr_WarnEx as unsafe extern "C-unwind" fn(_, _, _) -> _);
    let text = CString::new(text.replace('\0', " ")).unwrap_or_default();
    let (class, said) = (category.as_ptr(), text.as_ptr());
    // SAFETY: attached, as the bound reference proves; it lives through the call, and so does the text, which ends in
    // a zero.
    answered(category.py(), belted(|| unsafe { warn(class, said, level) })).map(drop)
}

/// Gives an exception that nobody can catch to `sys.unraisablehook` (E5), with what raised it.
pub(crate) fn unraisable(py: Python<'_>, error: PyErr, raiser: Option<&Bound<'_, PyAny>>) {
    let write = black_box(PyErr_WriteUnraisable as unsafe extern "C-unwind" fn(_));
    let raiser = raiser.map_or(std::ptr::null_mut(), Bound::as_ptr);
    error.restore(py);
    // SAFETY: attached, as the token proves, and an exception is set; a bound reference or NULL is passed.
    belted(|| unsafe { write(raiser) });
}

/// Ends a reference that may be an object's last: an object that dies may run code (`__del__`, a weak reference).
pub(crate) fn discard<T>(object: Bound<'_, T>) {
    let end = black_box(Py_DecRef as unsafe extern "C-unwind" fn(_));
    let pointer = object.into_ptr();
    // SAFETY: attached, as the bound reference proved, which was a reference of ours and was given up for this one.
    belted(|| unsafe { end(pointer) });
}

/// The same for an exception and all that its traceback holds.
pub(crate) fn discard_error(py: Python<'_>, error: PyErr) {
    discard(error.into_value(py).into_bound(py));
}

/// Keeps the calling thread attached, and that thread only; detaches it when it is dropped.
pub(crate) struct Attached(PyGILState_STATE, PhantomData<*const ()>);

/// Attaches the calling thread, whatever it is; `None` before the interpreter is there and after it is gone.
///
/// pyo3 would do the same. But the state that a thread of ours has in the interpreter ends with its detaching, and with
/// it what `threading` keeps there, which runs code.
pub(crate) fn attach() -> Option<Attached> {
    // SAFETY: may be called at any time.
    if unsafe { pyo3::ffi::Py_IsInitialized() } == 0 {
        return None;
    }
    let attach = black_box(PyGILState_Ensure as unsafe extern "C-unwind" fn() -> _);
    // SAFETY: the interpreter is there. One that goes down from here on ends the thread, which the belt takes.
    Some(Attached(belted(|| unsafe { attach() }), PhantomData))
}

impl Drop for Attached {
    fn drop(&mut self) {
        let detach = black_box(PyGILState_Release as unsafe extern "C-unwind" fn(_));
        let state = self.0;
        // SAFETY: answers the one call that gave the state, on the same thread, since the type is not sent; what was
        // attached in between has been detached.
        belted(|| unsafe { detach(state) });
    }
}

/// Refuses every interpreter but the main one: two would share the one core, and one's objects would be called and
/// dropped in the other. From 3.12 on pyo3 refuses most of them itself.
pub(crate) fn refuse_subinterpreters(_attached: Python<'_>) -> PyResult<()> {
    // SAFETY: attached, as the token proves; neither function fails then.
    let number = unsafe { pyo3::ffi::PyInterpreterState_GetID(pyo3::ffi::PyInterpreterState_Get()) };
    if number == 0 {
        return Ok(());
    }
    Err(PyImportError::new_err(
        "backstay cannot be imported in a subinterpreter; import it in the main interpreter",
    ))
}

/// The capsule by which C extensions find the table of the C functions. Its pointer is the table itself, which no end
/// of an object or an interpreter frees: threads of an extension may use it to the end of the process.
pub(crate) fn table_of_c(py: Python<'_>) -> PyResult<Bound<'_, PyCapsule>> {
    let table = NonNull::from(&backstay_ffi::API).cast();
    // SAFETY: a static, which is only read.
    unsafe { PyCapsule::new_with_pointer(py, table, c"backstay._C_API") }
}

/// Ends the process at once, without exit hooks, after this last text on its standard error.
pub(crate) fn end_process(status: c_int, text: &str) -> ! {
    // Not by `eprintln`, whose lock a thread may have held that a child of a fork does not have.
    if let Ok(error) = std::io::stderr().as_fd().try_clone_to_owned() {
        let _ = File::from(error).write_all(text.as_bytes());
    }
    // SAFETY: may be called at any time, and does not return.
    unsafe { _exit(status) }
}
