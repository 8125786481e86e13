//! The one table of answers that all languages share.

use std::fmt;

/// How a call was answered. The names and numbers are the same in every language; a number is never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// An argument is outside of what the call accepts.
    InvalidArgument = -1,
    /// The value was never a handle of this library.
    InvalidHandle = -2,
    /// The handle was released, or ended with the call that lent it.
    StaleHandle = -3,
    /// The handle is good but names an object of another type.
    WrongHandleType = -4,
    /// The handle was made by another copy of this library in the same process.
    ForeignHandle = -5,
    /// The instance is not running: it has not started, or it is finished (L3, L4).
    NotRunning = -6,
    /// This deferral was completed before (L4).
    AlreadyCompleted = -7,
    /// Another task has this name (G1).
    NameTaken = -8,
    /// The task is no longer registered.
    Unregistered = -9,
    /// There is nothing by that name.
    NotFound = -10,
    /// The task is busy, and its policy says to refuse (F4).
    CurrentlyRunning = -11,
    /// The task is disabled after too many failures (G6).
    Disabled = -12,
    /// The host is draining or closed (H2).
    Closed = -13,
    /// The time given was over first.
    TimedOut = -14,
    /// The call would wait for the thread that makes it (E8).
    WouldDeadlock = -15,
    /// Only a host with a manual clock can do that (H5).
    NotManualClock = -16,
    /// The description of the task has faults; each is listed (G2).
    InvalidTask = -17,
    /// The work was left because it was cancelled (C8).
    Canceled = -18,
    /// The work failed (L9).
    Failed = -19,
    /// Code of the library or behind it panicked; nothing unwound across the border (L7).
    Panic = -20,
    /// The process is a child made by `fork`; it cannot use its parent's host (H6).
    Forked = -21,
    /// Memory, threads or handles ran out.
    OutOfMemory = -22,
    /// The library is at fault.
    Internal = -23,
}

/// Number, name and sentence of every status, in the order of the numbers.
const TABLE: [(Status, &str, &str); 24] = [
    (Status::Ok, "OK", "done"),
    (Status::InvalidArgument, "INVALID_ARGUMENT", "an argument is outside of what the call accepts"),
    (Status::InvalidHandle, "INVALID_HANDLE", "the value was never a handle of this library"),
    (Status::StaleHandle, "STALE_HANDLE", "the handle was released, or ended with the call that lent it"),
    (Status::WrongHandleType, "WRONG_HANDLE_TYPE", "the handle names an object of another type"),
    (Status::ForeignHandle, "FOREIGN_HANDLE", "the handle was made by another copy of this library"),
    (Status::NotRunning, "NOT_RUNNING", "the instance has not started or is finished"),
    (Status::AlreadyCompleted, "ALREADY_COMPLETED", "this deferral was completed before"),
    (Status::NameTaken, "NAME_TAKEN", "another task has this name"),
    (Status::Unregistered, "UNREGISTERED", "the task is no longer registered"),
    (Status::NotFound, "NOT_FOUND", "there is nothing by that name"),
    (Status::CurrentlyRunning, "CURRENTLY_RUNNING", "the task is busy and its policy refuses more"),
    (Status::Disabled, "DISABLED", "the task is disabled after too many failures; enable it by hand"),
    (Status::Closed, "CLOSED", "the host is draining or closed and takes nothing new"),
    (Status::TimedOut, "TIMED_OUT", "the time given was over first"),
    (Status::WouldDeadlock, "WOULD_DEADLOCK", "the call would wait for the thread that makes it"),
    (Status::NotManualClock, "NOT_MANUAL_CLOCK", "only a host with a manual clock can be advanced"),
    (Status::InvalidTask, "INVALID_TASK", "the description of the task has faults"),
    (Status::Canceled, "CANCELED", "the work was left because it was cancelled"),
    (Status::Failed, "FAILED", "the work failed"),
    (Status::Panic, "PANIC", "code panicked; it was stopped at the border"),
    (Status::Forked, "FORKED", "a child made by fork cannot use the host of its parent"),
    (Status::OutOfMemory, "OUT_OF_MEMORY", "memory, threads or handles ran out"),
    (Status::Internal, "INTERNAL", "the library is at fault"),
];

impl Status {
    /// Every status, from 0 downwards.
    pub fn all() -> impl Iterator<Item = Status> {
        TABLE.iter().map(|(status, _, _)| *status)
    }

    /// The number that C sees: 0 for [`Status::Ok`], negative for the others.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The status with this number, or `None`.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::all().find(|status| status.number() == number)
    }

    /// The status with this name, as in `"NOT_RUNNING"`, or `None`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::all().find(|status| status.name() == name)
    }

    /// The name, as in `"NOT_RUNNING"`.
    pub fn name(self) -> &'static str {
        self.entry().1
    }

    /// One sentence that says what it means, without a capital or a full stop.
    pub fn message(self) -> &'static str {
        self.entry().2
    }

    fn entry(self) -> (Status, &'static str, &'static str) {
        // Position and number agree (tested below), so the index is in range.
        TABLE[self.number().unsigned_abs() as usize]
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_stands_at_the_place_of_its_number() {
        for (index, status) in Status::all().enumerate() {
            assert_eq!(status.number().unsigned_abs() as usize, index);
            assert_eq!(Status::from_number(status.number()), Some(status));
            assert_eq!(Status::from_name(status.name()), Some(status));
        }
    }

    #[test]
    fn unknown_numbers_have_no_status() {
        assert_eq!(Status::from_number(1), None);
        assert_eq!(Status::from_number(-24), None);
    }
}
