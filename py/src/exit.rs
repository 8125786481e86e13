//! Interpreter exit: every open host of Python's own is shut down with at most its grace, hosts of others lose their
//! Python tasks in the same way, then the gate is closed, and what Python still holds elsewhere is let go.
//!
//! Runs as an `atexit` hook, so before the interpreter is torn down, on the main thread, attached. The exit takes at
//! most the longest grace and about a second, whatever user code does, and its status is the program's own. What was
//! left is named on `sys.stderr`; when nothing was left, nothing is said.
//!
//! A hook that runs after this one finds its hosts closed. One that opens a host then gets it, but the gate stays closed:
//! entry points fail with a text that says so, and there is nothing left to shut down.

use std::sync::OnceLock;
use std::thread::Thread;
use std::time::{Duration, Instant};

use backstay::{Closing, Completion, Error, Host, HostState, Outcome, Straggler, Task, WeakHost};
use backstay_ffi::interop::is_forked;
use pyo3::exceptions::{PyImportError, PyKeyboardInterrupt};
use pyo3::prelude::*;

use crate::lock::Mutex;
use crate::{aio, block, call, gate, held};

/// How long, beyond the longest grace, the whole exit may take.
const BEYOND_GRACE: Duration = Duration::from_secs(1);

/// How much of that hosts may take to report what became of their instances when the grace was over.
const TO_REPORT: Duration = Duration::from_millis(300);

/// How much of that is kept for callbacks that are still inside when all else has ended.
const LAST_CALLBACKS: Duration = Duration::from_millis(100);

/// Every host that is not known to be closed, also those that Python has dropped: their callbacks may still come. Each
/// with the process that opened it, since a child made by fork inherits the list but none of the threads.
///
/// Only ever locked by a thread that is attached and stays so: no other thread can fork through Python meanwhile.
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

/// A task that Python registered in a host which somebody else opened, and which goes on without Python.
struct Guest {
    owner: u32,
    /// Weakly: a host that its owner drops shall end.
    host: WeakHost,
    task: Task,
    grace: Duration,
}

/// The thread that exits, once it waits for guests: whenever an instance of one has ended it looks again.
static EXITING: OnceLock<Thread> = OnceLock::new();

/// What guests left, in words.
static ABANDONED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Locked like the list above.
static GUESTS: Mutex<Vec<Guest>> = Mutex::new(Vec::new());

/// Remembers a task until it is unregistered and none of its instances is left.
pub(crate) fn remember_guest(task: &Task, host: &Host) {
    let (owner, grace) = (std::process::id(), host.grace());
    // Nobody cancels the subscription: it ends with the task.
    let _ = task.on_completed(|done| {
        let Some(exiting) = EXITING.get() else { return };
        if done.outcome == Outcome::Abandoned {
            ABANDONED.lock().push(abandoned(done));
        }
        exiting.unpark();
    });
    let ended: Vec<_> = {
        let mut guests = GUESTS.lock();
        guests.push(Guest { owner, host: host.downgrade(), task: task.clone(), grace });
        guests.extract_if(.., |guest| guest.owner == owner && guest.has_ended()).collect()
    };
    // Their entry points may go here, outside of the lock.
    drop(ended);
}

impl Guest {
    fn has_ended(&self) -> bool {
        !self.task.is_registered() && self.task.running() == 0 && self.task.pending() == 0
    }

    /// The code of it that is given up.
    fn stragglers(&self) -> Vec<Straggler> {
        let mut all = self.host.upgrade().map(|host| host.snapshot().stragglers).unwrap_or_default();
        all.retain(|one| &*one.task == self.task.name() && one.group.as_deref() == self.task.group());
        all
    }
}

/// Python is about to leave the hosts of others: its tasks there are unregistered, and their instances cancelled.
pub(crate) fn leave_others(py: Python<'_>) {
    let guests = take_guests();
    leave(py, &guests);
    GUESTS.lock().extend(guests);
}

fn abandoned(done: &Completion) -> String {
    let holders: Vec<_> = done.holders.iter().map(|holder| format!("\n  held by {holder}")).collect();
    format!(
        "backstay: at interpreter exit, abandoned: {} {}{}",
        done.task,
        done.instance_id,
        holders.concat()
    )
}

fn leave(py: Python<'_>, guests: &[Guest]) {
    EXITING.get_or_init(std::thread::current);
    // A task that others have unregistered meanwhile is as good.
    py.detach(|| guests.iter().for_each(|guest| drop(guest.task.unregister(true))));
}

/// Refuses an interpreter that comes after the one that has ended: our classes went with that, and the gate is closed.
pub(crate) fn refuse_successors() -> PyResult<()> {
    if gate::is_closed() {
        return Err(PyImportError::new_err(
            "backstay cannot be imported again: the interpreter that had it has ended, and a process has one only",
        ));
    }
    Ok(())
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
    let hosts = take_own();
    let guests = take_guests();
    let begun = Instant::now();
    leave(py, &guests);
    // All begin before any is waited for, so the longest grace is the whole wait.
    let (open, longest) = py.detach(|| {
        let open: Vec<_> = hosts.iter().filter(|host| host.state() != HostState::Closed).collect();
        let graces = open.iter().map(|host| host.grace()).chain(guests.iter().map(|guest| guest.grace));
        let longest = graces.max().unwrap_or_default();
        (open.into_iter().map(|host| (host, host.begin_shutdown(host.grace()))).collect(), longest)
    });
    let late = wait_for(py, open, begun.checked_add(longest.saturating_add(TO_REPORT)));
    // Their clocks stand still, or somebody is in a hurry: what is left is abandoned now.
    let hurried =
        py.detach(|| late.into_iter().map(|host| (host, host.begin_shutdown(Duration::ZERO))).collect());
    wait_for(py, hurried, Instant::now().checked_add(TO_REPORT));
    wait_for_guests(py, &guests, longest.saturating_add(TO_REPORT).saturating_sub(begun.elapsed()));

    let left = || longest.saturating_add(BEYOND_GRACE).saturating_sub(begun.elapsed()).min(BEYOND_GRACE);
    if let Err(raised) = aio::join_all(py, left().saturating_sub(LAST_CALLBACKS)) {
        tell(py, raised);
    }
    let inside = gate::close(py, left().max(LAST_CALLBACKS));
    if inside > 0 {
        say(py, &still_inside(inside, py.detach(|| stragglers(&hosts, &guests))));
    }
    for holder in held::drop_all(py) {
        say(py, &format!("backstay: at interpreter exit, Python still had {holder}"));
    }
    // Their last handles go now, while what they captured can still be dropped or is left alone by the gate.
    py.detach(|| drop((hosts, guests)));
}

