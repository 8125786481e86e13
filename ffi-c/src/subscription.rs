//! Subscriptions.

use std::sync::Arc;

use backstay::{Status, Subscription};

use crate::answers::backstay_status;
use crate::border::{dup, guard, insert, release, resolve, write_out};

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
    match insert(Arc::clone(&subscription)) {
        // SAFETY: not NULL, so writable.
        Ok(id) => unsafe { write_out(out, backstay_subscription { id }) },
        Err(status) => {
            // A failed call leaves nothing attached.
            subscription.cancel();
            Err(status)
        }
    }
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
    guard(|| {
        if out.is_null() {
            return Err(Status::InvalidArgument);
        }
        let id = dup::<Arc<Subscription>>(subscription.id)?;
        // SAFETY: not NULL.
        unsafe { write_out(out, backstay_subscription { id }) }
    })
}

/// Ends a handle; 0 is fine. The callback stays attached.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_subscription_release(subscription: backstay_subscription) -> backstay_status {
    guard(|| release::<Arc<Subscription>>(subscription.id))
}
