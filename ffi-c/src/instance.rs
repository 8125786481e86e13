//! Instances.

use std::ffi::c_void;
use std::sync::Arc;

use backstay::{CancelReason, Details, Instance, Language, Site, Status};
use parking_lot::Mutex;

use crate::answers::{backstay_cancel_reason, backstay_language, backstay_state, backstay_status};
use crate::backstay_str;
use crate::border::{
    Callback, Lent, Plain, SizeFirst, UserData, backstay_destroy_fn, check_size, duration, give, guard,
    read_sized, release, resolve, room, text, write_out, write_sized,
};
use crate::completion::backstay_completion;
use crate::deferral::backstay_deferral;
use crate::holder::{backstay_holder, write_holders};
use crate::subscription::{backstay_subscription, hand_out};
use crate::task::backstay_task;

/// One execution of a task. Usable from any thread; releasing a handle ends nothing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_instance {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// What stands behind a handle to an instance: the instance, and for the handles that descend from the one lent to an
/// entry point, the text of the error that it will return with.
#[derive(Clone)]
pub(crate) struct InstanceObject {
    pub(crate) instance: Instance,
    error: Option<Arc<Mutex<Option<String>>>>,
}

impl InstanceObject {
    pub(crate) fn new(instance: Instance) -> Self {
        Self { instance, error: None }
    }

    pub(crate) fn running(instance: Instance) -> Self {
        Self { instance, error: Some(Arc::default()) }
    }

    pub(crate) fn take_error(&self) -> Option<String> {
        self.error.as_ref().and_then(|error| error.lock().take())
    }
}

fn instance_of(handle: backstay_instance) -> Result<Instance, Status> {
    Ok(resolve::<InstanceObject>(handle.id)?.instance)
}

/// What a firing carries.
pub type backstay_details_kind = u32;

/// Nothing. To pass nothing, leave media_type, bytes and length zero.
pub const BACKSTAY_DETAILS_NONE: backstay_details_kind = 0;
/// Bytes with a media type.
pub const BACKSTAY_DETAILS_BYTES: backstay_details_kind = 1;
/// An object of the language that fired: it is there, but C cannot read it. Cannot be passed.
pub const BACKSTAY_DETAILS_OPAQUE: backstay_details_kind = 2;

