//! What handlers are told and waits give: completions, progress, events. They are frozen dataclasses of the Python half,
//! whose fields are made when somebody looks: most look at one or two.
//!
//! Invariants:
//!
//! 1. What is told does not change, so a field is the same whenever it is made. Those that would be another object each
//!    time are kept in the object's dictionary, where a dataclass has its fields.
//! 2. Nothing of it is an object of Python, which the garbage collector would not see here: the fields of a completion
//!    that has one are made at once.
//! 3. A look takes no lock, so a child made by fork may look at what its parent was told.

use std::sync::{Arc, OnceLock};

use backstay::{Completion, InstanceEvent, Progress, TaskError};
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyTuple, PyType};

use crate::errors::Original;
use crate::instance::Instance;
use crate::mine::Mine;
use crate::results::{holder, made, names, seconds, tuple};
use crate::{call, words};

/// The base of these classes. In an object that Python makes there is nothing: that has its fields from the beginning.
#[pyclass(frozen, subclass, module = "backstay._lib", name = "_Told")]
pub(crate) struct Told(OnceLock<Mine<What>>);

enum What {
    Completion(Arc<Completion>),
    Progress(Progress),
    Event(Box<InstanceEvent>),
}

pub(crate) fn completion(py: Python<'_>, done: Arc<Completion>) -> PyResult<Bound<'_, PyAny>> {
    if done.error.as_ref().is_some_and(|error| error.payload().is_some()) {
        let fields = PyDict::new(py);
        for name in fields_of(words::completion_class(py)?)? {
            fields.set_item(&name, of_completion(py, &done, &name.to_cow()?)?)?;
        }
        return made(words::completion_class(py)?, &fields);
    }
    told(words::new_completion(py)?, What::Completion(done))
}

/// The same for a handler, which is only shown it.
pub(crate) fn completed<'py>(py: Python<'py>, done: &Completion) -> PyResult<Bound<'py, PyAny>> {
    completion(py, Arc::new(done.clone()))
}

pub(crate) fn progress<'py>(py: Python<'py>, progress: &Progress) -> PyResult<Bound<'py, PyAny>> {
    told(words::new_progress(py)?, What::Progress(progress.clone()))
}

pub(crate) fn event<'py>(py: Python<'py>, event: &InstanceEvent) -> PyResult<Bound<'py, PyAny>> {
    told(words::new_event(py)?, What::Event(Box::new(event.clone())))
}

/// The names of the fields of a dataclass, in their order.
fn fields_of<'py>(class: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyString>>> {
    class.getattr("__dataclass_fields__")?.try_iter()?.map(|name| Ok(name?.cast_into()?)).collect()
}

/// An object of the class in the tuple.
fn told<'py>(class: &Bound<'py, PyTuple>, what: What) -> PyResult<Bound<'py, PyAny>> {
    let object = call::call(words::new_told(class.py())?, class, None)?;
    // It has just been made, so there is nothing in it.
    let _ = object.cast::<Told>()?.get().0.set(Mine::new(what));
    Ok(object)
}

#[pymethods]
impl Told {
    #[new]
    #[pyo3(signature = (*_values, **_named))]
    fn new(_values: &Bound<'_, PyTuple>, _named: Option<&Bound<'_, PyDict>>) -> Self {
        Self(OnceLock::new())
    }

    /// For `copy` and `pickle`: the class and its arguments.
    fn __reduce__<'py>(this: &Bound<'py, Self>) -> PyResult<(Bound<'py, PyType>, Bound<'py, PyTuple>)> {
        let class = this.get_type();
        let values = fields_of(&class)?.into_iter().map(|name| this.getattr(name));
        let values = PyTuple::new(this.py(), values.collect::<PyResult<Vec<_>>>()?)?;
        Ok((class, values))
    }
}

/// One field of a class, as long as an object does not have it itself.
#[pyclass(frozen, module = "backstay._lib", name = "_Later")]
struct Later {
    name: Py<PyString>,
    text: String,
    is_kept: bool,
}

