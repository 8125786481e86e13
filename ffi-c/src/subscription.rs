//! Subscriptions.

use std::sync::Arc;

use backstay::{Status, Subscription};

use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{dup, duration, give, guard, note_failure, release, resolve, text};

/// One attached callback.
///
/// Usable from any thread. It may outlive what it is attached to. You release what the functions that attach give
/// you; that leaves the callback attached until its host, task or instance ends. Only backstay_subscription_cancel
/// detaches it.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_subscription {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// Gives the caller a handle, if it wants one.
///
/// # Safety
/// `out` is NULL or writable.
pub(crate) unsafe fn hand_out(
    subscription: Subscription,
    out: *mut backstay_subscription,
) -> Result<(), Status> {
    if out.is_null() {
        return Ok(());
    }
    let subscription = Arc::new(subscription);
    // SAFETY: not NULL, so writable.
    let given = unsafe { give(Arc::clone(&subscription), out) };
    if given.is_err() {
        // A failed call leaves nothing attached.
        subscription.cancel();
    }
    given
}

/// For a handler, which has no status to return: says that it failed. The host's log tells it when the handler has
/// returned, and nobody else is harmed. Outside of a handler it is OK and forgotten; an entry point has
/// backstay_instance_set_error.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_handler_failed(error: backstay_str) -> backstay_status {
    guard(|| {
        // SAFETY: the caller's view is good for the call.
        note_failure(unsafe { text(error) }?.to_owned());
        Ok(())
    })
}

/// Detaches the callback: afterwards it is not called any more, and its user data has been ended.
///
/// Waits for a call in flight, without a deadline; inside any backstay callback it never waits, and then a call in
/// flight may still be running when this returns, and ends the user data when it does. Again: OK, nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_subscription_cancel(subscription: backstay_subscription) -> backstay_status {
    guard(|| {
        resolve::<Arc<Subscription>>(subscription.id)?.cancel();
        Ok(())
    })
}

/// The same, waiting at most `timeout_ns` by the machine's clock for a call in flight.
///
/// Errors: TIMED_OUT when that still runs: there is no further call, and the user data is ended when it returns.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_subscription_cancel_within(
    subscription: backstay_subscription,
    timeout_ns: i64,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let subscription = resolve::<Arc<Subscription>>(subscription.id)?;
        subscription.cancel_within(timeout).map_err(|error| error.status())
    })
}

/// One more handle to the same subscription; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_subscription_dup(
    subscription: backstay_subscription,
    out: *mut backstay_subscription,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { dup::<Arc<Subscription>, _>(subscription.id, out) })
}

/// Ends a handle; 0 is fine. The callback stays attached.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_subscription_release(subscription: backstay_subscription) -> backstay_status {
    guard(|| release::<Arc<Subscription>>(subscription.id))
}
