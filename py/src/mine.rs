//! Objects of the core, and the process that they belong to (H6).
//!
//! A child made by fork has its parent's objects but none of the threads, and a lock may be held in them for ever. So
//! they are neither used nor dropped there; objects that the child makes itself are as good as any.

use backstay::Error;
use backstay_ffi::interop::forks;
use pyo3::prelude::*;

use crate::errors::raise;

/// An object of the core that a Python object stands for.
pub(crate) struct Mine<T> {
    /// Gone only while it is dropped.
    object: Option<T>,
    /// How often the library had been forked when it was made.
    forks: u32,
}

impl<T> Mine<T> {
    pub(crate) fn new(object: T) -> Self {
        Self { object: Some(object), forks: forks() }
    }

    /// The object; raises Forked in a child of the process that made it.
    pub(crate) fn get(&self, py: Python<'_>) -> PyResult<&T> {
        self.here().ok_or_else(|| raise(py, &Error::Forked))
    }

    /// The object, unless this is a child of the process that made it.
    pub(crate) fn here(&self) -> Option<&T> {
        self.object.as_ref().filter(|_| self.forks == forks())
    }

    /// The object, for what takes no lock: names, ids, comparisons.
    pub(crate) fn anywhere(&self) -> &T {
        // Only drop takes it out.
        self.object.as_ref().unwrap_or_else(|| unreachable!("a dropped object is not used"))
    }

    /// Another object that the same process has.
    pub(crate) fn beside<U>(&self, object: U) -> Mine<U> {
        Mine { object: Some(object), forks: self.forks }
    }

    /// How the Python object that stands for it shows itself.
    pub(crate) fn repr(&self) -> String
    where
        T: std::fmt::Debug,
    {
        match self.here() {
            Some(object) => format!("<backstay.{object:?}>"),
            None => "<a backstay object of the parent process>".to_owned(),
        }
    }
}

impl<T> Drop for Mine<T> {
    fn drop(&mut self) {
        if self.here().is_none() {
            std::mem::forget(self.object.take());
        }
    }
}
