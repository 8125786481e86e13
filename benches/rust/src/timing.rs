//! P8: what is due later, in great numbers, and how late it comes.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backstay::{Details, Host, TaskBuilder, Trigger};
use tokio_util::time::DelayQueue;

use crate::firing::{Countdown, open, runtime, warm_up};
use crate::parked::Parked;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("alarm", alarm),
    ("delay_queue", delay_queue),
    ("deadline", deadline),
    ("time_trigger", time_trigger),
    ("lateness", lateness),
    ("tokio_lateness", tokio_lateness),
];

const HOUR: Duration = Duration::from_secs(3600);

/// Moments that lie between one and two hours from now, in no order.
fn spread(pieces: u64) -> impl Iterator<Item = Duration> {
    (0..pieces).map(move |piece| HOUR + HOUR.mul_f64((piece * 7919 % pieces) as f64 / pieces as f64))
}

/// A deadline of each of as many deferrals, added and cancelled while all the others are pending.
fn alarm(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    parked.park(size);
    let ages: Vec<_> = spread(size).collect();
    let mut ages = ages.iter();
    let begun = Instant::now();
    parked.each(|deferral| {
        deferral.set_overdue_after(*ages.next().expect("one for each"));
    });
    // To be due never is not to be due.
    parked.each(|deferral| {
        deferral.set_overdue_after(Duration::MAX);
    });
    each(begun, size)
}

fn delay_queue(size: u64) -> f64 {
    let runtime = runtime();
    let _inside = runtime.enter();
    let mut queue = DelayQueue::new();
    let mut keys = Vec::with_capacity(size as usize);
    let ages: Vec<_> = spread(size).collect();
    let begun = Instant::now();
    for age in ages {
        keys.push(queue.insert((), age));
    }
    for key in &keys {
        queue.remove(key);
    }
    each(begun, size)
}

/// A firing with a deadline that finishes in time, while as many other deadlines are pending.
fn deadline(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder.deadline(HOUR));
    parked.park(size);
    let rounds = 20_000;
    let begun = Instant::now();
    for _ in 0..rounds {
        parked.task.fire(Details::none()).expect("the host is open");
    }
    parked.host.flush(None).expect("from outside of the host");
    each(begun, rounds)
}

/// A task that would run in an hour, registered and taken off while as many others wait.
fn time_trigger(size: u64) -> f64 {
    let host = open();
    let register = |number: u64, delay| {
        let builder =
            TaskBuilder::new(format!("task {number}")).trigger(Trigger::After(delay)).run(|_| Ok(()));
        builder.register(&host).expect("the name is free")
    };
    let delays: Vec<_> = spread(size).collect();
    let begun = Instant::now();
    let tasks: Vec<_> = (0..).zip(delays).map(|(number, delay)| register(number, delay)).collect();
    for task in &tasks {
        task.unregister(false).expect("it is registered");
    }
    each(begun, size)
}

/// Between the moment at which something was due and the moment at which its code runs: the 99th percentile.
fn worst_of_hundred(lateness: &Mutex<Vec<Duration>>) -> f64 {
    let mut all = lateness.lock().expect("nobody panics");
    all.sort_unstable();
    all[all.len() * 99 / 100].as_secs_f64() * 1e9
}

fn due(piece: u64, pieces: u64) -> Duration {
    Duration::from_millis(200)
        + Duration::from_secs(1).mul_f64((piece * 7919 % pieces) as f64 / pieces as f64)
}

fn lateness(size: u64) -> f64 {
    let host: Host = open();
    warm_up(&host, &TaskBuilder::new("empty").run(|_| Ok(())).register(&host).expect("the name is free"));
    let (seen, countdown) = (Arc::new(Mutex::new(Vec::with_capacity(size as usize))), Countdown::new(size));
    for piece in 0..size {
        let (seen, done) = (Arc::clone(&seen), Arc::clone(&countdown));
        let delay = due(piece, size);
        let at = Instant::now() + delay;
        let run = move |_: &backstay::Instance| {
            seen.lock().expect("nobody panics").push(at.elapsed());
            done.one();
            Ok(())
        };
        let builder = TaskBuilder::new(format!("task {piece}")).trigger(Trigger::After(delay)).run(run);
        builder.register(&host).expect("the name is free");
    }
    countdown.wait();
    worst_of_hundred(&seen)
}

fn tokio_lateness(size: u64) -> f64 {
    let runtime = runtime();
    let (seen, countdown) = (Arc::new(Mutex::new(Vec::with_capacity(size as usize))), Countdown::new(size));
    for piece in 0..size {
        let (seen, done) = (Arc::clone(&seen), Arc::clone(&countdown));
        let at = Instant::now() + due(piece, size);
        runtime.spawn(async move {
            tokio::time::sleep_until(at.into()).await;
            seen.lock().expect("nobody panics").push(at.elapsed());
            done.one();
        });
    }
    countdown.wait();
    worst_of_hundred(&seen)
}
