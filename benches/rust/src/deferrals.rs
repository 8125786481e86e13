//! P1: what a hold costs, taken and given back, with label, line and time.

use std::hint::black_box;
use std::sync::{Arc, Barrier};
use std::time::Instant;

use async_shutdown::ShutdownManager;
use event_listener::Event;
use swansong::Swansong;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::parked::Parked;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("arc_clone", arc_clone),
    ("arc_clone_of_two_threads", arc_clone_of_two_threads),
    ("deferral", deferral),
    ("deferral_of_two_threads", deferral_of_two_threads),
    ("deferral_of_one_for_two_threads", deferral_of_one_for_two_threads),
    ("swansong_guard", swansong_guard),
    ("swansong_guard_of_two_threads", swansong_guard_of_two_threads),
    ("swansong_guard_without_report", swansong_guard_without_report),
    ("tokio_tracker_token", tokio_tracker_token),
    ("async_shutdown_token", async_shutdown_token),
    ("event_listener", event_listener),
    ("is_canceled", is_canceled),
    ("tokio_is_cancelled", tokio_is_cancelled),
];

fn repeat(size: u64, mut work: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        work();
    }
    each(begun, size)
}

/// Two threads that begin at once; what one piece costs each of them.
fn by_two(size: u64, works: [Box<dyn FnMut() + Send>; 2]) -> f64 {
    let start = Arc::new(Barrier::new(2));
    let threads = works.map(|work| {
        let start = Arc::clone(&start);
        std::thread::spawn(move || {
            start.wait();
            repeat(size, work)
        })
    });
    threads.map(|thread| thread.join().expect("nobody panics")).iter().sum::<f64>() / 2.0
}

fn arc_clone(size: u64) -> f64 {
    let counted = Arc::new(7_u64);
    repeat(size, || drop(black_box(Arc::clone(&counted))))
}

/// An `Arc` each: what two threads cost each other that share nothing, such as a core.
fn arc_clone_of_two_threads(size: u64) -> f64 {
    let work = || -> Box<dyn FnMut() + Send> {
        let counted = Arc::new([7_u64; 64]);
        Box::new(move || drop(black_box(Arc::clone(&counted))))
    };
    by_two(size, [work(), work()])
}

fn deferral(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    let instance = parked.park(1);
    repeat(size, || {
        instance.get_deferral("upload").expect("it is Running").complete();
    })
}

fn deferral_of_two_threads(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    let work = || -> Box<dyn FnMut() + Send> {
        let instance = parked.park(1);
        Box::new(move || {
            instance.get_deferral("upload").expect("it is Running").complete();
        })
    };
    by_two(size, [work(), work()])
}

fn deferral_of_one_for_two_threads(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    let instance = parked.park(1);
    let work = || -> Box<dyn FnMut() + Send> {
        let instance = instance.clone();
        Box::new(move || {
            instance.get_deferral("upload").expect("it is Running").complete();
        })
    };
    by_two(size, [work(), work()])
}

fn swansong_guard(size: u64) -> f64 {
    let swansong = Swansong::with_guard_report();
    let _first = swansong.guard();
    repeat(size, || drop(black_box(swansong.guard())))
}

fn swansong_guard_of_two_threads(size: u64) -> f64 {
    let swansong = Swansong::with_guard_report();
    let _first = swansong.guard();
    let work = || -> Box<dyn FnMut() + Send> {
        let swansong = swansong.clone();
        Box::new(move || drop(black_box(swansong.guard())))
    };
    by_two(size, [work(), work()])
}

fn swansong_guard_without_report(size: u64) -> f64 {
    let swansong = Swansong::new();
    let _first = swansong.guard();
    repeat(size, || drop(black_box(swansong.guard())))
}

/// A count and nothing else: neither label nor line nor time.
fn tokio_tracker_token(size: u64) -> f64 {
    let tracker = TaskTracker::new();
    let _first = tracker.token();
    repeat(size, || drop(black_box(tracker.token())))
}

fn async_shutdown_token(size: u64) -> f64 {
    let manager = ShutdownManager::<()>::new();
    let _first = manager.delay_shutdown_token();
    repeat(size, || drop(black_box(manager.delay_shutdown_token())))
}

/// One listener, registered and let go.
fn event_listener(size: u64) -> f64 {
    let event = Event::<()>::with_tag();
    repeat(size, || drop(black_box(event.listen())))
}

fn is_canceled(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    let instance = parked.park(1);
    repeat(size, || {
        black_box(instance.canceled());
    })
}

fn tokio_is_cancelled(size: u64) -> f64 {
    let token = CancellationToken::new().child_token();
    repeat(size, || {
        black_box(token.is_cancelled());
    })
}
