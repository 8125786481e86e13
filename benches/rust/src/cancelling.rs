//! P6: everything is asked to stop at once.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::firing::{Countdown, runtime};
use crate::parked::Parked;
use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("cancel", cancel),
    ("cancel_with_handlers", cancel_with_handlers),
    ("cancel_until_last_handler", cancel_until_last_handler),
    ("tokio_cancel", tokio_cancel),
    ("tokio_cancel_until_last_woken", tokio_cancel_until_last_woken),
];

/// Until `canceled` is true for the last of them; nobody listens.
fn cancel(size: u64) -> f64 {
    let parked = Parked::new(|builder| builder);
    let last = parked.park(size);
    let begun = Instant::now();
    parked.task.unregister(true).expect("it is registered");
    assert!(last.canceled().is_some(), "it was asked to stop");
    each(begun, size)
}

/// The same while a handler waits at each of them.
fn cancel_with_handlers(size: u64) -> f64 {
    with_handlers(size).0
}

/// The same, until the last of the handlers has been called.
fn cancel_until_last_handler(size: u64) -> f64 {
    with_handlers(size).1
}

fn with_handlers(size: u64) -> (f64, f64) {
    let parked = Parked::new(|builder| builder);
    let last = parked.park(size);
    let countdown = Countdown::new(size);
    parked.each(|deferral| {
        let told = Arc::clone(&countdown);
        let _stays = deferral.instance().on_canceled(move |_| told.one());
    });
    let begun = Instant::now();
    parked.task.unregister(true).expect("it is registered");
    assert!(last.canceled().is_some(), "it was asked to stop");
    let asked = each(begun, size);
    countdown.wait();
    (asked, each(begun, size))
}

fn tokio_cancel(size: u64) -> f64 {
    let root = CancellationToken::new();
    let children: Vec<_> = (0..size).map(|_| root.child_token()).collect();
    let begun = Instant::now();
    root.cancel();
    assert!(children.last().is_some_and(CancellationToken::is_cancelled), "it was cancelled");
    each(begun, size)
}

/// One task waits for each token; until the last of them was woken.
fn tokio_cancel_until_last_woken(size: u64) -> f64 {
    let runtime = runtime();
    let root = CancellationToken::new();
    let (waiting, woken) = (Countdown::new(size), Countdown::new(size));
    for _ in 0..size {
        let token = root.child_token();
        let (waits, wakes) = (Arc::clone(&waiting), Arc::clone(&woken));
        runtime.spawn(async move {
            let mut cancelled = std::pin::pin!(token.cancelled());
            // Polled once before it counts as waiting.
            std::future::poll_fn(|context| {
                let _ = cancelled.as_mut().poll(context);
                std::task::Poll::Ready(())
            })
            .await;
            waits.one();
            cancelled.await;
            wakes.one();
        });
    }
    waiting.wait();
    let begun = Instant::now();
    root.cancel();
    woken.wait();
    each(begun, size)
}
