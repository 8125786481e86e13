//! How an instance ended, for C.

use std::ffi::c_void;

use backstay::{CancelReason, Completion, Holder, TaskError};

use crate::backstay_str;
use crate::border::{Callback, SizeFirst, fail_if, listen, nanoseconds};
use crate::holder::{Subject, backstay_holder};
use crate::words::{backstay_cancel_reason, backstay_outcome};

/// How an instance ended: final, the same for everybody who asks.
///
/// Its views, texts and lists, are good as long as the function that writes it says; a callback's are good for the
/// call.
#[repr(C)]
pub struct backstay_completion {
    /// sizeof(backstay_completion), set by the caller of backstay_instance_wait.
    pub struct_size: u32,
    /// How it ended.
    pub outcome: backstay_outcome,
    /// The instance.
    pub instance_id: [u8; 16],
    /// Whether it was asked to stop, whatever the outcome.
    pub canceled: bool,
    /// Whether its code has looked since then: by is_canceled, wait_canceled or checkpoint, of instance or deferral.
    pub noticed: bool,
    /// Why it was asked to stop, when `canceled`.
    pub reason: backstay_cancel_reason,
    /// The last progress that was set.
    pub progress: u32,
    /// How many suspensions it has felt.
    pub suspended_count: u32,
    /// How long it was Pending, by the host's clock.
    pub pending_ns: i64,
    /// How long it was Running; 0 when it never started.
    pub ran_ns: i64,
    /// How long after it was asked to stop its code first looked, when `noticed`.
    pub noticed_after_ns: i64,
    /// The name of its task.
    pub task: backstay_str,
    /// The group of its task; empty without one.
    pub group: backstay_str,
    /// The first error among entry point and deferrals; empty without one.
    pub error: backstay_str,
    /// The name of the error's type in its own language; empty without an error.
    pub error_type: backstay_str,
    /// The deferrals that were dropped instead of completed, in the order of dropping.
    pub dropped: *const backstay_holder,
    /// How many.
    pub dropped_count: usize,
    /// Who held it when it was abandoned: the entry point first if it still executed, then the deferrals.
    pub holders: *const backstay_holder,
    /// How many.
    pub holder_count: usize,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_completion {}

/// The lists of a completion as C reads them.
pub(crate) struct HolderLists {
    dropped: Vec<backstay_holder>,
    holders: Vec<backstay_holder>,
}

impl HolderLists {
    pub(crate) fn of(completion: &Completion) -> Self {
        let subject = Subject {
            instance_id: completion.instance_id,
            task: &completion.task,
            group: completion.group.as_deref(),
            canceled: completion.canceled,
        };
        let list = |holders: &[Holder]| -> Vec<_> {
            holders.iter().map(|holder| backstay_holder::of(holder, &subject)).collect()
        };
        Self { dropped: list(&completion.dropped), holders: list(&completion.holders) }
    }
}

impl backstay_completion {
    /// A view of this completion and its lists, good while both live.
    pub(crate) fn of(completion: &Completion, lists: &HolderLists) -> Self {
        let error = completion.error.as_ref();
        Self {
            struct_size: u32::try_from(size_of::<Self>()).unwrap_or(u32::MAX),
            outcome: completion.outcome as u32,
            instance_id: completion.instance_id.into_bytes(),
            canceled: completion.canceled.is_some(),
            noticed: completion.noticed_after.is_some(),
            reason: completion.canceled.map_or(0, CancelReason::number),
            progress: completion.progress,
            suspended_count: completion.suspended_count,
            pending_ns: nanoseconds(completion.pending_for),
            ran_ns: nanoseconds(completion.ran_for),
            noticed_after_ns: completion.noticed_after.map_or(0, nanoseconds),
            task: backstay_str::of(&completion.task),
            group: backstay_str::of(completion.group.as_deref().unwrap_or_default()),
            error: backstay_str::of(error.map_or("", TaskError::text)),
            error_type: backstay_str::of(error.map_or("", TaskError::type_name)),
            dropped: lists.dropped.as_ptr(),
            dropped_count: lists.dropped.len(),
            holders: lists.holders.as_ptr(),
            holder_count: lists.holders.len(),
        }
    }
}

/// Calls a callback of C with a completion.
pub(crate) fn tell_completed(
    callback: &Callback<unsafe extern "C" fn(*const backstay_completion, *mut c_void)>,
    completion: &Completion,
) {
    let lists = HolderLists::of(completion);
    let told = backstay_completion::of(completion, &lists);
    let (function, user_data) = callback.parts();
    // SAFETY: function and user data belong to each other and live while the callback does.
    let ((), failure) = listen(|| unsafe { function(&raw const told, user_data) });
    fail_if(failure);
}

/// Told that an instance ended: once for each, as the last event of that instance.
///
/// Thread: the host's events thread. May call anything that does not wait for events of its host. `completion` and
/// its views are good for the call. User data: ended after the task has ended, or when the subscription is
/// cancelled.
pub type backstay_completed_fn =
    Option<unsafe extern "C" fn(completion: *const backstay_completion, user_data: *mut c_void)>;
