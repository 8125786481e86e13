//! The settings of a host.

use std::ffi::c_void;
use std::mem::MaybeUninit;

use backstay::{Host, HostBuilder, Status};

use crate::backstay_str;
use crate::border::{
    Callback, Plain, SizeFirst, UserData, backstay_destroy_fn, listen, optional_duration, read_known,
};
use crate::job::{backstay_executor_fn, executor};

/// Told what nobody else would hear, such as a callback that threw: one line a call, without a line break, good for
/// the call.
///
/// Thread: any. May call anything that does not wait for events of its host. User data: ended after the host has
/// ended.
pub type backstay_log_fn = Option<unsafe extern "C" fn(line: backstay_str, user_data: *mut c_void)>;

/// The settings of a host. Set `struct_size`; zero means default everywhere, BACKSTAY_NO_TIME is a time of zero.
#[repr(C)]
pub struct backstay_host_options {
    /// sizeof(backstay_host_options).
    pub struct_size: u32,
    /// How many entry points may run at once; by default as many as the machine has cores, and at least 2.
    pub workers: u32,
    /// How long a cancelled instance may take before it is abandoned; 5 s by default.
    pub grace_ns: i64,
    /// From which age on a deferral is told as BACKSTAY_EVENT_OVERDUE, once; never by default.
    pub overdue_after_ns: i64,
    /// Time moves only by backstay_host_advance: for tests.
    pub manual_clock: MaybeUninit<bool>,
    /// Whether taking a deferral captures the calls that led to it, for reports; costs microseconds and kilobytes
    /// each.
    pub capture_stacks: MaybeUninit<bool>,
    /// Runs entry points instead of workers of the host.
    pub executor: backstay_executor_fn,
    /// Passed to `executor`.
    pub executor_data: *mut c_void,
    /// Ends `executor_data`, exactly once, also when opening fails; may be NULL.
    pub executor_destroy: backstay_destroy_fn,
    /// Where the host says what nobody else would hear; standard error by default.
    pub log: backstay_log_fn,
    /// Passed to `log`.
    pub log_data: *mut c_void,
    /// Ends `log_data`, exactly once, also when opening fails; may be NULL.
    pub log_destroy: backstay_destroy_fn,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_host_options {}
// SAFETY: integers, pointers, functions that may be NULL, and bools that are only read as bytes.
unsafe impl Plain for backstay_host_options {}

/// What C asked for, with the user data in safe hands.
pub(super) struct Settings(Option<(backstay_host_options, UserData, UserData)>);

impl Settings {
    /// # Safety
    /// NULL, or a struct that is as long as it says.
    pub(super) unsafe fn read(options: *const backstay_host_options) -> Result<Self, Status> {
        if options.is_null() {
            return Ok(Self(None));
        }
        // SAFETY: not NULL, so as long as it says.
        let (options, all_known) = unsafe { read_known(options) }?;
        let executor_data = UserData::new(options.executor_data, options.executor_destroy);
        let log_data = UserData::new(options.log_data, options.log_destroy);
        if all_known {
            Ok(Self(Some((options, executor_data, log_data))))
        } else {
            Err(Status::InvalidArgument)
        }
    }

    pub(super) fn into_builder(self) -> Result<HostBuilder, Status> {
        let mut builder = Host::builder();
        let Some((options, executor_data, log_data)) = self.0 else { return Ok(builder) };
        if options.workers != 0 {
            builder = builder.workers(options.workers as usize);
        }
        if let Some(grace) = optional_duration(options.grace_ns)? {
            builder = builder.grace(grace);
        }
        if let Some(age) = optional_duration(options.overdue_after_ns)? {
            builder = builder.overdue_after(age);
        }
        if is_set(&options.manual_clock) {
            builder = builder.manual_clock();
        }
        builder = builder.capture_stacks(is_set(&options.capture_stacks));
        if options.executor.is_some() {
            builder = builder.executor(executor(Callback::new(options.executor, executor_data)?));
        }
        if options.log.is_some() {
            let callback = Callback::new(options.log, log_data)?;
            builder = builder.log(move |line| {
                let (function, user_data) = callback.parts();
                // SAFETY: function and user data belong to each other and live while the callback does.
                listen(|| unsafe { function(backstay_str::of(line), user_data) });
            });
        }
        Ok(builder)
    }
}

/// A bool of C, of which any byte but 0 is true.
pub(crate) fn is_set(value: &MaybeUninit<bool>) -> bool {
    // SAFETY: every byte of the struct is initialised; a byte is read, so that any value of it is fine.
    unsafe { value.as_ptr().cast::<u8>().read() != 0 }
}
