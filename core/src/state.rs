//! Where things are in their lives, in plain words.

use std::fmt;

/// Where an instance is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum State {
    /// Fired, not started: it waits for a worker, a condition, a resume, or another instance to finish.
    Pending = 0,
    /// Its entry point executes, or a deferral keeps it.
    Running = 1,
    /// It ended; outcome and counters are final.
    Finished = 2,
}

/// How an instance ended. When several apply, the one further down in this list is told (L6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Outcome {
    /// It did what it was to do.
    Succeeded = 0,
    /// It was asked to stop, reported no error, and was done within its grace (C8).
    Canceled = 1,
    /// Its entry point or one of its deferrals reported an error (L6, L7).
    Failed = 2,
    /// It was asked to stop and was still held when its grace was over (C6).
    Abandoned = 3,
}

/// Where a host is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum HostState {
    /// It takes tasks and firings.
    Open = 0,
    /// It takes nothing new and waits for what is alive (H2).
    Draining = 1,
    /// Nothing is alive any more.
    Closed = 2,
}

macro_rules! displays_as_its_name {
    ($($type:ty),*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(self, f)
            }
        }
    )*};
}

displays_as_its_name!(State, Outcome, HostState);
