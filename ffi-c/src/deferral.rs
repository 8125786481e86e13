//! Deferrals.

mod object;

use std::ffi::c_char;

use backstay::{Deferral, Stack, Status, TaskError};

pub(crate) use self::object::DeferralObject;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{
    Answer, Used, dup, duration, give, guard, release, resolve, take, text, write_sized, write_text,
};
use crate::holder::backstay_holder;
use crate::instance::{InstanceObject, backstay_instance, tell};
use crate::words::{self, backstay_cancel_reason, backstay_language};

/// A hold on an instance: while it is pending the instance is not finished.
///
/// Usable from any thread. It may be used after everything else is gone: ending it late is answered, not fatal.
/// Completing or failing ends the handle, so that nothing is left to release: STALE_HANDLE, and from complete and
/// fail ALREADY_COMPLETED. Releasing the last handle without that counts as completed and is told on the completion
/// as dropped. The handles that come from one deferral by dup share one hold; ALREADY_COMPLETED from the functions
/// below means: through another of these handles.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_deferral {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// Lets the instance go. Never blocks on your code. Ends the handle.
///
/// Errors: ALREADY_COMPLETED for every later one, also long after the instance finished; NOT_RUNNING once when the
/// instance was abandoned meanwhile. The answer may be ignored.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_complete(deferral: backstay_deferral) -> backstay_status {
    guard(|| end(deferral, Deferral::complete))
}

/// Lets the instance go and says that the work failed: the first error makes the outcome Failed.
///
/// Errors: those of backstay_deferral_complete; INVALID_ARGUMENT, with the handle still good, when the text is not
/// UTF-8.
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

/// The same with the name of the error's type, for wrappers of languages whose errors have one.
///
/// Errors: as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_fail_typed(
    deferral: backstay_deferral,
    error: backstay_str,
    type_name: backstay_str,
) -> backstay_status {
    guard(|| {
        // SAFETY: the caller's views are good for the call.
        let error = unsafe { TaskError::with_type(text(error)?, text(type_name)?) };
        end(deferral, |deferral| deferral.fail(error))
    })
}

/// Ends the handle and the hold (L4). A handle that has ended says that the deferral was completed.
fn end(deferral: backstay_deferral, ending: impl FnOnce(&Deferral) -> Status) -> Answer {
    let mut taken = match take::<DeferralObject>(deferral.id) {
        Err(Status::StaleHandle) => return Err(Status::AlreadyCompleted),
        taken => taken?,
    };
    answer(match taken.get_mut() {
        Some(object) => object.end(ending),
        // Another thread is inside of a call with this handle.
        None => ending(&taken.share()),
    })
}

/// The object behind a good handle.
fn object_of(deferral: backstay_deferral) -> Result<Used<DeferralObject>, Status> {
    resolve(deferral.id)
}

/// A handle to the instance that is held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_instance(
    deferral: backstay_deferral,
    out: *mut backstay_instance,
) -> backstay_status {
    guard(|| {
        let instance = object_of(deferral)?.ask(|deferral| deferral.instance().clone());
        // SAFETY: NULL or writable.
        unsafe { give(InstanceObject::new(instance), out) }
    })
}

/// Whether the instance was asked to stop, and why: what the holder of this deferral should ask between any two
/// pieces of its work. Unlike backstay_instance_is_canceled it notes that this holder has looked, which reports
/// tell. `reason` may be NULL; it is written only when `canceled` becomes true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_is_canceled(
    deferral: backstay_deferral,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let asked = object_of(deferral)?.ask(Deferral::canceled);
        // SAFETY: NULL or writable.
        unsafe { tell(asked, canceled, reason) }
    })
}

/// Waits until the instance is asked to stop, at most `timeout_ns` by the machine's clock: the sleep of a holder,
/// which a cancellation ends, and after which TIMED_OUT means to go on. OK with `canceled` false when the instance
/// finished without being asked. It notes that this holder has looked. On TIMED_OUT nothing is written; `reason` may
/// be NULL.
///
/// Errors: TIMED_OUT.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_wait_canceled(
    deferral: backstay_deferral,
    timeout_ns: i64,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let object = object_of(deferral)?;
        if canceled.is_null() {
            return Err(Status::InvalidArgument);
        }
        let asked = object.share().wait_canceled(timeout).map_err(|error| error.status())?;
        // SAFETY: `canceled` is not NULL, so writable, and `reason` is NULL or writable.
        unsafe { tell(asked, canceled, reason) }
    })
}

