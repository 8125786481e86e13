//! `backstay.Subscription`.

use pyo3::prelude::*;

use crate::block;
use crate::mine::Mine;
use crate::seconds::{Seconds, optional};

#[pyclass(frozen, module = "backstay", name = "Subscription")]
pub(crate) struct Subscription {
    subscription: Mine<backstay::Subscription>,
}

impl Subscription {
    pub(crate) fn new(subscription: backstay::Subscription) -> Self {
        Self { subscription: Mine::new(subscription) }
    }
}

#[pymethods]
impl Subscription {
    #[pyo3(signature = (timeout=None))]
    fn cancel(&self, py: Python<'_>, timeout: Option<Seconds>) -> PyResult<()> {
        let subscription = self.subscription.get(py)?;
        block::wait(py, optional(timeout), |slice| subscription.cancel_within(Some(slice)))
    }

    fn __repr__(&self) -> String {
        self.subscription.repr()
    }
}
