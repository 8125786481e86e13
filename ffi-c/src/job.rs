//! Jobs: what a host hands to an executor of the application.

use std::cell::Cell;
use std::ffi::c_void;
use std::sync::Arc;

use backstay::Status;
use parking_lot::Mutex;

use crate::answers::backstay_status;
use crate::border::{Callback, guard, insert, listen, release, resolve, take};

/// One piece of work of a host that has an executor: run it once, on a thread of yours, or release it. Usable from
/// any thread. It keeps the host's insides alive, so run or release every one.
///
/// Unlike other handles it has no dup, since a job runs once.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_job {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// An executor of yours, instead of the host's own workers: takes a job, which is now yours, and has it run later by
/// backstay_job_run on a thread of your choice.
///
/// Thread: whichever has work, one call at a time. Must not block, and must not run the job inside of the call; else
/// it may call anything. User data: ended after the host is closed and the last job is gone.
pub type backstay_executor_fn = Option<unsafe extern "C" fn(job: backstay_job, user_data: *mut c_void)>;

type Job = Box<dyn FnOnce() + Send>;

type Executor = Callback<unsafe extern "C" fn(backstay_job, *mut c_void)>;

/// What stands behind a handle to a job.
pub(crate) struct JobObject {
    /// Dropped before the executor is.
    work: Mutex<Option<Job>>,
    /// The executor's user data lives as long as a job that it was given.
    _executor: Arc<Executor>,
}

thread_local! {
    /// Whether this thread is inside of a call of an executor, where jobs must not run.
    static ASKING: Cell<bool> = const { Cell::new(false) };
}

/// An executor of C, for the core.
pub(crate) fn executor(callback: Executor) -> impl Fn(Job) + Send + Sync {
    let callback = Arc::new(callback);
    move |job| {
        // When handles ran out the job is dropped here, which the core answers by cancelling what waits longest.
        let object = JobObject { work: Mutex::new(Some(job)), _executor: Arc::clone(&callback) };
        let Ok(id) = insert(object) else { return };
        let (function, user_data) = callback.parts();
        let outer = ASKING.replace(true);
        // An executor that throws a job away has said enough; what it says is about no handler around it.
        // SAFETY: function and user data belong to each other and live while the callback does.
        listen(|| unsafe { function(backstay_job { id }, user_data) });
        ASKING.set(outer);
    }
}

/// Runs the job on this thread: an entry point, as a rule. Ends the handle.
///
/// Errors: WOULD_DEADLOCK inside of a call of an executor: the handle stays good, run it later.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_job_run(job: backstay_job) -> backstay_status {
    guard(|| {
        if ASKING.get() {
            resolve::<JobObject>(job.id)?;
            return Err(Status::WouldDeadlock);
        }
        let taken = take::<JobObject>(job.id)?;
        let work = taken.work.lock().take().ok_or(Status::Internal)?;
        work();
        Ok(())
    })
}

/// Ends a handle; 0 is fine. A job that was not run cancels the instance that waits longest with
/// BACKSTAY_CANCEL_RESOURCE_REVOCATION.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_job_release(job: backstay_job) -> backstay_status {
    guard(|| release::<JobObject>(job.id))
}
