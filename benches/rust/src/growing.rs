//! P11: what the rest costs while ever more instances are alive. SIZE is how many are.

use std::sync::Mutex;
use std::time::Instant;

use backstay::{Details, Instance};

use crate::firing::Countdown;
use crate::parked::Parked;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("deferral_among", deferral_among),
    ("fire_among", fire_among),
    ("batch_among", batch_among),
    ("holders_among", holders_among),
    ("snapshot_among", snapshot_among),
];

struct Crowd {
    parked: Parked,
    last: Instance,
}

/// The crowds that were asked for, which stay: to make one takes longer than to measure it.
static CROWDS: Mutex<Vec<(u64, Crowd)>> = Mutex::new(Vec::new());

fn among(size: u64, work: impl FnOnce(&Crowd) -> f64) -> f64 {
    let mut crowds = CROWDS.lock().expect("nobody panics");
    let place = crowds.iter().position(|(known, _)| *known == size).unwrap_or_else(|| {
        let parked = Parked::new(|builder| builder);
        let last = parked.park(size);
        crowds.push((size, Crowd { parked, last }));
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
