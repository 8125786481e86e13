//! How an instance ended, for C.

use std::ffi::c_void;

use backstay::Completion;

use crate::answers::{backstay_cancel_reason, backstay_outcome};
use crate::backstay_str;
use crate::border::{SizeFirst, nanoseconds};

/// How an instance ended: final, the same for everybody who asks.
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
    /// Why it was asked to stop; meaningful when `canceled`.
    pub reason: backstay_cancel_reason,
    /// The last progress that was set.
    pub progress: u32,
    /// How many deferrals were dropped instead of completed.
    pub dropped_count: u32,
    /// How many held the instance when it was abandoned, the entry point included; the drain report names them.
    pub holder_count: u32,
    /// How long it was Pending, by the host's clock.
    pub pending_ns: i64,
    /// How long it was Running; 0 when it never started.
    pub ran_ns: i64,
    /// The name of its task.
    pub task: backstay_str,
    /// The first error among entry point and deferrals; empty without one.
    pub error: backstay_str,
    /// The name of the error's type in its own language; empty without an error.
    pub error_type: backstay_str,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_completion {}

impl backstay_completion {
    /// A view of this completion, good while that lives.
    pub(crate) fn of(completion: &Completion) -> Self {
        let count = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let error = completion.error.as_ref();
        Self {
            struct_size: count(size_of::<Self>()),
            outcome: completion.outcome as u32,
            instance_id: completion.instance_id.into_bytes(),
            canceled: completion.canceled.is_some(),
            reason: completion.canceled.map_or(0, backstay::CancelReason::number),
            progress: completion.progress,
            dropped_count: count(completion.dropped.len()),
            holder_count: count(completion.holders.len()),
            pending_ns: nanoseconds(completion.pending_for),
            ran_ns: nanoseconds(completion.ran_for),
            task: backstay_str::of(&completion.task),
            error: backstay_str::of(error.map_or("", backstay::TaskError::text)),
            error_type: backstay_str::of(error.map_or("", backstay::TaskError::type_name)),
        }
    }
}

/// Told that an instance ended: once for each, on the host's events thread, as the last event of that instance. The
/// completion and its views are good for the call. Must not throw; may call anything except what would wait for itself.
pub type backstay_completed_fn =
    Option<unsafe extern "C" fn(completion: *const backstay_completion, user_data: *mut c_void)>;
