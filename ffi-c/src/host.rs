//! Hosts.

use std::mem::MaybeUninit;

use backstay::{Host, Status};

use crate::answers::{backstay_host_state, backstay_status};
use crate::border::{Plain, SizeFirst, duration, give, guard, read_sized, release, resolve, text, write_out};
use crate::report::{backstay_drain_report, write_report};
use crate::task::backstay_task;

/// A host: it owns tasks, workers and a clock. Everything may be called from any thread at any time.
///
/// Each handle is released once. When the last handle to a host is released, a shutdown with the host's grace begins
/// and the release returns at once.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct backstay_host {
    /// Opaque; 0 is none.
    pub id: u64,
}

/// The settings of a host. Set `struct_size`; zero means default everywhere.
#[repr(C)]
pub struct backstay_host_options {
    /// sizeof(backstay_host_options).
    pub struct_size: u32,
    /// How many entry points may run at once; by default as many as the machine has cores, and at least 2.
    pub workers: u32,
    /// How long a cancelled instance may take before it is abandoned; 5 s by default. For no time at all, use 1.
    pub grace_ns: i64,
    /// Time moves only by backstay_host_advance: for tests.
    pub manual_clock: MaybeUninit<bool>,
}

// SAFETY: `struct_size` is the first field.
unsafe impl SizeFirst for backstay_host_options {}
// SAFETY: integers, and a bool that is only read as a byte.
unsafe impl Plain for backstay_host_options {}

/// Opens a host. Starts no thread: threads are started when they are needed.
///
/// `options` may be NULL for the defaults. INVALID_ARGUMENT for a wrong struct_size, a negative grace, NULL `out`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_open(
    options: *const backstay_host_options,
    out: *mut backstay_host,
) -> backstay_status {
    guard(|| {
        let mut builder = Host::builder();
        if !options.is_null() {
            // SAFETY: the caller's struct is as long as it says.
            let options = unsafe { read_sized(options) }?;
            if options.workers != 0 {
                builder = builder.workers(options.workers as usize);
            }
            if options.grace_ns != 0 {
                builder = builder.grace(duration(options.grace_ns)?.unwrap_or(std::time::Duration::MAX));
            }
            // SAFETY: every byte of the struct is initialised; a byte is read, so that any value of it is fine.
            if unsafe { options.manual_clock.as_ptr().cast::<u8>().read() } != 0 {
                builder = builder.manual_clock();
            }
        }
        if out.is_null() {
            return Err(Status::InvalidArgument);
        }
        let host = builder.build().map_err(|error| error.status())?;
        // SAFETY: not NULL.

        unsafe { give(host, out) }
    })
}

/// Where the host is in its life: BACKSTAY_HOST_OPEN, _DRAINING, _CLOSED.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_get_state(
    host: backstay_host,
    out: *mut backstay_host_state,
) -> backstay_status {
    guard(|| {
        let state = resolve::<Host>(host.id)?.state();
        // SAFETY: NULL or writable.
        unsafe { write_out(out, state as u32) }
    })
}

/// A handle to the task that is registered under this name; NOT_FOUND when there is none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_task(
    host: backstay_host,
    name: crate::backstay_str,
    out: *mut backstay_task,
) -> backstay_status {
    guard(|| {
        let host = resolve::<Host>(host.id)?;
        // SAFETY: the caller's view is good for the call.
        let task = host.task(unsafe { text(name) }?).ok_or(Status::NotFound)?;
        // SAFETY: NULL or writable.
        unsafe { give(task, out) }
    })
}

/// Waits until every event that was caused before this call has been delivered, at most `timeout_ns` by the machine's
/// clock. TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_flush(host: backstay_host, timeout_ns: i64) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        resolve::<Host>(host.id)?.flush(timeout).map_err(|error| error.status())
    })
}

/// Moves a manual clock: stops at every due moment in order, lets happen what is due, flushes, and goes on.
/// NOT_MANUAL_CLOCK; INVALID_ARGUMENT for BACKSTAY_FOREVER; TIMED_OUT when a callback did not return within 30 s of the
/// machine's clock; WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_advance(host: backstay_host, by_ns: i64) -> backstay_status {
    guard(|| {
        let by = duration(by_ns)?.ok_or(Status::InvalidArgument)?;
        resolve::<Host>(host.id)?.advance(by).map_err(|error| error.status())
    })
}

/// Refuses new firings, cancels nothing, and waits until everything alive has finished, at most `timeout_ns` by the
/// host's clock. When the time is over first, the answer is OK too: the report says Draining and who is left.
///
/// With a manual clock another thread must advance it meanwhile. `report` may be NULL. WOULD_DEADLOCK from an entry
/// point or callback of this host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_drain(
    host: backstay_host,
    timeout_ns: i64,
    report: *mut backstay_drain_report,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?.unwrap_or(std::time::Duration::MAX);
        let host = resolve::<Host>(host.id)?;
        // SAFETY: NULL, or a report whose fields the caller set as its description says.
        unsafe { write_report(report, || host.drain(timeout)) }
    })
}

/// Refuses new firings, cancels everything alive with BACKSTAY_CANCEL_TERMINATING, and waits at most `grace_ns` by the
/// host's clock. What is still held then is abandoned, and the report names its holders.
///
/// There is one deadline for all; of several shutdowns the earliest counts. With a manual clock another thread must
/// advance it meanwhile. `report` may be NULL. WOULD_DEADLOCK from an entry point or callback of this host: use
/// backstay_host_begin_shutdown there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_shutdown(
    host: backstay_host,
    grace_ns: i64,
    report: *mut backstay_drain_report,
) -> backstay_status {
    guard(|| {
        let grace = duration(grace_ns)?.unwrap_or(std::time::Duration::MAX);
        let host = resolve::<Host>(host.id)?;
        // SAFETY: NULL, or a report whose fields the caller set as its description says.
        unsafe { write_report(report, || host.shutdown(grace)) }
    })
}

/// Begins what backstay_host_shutdown does and returns at once; works from any callback.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_begin_shutdown(host: backstay_host, grace_ns: i64) -> backstay_status {
    guard(|| {
        let grace = duration(grace_ns)?.unwrap_or(std::time::Duration::MAX);
        resolve::<Host>(host.id)?.begin_shutdown(grace);
        Ok(())
    })
}

/// One more handle to the same host; each is released once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_dup(host: backstay_host, out: *mut backstay_host) -> backstay_status {
    // SAFETY: NULL or writable.
    guard(|| unsafe { give(resolve::<Host>(host.id)?, out) })
}

/// Ends a handle; 0 is fine. The last one begins a shutdown with the host's grace, and does not wait for it.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_release(host: backstay_host) -> backstay_status {
    guard(|| release::<Host>(host.id))
}
