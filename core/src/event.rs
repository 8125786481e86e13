//! What a host tells of its instances.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use uuid::Uuid;

use crate::instance::Instance;
use crate::reason::CancelReason;
use crate::state::Outcome;

/// Something that happened to an instance, as [`Host::on_event`](crate::Host::on_event) tells it.
///
/// The events of one instance come in the order in which they happened; nothing comes after Completed (E3, L2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct InstanceEvent {
    /// What happened.
    pub kind: EventKind,
    /// To which instance.
    pub instance: Instance,
    /// Its id.
    pub instance_id: Uuid,
    /// The name of its task.
    pub task: Arc<str>,
    /// The group of its task.
    pub group: Option<Arc<str>>,
    /// With [`EventKind::Waits`]: the unmet conditions, in the order in which the task names them.
    pub conditions: Vec<Arc<str>>,
    /// With [`EventKind::Canceled`], and with the Completed of an instance that was cancelled.
    pub reason: Option<CancelReason>,
    /// With [`EventKind::Completed`].
    pub outcome: Option<Outcome>,
    /// With [`EventKind::Progress`] the latest value, with [`EventKind::Completed`] the last one.
    pub progress: Option<u32>,
    /// With [`EventKind::Overdue`]: the label of the deferral.
    pub label: Option<Cow<'static, str>>,
}

/// What can happen to an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum EventKind {
    /// A firing made it. A firing that was merged with a Pending instance has no event (F4).
    Fired = 0,
    /// Directly after Fired: conditions were not met then (F2).
    Waits = 1,
    /// A worker is about to enter its entry point.
    Started = 2,
    /// Its progress changed; values that come faster than they are told are left out (E3).
    Progress = 3,
    /// It was suspended (S1).
    Suspended = 4,
    /// It was resumed.
    Resumed = 5,
    /// It was asked to stop (C2).
    Canceled = 6,
    /// One of its deferrals is older than it should be (H4).
    Overdue = 7,
    /// It ended (L2).
    Completed = 8,
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl InstanceEvent {
    pub(crate) fn new(kind: EventKind, instance: &Instance) -> Self {
        let says = &instance.definition().says;
        Self {
            kind,
            instance: instance.clone(),
            instance_id: instance.id(),
            task: Arc::clone(&says.name),
            group: says.group.clone(),
            conditions: Vec::new(),
            reason: None,
            outcome: None,
            progress: None,
            label: None,
        }
    }
}

/// One line: the kind, the task, the id, and what the kind has to say.
impl fmt::Display for InstanceEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.kind, self.instance.definition().says, self.instance_id)?;
        if !self.conditions.is_empty() {
            write!(f, " for {}", self.conditions.join(", "))?;
        }
        if let Some(label) = &self.label {
            write!(f, " {label:?}")?;
        }
        if let Some(outcome) = self.outcome {
            write!(f, " {outcome}")?;
        }
        if let Some(reason) = self.reason {
            write!(f, " ({reason})")?;
        }
        if let Some(progress) = self.progress {
            write!(f, " at {progress}")?;
        }
        Ok(())
    }
}
