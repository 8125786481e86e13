//! What surrounds the body of every exported function: no panic leaves it, and no child of a fork enters it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use backstay::Status;
use parking_lot::Once;

use super::Answer;
use crate::backstay_status;

/// Set in a child made by fork, which has this library's memory but none of its threads.
static FORKED: AtomicBool = AtomicBool::new(false);

extern "C" fn in_child() {
    FORKED.store(true, Ordering::Relaxed);
}

/// Whether this process is a child made by fork since the library was first used (H6).
pub fn is_forked() -> bool {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // It fails only for want of memory, and then a child is not told; nothing else is lost.
        // SAFETY: `in_child` does nothing but store an atomic, which is allowed in a child of a process with threads.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
    FORKED.load(Ordering::Relaxed)
}

/// Runs the body of an exported function: a panic becomes `PANIC`, a forked child gets `FORKED`.
///
/// `AssertUnwindSafe` holds because bodies change nothing of ours but the table of handles, whose operations do not
/// panic half way.
pub(crate) fn guard(body: impl FnOnce() -> Answer) -> backstay_status {
    if is_forked() {
        return Status::Forked.number();
    }
    let answer = guard_or(Err(Status::Panic), body);
    answer.err().unwrap_or(Status::Ok).number()
}

/// Runs the body of an exported function that answers with something else than a status and takes no lock, so that a
/// forked child may call it: after a panic the answer is `fallback`.
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        // The payload may be a value of the user whose drop panics too; a second one is left alone.
        if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            std::mem::forget(second);
        }
        fallback
    })
}
