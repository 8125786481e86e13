//! Tasks.

use std::ffi::{c_char, c_void};

use backstay::{
    Completion, Details, Error, Host, Instance, Language, Progress, Site, Status, Task, TaskBuilder,
    TaskError,
};

use crate::answers::{backstay_error, backstay_status};
use crate::border::{
    Callback, Lent, Plain, SizeFirst, UserData, backstay_destroy_fn, duration, give, guard, read_known,
    release, resolve, room, text, write_out, write_sized,
};
use crate::completion::{backstay_completed_fn, backstay_completion};
use crate::host::backstay_host;
use crate::instance::{InstanceObject, backstay_details, backstay_instance, details_from};
use crate::subscription::{backstay_subscription, hand_out};

/// A registered task: fire it to make an instance. Usable from any thread; releasing a handle ends nothing, the task
/// stays registered until it is unregistered or its host closes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_task {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// What fires a task.
pub type backstay_trigger_kind = u32;

/// backstay_task_fire and nothing else.
pub const BACKSTAY_TRIGGER_MANUAL: backstay_trigger_kind = 0;

/// An entry point. Runs on one of the host's workers, once for every instance, and may run on several threads at once.
///
/// `instance` is lent for the call: dup it to keep it. BACKSTAY_OK is success. BACKSTAY_CANCELED after a cancellation
/// is a return, too. Everything else makes the instance Failed, with the text of backstay_instance_set_error or the
/// sentence of the status. Must not throw and must not unwind. May call anything except what would wait for itself.
pub type backstay_run_fn =
    Option<unsafe extern "C" fn(instance: backstay_instance, user_data: *mut c_void) -> backstay_status>;

/// Told of the progress of every instance of a task, on the host's events thread, in order. `instance` is lent for the
/// call. Values that come faster than they are delivered are left out, the latest one never. Must not throw; may call
/// anything except what would wait for itself.
pub type backstay_progress_fn =
    Option<unsafe extern "C" fn(instance: backstay_instance, progress: u32, user_data: *mut c_void)>;

/// Describes a task. All zero but `struct_size`, `name` and `run` is a manual task.
#[repr(C)]
pub struct backstay_task_options {
    /// sizeof(backstay_task_options).
    pub struct_size: u32,
    /// What fires it.
    pub trigger: backstay_trigger_kind,
    /// Unique in its host.
    pub name: crate::backstay_str,
    /// How long a cancelled instance may take before it is abandoned; the host's grace by default.
    pub grace_ns: i64,
    /// How many instances may be Pending before further firings are refused; 1,048,576 by default.
    pub max_pending: u32,
    /// The line that stands in reports for the entry point, such as __LINE__; 0 when unknown.
    pub line: u32,
    /// The file of that line, such as __FILE__: zero-terminated, copied; NULL when unknown.
    pub file: *const c_char,
    /// The entry point.
    pub run: backstay_run_fn,
    /// Passed to `run`.
    pub user_data: *mut c_void,
    /// Ends the user data, exactly once, also when registering fails; may be NULL.
    pub destroy: backstay_destroy_fn,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_task_options {}
// SAFETY: integers, pointers and functions that may be NULL.
unsafe impl Plain for backstay_task_options {}

/// Registers a task: from now on it can be fired.
///
/// INVALID_TASK with every fault in `error`; NAME_TAKEN; CLOSED; INVALID_ARGUMENT for a wrong struct_size, a text that
/// is not UTF-8, a negative duration, an unknown trigger, NULL `out`. `error` may be NULL. When `options` is NULL or its
/// struct_size was never set, the user data in it is not known and stays yours.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_register(
    host: backstay_host,
    options: *const backstay_task_options,
    out: *mut backstay_task,
    error: *mut backstay_error,
) -> backstay_status {
    // Read before the guard, so that `destroy` runs on every way out, also in a forked child.
    // SAFETY: NULL, or a struct that is as long as it says.
    let options = unsafe { read_known(options) }
        .map(|(options, all_known)| (UserData::new(options.user_data, options.destroy), options, all_known));
    guard(|| {
        let registered = match options {
            // SAFETY: the caller's strings are good for the call.
            Ok((user_data, options, true)) => unsafe { register(host, &options, user_data, out) },
            Ok((_, _, false)) => Err((
                Status::InvalidArgument,
                "options: asks for something that this library does not know".to_owned(),
            )),
            Err(status) => Err((status, "options: is NULL, or its struct_size was not set".to_owned())),
        };
        registered.map_err(|(status, text)| {
            if !error.is_null() {
                // SAFETY: not NULL, so as long as it says; a wrong size is not worth hiding the first error for.
                let _ = unsafe { write_sized(error, &backstay_error::new(status, &text)) };
            }
            status
        })
    })
}

