//! P9 and P10: what a host costs by itself, opened and let go, and idle.

use std::time::{Duration, Instant};

use backstay::{Details, Host, Task, TaskBuilder, Trigger};

use crate::firing::{open, runtime, warm_up};
use crate::resident::resident;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("host", host),
    ("host_with_one", host_with_one),
    ("tokio_runtime", tokio_runtime),
    ("tokio_runtime_with_one", tokio_runtime_with_one),
    ("idle_wakeups", idle_wakeups),
    ("task_bytes", task_bytes),
];

fn host(size: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        drop(Host::new());
    }
    each(begun, size)
}

fn host_with_one(size: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        let host = open();
        let task = TaskBuilder::new("one").run(|_| Ok(())).register(&host).expect("the name is free");
        task.fire(Details::none()).expect("the host is open").wait(None).expect("it ends");
        drop(host);
    }
    each(begun, size)
}

fn tokio_runtime(size: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        drop(runtime());
    }
    each(begun, size)
}

fn tokio_runtime_with_one(size: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        let runtime = runtime();
        runtime.block_on(runtime.spawn(async {})).expect("it ends");
        drop(runtime);
    }
    each(begun, size)
}

/// Tasks of every kind, of which none is due soon.
fn register(host: &Host, tasks: u64) -> Vec<Task> {
    let hour = Duration::from_secs(3600);
    let register = |number: u64| {
        let trigger = match number % 4 {
            0 => Trigger::Manual,
            1 => Trigger::After(hour),
            2 => Trigger::Every(hour),
            _ => Trigger::Event("later".into()),
        };
        let builder = TaskBuilder::new(format!("task {number}")).trigger(trigger).run(|_| Ok(()));
        builder.register(host).expect("the name is free")
    };
    (0..tasks).map(register).collect()
}

/// How often threads of this process stopped running, all together.
fn switches() -> f64 {
    let count = |status: String| -> f64 {
        let counts = status.lines().filter(|line| line.contains("ctxt_switches"));
        counts.filter_map(|line| line.split_whitespace().last()?.parse::<f64>().ok()).sum()
    };
    let threads = std::fs::read_dir("/proc/self/task").expect("a Linux machine");
    let own = std::process::id().to_string();
    threads
        .filter_map(|thread| Some(thread.ok()?.path()))
        .filter(|path| !path.ends_with(&own))
        .map(|path| std::fs::read_to_string(path.join("status")).map(count).unwrap_or_default())
        .sum()
}

/// P10: how often threads of the host wake up in ten seconds, with so many tasks registered; the number of times.
fn idle_wakeups(size: u64) -> f64 {
    let host = open();
    let tasks = register(&host, size);
    warm_up(&host, &tasks[0]);
    // Everybody has come to rest.
    std::thread::sleep(Duration::from_millis(500));
    let before = switches();
    std::thread::sleep(Duration::from_secs(10));
    switches() - before
}

/// P10: bytes of resident memory for one registered task.
fn task_bytes(size: u64) -> f64 {
    let host = open();
    let few = register(&host, 1);
    few[0].unregister(false).expect("it is registered");
    let before = resident();
    let tasks = register(&host, size);
    let cost = (resident() - before) / size as f64;
    drop(tasks);
    cost
}
