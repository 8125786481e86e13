//! Who holds an instance, for C.

use std::ffi::c_char;

use backstay::{CancelReason, HeldInstance, Holder, Instance, Status, Uuid};

use crate::border::{SizeFirst, check_size, fill, nanoseconds, write_sized};
use crate::words::{backstay_cancel_reason, backstay_language};

/// What kind of hold a holder has.
pub type backstay_holder_kind = u32;

/// A pending deferral.
pub const BACKSTAY_HOLDER_DEFERRAL: backstay_holder_kind = 0;
/// The entry point, which still executes.
pub const BACKSTAY_HOLDER_ENTRY_POINT: backstay_holder_kind = 1;

/// Who holds an instance, since when and from which line: plain memory, yours or good as long as what lent it.
///
/// The texts are zero-terminated and cut off when they are longer; `file` keeps its end. The struct has its size for
/// good within a major ABI, so arrays of it are indexed as usual.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_holder {
    /// sizeof(backstay_holder), set by the caller in the first element of an array.
    pub struct_size: u32,
    /// A deferral, or the entry point itself.
    pub kind: backstay_holder_kind,
    /// The instance that is held.
    pub instance_id: [u8; 16],
    /// Whether that instance was asked to stop.
    pub canceled: bool,
    /// Whether this holder has looked since then, by backstay_deferral_is_canceled or _wait_canceled.
    pub noticed: bool,
    /// Whether BACKSTAY_EVENT_OVERDUE was told of it.
    pub overdue: bool,
    /// For later; false.
    pub reserved_flag: bool,
    /// Why the instance was asked to stop, when `canceled`.
    pub reason: backstay_cancel_reason,
    /// The language of the code that has the hold now.
    pub language: backstay_language,
    /// The line that took it, from 1; 0 when unknown.
    pub line: u32,
    /// How long it has held, by the host's clock.
    pub age_ns: i64,
    /// How long ago the instance was asked to stop, when `canceled`.
    pub asked_ns: i64,
    /// How long after that this holder first looked, when `noticed`.
    pub noticed_after_ns: i64,
    /// The name of the instance's task.
    pub task: [c_char; 64],
    /// The group of that task; empty without one.
    pub group: [c_char; 64],
    /// The label it was taken with; empty without one.
    pub label: [c_char; 64],
    /// What it said last by backstay_deferral_set_note; empty when it said nothing.
    pub note: [c_char; 128],
    /// The file of the line; empty when unknown.
    pub file: [c_char; 128],
    /// The language of the file, which may be another than `language` when the hold was handed across.
    pub site_language: backstay_language,
    /// For later; zero.
    pub reserved_number: u32,
    /// For later; zero.
    pub reserved: [u64; 7],
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_holder {}

/// What a holder holds.
pub(crate) struct Subject<'a> {
    pub(crate) instance_id: Uuid,
    pub(crate) task: &'a str,
    pub(crate) group: Option<&'a str>,
    pub(crate) canceled: Option<CancelReason>,
}

impl<'a> From<&'a HeldInstance> for Subject<'a> {
    fn from(held: &'a HeldInstance) -> Self {
        Self {
            instance_id: held.instance_id,
            task: &held.task,
            group: held.group.as_deref(),
            canceled: held.canceled,
        }
    }
}

impl backstay_holder {
    pub(crate) fn of(holder: &Holder, subject: &Subject<'_>) -> Self {
        let mut seen = Self {
            struct_size: u32::try_from(size_of::<Self>()).unwrap_or(u32::MAX),
            kind: holder.kind as u32,
            instance_id: subject.instance_id.into_bytes(),
            canceled: subject.canceled.is_some(),
            noticed: holder.noticed_after.is_some(),
            overdue: holder.overdue,
            reserved_flag: false,
            reason: subject.canceled.map_or(0, CancelReason::number),
            language: holder.language as u32,
            line: holder.site.line,
            age_ns: nanoseconds(holder.age),
            asked_ns: holder.asked.map_or(0, nanoseconds),
            noticed_after_ns: holder.noticed_after.map_or(0, nanoseconds),
            task: [0; 64],
            group: [0; 64],
            label: [0; 64],
            note: [0; 128],
            file: [0; 128],
            site_language: holder.site.language as u32,
            reserved_number: 0,
            reserved: [0; 7],
        };
        fill(&mut seen.task, subject.task);
        fill(&mut seen.group, subject.group.unwrap_or_default());
        fill(&mut seen.label, &holder.label);
        fill(&mut seen.note, holder.note.as_deref().unwrap_or_default());
        let file = &holder.site.file;
        let start = file.ceil_char_boundary(file.len().saturating_sub(seen.file.len() - 1));
        fill(&mut seen.file, &file[start..]);
        seen
    }

    pub(crate) fn all_of(held: &HeldInstance) -> Vec<Self> {
        let subject = Subject::from(held);
        held.holders.iter().map(|holder| Self::of(holder, &subject)).collect()
    }

    /// Holders of this instance.
    pub(crate) fn of_instance(instance: &Instance, holders: &[Holder]) -> Vec<Self> {
        let task = instance.task();
        let subject = Subject {
            instance_id: instance.id(),
            task: task.name(),
            group: task.group(),
            canceled: instance.canceled(),
        };
        holders.iter().map(|holder| Self::of(holder, &subject)).collect()
    }
}

/// Writes as many elements as there is room for.
///
/// # Safety
/// `buffer` has `capacity` elements of the size that its first one says, or `capacity` is 0.
pub(crate) unsafe fn write_list<T: SizeFirst>(
    list: &[T],
    buffer: *mut T,
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
    for (index, value) in list.iter().take(capacity).enumerate() {
        // SAFETY: `index` is below `capacity`, and elements are `size` bytes apart; a size that was never set is
        // refused at the first element, where the offset is still 0.
        unsafe {
            let element = buffer.byte_add(index * size);
            element.cast::<u32>().write(u32::try_from(size).unwrap_or(u32::MAX));
            write_sized(element, value)?;
        }
    }
    Ok(())
}