/// The hosts that this process opened.
fn take_own() -> Vec<Host> {
    let me = std::process::id();
    let (own, inherited): (Vec<_>, Vec<_>) =
        std::mem::take(&mut *HOSTS.lock()).into_iter().partition(|(owner, _)| *owner == me);
    // A parent's hosts are never touched: their locks may be held by threads that only the parent has.
    std::mem::forget(inherited);
    own.into_iter().map(|(_, host)| host).collect()
}

/// The tasks that this process registered in hosts of others.
fn take_guests() -> Vec<Guest> {
    let me = std::process::id();
    let (own, inherited): (Vec<_>, Vec<_>) =
        std::mem::take(&mut *GUESTS.lock()).into_iter().partition(|guest| guest.owner == me);
    // As above.
    std::mem::forget(inherited);
    own
}

/// Waits until these tasks have no instance left, and tells which have.
fn wait_for_guests(py: Python<'_>, guests: &[Guest], timeout: Duration) {
    let left = || guests.iter().filter(|guest| !guest.has_ended()).collect::<Vec<_>>();
    let waited = block::slices(
        py,
        Some(timeout),
        |left: &Vec<_>| !left.is_empty(),
        |slice| {
            let left = left();
            if !left.is_empty() {
                std::thread::park_timeout(slice);
            }
            left
        },
    );
    if let Err(raised) = waited {
        tell(py, raised);
    }
    // The last of them may have ended, and not have been told of yet.
    py.detach(|| {
        for host in guests.iter().filter_map(|guest| guest.host.upgrade()) {
            let _ = host.flush(Some(LAST_CALLBACKS));
        }
    });
    for text in std::mem::take(&mut *ABANDONED.lock()) {
        say(py, &text);
    }
    for guest in left() {
        let task = &guest.task;
        let text = "backstay: at interpreter exit, an instance of the Python task";
        say(py, &format!("{text} {:?} is alive in the host of another language", task.name()));
    }
}

/// Waits for the end of these hosts and tells what they left; gives back those that had not ended in time, or when a
/// signal handler raised.
fn wait_for<'a>(
    py: Python<'_>,
    ending: Vec<(&'a Host, Closing)>,
    mut until: Option<Instant>,
) -> Vec<&'a Host> {
    let mut late = Vec::new();
    for (host, closing) in ending {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let is_early = |answer: &Result<_, _>| matches!(answer, Err(Error::TimedOut { .. }));
        match block::slices(py, left, is_early, |slice| closing.wait(Some(slice))) {
            // A thread that is still occupied is told of at the end, if it is occupied until then.
            Ok(Ok(report)) if report.abandoned.is_empty() && report.remaining.is_empty() => {}
            Ok(Ok(report)) => say(py, &format!("backstay: at interpreter exit, {report}")),
            Ok(Err(Error::TimedOut { .. })) => late.push(host),
            Ok(Err(error)) => {
                say(py, &format!("backstay: at interpreter exit, a host was not closed: {error}"));
            }
            Err(raised) => {
                // Ctrl-C ends the wait, all of it.
                tell(py, raised);
                late.push(host);
                until = Some(Instant::now());
            }
        }
    }
    late
}

/// What a signal handler raised while the exit waited. The program is ending anyway: Ctrl-C has done all it can.
fn tell(py: Python<'_>, raised: PyErr) {
    if !raised.is_instance_of::<PyKeyboardInterrupt>(py) {
        call::unraisable(py, raised, None);
    }
}

/// The code of Python that is given up, and whose it is. In hosts of others, what is theirs goes on.
fn stragglers(hosts: &[Host], guests: &[Guest]) -> Vec<Straggler> {
    let own = hosts.iter().flat_map(|host| host.snapshot().stragglers);
    own.chain(guests.iter().flat_map(Guest::stragglers)).collect()
}

fn still_inside(inside: usize, stragglers: Vec<Straggler>) -> String {
    let calls = if inside == 1 { "1 call".to_owned() } else { format!("{inside} calls") };
    let mut text =
        format!("backstay: at interpreter exit, {calls} of entry points or handlers had not come back");
    for straggler in stragglers {
        text += "\n  ";
        text += &straggler.to_string();
    }
    text
}

fn say(py: Python<'_>, text: &str) {
    // sys.stderr may be gone or closed; then there is nobody to tell.
    let _ = call::import(py, "sys")
        .and_then(|sys| call::attribute(&sys, "stderr"))
        .and_then(|stderr| call::method(&stderr, "write", (format!("{text}\n"),)));
}

/// How many handles of C are good: 0 at the end of a test.
#[pyfunction]
pub(crate) fn _live_handles() -> u64 {
    backstay_ffi::backstay_live_handles()
}
