//! The lock of this package, for a few lines at a time: that of std without its poison, since no code that may panic runs
//! under it.
//!
//! Not one of `parking_lot`: its table of waiting threads, one for the whole process, is of no use in a child made by
//! fork, and children have hosts of their own (`locks` in core says more).

use std::sync::{MutexGuard, PoisonError, TryLockError};

#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(std::sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(std::sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content, unless another thread, or this one, has it.
    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}
