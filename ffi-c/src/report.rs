//! What became of everything when a host ended, for C.

use std::ffi::c_char;

use backstay::{DrainReport, Error, Status, Straggler};

use crate::border::{Plain, SizeFirst, check_size, fill, nanoseconds, read_sized, write_sized, write_text};
use crate::holder::{backstay_holder, write_list};
use crate::words::backstay_host_state;

/// What became of everything that was alive when a host began to end, and of nothing before that. All memory is the
/// caller's.
///
/// To learn who was left, set `holders` and `holder_capacity` to an array of yours and `holders[0].struct_size` to
/// sizeof(backstay_holder). To have the report in words, for a log, set `text` and `text_capacity`.
#[repr(C)]
pub struct backstay_drain_report {
    /// sizeof(backstay_drain_report), set by the caller.
    pub struct_size: u32,
    /// Closed when nothing is left; Draining when a drain's time was over first.
    pub state: backstay_host_state,
    /// How many ended as Succeeded.
    pub succeeded: u64,
    /// How many ended as Canceled.
    pub canceled: u64,
    /// How many ended as Failed.
    pub failed: u64,
    /// How many ended as Abandoned.
    pub abandoned: u64,
    /// How many are still alive; 0 unless the host is still Draining.
    pub remaining: u64,
    /// How many threads your code still occupies although their instances were abandoned.
    pub stragglers: u64,
    /// Set by the caller: who held the abandoned and holds the remaining instances is written here. May be NULL.
    pub holders: *mut backstay_holder,
    /// Set by the caller: how many elements `holders` has.
    pub holder_capacity: usize,
    /// How many holders there are; those beyond the capacity are not written.
    pub holder_count: usize,
    /// Set by the caller: the report in words is written here, one line in all and one for each holder that was
    /// left, without a line break at its end; zero-terminated, cut off when it is longer. May be NULL.
    pub text: *mut c_char,
    /// Set by the caller: how many bytes `text` has.
    pub text_capacity: usize,
    /// How many bytes the whole text has, without the terminating zero.
    pub text_length: usize,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_drain_report {}
// SAFETY: integers and a pointer.
unsafe impl Plain for backstay_drain_report {}

/// Ends a host by `ending` and writes its report, if one is wanted. What the caller set in the report is looked at
/// first, so that a mistake there ends nothing.
///
/// # Safety
/// `to` is NULL or a report that is as long as it says, whose `holders` has `holder_capacity` elements.
pub(crate) unsafe fn write_report(
    to: *mut backstay_drain_report,
    ending: impl FnOnce() -> Result<DrainReport, Error>,
) -> Result<(), Status> {
    let end = || ending().map_err(|error| error.status());
    if to.is_null() {
        return end().map(drop);
    }
    // SAFETY: not NULL, so as long as it says.
    let wanted = unsafe { read_caller_fields(to) }?;
    let report = end()?;
    let held = report.abandoned.iter().chain(&report.remaining);
    let holders: Vec<_> = held.flat_map(backstay_holder::all_of).collect();
    let mut text_length = 0;
    // SAFETY: as the caller of this function vouches.
    unsafe {
        write_list(&holders, wanted.holders, wanted.holder_capacity)?;
        write_text(&report.to_string(), wanted.text, wanted.text_capacity, &raw mut text_length)?;
    }
    let seen = backstay_drain_report {
        struct_size: 0,
        state: report.state as u32,
        succeeded: report.succeeded as u64,
        canceled: report.canceled as u64,
        failed: report.failed as u64,
        abandoned: report.abandoned.len() as u64,
        remaining: report.remaining.len() as u64,
        stragglers: report.stragglers as u64,
        holders: wanted.holders,
        holder_capacity: wanted.holder_capacity,
        holder_count: holders.len(),
        text: wanted.text,
        text_capacity: wanted.text_capacity,
        text_length,
    };
    // SAFETY: not NULL, so as long as it says.
    unsafe { write_sized(to, &seen) }
}

/// # Safety
/// As for [`write_report`], and not NULL.
unsafe fn read_caller_fields(at: *mut backstay_drain_report) -> Result<backstay_drain_report, Status> {
    // SAFETY: as above.
    let wanted = unsafe { read_sized(at) }?;
    if wanted.text.is_null() && wanted.text_capacity != 0 {
        return Err(Status::InvalidArgument);
    }
    if wanted.holder_capacity == 0 {
        return Ok(wanted);
    }
    if wanted.holders.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: there is at least one element, which starts with its size.
    unsafe { check_size(wanted.holders) }?;
    Ok(wanted)
}

/// A thread that your code still occupies although its instance was abandoned. It is off the list as soon as that
/// code returns. The texts are zero-terminated and cut off when they are longer.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_straggler {
    /// sizeof(backstay_straggler), set by the caller in the first element of an array.
    pub struct_size: u32,
    /// Whether it is in a handler of the instance; else in the entry point.
    pub in_handler: bool,
    /// For later; false.
    pub reserved_flags: [bool; 3],
    /// The instance whose code it is.
    pub instance_id: [u8; 16],
    /// How long ago it was given up, by the host's clock.
    pub given_up_for_ns: i64,
    /// The name of the instance's task.
    pub task: [c_char; 64],
    /// The group of that task; empty without one.
    pub group: [c_char; 64],
    /// For later; zero.
    pub reserved: [u64; 4],
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_straggler {}

impl backstay_straggler {
    pub(crate) fn of(straggler: &Straggler) -> Self {
        let mut seen = Self {
            struct_size: 0,
            in_handler: straggler.in_handler,
            reserved_flags: [false; 3],
            instance_id: straggler.instance_id.into_bytes(),
            given_up_for_ns: nanoseconds(straggler.given_up_for),
            task: [0; 64],
            group: [0; 64],
            reserved: [0; 4],
        };
        fill(&mut seen.task, &straggler.task);
        fill(&mut seen.group, straggler.group.as_deref().unwrap_or_default());
        seen
    }
}
