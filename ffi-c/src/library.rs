//! What can be asked of the library as a whole.

use std::ffi::{CStr, c_char};

use crate::border::{guard, guard_or, live};

/// The ABI's major number: libraries of the same major number fit each other.
pub const BACKSTAY_ABI_MAJOR: u32 = 0;
/// The ABI's minor number: it grows when something is added.
pub const BACKSTAY_ABI_MINOR: u32 = 1;

/// A time that never comes: wait as long as it takes.
pub const BACKSTAY_FOREVER: i64 = i64::MAX;

/// No time at all, for the options in which 0 stands for the default.
pub const BACKSTAY_NO_TIME: i64 = i64::MIN;

/// The version of the library that is loaded, such as "0.1.0"; the header's own is BACKSTAY_VERSION.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_version() -> *const c_char {
    guard_or(c"".as_ptr(), || VERSION.as_ptr())
}

const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a version has no zero in it"),
};

/// The ABI of the library that is loaded: major << 16 | minor. Compare with BACKSTAY_ABI_MAJOR.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_abi_version() -> u32 {
    guard_or(0, || BACKSTAY_ABI_MAJOR << 16 | BACKSTAY_ABI_MINOR)
}

/// How many handles are good now, those lent to running callbacks included. A test ends by asserting 0, behind a
/// flush or shutdown of each host.
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