#[pymethods]
impl Later {
    fn __get__<'py>(
        &self,
        object: &Bound<'py, PyAny>,
        _class: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = object.py();
        // Neither the class has it, nor an object that was not told.
        let what = object.cast::<Told>().ok().and_then(|told| told.get().0.get());
        let what = what.ok_or_else(|| PyAttributeError::new_err(self.text.clone()))?;
        let value = match what.anywhere() {
            What::Completion(done) => of_completion(py, done, &self.text)?,
            What::Progress(progress) => of_progress(py, what, progress, &self.text)?,
            What::Event(event) => of_event(py, what, event, &self.text)?,
        };
        if self.is_kept {
            object.getattr("__dict__")?.cast::<PyDict>()?.set_item(&self.name, &value)?;
        }
        Ok(value)
    }
}

/// Decorates a dataclass that is told.
#[pyfunction]
pub(crate) fn _made_later(class: Bound<'_, PyType>) -> PyResult<Bound<'_, PyType>> {
    for name in fields_of(&class)? {
        let text = name.to_cow()?.into_owned();
        let is_kept =
            matches!(&*text, "instance" | "instance_id" | "dropped" | "holders" | "conditions" | "text");
        class.setattr(&name, Later { name: name.clone().unbind(), text, is_kept })?;
    }
    Ok(class)
}

fn of_completion<'py>(py: Python<'py>, done: &Completion, name: &str) -> PyResult<Bound<'py, PyAny>> {
    let error = done.error.as_ref();
    let original = || error?.payload()?.downcast_ref::<Original>();
    Ok(match name {
        "instance_id" => words::uuid(py, done.instance_id)?,
        "task" => PyString::new(py, &done.task).into_any(),
        "group" => done.group.as_deref().into_pyobject(py)?,
        "outcome" => words::outcome(py, done.outcome as u32)?,
        "canceled" => words::reason(py, done.canceled)?,
        "error" => error.map(TaskError::text).into_pyobject(py)?,
        "error_type" => error.map(TaskError::type_name).into_pyobject(py)?,
        "exception" => original().map(|kept| kept.get().clone_ref(py)).into_pyobject(py)?.into_any(),
        "dropped" => tuple(py, &done.dropped, holder)?.into_any(),
        "holders" => tuple(py, &done.holders, holder)?.into_any(),
        "progress" => done.progress.into_pyobject(py)?.into_any(),
        "suspended_count" => done.suspended_count.into_pyobject(py)?.into_any(),
        "noticed_after" => seconds(done.noticed_after).into_pyobject(py)?,
        "pending_for" => done.pending_for.as_secs_f64().into_pyobject(py)?.into_any(),
        "ran_for" => done.ran_for.as_secs_f64().into_pyobject(py)?.into_any(),
        unknown => return Err(PyAttributeError::new_err(unknown.to_owned())),
    })
}

fn of_progress<'py>(
    py: Python<'py>,
    what: &Mine<What>,
    progress: &Progress,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match name {
        "instance" => Instance::of(what.beside(progress.instance.clone())).into_pyobject(py)?.into_any(),
        "progress" => progress.progress.into_pyobject(py)?.into_any(),
        unknown => return Err(PyAttributeError::new_err(unknown.to_owned())),
    })
}

fn of_event<'py>(
    py: Python<'py>,
    what: &Mine<What>,
    event: &InstanceEvent,
    name: &str,
) -> PyResult<Bound<'py, PyAny>> {
    Ok(match name {
        "kind" => words::event_kind(py, event.kind as u32)?,
        "instance" => Instance::of(what.beside(event.instance.clone())).into_pyobject(py)?.into_any(),
        "instance_id" => words::uuid(py, event.instance_id)?,
        "task" => PyString::new(py, &event.task).into_any(),
        "group" => event.group.as_deref().into_pyobject(py)?,
        "conditions" => names(py, &event.conditions)?.into_any(),
        "reason" => words::reason(py, event.reason)?,
        "outcome" => match event.outcome {
            Some(outcome) => words::outcome(py, outcome as u32)?,
            None => py.None().into_bound(py),
        },
        "progress" => event.progress.into_pyobject(py)?,
        "label" => event.label.as_deref().into_pyobject(py)?,
        "text" => PyString::new(py, &event.to_string()).into_any(),
        unknown => return Err(PyAttributeError::new_err(unknown.to_owned())),
    })
}
