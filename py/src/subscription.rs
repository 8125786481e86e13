//! `backstay.Subscription`.

use pyo3::prelude::*;

#[pyclass(frozen, module = "backstay", name = "Subscription")]
pub(crate) struct Subscription {
    subscription: backstay::Subscription,
}

impl Subscription {
    pub(crate) fn new(subscription: backstay::Subscription) -> Self {
        Self { subscription }
    }
}

#[pymethods]
impl Subscription {
    fn cancel(&self, py: Python<'_>) {
        py.detach(|| self.subscription.cancel());
    }

    fn __repr__(&self) -> String {
        format!("<backstay.{:?}>", self.subscription)
    }
}
