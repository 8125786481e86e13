//! What a task says about being busy, about names that are taken, and about the end of its host.

/// What happens to a firing when the task is busy (F4).
///
/// Busy means that as many instances run as [`max_running`](crate::TaskBuilder::max_running) allows: by default one,
/// and as many as like with [`WhenBusy::Parallel`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum WhenBusy {
    /// Instances run beside each other; those beyond the limit wait. The default of tasks that are fired by hand.
    Parallel = 0,
    /// They run one after the other, in the order of firing.
    Queue = 1,
    /// At most one waits, and the latest details win. The default of time and event triggers.
    Coalesce = 2,
    /// The firing is refused with [`Error::CurrentlyRunning`](crate::Error::CurrentlyRunning) while as many instances
    /// are Running or Pending as the limit says.
    Reject = 3,
    /// What is Pending, and the oldest of what is Running until there is room, is cancelled with Abort; the new
    /// instance is Pending until that has finished.
    Replace = 4,
}

/// What happens when the name of a new task is taken (G1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum IfExists {
    /// The registration is refused with [`Error::NameTaken`](crate::Error::NameTaken).
    #[default]
    Fail = 0,
    /// The old task is unregistered and the new one takes its place, both at once; what runs of the old one finishes.
    Replace = 1,
    /// The old task stays as it is, with its schedule, and is what the registration gives back.
    Keep = 2,
    /// As [`IfExists::Replace`], and what runs of the old one is cancelled with Abort.
    ReplaceAndCancel = 3,
}

/// What a shutdown of the host does with the instances of a task (H2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum OnShutdown {
    /// They are cancelled with Terminating and waited for.
    #[default]
    Cancel = 0,
    /// They are not cancelled, and waited for until the deadline of the shutdown.
    Finish = 1,
    /// They are cancelled with Terminating and not waited for: as soon as the others are done they are abandoned.
    Leave = 2,
}
