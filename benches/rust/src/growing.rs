//! P11: what the rest costs while ever more instances are alive. SIZE is how many are.

use std::sync::Mutex;
use std::time::Instant;

use backstay::{Details, Instance};
use swansong::{Guard, Swansong};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::firing::{Countdown, runtime};
use crate::parked::Parked;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("deferral_among", deferral_among),
    ("fire_among", fire_among),
    ("batch_among", batch_among),
    ("holders_among", holders_among),
    ("snapshot_among", snapshot_among),
    ("swansong_guard_among", swansong_guard_among),
    ("tokio_batch_among", tokio_batch_among),
];

struct Crowd {
    parked: Parked,
    last: Instance,
}

/// What is alive meanwhile, by its number.
type Crowds<C> = Mutex<Vec<(u64, C)>>;

/// The crowds that were asked for, which stay: to make one takes longer than to measure it.
static CROWDS: Crowds<Crowd> = Mutex::new(Vec::new());

fn among(size: u64, work: impl FnOnce(&Crowd) -> f64) -> f64 {
    let gather = || {
        let parked = Parked::new(|builder| builder);
        let last = parked.park(size);
        Crowd { parked, last }
    };
    kept(&CROWDS, size, gather, work)
}

/// Works with the crowd of that size, which is gathered if it is not there yet.
fn kept<C>(crowds: &Crowds<C>, size: u64, gather: impl FnOnce() -> C, work: impl FnOnce(&C) -> f64) -> f64 {
    let mut crowds = crowds.lock().expect("nobody panics");
    let place = crowds.iter().position(|(known, _)| *known == size).unwrap_or_else(|| {
        crowds.push((size, gather()));
        crowds.len() - 1
    });
    work(&crowds[place].1)
}

fn deferral_among(size: u64) -> f64 {
    among(size, |crowd| {
        let rounds = 200_000;
        let begun = Instant::now();
        for _ in 0..rounds {
            crowd.last.get_deferral("upload").expect("it is Running").complete();
        }
        each(begun, rounds)
    })
}

/// The call alone.
fn fire_among(size: u64) -> f64 {
    among(size, |crowd| {
        let rounds = 20_000;
        let begun = Instant::now();
        for _ in 0..rounds {
            crowd.parked.task.fire(Details::none()).expect("the host is open");
        }
        let cost = each(begun, rounds);
        while crowd.parked.task.running() + crowd.parked.task.pending() > size as usize {
            std::thread::yield_now();
        }
        // Who subscribes next hears nothing of these.
        crowd.parked.host.flush(None).expect("from outside of the host");
        cost
    })
}

/// Until Completed of the last one was delivered.
fn batch_among(size: u64) -> f64 {
    among(size, |crowd| {
        let rounds = 20_000;
        let countdown = Countdown::new(rounds);
        let told = std::sync::Arc::clone(&countdown);
        let subscription = crowd.parked.task.on_completed(move |_| told.one());
        let begun = Instant::now();
        for _ in 0..rounds {
            crowd.parked.task.fire(Details::none()).expect("the host is open");
        }
        countdown.wait();
        let cost = each(begun, rounds);
        subscription.cancel();
        cost
    })
}

/// For one instance that is listed.
fn holders_among(size: u64) -> f64 {
    among(size, |crowd| {
        let rounds = 1 + 1_000_000 / size;
        let begun = Instant::now();
        for _ in 0..rounds {
            assert_eq!(crowd.parked.host.holders().len() as u64, size);
        }
        each(begun, rounds * size)
    })
}

/// For one instance that is listed.
fn snapshot_among(size: u64) -> f64 {
    among(size, |crowd| {
        let rounds = 1 + 1_000_000 / size;
        let begun = Instant::now();
        for _ in 0..rounds {
            drop(std::hint::black_box(crowd.parked.host.snapshot()));
        }
        each(begun, rounds * size)
    })
}

static GUARDS: Crowds<(Swansong, Vec<Guard>)> = Mutex::new(Vec::new());

fn swansong_guard_among(size: u64) -> f64 {
    let gather = || {
        let swansong = Swansong::with_guard_report();
        let guards = (0..size).map(|_| swansong.guard()).collect();
        (swansong, guards)
    };
    kept(&GUARDS, size, gather, |(swansong, _)| {
        let rounds = 200_000;
        let begun = Instant::now();
        for _ in 0..rounds {
            drop(std::hint::black_box(swansong.guard()));
        }
        each(begun, rounds)
    })
}

static TASKS: Crowds<(Runtime, TaskTracker, CancellationToken)> = Mutex::new(Vec::new());

/// Among tasks that wait for their tokens, until the last of the others has ended.
fn tokio_batch_among(size: u64) -> f64 {
    let gather = || {
        let (runtime, tracker, root) = (runtime(), TaskTracker::new(), CancellationToken::new());
        for _ in 0..size {
            let token = root.child_token();
            runtime.spawn(tracker.track_future(async move { token.cancelled().await }));
        }
        // All have been polled once when one that was spawned behind them and two yields have.
        runtime.block_on(runtime.spawn(tokio::task::yield_now())).expect("it ends");
        (runtime, tracker, root)
    };
    kept(&TASKS, size, gather, |(runtime, tracker, root)| {
        let rounds = 20_000;
        let countdown = Countdown::new(rounds);
        let begun = Instant::now();
        for _ in 0..rounds {
            let (token, done) = (root.child_token(), std::sync::Arc::clone(&countdown));
            runtime.spawn(tracker.track_future(async move {
                drop(token);
                done.one();
            }));
        }
        countdown.wait();
        each(begun, rounds)
    })
}
