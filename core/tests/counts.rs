//! What does not depend on the machine: how often memory is asked for, and whether an idle host does anything at all.
#![cfg(target_os = "linux")]

mod common;

use std::alloc::System;

use backstay::{Host, Task};
use common::{Deferring, flush, keep, register, run, until};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTED: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is counted is counted for the whole process, and whoever runs tests asks for memory when one of them ends: so all
/// of it is one test.
#[test]
fn counts_that_do_not_depend_on_the_machine() {
    a_deferral_with_a_literal_label_asks_for_no_memory();
    a_firing_asks_for_memory_for_its_instance_and_its_completion();
    an_event_that_a_task_tells_asks_for_none();
    an_event_of_the_host_asks_for_memory_once();
    the_threads_of_an_idle_host_sleep_without_an_end();
}

const PIECES: usize = 1_000;

/// How often so many pieces of the work ask for memory, once all that is kept for later ones is there. The least of a few
/// rounds: a host that ends, a queue that has grown and whoever runs the tests ask now and then, the pieces each time.
fn allocations(mut piece: impl FnMut()) -> usize {
    let mut round = || {
        let region = Region::new(COUNTED);
        (0..PIECES).for_each(|_| piece());
        let change = region.change();
        change.allocations + change.reallocations
    };
    (0..5).map(|_| round()).min().unwrap_or_default()
}

fn host_and_task() -> (Host, Task) {
    let host = Host::builder().workers(1).build().expect("one worker is enough");
    let task = register(&host, "empty", |_| Ok(()));
    (host, task)
}

fn a_firing_asks_for_memory_for_its_instance_and_its_completion() {
    let (_host, task) = host_and_task();
    assert_eq!(allocations(|| drop(run(&task))), 2 * PIECES);
}

fn a_deferral_with_a_literal_label_asks_for_no_memory() {
    let (host, _) = host_and_task();
    let first = Deferring::new(&host, "defer").start();
    let piece = || {
        first.instance().get_deferral("upload").expect("it is Running").complete();
    };
    assert_eq!(allocations(piece), 0);
    first.complete();
}

fn an_event_that_a_task_tells_asks_for_none() {
    let (host, task) = host_and_task();
    let first = Deferring::new(&host, "defer").start();
    keep(first.instance().task().on_progress(|_| {}));
    let mut progress = 0;
    let piece = || {
        progress += 1;
        first.instance().set_progress(progress);
        flush(&host);
    };
    assert_eq!(allocations(piece), 0);
    // Completed is told with what was made for those who wait.
    keep(task.on_completed(|_| {}));
    let fire = || {
        run(&task);
        flush(&host);
    };
    assert_eq!(allocations(fire), 2 * PIECES);
    first.complete();
}

fn an_event_of_the_host_asks_for_memory_once() {
    let (host, task) = host_and_task();
    keep(host.on_event(|_| {}));
    // The instance and its completion, Fired, and Started; Completed is told without.
    let fire = || {
        run(&task);
        flush(&host);
    };
    assert_eq!(allocations(fire), 4 * PIECES);
}

/// What a thread waits for in the kernel: the number of the call and its arguments.
fn waits_in(comm: &str) -> Vec<Vec<String>> {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux lists the threads of a process");
    let of = |task: std::io::Result<std::fs::DirEntry>| {
        let path = task.ok()?.path();
        let name = std::fs::read_to_string(path.join("comm")).ok()?;
        let call = std::fs::read_to_string(path.join("syscall")).ok()?;
        name.starts_with(comm).then(|| call.split_whitespace().map(str::to_owned).collect())
    };
    tasks.filter_map(of).collect()
}

fn the_threads_of_an_idle_host_sleep_without_an_end() {
    // P10, H1: a wait with a timeout would be a wake-up for nothing. Elsewhere the calls have other numbers.
    const FUTEX: &str = "202";
    if cfg!(not(target_arch = "x86_64")) {
        return;
    }
    let (host, task) = host_and_task();
    keep(host.on_event(|_| {}));
    run(&task);
    flush(&host);
    until(|| {
        let waits = waits_in("backstay-");
        // The fourth argument of futex is the timeout, and a NULL none.
        waits.len() == 2 && waits.iter().all(|call| call[0] == FUTEX && call[4] == "0x0")
    });
}
