//! What is told of an instance when it has ended.

use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::error::{Error, TaskError};
use crate::holder::Holder;
use crate::reason::CancelReason;
use crate::state::Outcome;

/// How an instance ended: final, the same for everybody who asks (L2).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Completion {
    /// The instance.
    pub instance_id: Uuid,
    /// The name of its task.
    pub task: Arc<str>,
    /// The group of its task.
    pub group: Option<Arc<str>>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was asked to stop, if it was; also on a Failed or Abandoned one (L6).
    pub canceled: Option<CancelReason>,
    /// The first error among entry point and deferrals; also on an Abandoned one (L6).
    pub error: Option<TaskError>,
    /// The deferrals that were dropped instead of completed, in the order of dropping (L5).
    pub dropped: Vec<Holder>,
    /// Who still held the instance when it was abandoned, the entry point first (C6); empty for the other outcomes.
    pub holders: Vec<Holder>,
    /// The last progress that was set (E6).
    pub progress: u32,
    /// How many suspensions of it began (S2).
    pub suspended_count: u32,
    /// How long after it was asked to stop its code first noticed that, if it did (C9).
    pub noticed_after: Option<Duration>,
    /// How long it was Pending, by the host's clock.
    pub pending_for: Duration,
    /// How long it was Running, by the host's clock; zero when it never started.
    pub ran_for: Duration,
}

impl Completion {
    /// `Ok` for Succeeded and Canceled, the error for Failed and Abandoned (L9).
    ///
    /// # Errors
    /// [`Error::Failed`] with the first error, or [`Error::Abandoned`] with the reason and the holders.
    pub fn check(&self) -> Result<(), Error> {
        match (self.outcome, &self.error, self.canceled) {
            (Outcome::Succeeded | Outcome::Canceled, _, _) => Ok(()),
            (Outcome::Failed, error, _) => Err(Error::Failed {
                task: self.task.to_string(),
                // A Failed completion always has its error; the text is for the reader of a future bug report.
                error: error.clone().unwrap_or_else(|| TaskError::new("an error that was not recorded")),
            }),
            (Outcome::Abandoned, _, reason) => Err(Error::Abandoned {
                task: self.task.to_string(),
                // An abandoned instance was cancelled before (lifecycle, invariant 4).
                reason: reason.unwrap_or(CancelReason::Terminating),
                holders: self.holders.iter().map(ToString::to_string).collect(),
            }),
        }
    }
}
