//! A hold on an instance.

use std::fmt;

use crate::error::TaskError;
use crate::holders::{Holder, HolderKey};
use crate::instance::{Ending, Instance};
use crate::status::Status;

/// A hold on an instance: while it is pending the instance is not finished.
///
/// Owned once, usable from any thread. Completing twice, late or from inside a callback is answered with a status and
/// harms nothing (L4). Dropping it without a word counts as completed and is told on the completion (L5).
///
/// ```
/// # use backstay::{Details, Host, Status, TaskBuilder};
/// # let host = Host::new();
/// let upload = TaskBuilder::new("upload")
///     .run(|instance| {
///         let deferral = instance.get_deferral("the network part")?;
///         std::thread::spawn(move || {
///             // … the work …
///             assert_eq!(deferral.complete(), Status::Ok);
///             assert_eq!(deferral.complete(), Status::AlreadyCompleted);
///         });
///         Ok(()) // the instance goes on until the thread has completed
///     })
///     .register(&host)?;
/// upload.fire(Details::none())?.wait(None)?.check()?;
/// # Ok::<(), backstay::Error>(())
/// ```
#[must_use = "a deferral that is dropped completes at once (L5)"]
pub struct Deferral {
    instance: Instance,
    key: HolderKey,
}

impl Deferral {
    pub(crate) fn new(instance: Instance, key: HolderKey) -> Self {
        Self { instance, key }
    }

    /// Lets the instance go. Never blocks on user code.
    ///
    /// [`Status::Ok`]; [`Status::AlreadyCompleted`] for every later one; [`Status::NotRunning`] once when the instance
    /// was abandoned meanwhile (L4). Nobody must use the answer.
    pub fn complete(&self) -> Status {
        self.instance.end_deferral(self.key, Ending::Completed)
    }

    /// Lets the instance go and says that the work failed: the first error makes the outcome Failed (L6). Answered
    /// like [`Deferral::complete`].
    pub fn fail(&self, error: impl Into<TaskError>) -> Status {
        self.instance.end_deferral(self.key, Ending::Failed(error.into()))
    }

    /// The instance that is held.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// How this deferral stands in reports; `None` once it was completed.
    pub fn holder(&self) -> Option<Holder> {
        self.instance.holder(self.key)
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        // After a completion the key is gone, and this changes nothing.
        self.instance.end_deferral(self.key, Ending::Dropped);
    }
}

impl fmt::Debug for Deferral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.holder() {
            Some(holder) => write!(f, "Deferral({holder} of {:?})", self.instance),
            None => write!(f, "Deferral(completed, of {:?})", self.instance),
        }
    }
}
