//! Statuses and enumerations as C sees them: integers with constants, since C may pass any number.

use std::ffi::c_char;

use backstay::Status;

use crate::border::fill;

/// How a call was answered: 0 is OK, errors are negative, a number is never used twice.
pub type backstay_status = i32;

/// Done.
pub const BACKSTAY_OK: backstay_status = 0;
/// An argument is outside of what the call accepts.
pub const BACKSTAY_INVALID_ARGUMENT: backstay_status = -1;
/// The value was never a handle of this library.
pub const BACKSTAY_INVALID_HANDLE: backstay_status = -2;
/// The handle was released, or ended with the call that lent it.
pub const BACKSTAY_STALE_HANDLE: backstay_status = -3;
/// The handle names an object of another type.
pub const BACKSTAY_WRONG_HANDLE_TYPE: backstay_status = -4;
/// The handle was made by another copy of this library in the same process.
pub const BACKSTAY_FOREIGN_HANDLE: backstay_status = -5;
/// The instance has not started or is finished.
pub const BACKSTAY_NOT_RUNNING: backstay_status = -6;
/// This deferral was completed before.
pub const BACKSTAY_ALREADY_COMPLETED: backstay_status = -7;
/// Another task has this name.
pub const BACKSTAY_NAME_TAKEN: backstay_status = -8;
/// The task is no longer registered.
pub const BACKSTAY_UNREGISTERED: backstay_status = -9;
/// There is nothing by that name.
pub const BACKSTAY_NOT_FOUND: backstay_status = -10;
/// The task is busy and its policy refuses more.
pub const BACKSTAY_CURRENTLY_RUNNING: backstay_status = -11;
/// The task is disabled after too many failures.
pub const BACKSTAY_DISABLED: backstay_status = -12;
/// The host is draining or closed and takes nothing new.
pub const BACKSTAY_CLOSED: backstay_status = -13;
/// The time given was over first.
pub const BACKSTAY_TIMED_OUT: backstay_status = -14;
/// The call would wait for the thread that makes it.
pub const BACKSTAY_WOULD_DEADLOCK: backstay_status = -15;
/// Only a host with a manual clock can be advanced.
pub const BACKSTAY_NOT_MANUAL_CLOCK: backstay_status = -16;
/// The description of the task has faults.
pub const BACKSTAY_INVALID_TASK: backstay_status = -17;
/// The work was left because it was cancelled.
pub const BACKSTAY_CANCELED: backstay_status = -18;
/// The work failed.
pub const BACKSTAY_FAILED: backstay_status = -19;
/// Code panicked; it was stopped at the border.
pub const BACKSTAY_PANIC: backstay_status = -20;
/// A child made by fork cannot use the host of its parent.
pub const BACKSTAY_FORKED: backstay_status = -21;
/// Memory, threads or handles ran out.
pub const BACKSTAY_OUT_OF_MEMORY: backstay_status = -22;
/// The library is at fault.
pub const BACKSTAY_INTERNAL: backstay_status = -23;

/// Why an instance was asked to stop: the numbers of Windows below, or 64 and up for your own reasons.
pub type backstay_cancel_reason = u32;

/// The application asked for it.
pub const BACKSTAY_CANCEL_ABORT: backstay_cancel_reason = 0;
/// The process or the host is going down.
pub const BACKSTAY_CANCEL_TERMINATING: backstay_cancel_reason = 1;
/// The user is logging off.
pub const BACKSTAY_CANCEL_LOGGING_OFF: backstay_cancel_reason = 2;
/// The application is being updated.
pub const BACKSTAY_CANCEL_SERVICING_UPDATE: backstay_cancel_reason = 3;
/// The task showed no activity.
pub const BACKSTAY_CANCEL_IDLE_TASK: backstay_cancel_reason = 4;
/// The application is being removed.
pub const BACKSTAY_CANCEL_UNINSTALL: backstay_cancel_reason = 5;
/// A condition that the task needs no longer holds.
pub const BACKSTAY_CANCEL_CONDITION_LOSS: backstay_cancel_reason = 6;
/// A policy of the system forbids the task.
pub const BACKSTAY_CANCEL_SYSTEM_POLICY: backstay_cancel_reason = 7;
/// Quiet hours began.
pub const BACKSTAY_CANCEL_QUIET_HOURS_ENTERED: backstay_cancel_reason = 8;
/// The task ran longer than its deadline allows.
pub const BACKSTAY_CANCEL_EXECUTION_TIME_EXCEEDED: backstay_cancel_reason = 9;
/// A resource that the task needs was taken away.
pub const BACKSTAY_CANCEL_RESOURCE_REVOCATION: backstay_cancel_reason = 10;
/// Energy is being saved.
pub const BACKSTAY_CANCEL_ENERGY_SAVER: backstay_cancel_reason = 11;
/// The first number that is free for your own reasons.
pub const BACKSTAY_CANCEL_FIRST_OWN: backstay_cancel_reason = 64;

/// Where an instance is in its life.
pub type backstay_state = u32;

/// Fired, not started: it waits for a worker.
pub const BACKSTAY_STATE_PENDING: backstay_state = 0;
/// Its entry point executes, or a deferral keeps it.
pub const BACKSTAY_STATE_RUNNING: backstay_state = 1;
/// It ended.
pub const BACKSTAY_STATE_FINISHED: backstay_state = 2;

/// How an instance ended. When several apply, the one with the highest number is told.
pub type backstay_outcome = u32;

/// It did what it was to do.
pub const BACKSTAY_OUTCOME_SUCCEEDED: backstay_outcome = 0;
/// It was asked to stop, reported no error, and was done within its grace.
pub const BACKSTAY_OUTCOME_CANCELED: backstay_outcome = 1;
/// Its entry point or one of its deferrals reported an error.
pub const BACKSTAY_OUTCOME_FAILED: backstay_outcome = 2;
/// It was asked to stop and was still held when its grace was over.
pub const BACKSTAY_OUTCOME_ABANDONED: backstay_outcome = 3;

/// Where a host is in its life.
pub type backstay_host_state = u32;

/// It takes tasks and firings.
pub const BACKSTAY_HOST_OPEN: backstay_host_state = 0;
/// It takes nothing new and waits for what is alive.
pub const BACKSTAY_HOST_DRAINING: backstay_host_state = 1;
/// Nothing is alive any more.
pub const BACKSTAY_HOST_CLOSED: backstay_host_state = 2;

/// A language, for reports.
pub type backstay_language = u32;

/// Rust.
pub const BACKSTAY_LANGUAGE_RUST: backstay_language = 0;
/// C.
pub const BACKSTAY_LANGUAGE_C: backstay_language = 1;
/// C++.
pub const BACKSTAY_LANGUAGE_CPP: backstay_language = 2;
/// Python.
pub const BACKSTAY_LANGUAGE_PYTHON: backstay_language = 3;

/// More about an error than its status: set `struct_size` and pass it where a function takes one. Written only when the
/// function fails.
#[repr(C)]
pub struct backstay_error {
    /// sizeof(backstay_error), set by the caller.
    pub struct_size: u32,
    /// The status that the function answers with.
    pub status: backstay_status,
    /// What is wrong and what to do, zero-terminated; cut off when it is longer.
    pub text: [c_char; 504],
}

// SAFETY: `struct_size` is the first field.
unsafe impl crate::border::SizeFirst for backstay_error {}

impl backstay_error {
    pub(crate) fn new(status: Status, text: &str) -> Self {
        let mut error = Self { struct_size: 0, status: status.number(), text: [0; 504] };
        fill(&mut error.text, text);
        error
    }
}
