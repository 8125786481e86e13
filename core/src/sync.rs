//! Locks, condition variables, atomics, threads and what is local to them, as the mechanisms of floor 1 use them.
//!
//! They are taken from here and from nowhere else, so that the model checker can put its own in their place
//! (`tests/models` compiles the very same files against another `sync`).

pub(crate) use std::sync::atomic;
pub(crate) use std::{thread, thread_local};

pub(crate) use crate::locks::{Condvar, Mutex, MutexGuard};

/// How often a thread that finds nothing to do lets others run and looks again before it sleeps. To wake it costs the
/// waker more than all of these looks cost, and a machine that is busy has somebody to run meanwhile.
pub(crate) const LOOKS: u32 = 24;
