//! Subscriptions.

use std::sync::Arc;

use backstay::{Status, Subscription};

use crate::answers::backstay_status;
use crate::border::{give, guard, release, resolve};

/// One attached callback. Releasing the handle leaves the callback attached until its task or instance ends; only
/// backstay_subscription_cancel detaches it. Usable from any thread.
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

/// One more handle to the same subscription; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_subscription_dup(
    subscription: backstay_subscription,
    out: *mut backstay_subscription,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { give(resolve::<Arc<Subscription>>(subscription.id)?, out) })
}

/// Ends a handle; 0 is fine. The callback stays attached.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_subscription_release(subscription: backstay_subscription) -> backstay_status {
    guard(|| release::<Arc<Subscription>>(subscription.id))
}