/// What a firing carries to its instance: nothing, or bytes that every language can read. Text is "text/plain".
#[repr(C)]
pub struct backstay_details {
    /// sizeof(backstay_details).
    pub struct_size: u32,
    /// Written by backstay_instance_details. When passed, 0 is fine.
    pub kind: backstay_details_kind,
    /// How the bytes are to be read; "application/octet-stream" by default.
    pub media_type: backstay_str,
    /// The bytes; copied when passed.
    pub bytes: *const c_void,
    /// How many bytes.
    pub length: usize,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_details {}
// SAFETY: integers and pointers.
unsafe impl Plain for backstay_details {}

/// The details that C passed.
///
/// # Safety
/// NULL, or a struct that is as long as it says with views that are good for the call.
pub(crate) unsafe fn details_from(details: *const backstay_details) -> Result<Details, Status> {
    if details.is_null() {
        return Ok(Details::none());
    }
    // SAFETY: not NULL, so as long as it says.
    let details = unsafe { read_sized(details) }?;
    if details.kind > BACKSTAY_DETAILS_BYTES {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: good for the call.
    let media_type = unsafe { text(details.media_type) }?;
    // SAFETY: good for the call.
    let bytes = unsafe { crate::border::bytes(details.bytes.cast(), details.length) }?;
    match (media_type, bytes) {
        ("", []) if details.kind == BACKSTAY_DETAILS_NONE => Ok(Details::none()),
        ("", bytes) => Ok(Details::bytes("application/octet-stream", bytes)),
        (media_type, bytes) => Ok(Details::bytes(media_type.to_owned(), bytes)),
    }
}

/// Told that an instance was asked to stop: once, on the host's events thread, before Completed. `instance` is lent for
/// the call. Must not throw; may call anything except what would wait for itself.
pub type backstay_canceled_fn = Option<
    unsafe extern "C" fn(instance: backstay_instance, reason: backstay_cancel_reason, user_data: *mut c_void),
>;

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

/// What the firing carried. The views in `out` are good until this handle is released, or the callback that lent it
/// returns.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_details(
    instance: backstay_instance,
    out: *mut backstay_details,
) -> backstay_status {
    guard(|| {
        let instance = instance_of(instance)?;
        let details = instance.details();
        let (kind, bytes) = match details.as_bytes() {
            Some(bytes) => (BACKSTAY_DETAILS_BYTES, bytes),
            None if details.is_none() => (BACKSTAY_DETAILS_NONE, &[][..]),
            None => (BACKSTAY_DETAILS_OPAQUE, &[][..]),
        };
        let seen = backstay_details {
            struct_size: 0,
            kind,
            media_type: backstay_str::of(details.media_type().unwrap_or_default()),
            bytes: bytes.as_ptr().cast(),
            length: bytes.len(),
        };
        // SAFETY: NULL, or as long as it says.
        unsafe { write_sized(out, &seen) }
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

/// Takes a deferral: until it is completed, failed or released, the instance is not finished. Works from any thread
/// while the instance is Running, also after the entry point returned. NOT_RUNNING on a Pending or Finished one.
///
/// `label` stands in every report of who holds the instance, and so do file and line: in C and C++ a macro of the same
/// name passes them.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_get_deferral(
    instance: backstay_instance,
    label: backstay_str,
    out: *mut backstay_deferral,
) -> backstay_status {
    let nowhere = backstay_str { ptr: std::ptr::null(), len: 0 };
    // SAFETY: the same contract.
    guard(|| unsafe { get_deferral(instance, label, nowhere, 0, Language::C, out) })
}

/// The same with the line that stands in reports, for wrappers of other languages. `file` is copied.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_get_deferral_at(
    instance: backstay_instance,
    label: backstay_str,
    file: backstay_str,
    line: u32,
    language: backstay_language,
    out: *mut backstay_deferral,
) -> backstay_status {
    guard(|| {
        let language = match language {
            0 => Language::Rust,
            1 => Language::C,
            2 => Language::Cpp,
            3 => Language::Python,
            _ => return Err(Status::InvalidArgument),
        };
        // SAFETY: the same contract.
        unsafe { get_deferral(instance, label, file, line, language, out) }
    })
}

/// # Safety
/// The views are good for the call, `out` is NULL or writable.
unsafe fn get_deferral(
    instance: backstay_instance,
    label: backstay_str,
    file: backstay_str,
    line: u32,
    language: Language,
    out: *mut backstay_deferral,
) -> Result<(), Status> {
    let instance = instance_of(instance)?;
    // SAFETY: the views are good for the call.
    let (label, file) = unsafe { (text(label)?.to_owned(), text(file)?.to_owned()) };
    if out.is_null() {
        return Err(Status::InvalidArgument);
    }
    room()?;
    let site = Site { language, file: file.into(), line };
    let deferral = instance.get_deferral_at(label, site).map_err(|error| error.status())?;
    // SAFETY: not NULL.

    unsafe { give(Arc::new(deferral), out) }
}

/// The pending deferrals, in the order of taking, into the caller's array.
///
/// Set `buffer[0].struct_size` to sizeof(backstay_holder); it is the distance between the elements. At most `capacity`
/// elements are written; `count` gets how many there are. `buffer` may be NULL when `capacity` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_holders(
    instance: backstay_instance,
    buffer: *mut backstay_holder,
    capacity: usize,
    count: *mut usize,
) -> backstay_status {
    guard(|| {
        let instance = instance_of(instance)?;
        if count.is_null() {
            return Err(Status::InvalidArgument);
        }
        let task = instance.task();
        let holders: Vec<_> = (instance.holders().iter())
            .map(|holder| {
                backstay_holder::of(holder, instance.id(), task.name(), instance.canceled().is_some())
            })
            .collect();
        // SAFETY: `buffer` has `capacity` elements of the size that its first one says, `count` is not NULL.
        unsafe {
            write_holders(&holders, buffer, capacity)?;
            write_out(count, holders.len())
        }
    })
}

/// Sets the text of the error that the entry point is about to return with: call it on the handle lent to the entry
/// point, or on a dup of that; NOT_RUNNING on every other handle. The last text counts; without an error it is
/// forgotten.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_set_error(
    instance: backstay_instance,
    error: backstay_str,
) -> backstay_status {
    guard(|| {
        let object = resolve::<InstanceObject>(instance.id)?;
        // SAFETY: the caller's view is good for the call.
        let said = unsafe { text(error) }?.to_owned();
        let slot = object.error.ok_or(Status::NotRunning)?;
        *slot.lock() = Some(said);
        Ok(())
    })
}

