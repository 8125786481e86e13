//! Deferrals.

use std::sync::Arc;

use backstay::{Deferral, Status, TaskError};

use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{Answer, Object as _, give, guard, release, resolve, take, text};
use crate::instance::{InstanceObject, backstay_instance};

/// A hold on an instance: while it is pending the instance is not finished. Usable from any thread.
///
/// The handles that come from one deferral by dup share one hold. Completing or failing ends the handle; releasing the
/// last handle without that counts as completed and is told on the completion as dropped.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_deferral {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// Lets the instance go. Never blocks on your code. Ends the handle.
///
/// OK; ALREADY_COMPLETED for every later one, also long after the instance finished; NOT_RUNNING once when the instance
/// was abandoned meanwhile. Nobody must look at the answer.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_complete(deferral: backstay_deferral) -> backstay_status {
    guard(|| end(deferral, Deferral::complete))
}

/// Lets the instance go and says that the work failed: the first error makes the outcome Failed. Answered like
/// backstay_deferral_complete; INVALID_ARGUMENT, with the handle still good, when the text is not UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_fail(
    deferral: backstay_deferral,
    error: backstay_str,
) -> backstay_status {
    guard(|| {
        // SAFETY: the caller's view is good for the call.
        let error = TaskError::with_type(unsafe { text(error) }?, "FAILED");
        end(deferral, |deferral| deferral.fail(error))
    })
}

/// Ends the handle and the hold (L4). A handle that has ended says that the deferral was completed.
fn end(deferral: backstay_deferral, ending: impl FnOnce(&Deferral) -> Status) -> Answer {
    let held = match take::<Arc<Deferral>>(deferral.id) {
        Err(Status::StaleHandle) => return Err(Status::AlreadyCompleted),
        held => held?,
    };
    let deferral = <Arc<Deferral>>::held(&held).ok_or(Status::Internal)?;
    match ending(deferral) {
        Status::Ok => Ok(()),
        status => Err(status),
    }
}

/// A handle to the instance that is held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_instance(
    deferral: backstay_deferral,
    out: *mut backstay_instance,
) -> backstay_status {
    guard(|| {
        let instance = resolve::<Arc<Deferral>>(deferral.id)?.instance().clone();
        // SAFETY: NULL or writable.
        unsafe { give(InstanceObject::new(instance), out) }
    })
}

/// One more handle to the same hold; each is released, completed or failed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_dup(
    deferral: backstay_deferral,
    out: *mut backstay_deferral,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { give(resolve::<Arc<Deferral>>(deferral.id)?, out) })
}

/// Ends a handle; 0 is fine. When it was the last one of a pending deferral, the hold is dropped, which lets the
/// instance go and is told on its completion.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_release(deferral: backstay_deferral) -> backstay_status {
    guard(|| release::<Arc<Deferral>>(deferral.id))
}
