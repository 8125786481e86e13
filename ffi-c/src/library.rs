//! What can be asked of the library as a whole.

use std::ffi::{CString, c_char};
use std::sync::LazyLock;

use backstay::Status;

use crate::answers::backstay_status;
use crate::border::{guard, live};

/// The ABI's major number: libraries of the same major number fit each other.
pub const BACKSTAY_ABI_MAJOR: u32 = 0;
/// The ABI's minor number: it grows when something is added.
pub const BACKSTAY_ABI_MINOR: u32 = 1;

/// A deadline that never comes: wait as long as it takes.
pub const BACKSTAY_FOREVER: i64 = i64::MAX;

/// The core's names and sentences with a terminating zero each; made once, and kept, since C keeps the pointers.
static TEXTS: LazyLock<Vec<(Status, CString, CString)>> = LazyLock::new(|| {
    // The core's texts contain no zero; if one ever did, C would see an empty text.
    let c_text = |text| CString::new(text).unwrap_or_default();
    Status::all().map(|status| (status, c_text(status.name()), c_text(status.message()))).collect()
});

fn entry(status: backstay_status) -> Option<&'static (Status, CString, CString)> {
    TEXTS.iter().find(|(known, _, _)| known.number() == status)
}

/// The name of a status, such as "NOT_RUNNING"; "UNKNOWN" for a number that is none. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_name(status: backstay_status) -> *const c_char {
    entry(status).map_or(c"UNKNOWN", |entry| &entry.1).as_ptr()
}

/// What a status means, one sentence. Never NULL, never to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_status_message(status: backstay_status) -> *const c_char {
    entry(status).map_or(c"no status has this number", |entry| &entry.2).as_ptr()
}

/// The ABI of the library that is loaded: major << 16 | minor. Compare with BACKSTAY_ABI_MAJOR.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_abi_version() -> u32 {
    BACKSTAY_ABI_MAJOR << 16 | BACKSTAY_ABI_MINOR
}

/// How many handles are good now, those lent to running callbacks included. A test ends by asserting 0.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_live_handles() -> u64 {
    let mut count = 0;
    // In a child of a fork another thread may have held the table's lock; the guard keeps out, and the answer is 0.
    guard(|| {
        count = live();
        Ok(())
    });
    count
}
