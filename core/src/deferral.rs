//! A hold on an instance.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::error::{Error, TaskError};
use crate::holder::{Holder, Language};
use crate::holders::HolderKey;
use crate::instance::Instance;
use crate::reason::CancelReason;
use crate::stack::Stack;
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
    /// Set once the key is known to be none any more, or is another's to end: what is dropped then need not ask. The list
    /// decides (L4), so it is Relaxed: whoever misses it asks in vain.
    is_gone: AtomicBool,
}

impl Deferral {
    pub(crate) fn new(instance: Instance, key: HolderKey) -> Self {
        Self { instance, key, is_gone: AtomicBool::new(false) }
    }

    /// Lets the instance go. Never blocks on user code.
    ///
    /// [`Status::Ok`]; [`Status::AlreadyCompleted`] for every later one; [`Status::NotRunning`] once when the instance
    /// was abandoned meanwhile (L4). Nobody must use the answer.
    pub fn complete(&self) -> Status {
        self.gone(self.instance.complete_deferral(self.key))
    }

    /// Lets the instance go and says that the work failed: the first error makes the outcome Failed (L6). Answered
    /// like [`Deferral::complete`].
    pub fn fail(&self, error: impl Into<TaskError>) -> Status {
        self.gone(self.instance.fail_deferral(self.key, error.into()))
    }

    fn gone(&self, status: Status) -> Status {
        self.is_gone.store(true, Ordering::Relaxed);
        status
    }

    /// The instance that is held.
    pub fn instance(&self) -> &Instance {
        &self.instance
    }

    /// Why the instance was asked to stop, or `None`: what the holder of this deferral should look at now and then.
    ///
    /// Unlike [`Instance::canceled`] it notes that *this* holder has looked, so that a report can tell who does not
    /// know yet from who does not stop (C9).
    pub fn canceled(&self) -> Option<CancelReason> {
        self.instance.canceled_for(self.key)
    }

    /// Waits until the instance is asked to stop, by the machine's clock; `None` as a timeout waits as long as it takes.
    /// Gives the reason, or `None` when the instance finished without one. It is the sleep of a holder: it notes that
    /// this holder has looked (C9).
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::Forked`].
    pub fn wait_canceled(&self, timeout: Option<Duration>) -> Result<Option<CancelReason>, Error> {
        self.instance.cancellation().wait(timeout)?;
        Ok(self.canceled())
    }

    /// Says what the holder is doing, `"part 3 of 7"`: it stands in every report until the next note (H4).
    ///
    /// [`Status::Ok`]; [`Status::AlreadyCompleted`] or [`Status::NotRunning`] when no report will show it any more.
    pub fn set_note(&self, note: impl Into<Arc<str>>) -> Status {
        self.instance.set_note(self.key, Some(note.into()))
    }

    /// Has this deferral reported, as an event of its host, when it is as old as that, counted from its taking and
    /// instead of the host's own limit (H4). Answered like [`Deferral::set_note`].
    pub fn set_overdue_after(&self, age: Duration) -> Status {
        self.instance.set_overdue_after(self.key, age)
    }

    /// For a binding: the calls of its own language that led to the taking.
    pub fn set_stack(&self, stack: Stack) -> Status {
        self.instance.set_stack(self.key, stack)
    }

    /// For a binding: the deferral was handed to code of that language, which reports name as its holder from now on,
    /// beside the line that took it (H4). Answered like [`Deferral::set_note`].
    pub fn set_language(&self, language: Language) -> Status {
        self.instance.set_language(self.key, language)
    }

    /// For a binding: another owner of the hold. This one can do what it could, but ends nothing when it is dropped (L5); of
    /// many that are handed over the first one owns.
    pub fn hand_over(&self) -> Self {
        let is_gone = AtomicBool::new(self.is_gone.swap(true, Ordering::Relaxed));
        Self { instance: self.instance.clone(), key: self.key, is_gone }
    }

    /// How this deferral stands in reports; `None` once it was completed.
    pub fn holder(&self) -> Option<Holder> {
        self.instance.holder(self.key)
    }
}

impl Drop for Deferral {
    fn drop(&mut self) {
        if !*self.is_gone.get_mut() {
            self.instance.drop_deferral(self.key);
        }
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
