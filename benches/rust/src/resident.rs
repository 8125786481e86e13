//! P7: resident memory of what is alive. The harness plays each of these in a process of its own.

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Work;
use crate::firing::runtime;
use crate::parked::Parked;

/// All in bytes for one instance or task, but for `parked_growth`.
pub const WORKS: &[(&str, Work)] = &[
    ("parked_bytes", parked_bytes),
    ("parked_growth", parked_growth),
    ("parked_threads", parked_threads),
    ("tokio_parked_bytes", tokio_parked_bytes),
];

/// Bytes of this process that are in memory.
pub fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").expect("a Linux machine");
    let pages: f64 =
        statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).expect("the second is resident");
    // SAFETY: it takes no pointer.
    pages * unsafe { libc::sysconf(libc::_SC_PAGESIZE) } as f64
}

/// How many threads this process has.
pub fn threads() -> f64 {
    std::fs::read_dir("/proc/self/task").expect("a Linux machine").count() as f64
}

/// Of an instance that is parked on one named deferral, with the deferral.
fn parked_bytes(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    parked.park(1);
    let before = resident();
    parked.park(size);
    (resident() - before) / size as f64
}

/// How much more is resident when as many are parked a third time: 1 means that nothing is kept of those that finished.
fn parked_growth(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    parked.park(1);
    let before = resident();
    let mut after = [0.0; 3];
    for resident_then in &mut after {
        parked.park(size);
        *resident_then = resident() - before;
        parked.release();
    }
    after[2] / after[0]
}

/// How many threads they have, all together.
fn parked_threads(size: u64) -> f64 {
    let before = threads();
    let parked = Parked::new(|builder| builder);
    parked.park(size);
    threads() - before
}

/// Of a task with a token of its own, tracked, whose handle is kept.
fn tokio_parked_bytes(size: u64) -> f64 {
    let runtime = runtime();
    let (tracker, root) = (TaskTracker::new(), CancellationToken::new());
    let park = |tasks| {
        let handles: Vec<_> = (0..tasks)
            .map(|_| {
                let (token, tracked) = (root.child_token(), tracker.token());
                runtime.spawn(async move {
                    token.cancelled().await;
                    drop(tracked);
                })
            })
            .collect();
        // All have been polled once when one that was spawned behind them and two yields have.
        runtime.block_on(runtime.spawn(tokio::task::yield_now())).expect("it ends");
        handles
    };
    let _first = park(1);
    let before = resident();
    let _kept = park(size);
    let cost = (resident() - before) / size as f64;
    root.cancel();
    cost
}
