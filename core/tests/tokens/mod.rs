//! Who is left: everything that a test hands to a host holds a reference to one token, and the threads of hosts have
//! names.

use std::sync::Arc;

use backstay::{Details, Instance, Task, TaskBuilder, TaskError};
use parking_lot::Mutex;

use crate::common::{LONG, keep};

/// The hosts of one test at a time.
pub(crate) static ALONE: Mutex<()> = Mutex::new(());

/// Whoever holds a clone of it is seen.
pub(crate) type Token = Arc<()>;

/// How many threads hosts of this process have.
pub(crate) fn threads() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    // A thread may end between listing and reading.
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
    names.filter(|name| name.starts_with("backstay-")).count()
}

pub(crate) fn expect_nothing_left(token: &Token) {
    let is_clean = || threads() == 0 && Arc::strong_count(token) == 1;
    let limit = std::time::Instant::now() + LONG;
    while !is_clean() {
        let left = Arc::strong_count(token) - 1;
        assert!(std::time::Instant::now() < limit, "{} threads and {left} references are left", threads());
        std::thread::yield_now();
    }
}

/// What a closure does that is only to own the token.
pub(crate) fn hold(_: &Token) {}

/// An entry point that holds the token and does this.
pub(crate) fn holding(
    token: &Token,
    name: &str,
    run: impl Fn(&Instance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> TaskBuilder {
    let held = Arc::clone(token);
    TaskBuilder::new(name).run(move |instance| {
        hold(&held);
        run(instance)
    })
}

/// Fires with details that hold the token, and listens to the cancellation.
pub(crate) fn start(task: &Task, token: &Token) -> Instance {
    let instance = task.fire(Details::opaque(Arc::clone(token))).expect("it is registered");
    let held = Arc::clone(token);
    keep(instance.on_canceled(move |_| drop(Arc::clone(&held))));
    instance
}
