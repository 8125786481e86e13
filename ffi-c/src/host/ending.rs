//! The clock of a host, and its end.

use backstay::Host;

use super::backstay_host;
use crate::answers::backstay_status;
use crate::border::{duration, guard, long_duration, resolve, write_out};
use crate::report::{backstay_drain_report, write_report};
use crate::words::backstay_host_state;

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

/// Waits until every event that was caused before this call has been delivered, at most `timeout_ns` by the
/// machine's clock.
///
/// Errors: TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_flush(host: backstay_host, timeout_ns: i64) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        resolve::<Host>(host.id)?.flush(timeout).map_err(|error| error.status())
    })
}

/// Moves a manual clock: stops at every due moment in order, lets happen what is due, flushes, and goes on.
///
/// Errors: NOT_MANUAL_CLOCK; INVALID_ARGUMENT for BACKSTAY_FOREVER; TIMED_OUT when a callback did not return within
/// 30 s of the machine's clock; WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_advance(host: backstay_host, by_ns: i64) -> backstay_status {
    guard(|| {
        let by = duration(by_ns)?.ok_or(backstay::Status::InvalidArgument)?;
        resolve::<Host>(host.id)?.advance(by).map_err(|error| error.status())
    })
}

/// Refuses new firings, cancels nothing, and waits until everything alive has finished, at most `timeout_ns` by the
/// host's clock. When the time is over first, the answer is OK too: the report says Draining and who is left. The
/// events of what it counts were delivered.
///
/// With a manual clock another thread must advance it meanwhile. `report` may be NULL.
///
/// Errors: WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_drain(
    host: backstay_host,
    timeout_ns: i64,
    report: *mut backstay_drain_report,
) -> backstay_status {
    guard(|| {
        let timeout = long_duration(timeout_ns)?;
        let host = resolve::<Host>(host.id)?;
        // SAFETY: NULL, or a report whose fields the caller set as its description says.
        unsafe { write_report(report, || host.drain(timeout)) }
    })
}

/// Refuses new firings, cancels what is alive with BACKSTAY_CANCEL_TERMINATING unless its task says otherwise
/// (`on_shutdown`), and waits at most `grace_ns` by the host's clock. What is still held then, or when its own grace
/// is over before, is abandoned, and the report names its holders; the answer is OK all the same.
///
/// There is one deadline for all; of several shutdowns the earliest counts, and all get the same report. The events
/// of what it counts are delivered for the rest of the grace, and at least for a tenth of a second; a callback that
/// takes longer may still run when this returns, and backstay_host_flush waits for it. With a manual clock another
/// thread must advance it meanwhile. `report` may be NULL.
///
/// Errors: WOULD_DEADLOCK from an entry point or callback of this host: use backstay_host_begin_shutdown there.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_shutdown(
    host: backstay_host,
    grace_ns: i64,
    report: *mut backstay_drain_report,
) -> backstay_status {
    guard(|| {
        let grace = long_duration(grace_ns)?;
        let host = resolve::<Host>(host.id)?;
        // SAFETY: NULL, or a report whose fields the caller set as its description says.
        unsafe { write_report(report, || host.shutdown(grace)) }
    })
}

/// Waits until a drain or shutdown has come to its report, whoever begins it and when; at most `timeout_ns` by the
/// machine's clock. The main thread may wait here while a thread in sigwait calls backstay_host_begin_shutdown.
///
/// `report` may be NULL.
///
/// Errors: TIMED_OUT; WOULD_DEADLOCK from an entry point or callback of this host.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn backstay_host_wait(
    host: backstay_host,
    timeout_ns: i64,
    report: *mut backstay_drain_report,
) -> backstay_status {
    guard(|| {
        let timeout = duration(timeout_ns)?;
        let host = resolve::<Host>(host.id)?;
        // SAFETY: NULL, or a report whose fields the caller set as its description says.
        unsafe { write_report(report, || host.wait(timeout)) }
    })
}

/// Begins what backstay_host_drain does and returns at once; works from any callback. backstay_host_wait gives the
/// report.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_begin_drain(host: backstay_host, timeout_ns: i64) -> backstay_status {
    guard(|| {
        let timeout = long_duration(timeout_ns)?;
        resolve::<Host>(host.id)?.begin_drain(timeout);
        Ok(())
    })
}

/// Begins what backstay_host_shutdown does and returns at once; works from any callback. backstay_host_wait gives
/// the report.
#[unsafe(no_mangle)]
pub extern "C" fn backstay_host_begin_shutdown(host: backstay_host, grace_ns: i64) -> backstay_status {
    guard(|| {
        let grace = long_duration(grace_ns)?;
        resolve::<Host>(host.id)?.begin_shutdown(grace);
        Ok(())
    })
}
