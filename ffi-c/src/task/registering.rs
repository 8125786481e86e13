//! Registering a task, and what is wrong with one.

use backstay::{Host, Status};

use super::backstay_task;
use super::options::{Description, backstay_task_options};
use crate::answers::{backstay_error, backstay_status};
use crate::border::{Place, UserData, guard, read_known, resolve, write_sized};
use crate::host::backstay_host;

/// Registers a task: from now on it can be fired.
///
/// `error` may be NULL; it gets everything that is wrong at once, each with its field. When `options` is NULL or its
/// struct_size was never set, the user data in it is not known and stays yours.
///
/// Errors: INVALID_TASK for a description that makes no sense; INVALID_ARGUMENT for a wrong struct_size, a text that
/// is not UTF-8, a negative time, an unknown number; NAME_TAKEN; CLOSED.
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
            Ok((_, _, false)) => Err(unknown()),
            Err(status) => Err((status, "options: is NULL, or its struct_size was not set".to_owned())),
        };
        // SAFETY: NULL, or as long as it says.
        registered.map_err(|(status, text)| unsafe { explain(status, &text, error) })
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
    let plain = |status: Status| (status, status.message().to_owned());
    let host = resolve::<Host>(host.id).map_err(plain)?;
    if out.is_null() {
        return Err((Status::InvalidArgument, "out: is NULL; it takes the task".to_owned()));
    }
    // SAFETY: passed on to the caller.
    let description = unsafe {
        let mut description = Description::read(options);
        description.run(options, user_data);
        description
    };
    let builder = description.into_builder(options)?;
    // Before there is a task, which would be registered without a handle to it.
    let place = Place::reserve().map_err(plain)?;
    let task = builder.register(&host).map_err(|error| (error.status(), error.to_string()))?;
    // SAFETY: not NULL.
    unsafe { place.give(task, out) }.map_err(plain)
}

/// Tells what backstay_task_register would find wrong with these options, without registering; `host` is not needed,
/// and the user data stays yours.
///
/// `error` may be NULL.
///
/// Errors: INVALID_TASK, INVALID_ARGUMENT, as there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_task_validate(
    options: *const backstay_task_options,
    error: *mut backstay_error,
) -> backstay_status {
    guard(|| {
        // SAFETY: NULL, or a struct that is as long as it says.
        let validated = unsafe { read_known(options) }
            .map_err(|status| (status, "options: is NULL, or its struct_size was not set".to_owned()))
            .and_then(|(options, all_known)| {
                if !all_known {
                    return Err(unknown());
                }
                // SAFETY: the caller's strings are good for the call.
                let description = unsafe {
                    let mut description = Description::read(&options);
                    description.run(&options, UserData::new(std::ptr::null_mut(), None));
                    description
                };
                description.into_builder(&options).map(drop)
            });
        // SAFETY: NULL, or as long as it says.
        validated.map_err(|(status, text)| unsafe { explain(status, &text, error) })
    })
}

fn unknown() -> (Status, String) {
    (Status::InvalidArgument, "options: asks for something that this library does not know".to_owned())
}

/// Writes more about an error, if that is wanted.
///
/// # Safety
/// `error` is NULL, or as long as it says.
unsafe fn explain(status: Status, text: &str, error: *mut backstay_error) -> Status {
    if !error.is_null() {
        // SAFETY: not NULL, so as long as it says; a wrong size is not worth hiding the first error for.
        let _ = unsafe { write_sized(error, &backstay_error::new(status, text)) };
    }
    status
}
