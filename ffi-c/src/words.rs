//! Enumerations as C sees them: integers with constants, since C may pass any number, and their names.

use std::ffi::{CStr, c_char};

use backstay::{CancelReason, Cause, Counter, Language, Status};

use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{Answer, guard, guard_or, text, write_out};

/// Why an instance was asked to stop. 0 to 11 are the numbers that Windows uses; 64 and up are yours.
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

/// Fired, not started: it waits for conditions, for others of its task, for the end of a suspension, or for a
/// worker.
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

/// What a suspension was for. It decides in which counters a suspension counts.
pub type backstay_cause = u32;

/// No cause is named: counts in backstay_instance_suspended_count alone.
pub const BACKSTAY_CAUSE_NONE: backstay_cause = 0;
/// Processor time is short.
pub const BACKSTAY_CAUSE_CPU: backstay_cause = 1;
/// The network is short.
pub const BACKSTAY_CAUSE_NETWORK: backstay_cause = 2;

/// Which suspensions backstay_instance_throttle_count counts.
pub type backstay_counter = u32;

/// Those in which any named cause took part.
pub const BACKSTAY_COUNTER_ALL: backstay_counter = 0;
/// Those in which BACKSTAY_CAUSE_CPU took part.
pub const BACKSTAY_COUNTER_CPU: backstay_counter = 1;
/// Those in which BACKSTAY_CAUSE_NETWORK took part.
pub const BACKSTAY_COUNTER_NETWORK: backstay_counter = 2;

/// The cause that C names; the answer of an unknown one is `INVALID_ARGUMENT`.
pub(crate) fn cause(number: backstay_cause) -> Result<Option<Cause>, Status> {
    match number {
        BACKSTAY_CAUSE_NONE => Ok(None),
        BACKSTAY_CAUSE_CPU => Ok(Some(Cause::Cpu)),
        BACKSTAY_CAUSE_NETWORK => Ok(Some(Cause::Network)),
        _ => Err(Status::InvalidArgument),
    }
}

pub(crate) fn counter(number: backstay_counter) -> Result<Counter, Status> {
    match number {
        BACKSTAY_COUNTER_ALL => Ok(Counter::All),
        BACKSTAY_COUNTER_CPU => Ok(Counter::Cpu),
        BACKSTAY_COUNTER_NETWORK => Ok(Counter::Network),
        _ => Err(Status::InvalidArgument),
    }
}

pub(crate) fn language(number: backstay_language) -> Result<Language, Status> {
    match number {
        BACKSTAY_LANGUAGE_RUST => Ok(Language::Rust),
        BACKSTAY_LANGUAGE_C => Ok(Language::C),
        BACKSTAY_LANGUAGE_CPP => Ok(Language::Cpp),
        BACKSTAY_LANGUAGE_PYTHON => Ok(Language::Python),
        _ => Err(Status::InvalidArgument),
    }
}

/// The entry of a table of names; "UNKNOWN" for a number that has none.
fn name_of(names: &[&'static CStr], number: u32) -> *const c_char {
    names.get(number as usize).copied().unwrap_or(c"UNKNOWN").as_ptr()
}

/// The name of a state, such as "Running".
#[unsafe(no_mangle)]
pub extern "C" fn backstay_state_name(state: backstay_state) -> *const c_char {
    guard_or(c"UNKNOWN".as_ptr(), || name_of(&[c"Pending", c"Running", c"Finished"], state))
}

/// The name of an outcome, such as "Succeeded".
#[unsafe(no_mangle)]
pub extern "C" fn backstay_outcome_name(outcome: backstay_outcome) -> *const c_char {
    guard_or(c"UNKNOWN".as_ptr(), || name_of(&[c"Succeeded", c"Canceled", c"Failed", c"Abandoned"], outcome))
}

/// The name of a host's state, such as "Draining".
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_state_name(state: backstay_host_state) -> *const c_char {
    guard_or(c"UNKNOWN".as_ptr(), || name_of(&[c"Open", c"Draining", c"Closed"], state))
}

/// The name of a language, such as "C++".
#[unsafe(no_mangle)]
pub extern "C" fn backstay_language_name(language: backstay_language) -> *const c_char {
    guard_or(c"UNKNOWN".as_ptr(), || name_of(&[c"Rust", c"C", c"C++", c"Python"], language))
}

/// The name of a reason, such as "ExecutionTimeExceeded"; "Own" for every reason of your own.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_cancel_reason_name(reason: backstay_cancel_reason) -> *const c_char {
    const WINDOWS: &[&CStr] = &[
        c"Abort",
        c"Terminating",
        c"LoggingOff",
        c"ServicingUpdate",
        c"IdleTask",
        c"Uninstall",
        c"ConditionLoss",
        c"SystemPolicy",
        c"QuietHoursEntered",
        c"ExecutionTimeExceeded",
        c"ResourceRevocation",
        c"EnergySaver",
    ];
    let own = reason >= BACKSTAY_CANCEL_FIRST_OWN;
    guard_or(c"UNKNOWN".as_ptr(), || if own { c"Own".as_ptr() } else { name_of(WINDOWS, reason) })
}

/// The reason of this name, such as "ExecutionTimeExceeded" or "Own(64)".
///
/// Errors: NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_cancel_reason_from_name(
    name: backstay_str,
    out: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| -> Answer {
        // SAFETY: the caller's view is good for the call.
        let reason = CancelReason::from_name(unsafe { text(name) }?).ok_or(Status::NotFound)?;
        // SAFETY: NULL or writable.
        unsafe { write_out(out, reason.number()) }
    })
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use super::*;

    fn text_of(name: *const c_char) -> String {
        // SAFETY: names are static texts of this file.
        unsafe { CStr::from_ptr(name) }.to_string_lossy().into_owned()
    }

    #[test]
    fn names_are_those_of_the_core() {
        use backstay::{HostState, Outcome, State};
        for state in [State::Pending, State::Running, State::Finished] {
            assert_eq!(text_of(backstay_state_name(state as u32)), state.to_string());
        }
        for outcome in [Outcome::Succeeded, Outcome::Canceled, Outcome::Failed, Outcome::Abandoned] {
            assert_eq!(text_of(backstay_outcome_name(outcome as u32)), outcome.to_string());
        }
        for state in [HostState::Open, HostState::Draining, HostState::Closed] {
            assert_eq!(text_of(backstay_host_state_name(state as u32)), state.to_string());
        }
        for number in 0..=BACKSTAY_CANCEL_ENERGY_SAVER {
            let reason = CancelReason::from_number(number).expect("a reason of Windows");
            assert_eq!(text_of(backstay_cancel_reason_name(number)), reason.to_string());
        }
        assert_eq!(text_of(backstay_cancel_reason_name(64)), "Own");
        assert_eq!(text_of(backstay_cancel_reason_name(12)), "UNKNOWN");
        assert_eq!(text_of(backstay_outcome_name(4)), "UNKNOWN");
    }
}
