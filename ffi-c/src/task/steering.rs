//! What can be done with a registered task, and what it says of itself.

use std::ffi::c_char;

use backstay::Task;

use super::backstay_task;
use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{guard, resolve, write_out, write_text};
use crate::words::{backstay_cause, cause};

/// The name. The view is good until this handle is released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_name(task: backstay_task, out: *mut backstay_str) -> backstay_status {
    guard(|| {
        let task = resolve::<Task>(task.id)?;
        // SAFETY: NULL or writable.
        unsafe { write_out(out, backstay_str::of(task.name())) }
    })
}

/// The group; empty without one. The view is good until this handle is released.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_group(task: backstay_task, out: *mut backstay_str) -> backstay_status {
    guard(|| {
        let task = resolve::<Task>(task.id)?;
        // SAFETY: NULL or writable.
        unsafe { write_out(out, backstay_str::of(task.group().unwrap_or_default())) }
    })
}

/// Whether both handles name the same registration: a task that was replaced is another one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_is_same(
    task: backstay_task,
    other: backstay_task,
    out: *mut bool,
) -> backstay_status {
    guard(|| {
        let is_same = *resolve::<Task>(task.id)? == *resolve::<Task>(other.id)?;
        // SAFETY: NULL or writable.
        unsafe { write_out(out, is_same) }
    })
}

/// Whether the task is registered still.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_is_registered(task: backstay_task, out: *mut bool) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, resolve::<Task>(task.id)?.is_registered()) })
}

/// Takes the task off the host; its name is free when this returns. What is Pending is cancelled with
/// BACKSTAY_CANCEL_ABORT; what is Running is cancelled too if `cancel`, else it finishes.
///
/// Errors: UNREGISTERED when that was done before.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_unregister(task: backstay_task, cancel: bool) -> backstay_status {
    guard(|| resolve::<Task>(task.id)?.unregister(cancel).map_err(|error| error.status()))
}

/// How many instances of the task are Running and how many are Pending; each may be NULL when it is not wanted.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_counts(
    task: backstay_task,
    running: *mut usize,
    pending: *mut usize,
) -> backstay_status {
    guard(|| {
        let task = resolve::<Task>(task.id)?;
        for (to, count) in [(running, task.running()), (pending, task.pending())] {
            if !to.is_null() {
                // SAFETY: not NULL, so writable.
                unsafe { write_out(to, count) }?;
            }
        }
        Ok(())
    })
}

/// In words, why the task does not run now, or what will make it run, into a buffer of yours as snprintf does.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_explain(
    task: backstay_task,
    buffer: *mut c_char,
    capacity: usize,
    length: *mut usize,
) -> backstay_status {
    guard(|| {
        let text = resolve::<Task>(task.id)?.explain();
        // SAFETY: the caller's buffer is as long as it says.
        unsafe { write_text(&text, buffer, capacity, length) }
    })
}

/// Lets a task run again that too many failures in a row had disabled.
///
/// Errors: UNREGISTERED.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_enable(task: backstay_task) -> backstay_status {
    guard(|| resolve::<Task>(task.id)?.enable().map_err(|error| error.status()))
}

/// Whether too many failures in a row have disabled the task.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_is_disabled(task: backstay_task, out: *mut bool) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, resolve::<Task>(task.id)?.is_disabled()) })
}

/// Suspends the task: it starts nothing, and its running instances stand still at their next checkpoint.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_suspend(task: backstay_task, why: backstay_cause) -> backstay_status {
    guard(|| {
        let task = resolve::<Task>(task.id)?;
        task.suspend(cause(why)?);
        Ok(())
    })
}

/// Takes back one backstay_task_suspend; one too many changes nothing.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_resume(task: backstay_task) -> backstay_status {
    guard(|| {
        resolve::<Task>(task.id)?.resume();
        Ok(())
    })
}

/// Whether the task itself is suspended.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_is_suspended(task: backstay_task, out: *mut bool) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { write_out(out, resolve::<Task>(task.id)?.is_suspended()) })
}
