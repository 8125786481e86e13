//! What a call can be refused with, and what an entry point can fail with.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::reason::CancelReason;
use crate::state::{HostState, State};
use crate::status::Status;

/// Why a call was refused. Nothing has changed when one of these is returned.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A deferral was asked of an instance that is Pending or Finished (L3).
    #[error("a deferral can only be taken while the instance is running; this one is {state}")]
    NotRunning {
        /// What the instance is instead.
        state: State,
    },
    /// Another task of the host has the name (G1).
    #[error("the name {name:?} is taken by another task; unregister that one or choose another name")]
    NameTaken {
        /// The name that was asked for.
        name: String,
    },
    /// The task was unregistered; it takes no more firings.
    #[error("task {task:?} is no longer registered; register it again to fire it")]
    Unregistered {
        /// The task's name.
        task: String,
    },
    /// The task is busy, and its policy refuses more (F4).
    #[error(
        "task {task:?} already has {running} instances running and {pending} waiting; \
         wait for some of them, raise the limit, or choose another policy"
    )]
    CurrentlyRunning {
        /// The task's name.
        task: String,
        /// How many instances are Running.
        running: usize,
        /// How many instances are Pending.
        pending: usize,
    },
    /// The task failed too often in a row and is disabled (G6).
    #[error("task {task:?} is disabled after {failures} failures in a row; enable it by hand to go on")]
    Disabled {
        /// The task's name.
        task: String,
        /// How many times it has failed since it last succeeded.
        failures: u32,
    },
    /// The process is a child made by `fork`: the threads of the host stayed with the parent (H6).
    #[error("this process was made by fork and cannot use the host of its parent; open a host of its own")]
    Forked,
    /// The host is draining or closed: it refuses to register and to fire (H2).
    #[error("the host is {state} and takes nothing new; open another host")]
    Closed {
        /// Draining or Closed.
        state: HostState,
    },
    /// The time given was over first; the work goes on.
    #[error("{what} was not reached within {after:?}")]
    TimedOut {
        /// What was waited for.
        what: &'static str,
        /// How long.
        after: Duration,
    },
    /// The call would wait for the very thread that makes it (E8).
    #[error("{call} from {place} would wait for itself; {instead}")]
    WouldDeadlock {
        /// The call that was refused.
        call: &'static str,
        /// Where the calling thread is.
        place: &'static str,
        /// What to do instead.
        instead: &'static str,
    },
    /// `advance` was called on a host that follows the real clock (H5).
    #[error("only a host with a manual clock can be advanced; build it with manual_clock()")]
    NotManualClock,
    /// The description of a task has faults, all of them listed (G2).
    #[error("the task cannot be registered: {}", list(.faults))]
    InvalidTask {
        /// Every fault, each with its field.
        faults: Vec<Fault>,
    },
    /// A setting of the host is outside of what it accepts.
    #[error("{field}: {problem}")]
    InvalidArgument {
        /// The setting.
        field: &'static str,
        /// What is wrong with it and what would be right.
        problem: &'static str,
    },
    /// Threads or memory ran out; what is under way goes on.
    #[error("{what}")]
    OutOfMemory {
        /// What could not be had.
        what: String,
    },
    /// The instance ended as Failed (L9).
    #[error("task {task:?} failed: {error}")]
    Failed {
        /// The task's name.
        task: String,
        /// The first error among entry point and deferrals.
        error: TaskError,
    },
    /// The instance ended as Abandoned: its grace was over and somebody still held it (L9, C6).
    #[error("task {task:?} was abandoned after {reason}; it was still held by {}", name_all(.holders))]
    Abandoned {
        /// The task's name.
        task: String,
        /// Why it had been asked to stop.
        reason: CancelReason,
        /// Who still held it, in words.
        holders: Vec<String>,
    },
}

impl Error {
    /// The entry of the status table for this error: the name that C and Python show.
    pub fn status(&self) -> Status {
        match self {
            Error::NotRunning { .. } => Status::NotRunning,
            Error::NameTaken { .. } => Status::NameTaken,
            Error::Unregistered { .. } => Status::Unregistered,
            Error::CurrentlyRunning { .. } => Status::CurrentlyRunning,
            Error::Disabled { .. } => Status::Disabled,
            Error::Forked => Status::Forked,
            Error::Closed { .. } => Status::Closed,
            Error::TimedOut { .. } => Status::TimedOut,
            Error::WouldDeadlock { .. } => Status::WouldDeadlock,
            Error::NotManualClock => Status::NotManualClock,
            Error::InvalidTask { .. } => Status::InvalidTask,
            Error::InvalidArgument { .. } => Status::InvalidArgument,
            Error::OutOfMemory { .. } => Status::OutOfMemory,
            Error::Failed { .. } | Error::Abandoned { .. } => Status::Failed,
        }
    }
}

/// One thing that is wrong with the description of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The field, named as in the builder.
    pub field: &'static str,
    /// What is wrong with it and what would be right.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.problem)
    }
}

fn list(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

fn name_all(names: &[String]) -> String {
    if names.is_empty() { "nobody by name".to_owned() } else { names.join(", ") }
}

/// What an entry point or a deferral failed with (L6, L7).
///
/// Any [`std::error::Error`] turns into one by `?`; its text is the error's `Display` and nothing else.
#[derive(Clone)]
pub struct TaskError {
    text: Arc<str>,
    type_name: Arc<str>,
    canceled: bool,
    payload: Option<Arc<dyn Any + Send + Sync>>,
}

impl TaskError {
    /// An error with this text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self::with_type(text, "TaskError")
    }

    /// An error of another language: its text, and the name of its type there.
    pub fn with_type(text: impl Into<Arc<str>>, type_name: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), type_name: type_name.into(), canceled: false, payload: None }
    }

    /// The way to leave an entry point because it was cancelled: a plain return if that is so, an error if nobody
    /// had cancelled it (C8).
    pub fn canceled() -> Self {
        Self { canceled: true, ..Self::with_type("the entry point left as canceled", "Canceled") }
    }

    /// The same, of another language: `Failed` with this text if nobody had cancelled it.
    pub fn canceled_with(text: impl Into<Arc<str>>, type_name: impl Into<Arc<str>>) -> Self {
        Self { canceled: true, ..Self::with_type(text, type_name) }
    }

    /// The same error, carrying the original object of its language, which [`TaskError::payload`] gives back.
    #[must_use]
    pub fn carrying(mut self, payload: Arc<dyn Any + Send + Sync>) -> Self {
        self.payload = Some(payload);
        self
    }

    /// Exactly what the error says of itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The name of the error's type in its own language.
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// Whether this is the error that says "left because cancelled".
    pub fn is_canceled(&self) -> bool {
        self.canceled
    }

    /// The original object, when the language that raised it left one.
    pub fn payload(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.payload.as_ref()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for TaskError {
    fn from(error: E) -> Self {
        let text = error.to_string();
        Self::with_type(text, std::any::type_name::<E>()).carrying(Arc::new(error))
    }
}

impl fmt::Display for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for TaskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?})", self.type_name, self.text)
    }
}

/// Two errors are equal when they say the same; the object that one carries does not count.
impl PartialEq for TaskError {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.type_name, self.canceled) == (&other.text, &other.type_name, other.canceled)
    }
}

impl Eq for TaskError {}
