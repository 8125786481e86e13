//! `backstay.Task`.

use backstay::{Completion, Progress};
use pyo3::prelude::*;

use crate::callable::Callable;
use crate::errors::raise;
use crate::instance::Instance;
use crate::subscription::Subscription;
use crate::{details, results};

#[pyclass(frozen, eq, module = "backstay", name = "Task")]
#[derive(PartialEq)]
pub(crate) struct Task {
    task: backstay::Task,
}

impl Task {
    pub(crate) fn new(task: backstay::Task) -> Self {
        Self { task }
    }
}

#[pymethods]
impl Task {
    #[getter]
    fn name(&self) -> &str {
        self.task.name()
    }

    #[getter]
    fn running(&self) -> usize {
        self.task.running()
    }

    #[getter]
    fn pending(&self) -> usize {
        self.task.pending()
    }

    #[getter]
    fn registered(&self) -> bool {
        self.task.is_registered()
    }

    #[pyo3(signature = (details=None))]
    fn fire(&self, py: Python<'_>, details: Option<Bound<'_, PyAny>>) -> PyResult<Instance> {
        let details = match details {
            Some(value) => details::from_python(&value)?,
            None => backstay::Details::none(),
        };
        self.task.fire(details).map(Instance::new).map_err(|error| raise(py, &error))
    }

    #[pyo3(signature = (cancel=false))]
    fn unregister(&self, py: Python<'_>, cancel: bool) -> PyResult<()> {
        py.detach(|| self.task.unregister(cancel)).map_err(|error| raise(py, &error))
    }

    fn on_completed(&self, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let handler = Callable::new(handler)?;
        let told = move |done: &Completion| handler.tell(|py| Ok((results::completion(py, done)?.unbind(),)));
        Ok(Subscription::new(self.task.on_completed(told)))
    }

    fn on_progress(&self, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let handler = Callable::new(handler)?;
        let told =
            move |progress: &Progress| handler.tell(|py| Ok((results::progress(py, progress)?.unbind(),)));
        Ok(Subscription::new(self.task.on_progress(told)))
    }

    fn __hash__(&self) -> u64 {
        hash(self.task.name())
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.task)
    }
}

/// Equal tasks have equal names; instances have unique ids.
pub(crate) fn hash(value: impl std::hash::Hash) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}
