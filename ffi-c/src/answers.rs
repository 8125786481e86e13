//! Statuses as C sees them: integers with constants, since C may pass any number.

use std::ffi::{CStr, CString, c_char};
use std::sync::atomic::{AtomicPtr, Ordering};

use backstay::Status;

use crate::backstay_str;
use crate::border::{Answer, fill, guard, guard_or, text, write_out};

/// How a call was answered: 0 is OK, errors are negative, a number is never used twice.
pub type backstay_status = i32;

/// Done.
pub const BACKSTAY_OK: backstay_status = 0;
/// An argument is outside of what the call accepts.
pub const BACKSTAY_INVALID_ARGUMENT: backstay_status = -1;
/// The value was never a handle of this library.
pub const BACKSTAY_INVALID_HANDLE: backstay_status = -2;
/// The handle was released, or ended with the call that lent it.
pub const BACKSTAY_STALE_HANDLE: backstay_status = -3;
/// The handle names an object of another type.
pub const BACKSTAY_WRONG_HANDLE_TYPE: backstay_status = -4;
/// The handle was made by another copy of this library in the same process.
pub const BACKSTAY_FOREIGN_HANDLE: backstay_status = -5;
/// The instance has not started or is finished.
pub const BACKSTAY_NOT_RUNNING: backstay_status = -6;
/// This deferral was completed before.
pub const BACKSTAY_ALREADY_COMPLETED: backstay_status = -7;
/// Another task has this name.
pub const BACKSTAY_NAME_TAKEN: backstay_status = -8;
/// The task is no longer registered.
pub const BACKSTAY_UNREGISTERED: backstay_status = -9;
/// There is nothing by that name.
pub const BACKSTAY_NOT_FOUND: backstay_status = -10;
/// The task is busy and its policy refuses more.
pub const BACKSTAY_CURRENTLY_RUNNING: backstay_status = -11;
/// The task is disabled after too many failures.
pub const BACKSTAY_DISABLED: backstay_status = -12;
/// The host is draining or closed and takes nothing new.
pub const BACKSTAY_CLOSED: backstay_status = -13;
/// The time given was over first.
pub const BACKSTAY_TIMED_OUT: backstay_status = -14;
/// The call would wait for the thread that makes it.
pub const BACKSTAY_WOULD_DEADLOCK: backstay_status = -15;
/// Only a host with a manual clock can be advanced.
pub const BACKSTAY_NOT_MANUAL_CLOCK: backstay_status = -16;
/// The description of the task has faults.
pub const BACKSTAY_INVALID_TASK: backstay_status = -17;
/// The work was left because it was cancelled.
pub const BACKSTAY_CANCELED: backstay_status = -18;
/// The work failed.
pub const BACKSTAY_FAILED: backstay_status = -19;
/// Code panicked; it was stopped at the border.
pub const BACKSTAY_PANIC: backstay_status = -20;
/// A child made by fork cannot use the host of its parent.
pub const BACKSTAY_FORKED: backstay_status = -21;
/// Memory, threads or handles ran out.
pub const BACKSTAY_OUT_OF_MEMORY: backstay_status = -22;
/// The library is at fault.
pub const BACKSTAY_INTERNAL: backstay_status = -23;

/// More about an error than its status: set `struct_size` and pass it where a function takes one. Written only when
/// the function fails.
#[repr(C)]
pub struct backstay_error {
    /// sizeof(backstay_error), set by the caller.
    pub struct_size: u32,
    /// The status that the function answers with.
    pub status: backstay_status,
    /// What is wrong and what to do, zero-terminated; cut off when it is longer.
    pub text: [c_char; 504],
}

// SAFETY: `struct_size` is the first field.
unsafe impl crate::border::SizeFirst for backstay_error {}

impl backstay_error {
    pub(crate) fn new(status: Status, text: &str) -> Self {
        let mut error = Self { struct_size: 0, status: status.number(), text: [0; 504] };
        fill(&mut error.text, text);
        error
    }
}

/// One text of the core with a terminating zero: made when it is first asked for, and kept, since C keeps the
/// pointer. There is no lock in it, so a child made by fork may ask, too (H6).
struct Text(AtomicPtr<c_char>);

impl Text {
    fn of(&self, text: &str) -> *const c_char {
        let known = self.0.load(Ordering::Acquire);
        if !known.is_null() {
            return known;
        }
        // The core's texts contain no zero; if one ever did, C would see an empty text.
        let made = CString::new(text).unwrap_or_default().into_raw();
        // AcqRel, Acquire: whoever sees the pointer sees the text.
        match self.0.compare_exchange(known, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            Err(faster) => {
                // SAFETY: made above by `into_raw`, and nobody else has seen it.
                drop(unsafe { CString::from_raw(made) });
                faster
            }
        }
    }
}

/// As many as there are statuses, by their place in the core's list.
static NAMES: [Text; COUNT] = [const { Text(AtomicPtr::new(std::ptr::null_mut())) }; COUNT];
static MESSAGES: [Text; COUNT] = [const { Text(AtomicPtr::new(std::ptr::null_mut())) }; COUNT];
const COUNT: usize = 24;

fn text_of(
    status: backstay_status,
    texts: &'static [Text],
    text: fn(Status) -> &'static str,
    unknown: &'static CStr,
) -> *const c_char {
    let known = texts.iter().zip(Status::all()).find(|(_, known)| known.number() == status);
    known.map_or(unknown.as_ptr(), |(kept, status)| kept.of(text(status)))
}

/// The name of a status, such as "NOT_RUNNING"; "UNKNOWN" for a number that is none. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_name(status: backstay_status) -> *const c_char {
    guard_or(c"UNKNOWN".as_ptr(), || text_of(status, &NAMES, Status::name, c"UNKNOWN"))
}

/// What a status means, one sentence. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_message(status: backstay_status) -> *const c_char {
    let unknown = c"no status has this number";
    guard_or(unknown.as_ptr(), || text_of(status, &MESSAGES, Status::message, unknown))
}

/// The status of this name, such as "NOT_RUNNING".
///
/// Errors: NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_status_from_name(
    name: backstay_str,
    out: *mut backstay_status,
) -> backstay_status {
    guard(|| -> Answer {
        // SAFETY: the caller's view is good for the call.
        let status = Status::from_name(unsafe { text(name) }?).ok_or(Status::NotFound)?;
        // SAFETY: NULL or writable.
        unsafe { write_out(out, status.number()) }
    })
}
