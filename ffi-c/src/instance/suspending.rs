//! Suspending an instance, and the time that it has.

use backstay::Status;

use super::backstay_instance;
use super::object::instance_of;
use crate::answers::backstay_status;
use crate::border::{FOREVER_NS, duration, guard, nanoseconds, write_out};
use crate::words::{backstay_cause, backstay_counter, cause, counter};

/// Suspends the instance by itself: its code stands still at its next checkpoint, its deadline stands still now. A
/// suspension of the task or the host is counted apart, and each needs its own resume.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_suspend(
    instance: backstay_instance,
    why: backstay_cause,
) -> backstay_status {
    guard(|| {
        instance_of(instance)?.suspend(cause(why)?);
        Ok(())
    })
}

/// Takes back one backstay_instance_suspend; one too many changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_resume(instance: backstay_instance) -> backstay_status {
    guard(|| {
        instance_of(instance)?.resume();
        Ok(())
    })
}

/// Whether it is suspended now, by itself, its task or its host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_is_suspended(
    instance: backstay_instance,
    out: *mut bool,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, instance_of(instance)?.is_suspended()) })
}

/// How many suspensions it has felt, whatever their number of causes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_suspended_count(
    instance: backstay_instance,
    out: *mut u32,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, instance_of(instance)?.suspended_count()) })
}

/// How many of its suspensions had this cause.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_throttle_count(
    instance: backstay_instance,
    which: backstay_counter,
    out: *mut u32,
) -> backstay_status {
    guard(|| {
        let count = instance_of(instance)?.throttle_count(counter(which)?);
        // SAFETY: NULL or writable.
        unsafe { write_out(out, count) }
    })
}

/// For the code of the instance, between two pieces of work: waits while it is suspended, and tells whether it was
/// asked to stop, which wakes it. Inside a handler of its host it never waits.
///
/// It notes that the instance has looked. Only backstay_deferral_is_canceled and _wait_canceled mark a holder as
/// having noticed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_checkpoint(
    instance: backstay_instance,
    canceled: *mut bool,
) -> backstay_status {
    // SAFETY: the same contract.
    guard(|| unsafe { checkpoint(instance, FOREVER_NS, canceled) })
}

/// The same, waiting at most `timeout_ns` by the machine's clock.
///
/// Errors: TIMED_OUT when it is still suspended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_checkpoint_within(
    instance: backstay_instance,
    timeout_ns: i64,
    canceled: *mut bool,
) -> backstay_status {
    // SAFETY: the same contract.
    guard(|| unsafe { checkpoint(instance, timeout_ns, canceled) })
}

/// # Safety
/// `canceled` is NULL or writable.
unsafe fn checkpoint(
    instance: backstay_instance,
    timeout_ns: i64,
    canceled: *mut bool,
) -> Result<(), Status> {
    let timeout = duration(timeout_ns)?;
    let instance = instance_of(instance)?;
    if canceled.is_null() {
        return Err(Status::InvalidArgument);
    }
    let asked = instance.checkpoint_within(timeout).map_err(|error| error.status())?;
    // SAFETY: not NULL, so writable.
    unsafe { write_out(canceled, asked) }
}

/// How long the task lets it run, suspensions not counted; BACKSTAY_FOREVER when there is no end to that.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_deadline(
    instance: backstay_instance,
    out_ns: *mut i64,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out_ns, instance_of(instance)?.deadline().map_or(FOREVER_NS, nanoseconds)) })
}

/// How much of that is left, by the host's clock: all of it before the start; it stands still while the instance is
/// suspended, and after the end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_remaining(
    instance: backstay_instance,
    out_ns: *mut i64,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out_ns, instance_of(instance)?.remaining().map_or(FOREVER_NS, nanoseconds)) })
}
