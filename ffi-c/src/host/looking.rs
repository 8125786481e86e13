//! What a host tells of itself: its tasks, who holds what, everything.

use std::ffi::c_char;

use backstay::{Host, Status};

use super::backstay_host;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{give, give_all, guard, resolve, text, write_out, write_text};
use crate::holder::{backstay_holder, write_list};
use crate::report::backstay_straggler;
use crate::task::backstay_task;

/// A handle to the task that is registered under this name and is in no group.
///
/// Errors: NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_task(
    host: backstay_host,
    name: backstay_str,
    out: *mut backstay_task,
) -> backstay_status {
    guard(|| {
        let host = resolve::<Host>(host.id)?;
        // SAFETY: the caller's view is good for the call.
        let task = host.task(unsafe { text(name) }?).ok_or(Status::NotFound)?;
        // SAFETY: NULL or writable.
        unsafe { give(task, out) }
    })
}

/// A handle to the task that is registered under this name in this group.
///
/// Errors: NOT_FOUND.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_group_task(
    host: backstay_host,
    group: backstay_str,
    name: backstay_str,
    out: *mut backstay_task,
) -> backstay_status {
    guard(|| {
        let host = resolve::<Host>(host.id)?;
        // SAFETY: the caller's views are good for the call.
        let (group, name) = unsafe { (text(group)?, text(name)?) };
        let task = host.group(group).task(name).ok_or(Status::NotFound)?;
        // SAFETY: NULL or writable.
        unsafe { give(task, out) }
    })
}

/// Handles to the tasks that are in no group, in the order of their names, into an array of yours; you release each.
///
/// At most `capacity` are written; `count` gets how many tasks there are. `buffer` may be NULL when `capacity` is 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_tasks(
    host: backstay_host,
    buffer: *mut backstay_task,
    capacity: usize,
    count: *mut usize,
) -> backstay_status {
    // SAFETY: the caller's array is as long as it says.
    guard(|| unsafe { give_all(resolve::<Host>(host.id)?.tasks(), buffer, capacity, count) })
}

/// The same for the tasks of a group; none when there is no such group.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_group_tasks(
    host: backstay_host,
    group: backstay_str,
    buffer: *mut backstay_task,
    capacity: usize,
    count: *mut usize,
) -> backstay_status {
    guard(|| {
        // SAFETY: the caller's view is good for the call.
        let tasks = resolve::<Host>(host.id)?.group(unsafe { text(group) }?).tasks();
        // SAFETY: the caller's array is as long as it says.
        unsafe { give_all(tasks, buffer, capacity, count) }
    })
}

/// The names of the groups, in order, into a buffer of yours: each with a terminating zero, one behind the other.
/// `length` gets how many bytes that takes in all; when it is more than `capacity`, nothing is written to `buffer`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_groups(
    host: backstay_host,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> backstay_status {
    guard(|| {
        let names: Vec<u8> = (resolve::<Host>(host.id)?.groups().iter())
            .flat_map(|name| name.bytes().chain([0]).collect::<Vec<_>>())
            .collect();
        if length.is_null() || buffer.is_null() && capacity != 0 {
            return Err(Status::InvalidArgument);
        }
        if names.len() <= capacity {
            // SAFETY: the caller's buffer has `capacity` bytes.
            unsafe { buffer.copy_from_nonoverlapping(names.as_ptr().cast(), names.len()) };
        }
        // SAFETY: not NULL, so writable.
        unsafe { write_out(length, names.len()) }
    })
}

/// Every pending deferral of every instance of this host, in the order of firing, into an array of yours as
/// backstay_instance_holders does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_holders(
    host: backstay_host,
    buffer: *mut backstay_holder,
    capacity: usize,
    count: *mut usize,
) -> backstay_status {
    guard(|| {
        let held = resolve::<Host>(host.id)?.holders();
        let holders: Vec<_> = held.iter().flat_map(backstay_holder::all_of).collect();
        // SAFETY: as the caller vouches.
        unsafe { list_out(&holders, buffer, capacity, count) }
    })
}

/// The threads that your code still occupies although their instances were abandoned, into an array of yours as
/// backstay_instance_holders does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_stragglers(
    host: backstay_host,
    buffer: *mut backstay_straggler,
    capacity: usize,
    count: *mut usize,
) -> backstay_status {
    guard(|| {
        let snapshot = resolve::<Host>(host.id)?.snapshot();
        let stragglers: Vec<_> = snapshot.stragglers.iter().map(backstay_straggler::of).collect();
        // SAFETY: as the caller vouches.
        unsafe { list_out(&stragglers, buffer, capacity, count) }
    })
}

/// Everything about the host as one JSON object, into a buffer of yours as snprintf does: tasks with why they do not
/// run now, instances, holders, conditions, stragglers, totals. Times are whole nanoseconds in fields that end in
/// _ns.
///
/// It stops no other thread: each instance is consistent in itself. `length` gets the whole length without the
/// terminating zero; when it is not below `capacity`, the text was cut off and the next one may have another length.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_snapshot_json(
    host: backstay_host,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> backstay_status {
    guard(|| {
        let json = resolve::<Host>(host.id)?.snapshot().to_json();
        // SAFETY: the caller's buffer is as long as it says.
        unsafe { write_text(&json, buffer, capacity, length) }
    })
}

/// # Safety `buffer` has `capacity` elements of the size that its first one says, or `capacity` is 0; `count` is
/// NULL or writable.
unsafe fn list_out<T: crate::border::SizeFirst>(
    list: &[T],
    buffer: *mut T,
    capacity: usize,
    count: *mut usize,
) -> Result<(), Status> {
    if count.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: as above, and `count` is not NULL.
    unsafe {
        write_list(list, buffer, capacity)?;
        write_out(count, list.len())
    }
}
