//! Why an instance is asked to stop.

use std::fmt;

/// Why an instance was asked to stop (rule C1).
///
/// The first twelve reasons and their numbers are those of Windows' `BackgroundTaskCancellationReason`. Numbers from
/// [`CancelReason::FIRST_OWN`] on belong to the host application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CancelReason {
    /// The application asked for it.
    Abort,
    /// The process or the host is going down.
    Terminating,
    /// The user is logging off.
    LoggingOff,
    /// The application is being updated.
    ServicingUpdate,
    /// The task showed no activity.
    IdleTask,
    /// The application is being removed.
    Uninstall,
    /// A condition that the task needs no longer holds.
    ConditionLoss,
    /// A policy of the system forbids the task.
    SystemPolicy,
    /// Quiet hours began.
    QuietHoursEntered,
    /// The task ran longer than its deadline allows.
    ExecutionTimeExceeded,
    /// A resource that the task needs was taken away.
    ResourceRevocation,
    /// Energy is being saved.
    EnergySaver,
    /// A reason of the host application; made by [`CancelReason::own`].
    Own(OwnReason),
}

/// The number of a reason that the host application defined: 64 or above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OwnReason(u32);

impl OwnReason {
    /// The number, 64 or above.
    pub fn number(self) -> u32 {
        self.0
    }
}

/// The reasons of Windows, each at the index that is its number.
const WINDOWS: [(CancelReason, &str); 12] = [
    (CancelReason::Abort, "Abort"),
    (CancelReason::Terminating, "Terminating"),
    (CancelReason::LoggingOff, "LoggingOff"),
    (CancelReason::ServicingUpdate, "ServicingUpdate"),
    (CancelReason::IdleTask, "IdleTask"),
    (CancelReason::Uninstall, "Uninstall"),
    (CancelReason::ConditionLoss, "ConditionLoss"),
    (CancelReason::SystemPolicy, "SystemPolicy"),
    (CancelReason::QuietHoursEntered, "QuietHoursEntered"),
    (CancelReason::ExecutionTimeExceeded, "ExecutionTimeExceeded"),
    (CancelReason::ResourceRevocation, "ResourceRevocation"),
    (CancelReason::EnergySaver, "EnergySaver"),
];

impl CancelReason {
    /// The first number that is free for reasons of the host application.
    pub const FIRST_OWN: u32 = 64;

    /// A reason of the host application, or `None` for a number below [`CancelReason::FIRST_OWN`].
    pub fn own(number: u32) -> Option<Self> {
        (number >= Self::FIRST_OWN).then_some(Self::Own(OwnReason(number)))
    }

    /// The reason with this number, or `None` for 12 to 63, which nobody may use.
    pub fn from_number(number: u32) -> Option<Self> {
        match usize::try_from(number).ok().and_then(|index| WINDOWS.get(index)) {
            Some((reason, _)) => Some(*reason),
            None => Self::own(number),
        }
    }

    /// The reason with this name, as `Display` writes it; `None` for an unknown one.
    pub fn from_name(name: &str) -> Option<Self> {
        let own = || name.strip_prefix("Own(")?.strip_suffix(')')?.parse().ok().and_then(Self::own);
        WINDOWS.iter().find(|(_, known)| *known == name).map(|(reason, _)| *reason).or_else(own)
    }

    /// The number that every language uses for this reason.
    pub fn number(self) -> u32 {
        match self {
            Self::Abort => 0,
            Self::Terminating => 1,
            Self::LoggingOff => 2,
            Self::ServicingUpdate => 3,
            Self::IdleTask => 4,
            Self::Uninstall => 5,
            Self::ConditionLoss => 6,
            Self::SystemPolicy => 7,
            Self::QuietHoursEntered => 8,
            Self::ExecutionTimeExceeded => 9,
            Self::ResourceRevocation => 10,
            Self::EnergySaver => 11,
            Self::Own(own) => own.0,
        }
    }
}

impl fmt::Display for CancelReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match WINDOWS.iter().find(|(reason, _)| reason == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "Own({})", self.number()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back_as_the_same_reason() {
        for number in (0..12).chain([64, 65, u32::MAX]) {
            let reason = CancelReason::from_number(number).expect("it has a reason");
            assert_eq!(reason.number(), number);
            assert_eq!(CancelReason::from_name(&reason.to_string()), Some(reason));
        }
    }

    #[test]
    fn numbers_that_belong_to_nobody_are_refused() {
        assert!((12..64).all(|number| CancelReason::from_number(number).is_none()));
        assert_eq!(CancelReason::own(11), None);
        assert_eq!(CancelReason::from_name("Own(12)"), None);
        assert_eq!(CancelReason::from_name("abort"), None);
    }
}
