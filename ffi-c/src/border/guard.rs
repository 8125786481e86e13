//! What surrounds the body of every exported function: no panic leaves it, and no child of a fork enters it.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};

use backstay::Status;
use parking_lot::Once;

use super::Answer;
use crate::backstay_status;

/// How many forks lie between the process that first used the library and this one, which has its memory but none of
/// its threads.
static FORKS: AtomicU32 = AtomicU32::new(0);

extern "C" fn in_child() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

/// How often the library was forked on its way into this process: what was made at another count belongs to a parent
/// (H6).
#[inline]
pub fn forks() -> u32 {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        // It fails only for want of memory, and then a child is not told; nothing else is lost.
        // SAFETY: `in_child` does nothing but change an atomic, which is allowed in a child of a process with threads.
        let _ = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
    });
    FORKS.load(Ordering::Relaxed)
}

/// Whether this process is a child made by fork since the library was first used (H6).
pub fn is_forked() -> bool {
    forks() > 0
}

/// Runs the body of an exported function: a panic becomes `PANIC`, a forked child gets `FORKED`.
///
/// `AssertUnwindSafe` holds because bodies change nothing of ours but the table of handles, whose operations do not
/// panic half way.
#[inline]
pub(crate) fn guard(body: impl FnOnce() -> Answer) -> backstay_status {
    if is_forked() {
        return Status::Forked.number();
    }
    let answer = guard_or(Err(Status::Panic), body);
    answer.err().unwrap_or(Status::Ok).number()
}

/// Runs the body of an exported function that answers with something else than a status and takes no lock, so that a
/// forked child may call it: after a panic the answer is `fallback`.
#[inline]
pub(crate) fn guard_or<T>(fallback: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|payload| {
        end_payload(payload);
        fallback
    })
}

/// The payload may be a value of the user whose drop panics too; a second one is left alone.
#[cold]
fn end_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
}
