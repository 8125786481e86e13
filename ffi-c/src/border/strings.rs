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
}
