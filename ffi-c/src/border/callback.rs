//! Callbacks of C: a function, its user data, and what ends the user data.

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
