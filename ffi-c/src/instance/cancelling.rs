//! Cancelling an instance, and learning of it.

use std::ffi::c_void;

use backstay::{CancelReason, Instance, Status};

use super::object::instance_of;
use super::{InstanceObject, backstay_instance};
use crate::answers::backstay_status;
use crate::border::{
    Callback, Lent, UserData, backstay_destroy_fn, duration, fail_if, guard, listen, write_out,
};
use crate::subscription::{backstay_subscription, hand_out};
use crate::words::backstay_cancel_reason;

/// Told that an instance was asked to stop: once, before Completed.
///
/// Thread: the host's events thread. May call anything that does not wait for events of its host. `instance` is lent
/// for the call, and 0 when handles ran out. User data: ended after the call, or when the instance has ended or the
/// subscription is cancelled.
pub type backstay_canceled_fn = Option<
    unsafe extern "C" fn(instance: backstay_instance, reason: backstay_cancel_reason, user_data: *mut c_void),
>;

/// Asks the instance to stop. The first reason stays; a later request is OK and changes nothing.
///
/// Errors: INVALID_ARGUMENT for the reasons 12 to 63, which nobody may use.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_cancel(
    instance: backstay_instance,
    reason: backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let instance = instance_of(instance)?;
        instance.cancel(CancelReason::from_number(reason).ok_or(Status::InvalidArgument)?);
        Ok(())
    })
}

/// Whether the instance was asked to stop, and why; cheap enough to ask between any two blocks of work. `reason` may
/// be NULL; it is written only when `canceled` becomes true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_is_canceled(
    instance: backstay_instance,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let asked = instance_of(instance)?.canceled();
        // SAFETY: NULL or writable.
        unsafe { tell(asked, canceled, reason) }
    })
}

/// Calls `canceled` once when the instance is asked to stop; soon, but never inside this call, when it was asked
/// before. On a finished instance the answer is OK, nothing is attached and `destroy` runs; the subscription is good
/// to be released. `out` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_on_canceled(
    instance: backstay_instance,
    canceled: backstay_canceled_fn,
    user_data: *mut c_void,
    destroy: backstay_destroy_fn,
    out: *mut backstay_subscription,
) -> backstay_status {
    let user_data = UserData::new(user_data, destroy);
    guard(|| {
        let callback = Callback::new(canceled, user_data)?;
        let instance = instance_of(instance)?;
        let subject = Instance::clone(&instance);
        let subscription = instance.on_canceled(move |reason| {
            // When handles ran out the callback is told with handle 0, rather than not at all.
            let lent = Lent::new(InstanceObject::new(subject.clone())).ok();
            let id = lent.as_ref().map_or(0, Lent::handle);
            let (function, user_data) = callback.parts();
            // SAFETY: function and user data belong to each other and live while the callback does.
            let ((), failure) =
                listen(|| unsafe { function(backstay_instance { id }, reason.number(), user_data) });
            drop(lent);
            fail_if(failure);
        });
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// Waits until the instance is asked to stop, at most `timeout_ns` by the machine's clock: a sleep that a
/// cancellation ends, after which TIMED_OUT means to go on. OK with `canceled` false when the instance finished
/// without being asked, after which it never will be. `reason` may be NULL; it is written only when `canceled`
/// becomes true.
///
/// On TIMED_OUT nothing is written. It notes that the instance has looked; a holder has its own
/// backstay_deferral_wait_canceled.
///
/// Errors: TIMED_OUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_wait_canceled(
    instance: backstay_instance,
    timeout_ns: i64,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let instance = instance_of(instance)?;
        if canceled.is_null() {
            return Err(Status::InvalidArgument);
        }
        let asked = instance.cancellation().wait(timeout).map_err(|error| error.status())?;
        // SAFETY: `canceled` is not NULL, so writable, and `reason` is NULL or writable.
        unsafe { tell(asked, canceled, reason) }
    })
}

/// # Safety
/// `canceled` and `reason` are NULL or writable.
pub(crate) unsafe fn tell(
    asked: Option<CancelReason>,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> Result<(), Status> {
    // SAFETY: NULL or writable.
    unsafe { write_out(canceled, asked.is_some()) }?;
    match asked {
        // SAFETY: not NULL, so writable.
        Some(why) if !reason.is_null() => unsafe { write_out(reason, why.number()) },
        _ => Ok(()),
    }
}
