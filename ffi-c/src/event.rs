//! What a host tells of its instances, for C.

use std::ffi::c_void;

use backstay::{CancelReason, InstanceEvent};

use crate::answers::backstay_status;
use crate::backstay_str;
use crate::border::{
    Callback, Lent, SizeFirst, UserData, backstay_destroy_fn, fail_if, guard, guard_or, listen, resolve,
};
use crate::host::backstay_host;
use crate::instance::{InstanceObject, backstay_instance};
use crate::subscription::{backstay_subscription, hand_out};
use crate::words::{backstay_cancel_reason, backstay_outcome};

/// What can happen to an instance.
pub type backstay_event_kind = u32;

/// A firing made it.
pub const BACKSTAY_EVENT_FIRED: backstay_event_kind = 0;
/// Directly after FIRED: it waits for the conditions of the event.
pub const BACKSTAY_EVENT_WAITS: backstay_event_kind = 1;
/// A worker has entered its entry point.
pub const BACKSTAY_EVENT_STARTED: backstay_event_kind = 2;
/// Its progress was set; values that come faster than they are told are left out, the latest one never.
pub const BACKSTAY_EVENT_PROGRESS: backstay_event_kind = 3;
/// It is suspended.
pub const BACKSTAY_EVENT_SUSPENDED: backstay_event_kind = 4;
/// It is no longer suspended.
pub const BACKSTAY_EVENT_RESUMED: backstay_event_kind = 5;
/// It was asked to stop.
pub const BACKSTAY_EVENT_CANCELED: backstay_event_kind = 6;
/// A deferral of it is older than it should be; once for each.
pub const BACKSTAY_EVENT_OVERDUE: backstay_event_kind = 7;
/// It ended; nothing comes after this.
pub const BACKSTAY_EVENT_COMPLETED: backstay_event_kind = 8;

/// Something that happened to an instance. Everything in it is good for the call that tells it.
#[repr(C)]
pub struct backstay_event {
    /// How many bytes the library has written; for the fields of later versions.
    pub struct_size: u32,
    /// What happened.
    pub kind: backstay_event_kind,
    /// To which instance; lent for the call, dup it to keep it. 0 when handles ran out.
    pub instance: backstay_instance,
    /// Its id.
    pub instance_id: [u8; 16],
    /// The name of its task.
    pub task: backstay_str,
    /// The group of its task; empty without one.
    pub group: backstay_str,
    /// WAITS: the unmet conditions, in the order in which the task names them.
    pub conditions: *const backstay_str,
    /// How many conditions.
    pub condition_count: usize,
    /// OVERDUE: the label of the deferral.
    pub label: backstay_str,
    /// CANCELED, and COMPLETED when `canceled`: why it was asked to stop.
    pub reason: backstay_cancel_reason,
    /// COMPLETED: how it ended.
    pub outcome: backstay_outcome,
    /// PROGRESS: the latest value. COMPLETED: the last one.
    pub progress: u32,
    /// Whether `reason` says something.
    pub canceled: bool,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_event {}

/// Told of everything that happens to the instances of a host, in order for each instance.
///
/// Thread: the host's events thread. May call anything that does not wait for events of its host. User data: ended
/// when the subscription is cancelled or the host has ended.
pub type backstay_event_fn =
    Option<unsafe extern "C" fn(event: *const backstay_event, user_data: *mut c_void)>;

/// The name of a kind of event, such as "Started".
#[unsafe(no_mangle)]
pub extern "C" fn backstay_event_kind_name(kind: backstay_event_kind) -> *const std::ffi::c_char {
    const NAMES: [&std::ffi::CStr; 9] = [
        c"Fired",
        c"Waits",
        c"Started",
        c"Progress",
        c"Suspended",
        c"Resumed",
        c"Canceled",
        c"Overdue",
        c"Completed",
    ];
    guard_or(c"UNKNOWN".as_ptr(), || NAMES.get(kind as usize).copied().unwrap_or(c"UNKNOWN").as_ptr())
}

/// Calls `told` for every event of every instance of this host. It stays attached until the host has ended or the
/// subscription is cancelled. `out` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_on_event(
    host: backstay_host,
    told: backstay_event_fn,
    user_data: *mut c_void,
    destroy: backstay_destroy_fn,
    out: *mut backstay_subscription,
) -> backstay_status {
    let user_data = UserData::new(user_data, destroy);
    guard(|| {
        let callback = Callback::new(told, user_data)?;
        let subscription = resolve::<backstay::Host>(host.id)?.on_event(move |event| tell(&callback, event));
        // SAFETY: NULL or writable.
        unsafe { hand_out(subscription, out) }
    })
}

fn tell(
    callback: &Callback<unsafe extern "C" fn(*const backstay_event, *mut c_void)>,
    event: &InstanceEvent,
) {
    // When handles ran out the event is told with handle 0, rather than not at all.
    let lent = Lent::new(InstanceObject::new(event.instance.clone())).ok();
    let conditions: Vec<_> = event.conditions.iter().map(|name| backstay_str::of(name)).collect();
    let seen = backstay_event {
        struct_size: u32::try_from(size_of::<backstay_event>()).unwrap_or(u32::MAX),
        kind: event.kind as u32,
        instance: backstay_instance { id: lent.as_ref().map_or(0, Lent::handle) },
        instance_id: event.instance_id.into_bytes(),
        task: backstay_str::of(&event.task),
        group: backstay_str::of(event.group.as_deref().unwrap_or_default()),
        conditions: conditions.as_ptr(),
        condition_count: conditions.len(),
        label: backstay_str::of(event.label.as_deref().unwrap_or_default()),
        reason: event.reason.map_or(0, CancelReason::number),
        outcome: event.outcome.map_or(0, |outcome| outcome as u32),
        progress: event.progress.unwrap_or_default(),
        canceled: event.reason.is_some(),
    };
    let (function, user_data) = callback.parts();
    // SAFETY: function and user data belong to each other and live while the callback does.
    let ((), failure) = listen(|| unsafe { function(&raw const seen, user_data) });
    drop(lent);
    fail_if(failure);
}
