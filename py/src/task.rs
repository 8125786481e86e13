//! `backstay.Task`.

use std::sync::Arc;

use backstay::{Completion, Details, Error, Progress};
use pyo3::prelude::*;

use crate::callable::Callable;
use crate::errors::raise;
use crate::instance::Instance;
use crate::mine::Mine;
use crate::shelf::Shelf;
use crate::subscription::Subscription;
use crate::{details, options, results, told};

#[pyclass(frozen, eq, module = "backstay", name = "Task")]
pub(crate) struct Task {
    task: Mine<backstay::Task>,
    shelf: Arc<Shelf>,
}

impl Task {
    pub(crate) fn new(task: backstay::Task, shelf: Arc<Shelf>) -> Self {
        Self { task: Mine::new(task), shelf }
    }
}

impl Task {
    /// Fires it. Attached, if it can be: whoever detaches in a busy program waits in turn to be attached again, and that
    /// takes many times as long as a firing. No lock of the core is ever held by a thread that waits for Python.
    fn fire_it<R: Send>(
        &self,
        py: Python<'_>,
        details: Option<Bound<'_, PyAny>>,
        fire: impl FnOnce(&backstay::Task, Details) -> Result<R, Error> + Send,
    ) -> PyResult<R> {
        let (task, details) = (self.task.get(py)?, details::given(details)?);
        let fired =
            if self.shelf.fires_at_once() { fire(task, details) } else { py.detach(|| fire(task, details)) };
        fired.map_err(|error| raise(py, &error))
    }
}

impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        self.task.anywhere() == other.task.anywhere()
    }
}

#[pymethods]
impl Task {
    #[getter]
    fn name(&self) -> &str {
        self.task.anywhere().name()
    }

    #[getter]
    fn group(&self) -> Option<&str> {
        self.task.anywhere().group()
    }

    #[getter]
    fn running(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.task.get(py)?.running())
    }

    #[getter]
    fn pending(&self, py: Python<'_>) -> PyResult<usize> {
        Ok(self.task.get(py)?.pending())
    }

    #[getter]
    fn registered(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.task.get(py)?.is_registered())
    }

    #[getter]
    fn disabled(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.task.get(py)?.is_disabled())
    }

    #[getter]
    fn suspended(&self, py: Python<'_>) -> PyResult<bool> {
        Ok(self.task.get(py)?.is_suspended())
    }

    #[pyo3(signature = (details=None))]
    fn fire(&self, py: Python<'_>, details: Option<Bound<'_, PyAny>>) -> PyResult<Instance> {
        self.fire_it(py, details, backstay::Task::fire).map(Instance::new)
    }

    #[pyo3(signature = (details=None))]
    fn fire_with_answer<'py>(
        &self,
        py: Python<'py>,
        details: Option<Bound<'_, PyAny>>,
    ) -> PyResult<(Instance, Bound<'py, PyAny>)> {
        let (instance, answer) = self.fire_it(py, details, backstay::Task::fire_with_answer)?;
        Ok((Instance::new(instance), results::fire_answer(py, &answer)?))
    }

    fn explain(&self, py: Python<'_>) -> PyResult<String> {
        Ok(self.task.get(py)?.explain())
    }

    fn enable(&self, py: Python<'_>) -> PyResult<()> {
        self.task.get(py)?.enable().map_err(|error| raise(py, &error))
    }

    #[pyo3(signature = (cause=None))]
    fn suspend(&self, py: Python<'_>, cause: Option<Bound<'_, PyAny>>) -> PyResult<()> {
        let (task, cause) = (self.task.get(py)?, options::cause(cause)?);
        py.detach(|| task.suspend(cause));
        Ok(())
    }

    fn resume(&self, py: Python<'_>) -> PyResult<()> {
        let task = self.task.get(py)?;
        py.detach(|| task.resume());
        Ok(())
    }

    #[pyo3(signature = (cancel=false))]
    fn unregister(&self, py: Python<'_>, cancel: bool) -> PyResult<()> {
        let task = self.task.get(py)?;
        py.detach(|| task.unregister(cancel)).map_err(|error| raise(py, &error))
    }

    fn on_completed(&self, py: Python<'_>, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let task = self.task.get(py)?;
        let handler = Callable::handler(handler, &self.shelf)?;
        let told = move |done: &Completion| handler.tell(|py| told::completed(py, done));
        Ok(Subscription::new(task.on_completed(told)))
    }

    fn on_progress(&self, py: Python<'_>, handler: Bound<'_, PyAny>) -> PyResult<Subscription> {
        let task = self.task.get(py)?;
        let handler = Callable::handler(handler, &self.shelf)?;
        let told = move |progress: &Progress| handler.tell(|py| told::progress(py, progress));
        Ok(Subscription::new(task.on_progress(told)))
    }

    fn __hash__(&self) -> u64 {
        hash(self.task.anywhere().name())
    }

    fn __repr__(&self) -> String {
        self.task.repr()
    }
}

/// Equal tasks have equal names; instances have unique ids.
pub(crate) fn hash(value: impl std::hash::Hash) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}
