//! The steps of a scenario as plain types.
//!
//! [`parse`](crate::parse()) makes them from text. Each writes itself back as one line of text by `Display`, so a test
//! that makes up steps can print them as a file and play that.

use std::time::Duration;

use backstay::{CancelReason, Cause, HostState, IfExists, Outcome, State, Status, Trigger, WhenBusy};

mod write;

/// One step of a scenario. Names are those of the file: tasks of a group are called `GROUP/NAME`.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub enum Step {
    /// Options of the host.
    Host(HostOptions),
    /// Sets a condition.
    Condition { name: String, on: bool },
    /// Registers a task.
    Task(TaskOptions),
    /// What every later run of a task of that name does.
    Run { task: String, acts: Vec<Act> },
    /// Fires by hand and names the instance that the firing answered with.
    Fire { task: String, name: String, details: Option<String> },
    /// Raises an event.
    Raise { event: String, details: Option<String> },
    /// Names the oldest instance of the task that has no name yet.
    New { task: String, name: String },
    /// Lets the hold pass at which the run stands.
    Go { instance: String },
    /// Takes a deferral from outside the run.
    Defer { label: String, instance: String },
    /// Completes a deferral.
    Complete { label: String, instance: String },
    /// Drops a deferral without a word.
    Drop { label: String, instance: String },
    /// Ends a deferral with an error.
    Fail { label: String, instance: String, text: String },
    /// Sets progress from outside the run.
    Progress { instance: String, progress: u32 },
    /// Cancels.
    Cancel { instance: String, reason: CancelReason },
    /// Suspends.
    Suspend { target: Target, cause: Option<Cause> },
    /// Resumes.
    Resume { target: Target },
    /// Takes a task off the host.
    Unregister { task: String, cancel: bool },
    /// Enables a disabled task.
    Enable { task: String },
    /// Moves the clock.
    Advance { by: Duration },
    /// Begins a drain.
    Drain { timeout: Duration },
    /// Begins a shutdown.
    Shutdown { grace: Duration },
    /// What the report of the last drain or shutdown says.
    Joined(ExpectedReport),
    /// What is to be seen of an instance.
    ExpectInstance { instance: String, expected: ExpectedInstance },
    /// What is to be seen of a task.
    ExpectTask { task: String, expected: ExpectedTask },
    /// What is to be seen of the host.
    ExpectHost(ExpectedHost),
    /// A step that must be refused with this status.
    Refused { status: Status, step: Box<Step> },
    /// The whole trace of an instance so far.
    Trace { instance: String, events: Vec<String> },
}

/// One act of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Takes a deferral.
    Defer(String),
    /// Completes a deferral of this instance, whoever took it.
    Complete(String),
    /// Sets progress.
    Progress(u32),
    /// Stands until a `go` lets it pass.
    Hold,
    /// Returns when the instance is not suspended, or is cancelled.
    Checkpoint,
    /// Leaves the entry point with an error.
    Fail(String),
    /// Panics.
    Panic,
    /// Unregisters the task of this instance.
    Unregister,
    /// Fires a task.
    Fire(String),
    /// Leaves the entry point well.
    Return,
}

/// What is suspended or resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Everything.
    Host,
    /// A task.
    Task(String),
    /// An instance.
    Instance(String),
}

/// The options of `host`; what is `None` is as the library has it, except for four workers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct HostOptions {
    pub workers: Option<usize>,
    pub grace: Option<Duration>,
    pub overdue_after: Option<Duration>,
}

/// The options of `task`; what is `None` is as the library has it.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct TaskOptions {
    pub name: String,
    pub trigger: Option<Trigger>,
    pub conditions: Vec<String>,
    pub cancel_on_loss: bool,
    pub deadline: Option<Duration>,
    pub grace: Option<Duration>,
    pub busy: Option<WhenBusy>,
    pub max_running: Option<usize>,
    pub max_failures: Option<u32>,
    pub group: Option<String>,
    pub if_exists: Option<IfExists>,
}

impl TaskOptions {
    /// How later steps call the task.
    pub fn called(&self) -> String {
        match &self.group {
            Some(group) => format!("{group}/{}", self.name),
            None => self.name.clone(),
        }
    }
}

/// What `expect I` wants to see; `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct ExpectedInstance {
    pub state: Option<State>,
    pub outcome: Option<Outcome>,
    pub reason: Option<CancelReason>,
    pub error: Option<String>,
    pub deferrals: Option<usize>,
    pub progress: Option<u32>,
    pub suspended: Option<u32>,
    pub throttled: Option<u32>,
    pub details: Option<String>,
    pub dropped: Option<Vec<String>>,
    pub remaining: Option<Duration>,
}

/// What `expect task` wants to see; `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct ExpectedTask {
    pub running: Option<usize>,
    pub pending: Option<usize>,
    pub registered: Option<bool>,
    pub disabled: Option<bool>,
}

/// What `expect host` wants to see; `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct ExpectedHost {
    pub stragglers: Option<usize>,
    pub holders: Option<usize>,
    pub state: Option<HostState>,
}

/// What `joined` wants to see in the report; `None` is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are the words of the language, which docs/scenarios.md explains")]
pub struct ExpectedReport {
    pub finished: Option<usize>,
    pub abandoned: Option<usize>,
    pub holders: Option<Vec<String>>,
}
