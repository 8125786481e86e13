//! `backstay.Group`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::mine::Mine;
use crate::shelf::Shelf;
use crate::task::Task;

#[pyclass(frozen, module = "backstay", name = "Group")]
pub(crate) struct Group {
    group: Mine<backstay::Group>,
    shelf: Arc<Shelf>,
}

impl Group {
    pub(crate) fn new(group: backstay::Group, shelf: Arc<Shelf>) -> Self {
        Self { group: Mine::new(group), shelf }
    }
}

#[pymethods]
impl Group {
    #[getter]
    fn name(&self) -> &str {
        self.group.anywhere().name()
    }

    fn get_task(&self, py: Python<'_>, name: &str) -> PyResult<Option<Task>> {
        let found = self.group.get(py)?.task(name);
        Ok(found.map(|task| Task::new(task, Arc::clone(&self.shelf))))
    }

    fn tasks<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        tasks(py, self.group.get(py)?.tasks(), &self.shelf)
    }

    fn __repr__(&self) -> String {
        format!("<backstay.Group({:?})>", self.group.anywhere().name())
    }
}

pub(crate) fn tasks<'py>(
    py: Python<'py>,
    tasks: Vec<backstay::Task>,
    shelf: &Arc<Shelf>,
) -> PyResult<Bound<'py, PyTuple>> {
    let made = tasks.into_iter().map(|task| Py::new(py, Task::new(task, Arc::clone(shelf))));
    PyTuple::new(py, made.collect::<PyResult<Vec<_>>>()?)
}
