//! What can be asked of the library as a whole.

use std::ffi::c_char;

use backstay::Status;

use crate::answers::backstay_status;
use crate::border::{guard, live};

/// The ABI's major number: libraries of the same major number fit each other.
pub const BACKSTAY_ABI_MAJOR: u32 = 0;
/// The ABI's minor number: it grows when something is added.
pub const BACKSTAY_ABI_MINOR: u32 = 1;

/// A deadline that never comes: wait as long as it takes.
pub const BACKSTAY_FOREVER: i64 = i64::MAX;

/// The names and sentences of the statuses with a terminating zero each, made once by the compiler.
macro_rules! c_text {
    ($(($status:ident, $name:literal, $message:literal)),* $(,)?) => {
        const NAMES: &[(Status, &std::ffi::CStr, &std::ffi::CStr)] =
            &[$((Status::$status, $name, $message)),*];
    };
}

c_text! {
    (Ok, c"OK", c"done"),
    (InvalidArgument, c"INVALID_ARGUMENT", c"an argument is outside of what the call accepts"),
    (InvalidHandle, c"INVALID_HANDLE", c"the value was never a handle of this library"),
    (StaleHandle, c"STALE_HANDLE", c"the handle was released, or ended with the call that lent it"),
    (WrongHandleType, c"WRONG_HANDLE_TYPE", c"the handle names an object of another type"),
    (ForeignHandle, c"FOREIGN_HANDLE", c"the handle was made by another copy of this library"),
    (NotRunning, c"NOT_RUNNING", c"the instance has not started or is finished"),
    (AlreadyCompleted, c"ALREADY_COMPLETED", c"this deferral was completed before"),
    (NameTaken, c"NAME_TAKEN", c"another task has this name"),
    (Unregistered, c"UNREGISTERED", c"the task is no longer registered"),
    (NotFound, c"NOT_FOUND", c"there is nothing by that name"),
    (CurrentlyRunning, c"CURRENTLY_RUNNING", c"the task is busy and its policy refuses more"),
    (Disabled, c"DISABLED", c"the task is disabled after too many failures; enable it by hand"),
    (Closed, c"CLOSED", c"the host is draining or closed and takes nothing new"),
    (TimedOut, c"TIMED_OUT", c"the time given was over first"),
    (WouldDeadlock, c"WOULD_DEADLOCK", c"the call would wait for the thread that makes it"),
    (NotManualClock, c"NOT_MANUAL_CLOCK", c"only a host with a manual clock can be advanced"),
    (InvalidTask, c"INVALID_TASK", c"the description of the task has faults"),
    (Canceled, c"CANCELED", c"the work was left because it was cancelled"),
    (Failed, c"FAILED", c"the work failed"),
    (Panic, c"PANIC", c"code panicked; it was stopped at the border"),
    (Forked, c"FORKED", c"a child made by fork cannot use the host of its parent"),
    (OutOfMemory, c"OUT_OF_MEMORY", c"memory, threads or handles ran out"),
    (Internal, c"INTERNAL", c"the library is at fault"),
}

fn entry(
    status: backstay_status,
) -> Option<&'static (Status, &'static std::ffi::CStr, &'static std::ffi::CStr)> {
    NAMES.iter().find(|(known, _, _)| known.number() == status)
}

/// The name of a status, such as "NOT_RUNNING"; "UNKNOWN" for a number that is none. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_name(status: backstay_status) -> *const c_char {
    entry(status).map_or(c"UNKNOWN", |entry| entry.1).as_ptr()
}

/// What a status means, one sentence. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_message(status: backstay_status) -> *const c_char {
    entry(status).map_or(c"no status has this number", |entry| entry.2).as_ptr()
}

/// The ABI of the library that is loaded: major << 16 | minor. Compare with BACKSTAY_ABI_MAJOR.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_abi_version() -> u32 {
    BACKSTAY_ABI_MAJOR << 16 | BACKSTAY_ABI_MINOR
}

/// How many handles are good now, those lent to running callbacks included. A test ends by asserting 0.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_live_handles() -> u64 {
    let mut count = 0;
    // In a child of a fork another thread may have held the table's lock; the guard keeps out, and the answer is 0.
    guard(|| {
        count = live();
        Ok(())
    });
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn c_sees_the_names_and_sentences_of_the_core() {
        assert_eq!(Status::all().count(), NAMES.len());
        for status in Status::all() {
            let (_, name, message) = entry(status.number()).expect("every status is in the table");
            assert_eq!(name.to_str(), Ok(status.name()));
            assert_eq!(message.to_str(), Ok(status.message()));
        }
    }
}
