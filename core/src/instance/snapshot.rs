//! One instance as it is at one moment (H3).

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::Instance;
use crate::holder::Holder;
use crate::json::{nanoseconds, nanoseconds_if_any, text, text_if_any};
use crate::reason::CancelReason;
use crate::state::State;

/// One living instance.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct InstanceSnapshot {
    /// Its id.
    pub id: Uuid,
    /// Pending or Running.
    #[serde(serialize_with = "text")]
    pub state: State,
    /// The progress that was set last.
    pub progress: u32,
    /// Why it was asked to stop, if it was.
    #[serde(serialize_with = "text_if_any")]
    pub canceled: Option<CancelReason>,
    /// How long ago.
    #[serde(rename = "asked_for_ns", serialize_with = "nanoseconds_if_any")]
    pub asked_for: Option<Duration>,
    /// How long after that its code noticed, if it has (C9).
    #[serde(rename = "noticed_after_ns", serialize_with = "nanoseconds_if_any")]
    pub noticed_after: Option<Duration>,
    /// Whether it is suspended now.
    pub suspended: bool,
    /// How many suspensions of it began (S2).
    pub suspended_count: u32,
    /// How long ago it was fired.
    #[serde(rename = "age_ns", serialize_with = "nanoseconds")]
    pub age: Duration,
    /// How long ago it was started, if it was.
    #[serde(rename = "running_for_ns", serialize_with = "nanoseconds_if_any")]
    pub running_for: Option<Duration>,
    /// How much of its deadline is left, if it has one (C7).
    #[serde(rename = "remaining_ns", serialize_with = "nanoseconds_if_any")]
    pub remaining: Option<Duration>,
    /// Everyone who holds it, the entry point first (H4).
    pub holders: Vec<Holder>,
}

impl Instance {
    /// The instance as it is now, consistent in itself; `None` when it is finished (H3).
    pub(crate) fn snapshot(&self) -> Option<InstanceSnapshot> {
        let record = self.0.record.lock();
        let state = Some(self.0.word.state()).filter(|state| *state != State::Finished)?;
        let report = self.report(&record);
        let deadline = self.0.definition.says.deadline;
        Some(InstanceSnapshot {
            id: self.0.id,
            state,
            progress: self.0.progress.load(Ordering::Relaxed),
            canceled: self.reason(),
            asked_for: report.asked_for(),
            noticed_after: report.noticed_after(self.0.noticed.get()),
            suspended: record.suspensions().is_suspended(),
            suspended_count: record.suspensions().began(),
            age: report.now.since(self.0.fired),
            running_for: record.started.map(|started| report.now.since(started)),
            remaining: deadline.map(|deadline| deadline.saturating_sub(record.ran(report.now))),
            holders: self.all_holders(&record, report),
        })
    }
}

impl fmt::Display for InstanceSnapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suspended = if self.suspended { ", suspended" } else { "" };
        write!(
            f,
            "{} {}{suspended}, fired {:.1?} ago, progress {}",
            self.id, self.state, self.age, self.progress
        )?;
        if let (Some(reason), Some(asked)) = (self.canceled, self.asked_for) {
            write!(f, ", canceled with {reason} {asked:.1?} ago")?;
        }
        for holder in &self.holders {
            write!(f, "\n      held by {holder}")?;
        }
        Ok(())
    }
}
