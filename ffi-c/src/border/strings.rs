//! Strings: views in, the caller's buffers out. No allocation crosses the border.

use std::ffi::c_char;

use backstay::Status;

/// A view of UTF-8 text that somebody else owns: a pointer and a length in bytes, without a terminating zero.
///
/// Any pointer is fine when the length is 0. A view that is passed in is read before the call returns and not kept.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// How many bytes.
    pub len: usize,
}

impl backstay_str {
    /// A view for C of text that lives long enough; the caller says how long.
    pub(crate) fn of(text: &str) -> Self {
        Self { ptr: text.as_ptr().cast(), len: text.len() }
    }
}

/// The text that C passed: UTF-8, or `INVALID_ARGUMENT`.
///
/// # Safety
/// `view.ptr` points to `view.len` bytes that do not change until the text is no longer used.
pub(crate) unsafe fn text<'a>(view: backstay_str) -> Result<&'a str, Status> {
    // SAFETY: passed on to the caller.
    let bytes = unsafe { bytes(view.ptr.cast(), view.len) }?;
    std::str::from_utf8(bytes).map_err(|_| Status::InvalidArgument)
}

/// The bytes that C passed. NULL with length 0 is empty; NULL with a length is refused.
///
/// # Safety
/// `ptr` points to `len` bytes that do not change until they are no longer used.
pub(crate) unsafe fn bytes<'a>(ptr: *const u8, len: usize) -> Result<&'a [u8], Status> {
    match (ptr.is_null(), len) {
        (_, 0) => Ok(&[]),
        (true, _) => Err(Status::InvalidArgument),
        (_, len) if isize::try_from(len).is_err() => Err(Status::InvalidArgument),
        // SAFETY: not NULL, and the caller vouches for the length, which is in the range of a slice.
        (false, len) => Ok(unsafe { std::slice::from_raw_parts(ptr, len) }),
    }
}

/// Writes text into the caller's buffer as snprintf does: as much as there is room for, cut off between characters, with
/// a terminating zero; `length` gets the whole length without that zero. Either pointer may be NULL.
///
/// # Safety
/// `buffer` has `capacity` bytes or is NULL with none, `length` is NULL or writable.
pub(crate) unsafe fn write_text(
    text: &str,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> Result<(), Status> {
    if buffer.is_null() && capacity != 0 || buffer.is_null() && length.is_null() {
        return Err(Status::InvalidArgument);
    }
    if let Some(room) = capacity.checked_sub(1) {
        let end = text.floor_char_boundary(room);
        // SAFETY: `end` is at most `room`, so the text and its zero are within the caller's bytes.
        unsafe {
            buffer.copy_from_nonoverlapping(text.as_ptr().cast(), end);
            buffer.add(end).write(0);
        }
    }
    if !length.is_null() {
        // SAFETY: not NULL, so writable.
        unsafe { length.write(text.len()) };
    }
    Ok(())
}

/// Copies text into a fixed array of C with a terminating zero. What does not fit is cut off between characters.
pub(crate) fn fill(array: &mut [c_char], text: &str) {
    let Some(room) = array.len().checked_sub(1) else { return };
    let end = text.floor_char_boundary(room);
    for (to, from) in array.iter_mut().zip(text.as_bytes()[..end].iter().chain(std::iter::once(&0))) {
        *to = from.cast_signed();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_an_empty_text_only_without_a_length() {
        let null = |len| backstay_str { ptr: std::ptr::null(), len };
        // SAFETY: no byte is read of either.
        unsafe {
            assert_eq!(text(null(0)), Ok(""));
            assert_eq!(text(null(1)), Err(Status::InvalidArgument));
        }
    }

    #[test]
    fn text_that_is_too_long_is_cut_between_characters() {
        let mut array = [1; 4];
        fill(&mut array, "aéé");
        assert_eq!(array.map(c_char::cast_unsigned), [b'a', 0xC3, 0xA9, 0]);
        fill(&mut array, "");
        assert_eq!(array[0], 0);
    }

    #[test]
    fn a_buffer_gets_what_fits_and_the_caller_what_it_takes() {
        let (mut buffer, mut length) = ([1; 4], 0);
        // SAFETY: the buffer is as long as it is said to be.
        unsafe {
            assert_eq!(write_text("aéé", buffer.as_mut_ptr(), 4, &raw mut length), Ok(()));
            assert_eq!((buffer.map(c_char::cast_unsigned), length), ([b'a', 0xC3, 0xA9, 0], 5));
            assert_eq!(write_text("ab", std::ptr::null_mut(), 0, &raw mut length), Ok(()));
            assert_eq!(length, 2);
            assert_eq!(
                write_text("ab", std::ptr::null_mut(), 1, &raw mut length),
                Err(Status::InvalidArgument)
            );
            assert_eq!(write_text("", buffer.as_mut_ptr(), 1, std::ptr::null_mut()), Ok(()));
            assert_eq!(buffer[0], 0);
        }
    }
}
