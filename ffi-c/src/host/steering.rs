//! What the application tells a host: conditions, events, suspensions.

use backstay::Host;

use super::backstay_host;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{guard, resolve, text, write_out};
use crate::details::{Passed, backstay_details};
use crate::words::{backstay_cause, cause};

/// Says whether a condition holds; one that was never set does not. What waits for it starts, and what was
/// registered to be cancelled by its loss is.
///
/// Errors: INVALID_ARGUMENT for an empty name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_set_condition(
    host: backstay_host,
    name: backstay_str,
    on: bool,
) -> backstay_status {
    guard(|| {
        let host = resolve::<Host>(host.id)?;
        // SAFETY: the caller's view is good for the call.
        host.set_condition(unsafe { text(name) }?, on).map_err(|error| error.status())
    })
}

/// Whether a condition holds.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_condition(
    host: backstay_host,
    name: backstay_str,
    out: *mut bool,
) -> backstay_status {
    guard(|| {
        // SAFETY: the caller's view is good for the call.
        let on = resolve::<Host>(host.id)?.condition(unsafe { text(name) }?);
        // SAFETY: NULL or writable.
        unsafe { write_out(out, on) }
    })
}

/// Fires every task whose trigger is this event; `details` (NULL: none) are shared by all of them. `fired` may be
/// NULL; it gets how many took it: a task that is disabled, or rejects while it is busy, is not counted. An event
/// that no task waits for is OK, and forgotten.
///
/// Errors: CLOSED when the host drains or is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_raise_event(
    host: backstay_host,
    event: backstay_str,
    details: *const backstay_details,
    fired: *mut usize,
) -> backstay_status {
    // SAFETY: NULL, or a struct that is as long as it says.
    let details = unsafe { Passed::read(details) };
    guard(|| {
        // SAFETY: the caller's views are good for the call.
        let (details, event) = unsafe { (details.into_details()?, text(event)?) };
        let host = resolve::<Host>(host.id)?;
        let count = host.raise_event(event, details).map_err(|error| error.status())?;
        if fired.is_null() {
            return Ok(());
        }
        // SAFETY: not NULL, so writable.
        unsafe { write_out(fired, count) }
    })
}

/// Suspends the host: nothing starts, what runs stands still at its next checkpoint, deadlines stand still.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_suspend(host: backstay_host, why: backstay_cause) -> backstay_status {
    guard(|| {
        let host = resolve::<Host>(host.id)?;
        host.suspend(cause(why)?);
        Ok(())
    })
}

/// Takes back one backstay_host_suspend; one too many changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_resume(host: backstay_host) -> backstay_status {
    guard(|| {
        resolve::<Host>(host.id)?.resume();
        Ok(())
    })
}

/// Whether the host is suspended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_is_suspended(host: backstay_host, out: *mut bool) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, resolve::<Host>(host.id)?.is_suspended()) })
}
