//! Instances.

mod cancelling;
mod holding;
mod object;
mod suspending;

use std::ffi::c_void;

use backstay::Status;

pub use self::cancelling::*;
pub use self::holding::*;
pub(crate) use self::object::InstanceObject;
use self::object::instance_of;
pub use self::suspending::*;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{
    Callback, UserData, backstay_destroy_fn, check_size, dup, duration, give, guard, release, resolve, text,
    write_out, write_sized,
};
use crate::completion::{backstay_completed_fn, backstay_completion, tell_completed};
use crate::details::backstay_details;
use crate::host::backstay_host;
use crate::subscription::{backstay_subscription, hand_out};
use crate::task::backstay_task;
use crate::words::backstay_state;

/// One execution of a task: made by a firing, Pending until a worker enters the entry point, Running while the entry
/// point executes or a deferral is pending, then Finished.
///
/// Usable from any thread. It may outlive its task and its host: what it was stays readable. You release what
/// backstay_task_fire and dup gave you; what a callback lent you ends with the call. Releasing ends no work.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_instance {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// The id: 16 random bytes in the order of their text form.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_id(instance: backstay_instance, out: *mut u8) -> backstay_status {
    guard(|| {
        let id = instance_of(instance)?.id();
        // SAFETY: NULL, or 16 writable bytes; an array of bytes needs no alignment.
        unsafe { write_out(out.cast::<[u8; 16]>(), id.into_bytes()) }
    })
}

/// A handle to the task of which this is an execution.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_task(
    instance: backstay_instance,
    out: *mut backstay_task,
) -> backstay_status {
    guard(|| {
        let task = instance_of(instance)?.task();
        // SAFETY: NULL or writable.
        unsafe { give(task, out) }
    })
}

/// A handle to the host that runs it, which you release.
///
/// Errors: CLOSED when its last handle is gone and it is shutting down.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_host(
    instance: backstay_instance,
    out: *mut backstay_host,
) -> backstay_status {
    guard(|| {
        let host = instance_of(instance)?.host().ok_or(Status::Closed)?;
        // SAFETY: NULL or writable.
        unsafe { give(host, out) }
    })
}

/// What the firing carried; a later firing that is merged with a Pending instance may replace it. The views in `out`
/// are good until this handle is released, or the callback that lent it returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_details(
    instance: backstay_instance,
    out: *mut backstay_details,
) -> backstay_status {
    guard(|| {
        let object = resolve::<InstanceObject>(instance.id)?;
        // SAFETY: NULL, or as long as it says.
        unsafe { write_sized(out, &object.view_details()) }
    })
}

/// Where the instance is in its life: BACKSTAY_STATE_PENDING, _RUNNING, _FINISHED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_get_state(
    instance: backstay_instance,
    out: *mut backstay_state,
) -> backstay_status {
    guard(|| {
        let state = instance_of(instance)?.state();
        // SAFETY: NULL or writable.
        unsafe { write_out(out, state as u32) }
    })
}

/// The progress that was set last; 0 before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_get_progress(
    instance: backstay_instance,
    out: *mut u32,
) -> backstay_status {
    guard(|| {
        let progress = instance_of(instance)?.progress();
        // SAFETY: NULL or writable.
        unsafe { write_out(out, progress) }
    })
}

/// Sets the progress to any number. Never blocks; ignored after the finish.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_set_progress(
    instance: backstay_instance,
    progress: u32,
) -> backstay_status {
    guard(|| {
        instance_of(instance)?.set_progress(progress);
        Ok(())
    })
}

/// Sets the text of the error that the entry point is about to return with: call it on the handle lent to the entry
/// point, or on a dup of that. The last text counts; without an error it is forgotten. The type of the error is the
/// name of the status.
///
/// Errors: NOT_RUNNING on every other handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_set_error(
    instance: backstay_instance,
    error: backstay_str,
) -> backstay_status {
    guard(|| {
        let object = resolve::<InstanceObject>(instance.id)?;
        // SAFETY: the caller's view is good for the call.
        let said = unsafe { text(error) }?.to_owned();
        object.set_error(said, None)
    })
}

/// The same with the name of the error's type, for wrappers of languages whose errors have one.
///
/// Errors: NOT_RUNNING on every other handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_set_error_typed(
    instance: backstay_instance,
    error: backstay_str,
    type_name: backstay_str,
) -> backstay_status {
    guard(|| {
        let object = resolve::<InstanceObject>(instance.id)?;
        // SAFETY: the caller's views are good for the call.
        let (said, type_name) = unsafe { (text(error)?.to_owned(), text(type_name)?.to_owned()) };
        object.set_error(said, Some(type_name))
    })
}

/// Calls `completed` once when the instance has ended, before the handlers of the task and the host are told. On a
/// finished instance the answer is OK, nothing is attached and `destroy` runs: look with a backstay_instance_wait of
/// 0 afterwards. `out` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_on_completed(
    instance: backstay_instance,
    completed: backstay_completed_fn,
    user_data: *mut c_void,
    destroy: backstay_destroy_fn,
    out: *mut backstay_subscription,
) -> backstay_status {
    let user_data = UserData::new(user_data, destroy);
    guard(|| {
        let callback = Callback::new(completed, user_data)?;
        let subscription =
            instance_of(instance)?.on_completed(move |completion| tell_completed(&callback, completion));
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// Waits until the instance is finished, at most `timeout_ns` by the machine's clock, and tells how it ended. Does
/// not wait for callbacks. `out` may be NULL; its views are good until this handle is released, or the callback that
/// lent it returns.
///
/// Errors: TIMED_OUT; WOULD_DEADLOCK from the instance's own entry point.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_wait(
    instance: backstay_instance,
    timeout_ns: i64,
    out: *mut backstay_completion,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let object = resolve::<InstanceObject>(instance.id)?;
        if !out.is_null() {
            // SAFETY: not NULL. Looked at before the wait, so that a mistake is told at once.
            unsafe { check_size(out) }?;
        }
        let completion = object.instance.wait(timeout).map_err(|error| error.status())?;
        if out.is_null() {
            return Ok(());
        }
        // SAFETY: not NULL, so as long as it says. The instance keeps its completion, the object the lists.
        unsafe { write_sized(out, &object.view_completion(&completion)) }
    })
}

/// One more handle to the same instance; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_dup(
    instance: backstay_instance,
    out: *mut backstay_instance,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { dup::<InstanceObject, _>(instance.id, out) })
}

/// Ends a handle; 0 is fine. The instance goes on.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_release(instance: backstay_instance) -> backstay_status {
    guard(|| release::<InstanceObject>(instance.id))
}
