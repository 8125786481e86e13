//! Structs that may grow: the caller says in the first field how much of the struct it knows.
//!
//! A shorter struct is an older caller: what it does not know reads as zero and is not written. A longer one is a
//! newer caller: accepted when everything beyond what this library knows is zero, since zero means default.

use std::mem::MaybeUninit;

use backstay::Status;

/// A struct of C whose first field is its `struct_size`.
///
/// # Safety
/// The type is `repr(C)` and starts with a `u32` that is the caller's size of it.
pub(crate) unsafe trait SizeFirst: Sized {}

/// A struct that can be read from C.
///
/// # Safety
/// Any bytes are a value of the type: integers, pointers and functions that may be NULL.
pub(crate) unsafe trait Plain: SizeFirst {}

/// The smallest size that can be right: the size field and one more.
const SMALLEST: usize = 8;

/// The struct that C passed, with zeros for what the caller does not know.
///
/// # Safety
/// `from` is NULL or points to a struct that is as long as its first field says.
pub(crate) unsafe fn read_sized<T: Plain>(from: *const T) -> Result<T, Status> {
    // SAFETY: as above.
    let (value, all_known) = unsafe { read_known(from) }?;
    if all_known { Ok(value) } else { Err(Status::InvalidArgument) }
}

/// What this library knows of the struct that C passed, and whether the rest is zero.
pub(crate) unsafe fn read_known<T: Plain>(from: *const T) -> Result<(T, bool), Status> {
    // SAFETY: as above.
    let size = unsafe { check_size(from) }?;
    let mut value = MaybeUninit::<T>::zeroed();
    // SAFETY: `from` has `size` bytes, `value` has `size_of::<T>()`; the copy takes the smaller number.
    unsafe {
        value.as_mut_ptr().cast::<u8>().copy_from_nonoverlapping(from.cast(), size.min(size_of::<T>()));
    }
    // SAFETY: `from` has `size` bytes.
    let beyond = (size_of::<T>()..size).map(|index| unsafe { from.cast::<u8>().add(index).read() });
    let all_known = beyond.into_iter().all(|byte| byte == 0);
    // SAFETY: every byte is initialised, and any bytes are a value of a `Plain` type.
    Ok((unsafe { value.assume_init() }, all_known))
}

/// Writes as much of `value` as the caller knows; its size field stays as it is, what it knows beyond is zeroed.
///
/// # Safety
/// `to` is NULL or points to a struct that is as long as its first field says.
pub(crate) unsafe fn write_sized<T: SizeFirst>(to: *mut T, value: &T) -> Result<(), Status> {
    // SAFETY: as above.
    let size = unsafe { check_size(to) }?;
    let known = size.min(size_of::<T>());
    let skip = size_of::<u32>();
    // SAFETY: both have `known` bytes, and `known` is at least `SMALLEST`, which is more than `skip`.
    unsafe {
        let (to, from) = (to.cast::<u8>(), std::ptr::from_ref(value).cast::<u8>());
        to.add(skip).copy_from_nonoverlapping(from.add(skip), known - skip);
        to.add(known).write_bytes(0, size - known);
    }
    Ok(())
}

/// The size that the caller set, or `INVALID_ARGUMENT` for NULL and for a size that was never set.
///
/// # Safety
/// `at` is NULL or points to a `u32`.
pub(crate) unsafe fn check_size<T: SizeFirst>(at: *const T) -> Result<usize, Status> {
    if at.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: not NULL, and the first field is a `u32`.
    let size = unsafe { at.cast::<u32>().read() } as usize;
    // 1 MiB is far beyond any struct of ours: such a size was never set.
    if (SMALLEST..=1 << 20).contains(&size) { Ok(size) } else { Err(Status::InvalidArgument) }
}

/// Writes a result of the call.
///
/// # Safety
/// `to` is NULL or writable.
pub(crate) unsafe fn write_out<T>(to: *mut T, value: T) -> Result<(), Status> {
    if to.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: not NULL, so writable.
    unsafe { to.write(value) };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Old {
        struct_size: u32,
        a: u32,
    }
    #[repr(C)]
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct New {
        struct_size: u32,
        a: u32,
        b: u64,
    }
    // SAFETY: the size comes first.
    unsafe impl SizeFirst for Old {}
    // SAFETY: integers only.
    unsafe impl Plain for Old {}
    // SAFETY: the size comes first.
    unsafe impl SizeFirst for New {}
    // SAFETY: integers only.
    unsafe impl Plain for New {}

    #[test]
    fn an_older_caller_gives_zeros_for_what_it_does_not_know() {
        let old = Old { struct_size: 8, a: 7 };
        // SAFETY: the size field is true.
        let new = unsafe { read_sized::<New>((&raw const old).cast()) };
        assert_eq!(new, Ok(New { struct_size: 8, a: 7, b: 0 }));
    }

    #[test]
    fn a_newer_caller_is_accepted_while_it_asks_for_nothing_unknown() {
        let mut new = New { struct_size: 16, a: 7, b: 0 };
        // SAFETY: the size field is true.
        assert!(unsafe { read_sized::<Old>((&raw const new).cast()) }.is_ok());
        new.b = 1;
        // SAFETY: the size field is true.
        let refused = unsafe { read_sized::<Old>((&raw const new).cast()) };
        assert_eq!(refused, Err(Status::InvalidArgument));
    }

    #[test]
    fn only_what_the_caller_knows_is_written() {
        let mut both = [Old { struct_size: 8, a: 0 }, Old { struct_size: 9, a: 9 }];
        let value = New { struct_size: 0, a: 7, b: u64::MAX };
        // SAFETY: the first element is as long as it says.
        assert!(unsafe { write_sized::<New>((&raw mut both).cast(), &value) }.is_ok());
        assert_eq!(both, [Old { struct_size: 8, a: 7 }, Old { struct_size: 9, a: 9 }]);
    }

    #[test]
    fn a_size_that_was_never_set_is_refused() {
        let value = New { struct_size: 0, a: 0, b: 0 };
        // SAFETY: only the size is read.
        assert_eq!(unsafe { read_sized(&raw const value) }, Err(Status::InvalidArgument));
    }
}
