//! Deferrals of an instance, and who has them.

use backstay::{Language, Site, Status};

use super::backstay_instance;
use super::object::instance_of;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{Place, guard, name, write_out};
use crate::deferral::{DeferralObject, backstay_deferral};
use crate::holder::{backstay_holder, write_list};
use crate::words::{self, backstay_language};

/// Takes a deferral: until it is completed, failed or released, the instance is not finished. Works from any thread
/// while the instance is Running, also after the entry point returned. Whoever has only the deferral gets the
/// instance by backstay_deferral_instance.
///
/// `label` stands in every report of who holds the instance, and so do file and line: in C and C++ a macro of the
/// same name passes them.
///
/// Errors: NOT_RUNNING on a Pending or Finished instance.
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
        let language = words::language(language)?;
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
    let (label, file) = unsafe { (name(label)?, name(file)?) };
    if out.is_null() {
        return Err(Status::InvalidArgument);
    }
    // Before the deferral is taken, which could not be undone without a trace.
    let place = Place::reserve()?;
    let deferral =
        instance.get_deferral_at(label, Site { language, file, line }).map_err(|error| error.status())?;
    // SAFETY: not NULL, so writable.
    unsafe { place.give(DeferralObject::new(deferral), out) }
}

/// The pending deferrals, in the order of taking, into the caller's array.
///
/// Set `buffer[0].struct_size` to sizeof(backstay_holder); it is the distance between the elements. At most
/// `capacity` elements are written; `count` gets how many there are. `buffer` may be NULL when `capacity` is 0.
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
        let holders = backstay_holder::of_instance(&instance, &instance.holders());
        // SAFETY: `buffer` has `capacity` elements of the size that its first one says, `count` is not NULL.
        unsafe {
            write_list(&holders, buffer, capacity)?;
            write_out(count, holders.len())
        }
    })
}
