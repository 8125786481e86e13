//! Interpreter exit: every open host is shut down with at most its grace, then the gate is closed.
//!
//! Runs as an `atexit` hook, so before the interpreter is torn down, on the main thread, attached.

use std::time::{Duration, Instant};

use backstay::{Host, HostState};
use backstay_ffi::interop::is_forked;
use parking_lot::Mutex;
use pyo3::prelude::*;

use crate::{block, gate};

/// How long, after all hosts are closed, callbacks that are still inside Python may take.
const LAST_CALLBACKS: Duration = Duration::from_secs(1);

/// Every host that is not known to be closed, also those that Python has dropped: their callbacks may still come. Each
/// with the process that opened it, since a child made by fork inherits the list but none of the threads.
static HOSTS: Mutex<Vec<(u32, Host)>> = Mutex::new(Vec::new());

/// Remembers a host until it is closed.
pub(crate) fn remember(host: &Host) {
    let me = std::process::id();
    let closed: Vec<_> = {
        let mut hosts = HOSTS.lock();
        hosts.push((me, host.clone()));
        hosts.extract_if(.., |(owner, host)| *owner == me && host.state() == HostState::Closed).collect()
    };
    // The last handle of a host may go here, outside of the lock.
    drop(closed);
}

/// Python has dropped its host: its end begins, and nobody waits for it (H2). A child made by fork leaves it alone.
pub(crate) fn forget(host: &Host, owner: u32) {
    if owner == std::process::id() {
        host.begin_shutdown(host.grace());
    }
}

/// Registers the hook.
pub(crate) fn watch(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // From now on a fork is seen.
    is_forked();
    let hook = wrap_pyfunction!(_at_exit, module)?;
    module.py().import("atexit")?.call_method1("register", (hook,))?;
    Ok(())
}

#[pyfunction]
fn _at_exit(py: Python<'_>) {
    let me = std::process::id();
    let (hosts, inherited): (Vec<_>, Vec<_>) =
        std::mem::take(&mut *HOSTS.lock()).into_iter().partition(|(owner, _)| *owner == me);
    // A parent's hosts are never touched: their locks may be held by threads that only the parent has.
    std::mem::forget(inherited);
    let open: Vec<&Host> =
        hosts.iter().map(|(_, host)| host).filter(|host| host.state() != HostState::Closed).collect();
    // All begin before any is waited for, so the longest grace is the whole wait.
    let closings: Vec<_> =
        open.iter().map(|host| (host.begin_shutdown(host.grace()), host.grace())).collect();
    let begun = Instant::now();
    for (closing, grace) in closings {
        let left = grace.saturating_add(LAST_CALLBACKS).saturating_sub(begun.elapsed());
        // A manual clock that nobody moves any more, or Ctrl-C, ends the wait; the gate is closed all the same.
        match block::wait(py, Some(left), |slice| closing.wait(Some(slice))) {
            Ok(report) if report.is_clean() => {}
            Ok(report) => say(py, &format!("backstay: at interpreter exit, {report}")),
            Err(error) => say(py, &format!("backstay: a host was not closed at interpreter exit: {error}")),
        }
    }
    let inside = gate::close(py, LAST_CALLBACKS);
    if inside > 0 {
        say(py, &format!("backstay: {inside} callbacks were still running when the interpreter went down"));
    }
    // Their last handles go now, while what they captured can still be dropped or is left alone by the gate.
    py.detach(|| drop(hosts));
}

fn say(py: Python<'_>, text: &str) {
    // sys.stderr may be gone or closed; then there is nobody to tell.
    let _ = py
        .import("sys")
        .and_then(|sys| sys.getattr("stderr"))
        .and_then(|stderr| stderr.call_method1("write", (format!("{text}\n"),)));
}

/// How many handles of C are good: 0 at the end of a test.
#[pyfunction]
pub(crate) fn _live_handles() -> u64 {
    backstay_ffi::backstay_live_handles()
}
