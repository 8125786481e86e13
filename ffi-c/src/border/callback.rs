//! Callbacks of C: a function, its user data, and what ends the user data.

use std::cell::RefCell;
use std::ffi::c_void;

use backstay::Status;

/// Ends the user data of a callback. Runs exactly once, on any thread, after the last call of the callback; also when
/// the function that took the callback failed. May be NULL.
pub type backstay_destroy_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// User data and its end; dropping it runs `destroy`.
pub(crate) struct UserData {
    data: *mut c_void,
    destroy: backstay_destroy_fn,
}

// SAFETY: the header says that callbacks and `destroy` run on any thread, so the user data is fit for that.
unsafe impl Send for UserData {}
// SAFETY: as above; the entry point of a task may even run on several threads at once, which the header says too.
unsafe impl Sync for UserData {}

impl UserData {
    /// Made first of all in every function that takes a callback, so that `destroy` runs on every way out.
    pub(crate) fn new(data: *mut c_void, destroy: backstay_destroy_fn) -> Self {
        Self { data, destroy }
    }

    /// What C gave; good while this lives.
    pub(crate) fn data(&self) -> *mut c_void {
        self.data
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the caller gave `destroy` for this data, and a value is dropped once.
            unsafe { destroy(self.data) };
        }
    }
}

/// A function with its user data.
pub(crate) struct Callback<F> {
    function: F,
    user_data: UserData,
}

impl<F: Copy> Callback<F> {
    /// `INVALID_ARGUMENT`, and the user data ended, when there is no function.
    pub(crate) fn new(function: Option<F>, user_data: UserData) -> Result<Self, Status> {
        match function {
            Some(function) => Ok(Self { function, user_data }),
            None => Err(Status::InvalidArgument),
        }
    }

    /// What to call, and with which user data; both are good while the callback lives.
    pub(crate) fn parts(&self) -> (F, *mut c_void) {
        (self.function, self.user_data.data)
    }
}

thread_local! {
    /// What the callback that runs on this thread, innermost, said of its failure.
    static FAILURE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Notes that the callback which runs on this thread has failed; the last text counts.
pub(crate) fn note_failure(text: String) {
    FAILURE.set(Some(text));
}

/// Makes one call of C, and gives what that call, and no other around or inside of it, said of its failure.
pub(crate) fn listen<R>(call: impl FnOnce() -> R) -> (R, Option<String>) {
    FAILURE.with(|failure| {
        let outer = failure.take();
        let answer = call();
        (answer, failure.replace(outer))
    })
}

/// Hands what a handler said of its failure to the core, which puts it into the host's log as it does for its own
/// handlers (E5). Unwinds, since that is how a handler of the core fails, and no further than to the core's shield; so
/// it is the last thing that a handler does.
pub(crate) fn fail_if(failure: Option<String>) {
    if let Some(text) = failure {
        std::panic::resume_unwind(Box::new(text));
    }
}