/// Says what the holder is doing, "part 3 of 7": it stands in every report until the next note. Copied.
///
/// Errors: ALREADY_COMPLETED or NOT_RUNNING when no report will show it any more.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_set_note(
    deferral: backstay_deferral,
    note: backstay_str,
) -> backstay_status {
    guard(|| {
        let object = object_of(deferral)?;
        // SAFETY: the caller's view is good for the call.
        let note = unsafe { text(note) }?;
        answer(object.ask(|deferral| deferral.set_note(note)))
    })
}

/// Has BACKSTAY_EVENT_OVERDUE told, once, when this deferral has been pending for `age_ns` by the host's clock;
/// soon, when it is that old already. It counts instead of the host's own limit. BACKSTAY_FOREVER: never.
///
/// Errors: ALREADY_COMPLETED, NOT_RUNNING.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_set_overdue_after(
    deferral: backstay_deferral,
    age_ns: i64,
) -> backstay_status {
    guard(|| {
        let age = duration(age_ns)?.unwrap_or(std::time::Duration::MAX);
        answer(object_of(deferral)?.ask(|deferral| deferral.set_overdue_after(age)))
    })
}

/// The calls that led to the taking, as a text of your language, for reports; instead of what the host captures.
/// Copied.
///
/// Errors: ALREADY_COMPLETED, NOT_RUNNING.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_set_stack(
    deferral: backstay_deferral,
    stack: backstay_str,
) -> backstay_status {
    guard(|| {
        let object = object_of(deferral)?;
        // SAFETY: the caller's view is good for the call.
        let stack = Stack::from_text(unsafe { text(stack) }?);
        answer(object.ask(|deferral| deferral.set_stack(stack)))
    })
}

/// Says that code of that language has the deferral from now on, for who takes it over from another language: reports
/// name it as the holder, beside the line that took it.
///
/// Errors: INVALID_ARGUMENT, ALREADY_COMPLETED, NOT_RUNNING.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_set_language(
    deferral: backstay_deferral,
    language: backstay_language,
) -> backstay_status {
    guard(|| {
        let object = object_of(deferral)?;
        let language = words::language(language)?;
        answer(object.ask(|deferral| deferral.set_language(language)))
    })
}

/// The calls that led to the taking, into a buffer of yours as snprintf does: empty unless the host captures them or
/// backstay_deferral_set_stack gave them.
///
/// Errors: ALREADY_COMPLETED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_stack(
    deferral: backstay_deferral,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> backstay_status {
    guard(|| {
        let holder = object_of(deferral)?.ask(Deferral::holder).ok_or(Status::AlreadyCompleted)?;
        let stack = holder.stack.map(|stack| stack.to_string()).unwrap_or_default();
        // SAFETY: the caller's buffer is as long as it says.
        unsafe { write_text(&stack, buffer, capacity, length) }
    })
}

/// How this deferral stands in reports.
///
/// Errors: ALREADY_COMPLETED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_holder(
    deferral: backstay_deferral,
    out: *mut backstay_holder,
) -> backstay_status {
    guard(|| {
        let seen = object_of(deferral)?.ask(|deferral| {
            let holder = deferral.holder().ok_or(Status::AlreadyCompleted)?;
            Ok(backstay_holder::of_instance(deferral.instance(), &[holder]))
        })?;
        // SAFETY: NULL, or as long as it says.
        unsafe { write_sized(out, seen.first().ok_or(Status::Internal)?) }
    })
}

/// The core's answer as C is given it.
fn answer(status: Status) -> Answer {
    if status == Status::Ok { Ok(()) } else { Err(status) }
}

/// One more handle to the same hold; each is released, completed or failed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_deferral_dup(
    deferral: backstay_deferral,
    out: *mut backstay_deferral,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { dup::<DeferralObject, _>(deferral.id, out) })
}

/// Ends a handle; 0 is fine. When it was the last one of a pending deferral, the hold is dropped, which lets the
/// instance go and is told on its completion; to take a hold back without a trace, complete it.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_deferral_release(deferral: backstay_deferral) -> backstay_status {
    guard(|| release::<DeferralObject>(deferral.id))
}
