//! Firing a task, and what became of it.

use std::sync::Arc;

use backstay::{FireAnswer, Status, Task, WaitingFor};

use super::backstay_task;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{Answer, Place, Plain, SizeFirst, guard, read_sized, resolve, write_sized};
use crate::details::{Passed, backstay_details};
use crate::instance::{InstanceObject, backstay_instance};

/// What became of a firing.
pub type backstay_firing = u32;

/// A worker that is free has been handed the instance.
pub const BACKSTAY_FIRING_STARTED: backstay_firing = 0;
/// The instance is Pending.
pub const BACKSTAY_FIRING_WAITING: backstay_firing = 1;
/// The task had a Pending instance already, which carries the new details now.
pub const BACKSTAY_FIRING_MERGED: backstay_firing = 2;

/// What a Pending instance waits for; when it is several things, the first of this list.
pub type backstay_waiting_for = u32;

/// It does not wait.
pub const BACKSTAY_WAITING_FOR_NOTHING: backstay_waiting_for = 0;
/// For conditions.
pub const BACKSTAY_WAITING_FOR_CONDITIONS: backstay_waiting_for = 1;
/// For the end of a suspension of the task or the host.
pub const BACKSTAY_WAITING_FOR_SUSPENDED: backstay_waiting_for = 2;
/// For instances of the same task to finish.
pub const BACKSTAY_WAITING_FOR_BUSY: backstay_waiting_for = 3;
/// For a worker of the host.
pub const BACKSTAY_WAITING_FOR_WORKER: backstay_waiting_for = 4;

/// What became of a firing. To learn which conditions are unmet, set `conditions` and `condition_capacity` to an
/// array of yours.
#[repr(C)]
pub struct backstay_fire_answer {
    /// sizeof(backstay_fire_answer), set by the caller.
    pub struct_size: u32,
    /// What became of it.
    pub became: backstay_firing,
    /// With BACKSTAY_FIRING_WAITING: what it waits for.
    pub waiting_for: backstay_waiting_for,
    /// Set by the caller: the unmet conditions are written here, in the order in which the task names them. The
    /// views are good until the handle of the task is released. May be NULL.
    pub conditions: *mut backstay_str,
    /// Set by the caller: how many elements `conditions` has.
    pub condition_capacity: usize,
    /// How many conditions are unmet; those beyond the capacity are not written.
    pub condition_count: usize,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_fire_answer {}
// SAFETY: integers and a pointer.
unsafe impl Plain for backstay_fire_answer {}

/// Makes an instance, Pending or already Running, which carries `details` (NULL: none). Or merges the firing with a
/// Pending instance, when the task coalesces.
///
/// `out` may be NULL when no handle is wanted.
///
/// Errors: CLOSED when the host drains or is closed; UNREGISTERED; DISABLED;
/// CURRENTLY_RUNNING when the task rejects while it is busy, or when as many instances wait as may.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_fire(
    task: backstay_task,
    details: *const backstay_details,
    out: *mut backstay_instance,
) -> backstay_status {
    // SAFETY: NULL, or a struct that is as long as it says.
    let details = unsafe { Passed::read(details) };
    // SAFETY: the same contract.
    guard(|| unsafe { fire(task, details, out, std::ptr::null_mut()) })
}

/// The same, and says what became of the firing. `answer` may be NULL. A refused firing is an error, as above.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_fire_with_answer(
    task: backstay_task,
    details: *const backstay_details,
    out: *mut backstay_instance,
    answer: *mut backstay_fire_answer,
) -> backstay_status {
    // SAFETY: NULL, or a struct that is as long as it says.
    let details = unsafe { Passed::read(details) };
    // SAFETY: the same contract.
    guard(|| unsafe { fire(task, details, out, answer) })
}

/// # Safety
/// As the exported functions say.
unsafe fn fire(
    task: backstay_task,
    details: Passed,
    out: *mut backstay_instance,
    answer: *mut backstay_fire_answer,
) -> Answer {
    // SAFETY: the caller's views are good for the call.
    let details = unsafe { details.into_details() }?;
    let task = resolve::<Task>(task.id)?;
    // What the caller set is looked at first, so that a mistake there fires nothing.
    // SAFETY: NULL, or as long as it says.
    let wanted = if answer.is_null() { None } else { Some(unsafe { read_sized(answer) }?) };
    if wanted.as_ref().is_some_and(|wanted| wanted.conditions.is_null() && wanted.condition_capacity != 0) {
        return Err(Status::InvalidArgument);
    }
    // Before there is an instance, which could not be undone.
    let place = if out.is_null() { None } else { Some(Place::reserve()?) };
    let (instance, became) = task.fire_with_answer(details).map_err(|error| error.status())?;
    if let Some(wanted) = wanted {
        // SAFETY: the caller's struct and array are as long as they say.
        unsafe { write_answer(&became, wanted, answer) }?;
    }
    match place {
        // SAFETY: `out` is not NULL, so writable.
        Some(place) => unsafe { place.give(InstanceObject::new(instance), out) },
        None => Ok(()),
    }
}

/// # Safety
/// `to` is as long as it says, and so is the array that `wanted` was given by it.
unsafe fn write_answer(
    became: &FireAnswer,
    mut wanted: backstay_fire_answer,
    to: *mut backstay_fire_answer,
) -> Answer {
    let unmet: &[Arc<str>] = match became {
        FireAnswer::Waiting(WaitingFor::Conditions(unmet)) => unmet,
        _ => &[],
    };
    for (index, name) in unmet.iter().take(wanted.condition_capacity).enumerate() {
        // SAFETY: `index` is below the length of the caller's array.
        unsafe { wanted.conditions.add(index).write(backstay_str::of(name)) };
    }
    wanted.condition_count = unmet.len();
    (wanted.became, wanted.waiting_for) = match became {
        FireAnswer::Started => (BACKSTAY_FIRING_STARTED, BACKSTAY_WAITING_FOR_NOTHING),
        FireAnswer::Merged => (BACKSTAY_FIRING_MERGED, BACKSTAY_WAITING_FOR_NOTHING),
        FireAnswer::Waiting(what) => (
            BACKSTAY_FIRING_WAITING,
            match what {
                WaitingFor::Conditions(_) => BACKSTAY_WAITING_FOR_CONDITIONS,
                WaitingFor::Suspended => BACKSTAY_WAITING_FOR_SUSPENDED,
                WaitingFor::Busy => BACKSTAY_WAITING_FOR_BUSY,
                WaitingFor::Worker => BACKSTAY_WAITING_FOR_WORKER,
            },
        ),
    };
    // SAFETY: as long as it says.
    unsafe { write_sized(to, &wanted) }
}