/// # Safety
/// The strings of `options` are good, `out` is NULL or writable.
unsafe fn register(
    host: backstay_host,
    options: &backstay_task_options,
    user_data: UserData,
    out: *mut backstay_task,
) -> Result<(), (Status, String)> {
    let invalid = |what: &str| (Status::InvalidArgument, what.to_owned());
    let plain = |status: Status| (status, status.message().to_owned());
    let host = resolve::<Host>(host.id).map_err(plain)?;
    if out.is_null() {
        return Err(invalid("out: is NULL; it takes the task"));
    }
    if options.trigger != BACKSTAY_TRIGGER_MANUAL {
        return Err(invalid("trigger: is not known to this library"));
    }
    // SAFETY: passed on to the caller.
    let name = unsafe { text(options.name) }.map_err(|_| invalid("name: is not UTF-8 text"))?;
    let mut builder = TaskBuilder::new(name);
    match duration(options.grace_ns) {
        Ok(_) if options.grace_ns == 0 => {}
        Ok(grace) => builder = builder.grace(grace.unwrap_or(std::time::Duration::MAX)),
        Err(_) => return Err(invalid("grace_ns: is negative; give nanoseconds, or 0 for the host's grace")),
    }
    if options.max_pending != 0 {
        builder = builder.max_pending(options.max_pending as usize);
    }
    if let Ok(callback) = Callback::new(options.run, user_data) {
        // SAFETY: passed on to the caller.
        let site = unsafe { site(options) };
        builder = builder.run_at(move |instance| run(&callback, instance), site);
    }
    room().map_err(plain)?;
    let task = builder.register(&host).map_err(|error| (error.status(), error.to_string()))?;
    // SAFETY: not NULL.

    unsafe { give(task, out) }.map_err(plain)
}

/// # Safety
/// `options.file` is NULL or a zero-terminated string.
unsafe fn site(options: &backstay_task_options) -> Site {
    let file = if options.file.is_null() {
        String::new()
    } else {
        // SAFETY: as above.
        unsafe { std::ffi::CStr::from_ptr(options.file) }.to_string_lossy().into_owned()
    };
    Site { language: Language::C, file: file.into(), line: options.line }
}

/// Calls an entry point of C. Its handle has ended before this returns, so before the entry point's hold goes.
fn run(
    callback: &Callback<unsafe extern "C" fn(backstay_instance, *mut c_void) -> backstay_status>,
    instance: &Instance,
) -> Result<(), TaskError> {
    let object = InstanceObject::running(instance.clone());
    let lent =
        Lent::new(object.clone()).map_err(|status| TaskError::with_type(status.message(), status.name()))?;
    let (function, user_data) = callback.parts();
    // SAFETY: the caller gave function and user data for each other, and both live while the callback does.
    let number = unsafe { function(backstay_instance { id: lent.handle() }, user_data) };
    drop(lent);
    let status = Status::from_number(number).unwrap_or(Status::Failed);
    let text = object.take_error().unwrap_or_else(|| status.message().to_owned());
    match status {
        Status::Ok => Ok(()),
        Status::Canceled => Err(TaskError::canceled_with(text, status.name())),
        _ => Err(TaskError::with_type(text, status.name())),
    }
}

/// Makes an instance, Pending or already Running, which carries `details` (NULL: none).
///
/// `out` may be NULL when no handle is wanted. CLOSED when the host drains or is closed, UNREGISTERED,
/// CURRENTLY_RUNNING when as many instances are waiting as may.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_fire(
    task: backstay_task,
    details: *const backstay_details,
    out: *mut backstay_instance,
) -> backstay_status {
    guard(|| {
        let task = resolve::<Task>(task.id)?;
        // SAFETY: NULL, or the caller's details, good for the call.
        let details: Details = unsafe { details_from(details) }?;
        if out.is_null() {
            return task.fire(details).map(drop).map_err(|error| error.status());
        }
        room()?;
        let instance = task.fire(details).map_err(|error: Error| error.status())?;
        // SAFETY: not NULL.

        unsafe { give(InstanceObject::new(instance), out) }
    })
}

/// Takes the task off the host; its name is free when this returns. What is Pending is cancelled with
/// BACKSTAY_CANCEL_ABORT; what is Running is cancelled too if `cancel`, else it finishes. UNREGISTERED when that was
/// done before.
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

/// Calls `completed` once for every instance of this task that ends. It stays attached until the task has ended or the
/// subscription is cancelled. `out` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_on_completed(
    task: backstay_task,
    completed: backstay_completed_fn,
    user_data: *mut c_void,
    destroy: backstay_destroy_fn,
    out: *mut backstay_subscription,
) -> backstay_status {
    let user_data = UserData::new(user_data, destroy);
    guard(|| {
        let callback = Callback::new(completed, user_data)?;
        let task = resolve::<Task>(task.id)?;
        let subscription = task.on_completed(move |completion: &Completion| {
            let (function, user_data) = callback.parts();
            let told = backstay_completion::of(completion);
            // SAFETY: function and user data belong to each other and live while the callback does.
            unsafe { function(&raw const told, user_data) };
        });
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// Calls `progress` for the progress of every instance of this task. It stays attached until the task has ended or the
/// subscription is cancelled. `out` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_on_progress(
    task: backstay_task,
    progress: backstay_progress_fn,
    user_data: *mut c_void,
    destroy: backstay_destroy_fn,
    out: *mut backstay_subscription,
) -> backstay_status {
    let user_data = UserData::new(user_data, destroy);
    guard(|| {
        let callback = Callback::new(progress, user_data)?;
        let task = resolve::<Task>(task.id)?;
        let subscription = task.on_progress(move |progress: &Progress| {
            // When handles ran out there is nothing to lend, and the next progress will be told instead.
            let Ok(lent) = Lent::new(InstanceObject::new(progress.instance.clone())) else { return };
            let (function, user_data) = callback.parts();
            // SAFETY: function and user data belong to each other and live while the callback does.
            unsafe { function(backstay_instance { id: lent.handle() }, progress.progress, user_data) };
        });
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// One more handle to the same task; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_dup(task: backstay_task, out: *mut backstay_task) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { give(resolve::<Task>(task.id)?, out) })
}

/// Ends a handle; 0 is fine. The task stays registered.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_task_release(task: backstay_task) -> backstay_status {
    guard(|| release::<Task>(task.id))
}
