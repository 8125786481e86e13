//! Handlers of a task.

use std::ffi::c_void;

use backstay::{Progress, Task};

use super::backstay_task;
use crate::answers::backstay_status;
use crate::border::{Callback, Lent, UserData, backstay_destroy_fn, fail_if, guard, listen, resolve};
use crate::completion::{backstay_completed_fn, tell_completed};
use crate::instance::{InstanceObject, backstay_instance};
use crate::subscription::{backstay_subscription, hand_out};

/// Told of the progress of every instance of a task, in order. Values that come faster than they are told are left
/// out, the latest one never.
///
/// Thread: the host's events thread. May call anything that does not wait for events of its host. `instance` is lent
/// for the call. User data: ended after the task has ended, or when the subscription is cancelled.
pub type backstay_progress_fn =
    Option<unsafe extern "C" fn(instance: backstay_instance, progress: u32, user_data: *mut c_void)>;

/// Calls `completed` once for every instance of this task that ends. It stays attached until the task has ended or
/// the subscription is cancelled. `out` may be NULL.
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
        let subscription = task.on_completed(move |completion| tell_completed(&callback, completion));
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

/// Calls `progress` for the progress of every instance of this task. It stays attached until the task has ended or
/// the subscription is cancelled. `out` may be NULL.
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
            let ((), failure) = listen(|| unsafe {
                function(backstay_instance { id: lent.handle() }, progress.progress, user_data);
            });
            drop(lent);
            fail_if(failure);
        });
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}
