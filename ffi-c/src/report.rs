//! What became of everything when a host ended, for C.

use backstay::{DrainReport, Error, HeldInstance, Status};

use crate::answers::backstay_host_state;
use crate::border::{Plain, SizeFirst, check_size, read_sized, write_sized};
use crate::holder::{backstay_holder, write_holders};

/// What became of everything that was alive when a host began to end.
///
/// To learn who was left, set `holders` and `holder_capacity` to an array of yours and `holders[0].struct_size` to
/// sizeof(backstay_holder).
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
    let holders: Vec<_> = report.abandoned.iter().chain(&report.remaining).flat_map(holders_of).collect();
    // SAFETY: as the caller of this function vouches.
    unsafe { write_holders(&holders, wanted.holders, wanted.holder_capacity) }?;
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
    };
    // SAFETY: not NULL, so as long as it says.
    unsafe { write_sized(to, &seen) }
}

/// # Safety
/// As for [`write_report`], and not NULL.
unsafe fn read_caller_fields(at: *mut backstay_drain_report) -> Result<backstay_drain_report, Status> {
    // SAFETY: as above.
    let wanted = unsafe { read_sized(at) }?;
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

fn holders_of(held: &HeldInstance) -> Vec<backstay_holder> {
    let canceled = held.canceled.is_some();
    (held.holders.iter())
        .map(|holder| backstay_holder::of(holder, held.instance_id, &held.task, canceled))
        .collect()
}
