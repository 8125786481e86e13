//! Locks, condition variables, atomics, threads and what is local to them, as the mechanisms of floor 1 use them.
//!
//! They are taken from here and from nowhere else, so that the model checker can put its own in their place
//! (`tests/models` compiles the very same files against another `sync`).

pub(crate) use std::sync::atomic;
pub(crate) use std::{thread, thread_local};

pub(crate) use crate::locks::{Condvar, Mutex, MutexGuard};
