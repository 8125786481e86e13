//! What fires a task, and what a firing is answered with.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What fires a task. Any task can be fired by hand as well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// [`Task::fire`](crate::Task::fire) and nothing else.
    #[default]
    Manual,
    /// Once, so long after the registration; the task unregisters itself when that instance has finished (F5).
    After(Duration),
    /// Again and again: first so long after the registration, then so long apart by schedule (F5).
    Every(Duration),
    /// Whenever the host raises an event of this name (F6).
    Event(Arc<str>),
}

impl Trigger {
    /// The task is fired by hand.
    pub fn manual() -> Self {
        Trigger::Manual
    }

    /// The task is fired once, `delay` after it was registered.
    pub fn after(delay: Duration) -> Self {
        Trigger::After(delay)
    }

    /// The task is fired every `period`, the first time one period after it was registered.
    ///
    /// The periods are counted from the scheduled moments, not from the actual ones, so a late firing does not shift
    /// those after it. A firing that is late by more than a period is merged with those it overran.
    pub fn every(period: Duration) -> Self {
        Trigger::Every(period)
    }

    /// The task is fired by [`Host::raise_event`](crate::Host::raise_event) with this name.
    pub fn event(name: impl Into<Arc<str>>) -> Self {
        Trigger::Event(name.into())
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trigger::Manual => f.write_str("by hand"),
            Trigger::After(delay) => write!(f, "once, {delay:?} after the registration"),
            Trigger::Every(period) => write!(f, "every {period:?}"),
            Trigger::Event(name) => write!(f, "by the event {name:?}"),
        }
    }
}

/// What became of a firing that was accepted (F1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FireAnswer {
    /// A worker that is free has been handed the instance.
    Started,
    /// The instance is Pending.
    Waiting(WaitingFor),
    /// The task had a Pending instance already, which carries the new details now (F4, coalesce).
    Merged,
}

/// What a Pending instance waits for; when it is several things, the first of this list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// For these conditions, in the order in which the task names them (F2).
    Conditions(Vec<Arc<str>>),
    /// For the end of a suspension of the task or the host (S1).
    Suspended,
    /// For instances of the same task to finish (F4).
    Busy,
    /// For a worker of the host (H1).
    Worker,
}

impl fmt::Display for FireAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FireAnswer::Started => f.write_str("started"),
            FireAnswer::Waiting(what) => write!(f, "waiting for {what}"),
            FireAnswer::Merged => f.write_str("merged with the instance that is pending"),
        }
    }
}

impl fmt::Display for WaitingFor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WaitingFor::Conditions(names) => write!(f, "the conditions {}", names.join(", ")),
            WaitingFor::Suspended => f.write_str("the end of a suspension"),
            WaitingFor::Busy => f.write_str("instances of the same task to finish"),
            WaitingFor::Worker => f.write_str("a worker"),
        }
    }
}
