//! How long it takes from a firing to its code, under a steady load. SIZE is how many are fired each second.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backstay::{Details, TaskBuilder};

use crate::Work;
use crate::firing::{open, runtime};

/// The median, in nanoseconds.
pub const WORKS: &[(&str, Work)] = &[("latency", latency), ("tokio_latency", tokio_latency)];

/// Calls `fire` at that rate for a while. What comes too late is called at once, so that a load that cannot be borne
/// shows as latency.
fn at_rate(rate: u64, seen: &Mutex<Vec<Duration>>, mut fire: impl FnMut(Instant)) -> f64 {
    let pieces = (rate / 5).clamp(200, 100_000);
    let begun = Instant::now();
    for piece in 0..pieces {
        let due = begun + Duration::from_secs(1).mul_f64(piece as f64 / rate as f64);
        while Instant::now() < due {
            std::hint::spin_loop();
        }
        fire(due);
    }
    while seen.lock().expect("nobody panics").len() < pieces as usize {
        std::thread::yield_now();
    }
    let mut all = seen.lock().expect("nobody panics");
    all.sort_unstable();
    all[all.len() / 2].as_secs_f64() * 1e9
}

fn latency(rate: u64) -> f64 {
    let host = open();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let run = {
        let seen = Arc::clone(&seen);
        move |instance: &backstay::Instance| {
            let due = instance.details().as_object::<Instant>().copied();
            seen.lock().expect("nobody panics").push(due.expect("it was given one").elapsed());
            Ok(())
        }
    };
    let task = TaskBuilder::new("late").run(run).register(&host).expect("the name is free");
    at_rate(rate, &seen, |due| drop(task.fire(Details::opaque(due)).expect("the host is open")))
}

fn tokio_latency(rate: u64) -> f64 {
    let runtime = runtime();
    let seen = Arc::new(Mutex::new(Vec::new()));
    at_rate(rate, &seen, |due| {
        let seen = Arc::clone(&seen);
        runtime.spawn(async move { seen.lock().expect("nobody panics").push(due.elapsed()) });
    })
}