/// Asks the instance to stop. The first reason stays; a later request is OK and changes nothing. INVALID_ARGUMENT for
/// the reasons 12 to 63, which nobody may use.
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

/// Whether the instance was asked to stop, and why; cheap enough to ask between any two blocks of work. `reason` may be
/// NULL; it is written only when `canceled` becomes true.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_is_canceled(
    instance: backstay_instance,
    canceled: *mut bool,
    reason: *mut backstay_cancel_reason,
) -> backstay_status {
    guard(|| {
        let asked = instance_of(instance)?.canceled();
        // SAFETY: NULL or writable.
        unsafe { write_out(canceled, asked.is_some()) }?;
        match asked {
            // SAFETY: not NULL, so writable.
            Some(why) if !reason.is_null() => unsafe { write_out(reason, why.number()) },
            _ => Ok(()),
        }
    })
}

/// Calls `canceled` once when the instance is asked to stop; soon, but never inside this call, when it was asked
/// before. On a finished instance the answer is OK, nothing is attached and `destroy` runs; the subscription is good to
/// be released. `out` may be NULL.
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
        let subject = instance.clone();
        let subscription = instance.on_canceled(move |reason| {
            // When handles ran out the callback is told with handle 0, rather than not at all.
            let lent = Lent::new(InstanceObject::new(subject.clone())).ok();
            let id = lent.as_ref().map_or(0, Lent::handle);
            let (function, user_data) = callback.parts();
            // SAFETY: function and user data belong to each other and live while the callback does.
            unsafe { function(backstay_instance { id }, reason.number(), user_data) };
        });
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// Waits until the instance is finished, at most `timeout_ns` by the machine's clock, and tells how it ended. Does not
/// wait for callbacks. `out` may be NULL; its views are good until this handle is released, or the callback that lent
/// it returns. TIMED_OUT; WOULD_DEADLOCK from the instance's own entry point.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_wait(
    instance: backstay_instance,
    timeout_ns: i64,
    out: *mut backstay_completion,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let instance = instance_of(instance)?;
        if !out.is_null() {
            // SAFETY: not NULL. Looked at before the wait, so that a mistake is told at once.
            unsafe { check_size(out) }?;
        }
        let completion = instance.wait(timeout).map_err(|error| error.status())?;
        if out.is_null() {
            return Ok(());
        }
        // SAFETY: not NULL, so as long as it says. The instance keeps its completion, and with it the views.
        unsafe { write_sized(out, &backstay_completion::of(&completion)) }
    })
}

/// One more handle to the same instance; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_instance_dup(
    instance: backstay_instance,
    out: *mut backstay_instance,
) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { give(resolve::<InstanceObject>(instance.id)?, out) })
}

/// Ends a handle; 0 is fine. The instance goes on.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_instance_release(instance: backstay_instance) -> backstay_status {
    guard(|| release::<InstanceObject>(instance.id))
}
