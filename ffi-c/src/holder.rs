//! Who holds an instance, for C.

use std::ffi::c_char;

use backstay::{Holder, Status, Uuid};

use crate::answers::backstay_language;
use crate::border::{SizeFirst, check_size, fill, nanoseconds, write_sized};

/// What kind of hold a holder has.
pub type backstay_holder_kind = u32;

/// A pending deferral.
pub const BACKSTAY_HOLDER_DEFERRAL: backstay_holder_kind = 0;
/// The entry point, which still executes.
pub const BACKSTAY_HOLDER_ENTRY_POINT: backstay_holder_kind = 1;

/// Who holds an instance, since when and from which line. The texts are zero-terminated and cut off when they are
/// longer; `file` keeps its end.
#[repr(C)]
pub struct backstay_holder {
    /// sizeof(backstay_holder), set by the caller in the first element of an array.
    pub struct_size: u32,
    /// A deferral, or the entry point itself.
    pub kind: backstay_holder_kind,
    /// The instance that is held.
    pub instance_id: [u8; 16],
    /// Whether that instance was asked to stop.
    pub canceled: bool,
    /// The language of the code that took the hold.
    pub language: backstay_language,
    /// The line that took it, from 1; 0 when unknown.
    pub line: u32,
    /// How long it has held, by the host's clock.
    pub age_ns: i64,
    /// The name of the instance's task.
    pub task: [c_char; 64],
    /// The label it was taken with; empty without one.
    pub label: [c_char; 64],
    /// The file of the line; empty when unknown.
    pub file: [c_char; 128],
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_holder {}

impl backstay_holder {
    pub(crate) fn of(holder: &Holder, instance_id: Uuid, task: &str, canceled: bool) -> Self {
        let mut seen = Self {
            struct_size: 0,
            kind: holder.kind as u32,
            instance_id: instance_id.into_bytes(),
            canceled,
            language: holder.site.language as u32,
            line: holder.site.line,
            age_ns: nanoseconds(holder.age),
            task: [0; 64],
            label: [0; 64],
            file: [0; 128],
        };
        fill(&mut seen.task, task);
        fill(&mut seen.label, &holder.label);
        let file = &holder.site.file;
        let start = file.ceil_char_boundary(file.len().saturating_sub(seen.file.len() - 1));
        fill(&mut seen.file, &file[start..]);
        seen
    }
}

/// Writes as many holders as there is room for.
///
/// # Safety
/// `buffer` has `capacity` elements of the size that its first one says, or `capacity` is 0.
pub(crate) unsafe fn write_holders(
    holders: &[backstay_holder],
    buffer: *mut backstay_holder,
    capacity: usize,
) -> Result<(), Status> {
    if capacity == 0 {
        return Ok(());
    }
    if buffer.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: not NULL, and the first element says its size.
    let size = unsafe { check_size(buffer) }?;
    for (index, holder) in holders.iter().take(capacity).enumerate() {
        // SAFETY: `index` is below `capacity`, and elements are `size` bytes apart; a size that was never set is
        // refused at the first element, where the offset is still 0.
        unsafe {
            let element = buffer.byte_add(index * size);
            element.cast::<u32>().write(u32::try_from(size).unwrap_or(u32::MAX));
            write_sized(element, holder)?;
        }
    }
    Ok(())
}
