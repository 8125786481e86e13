//! What the Python extension needs of the table: handles for objects of the core that it holds.

use backstay::Instance;

pub use super::guard::{forks, is_forked};
use super::{insert, release};
use crate::instance::InstanceObject;

/// A handle that the binding lends out and ends itself, by dropping this.
#[derive(Debug)]
pub struct BorrowedHandle(u64);

impl BorrowedHandle {
    /// A handle to this instance, good until the answer is dropped; `None` when handles ran out.
    pub fn of(instance: &Instance) -> Option<Self> {
        insert(InstanceObject::new(instance.clone())).ok().map(Self)
    }

    /// The value that C code is given.
    pub fn value(&self) -> u64 {
        self.0
    }
}

impl Drop for BorrowedHandle {
    fn drop(&mut self) {
        // Fails only when the receiver released what it had borrowed; then there is nothing left to end.
        let _ = release::<InstanceObject>(self.0);
    }
}
