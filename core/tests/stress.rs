//! Many threads at once: every instance ends exactly once, and nothing is left (L2, E1, H2).

mod common;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use backstay::{CancelReason, Deferral, Details, Error, Host, HostState, Instance, State, TaskError};
use common::{Journal, keep, register, until};
use parking_lot::Mutex;

const ROUNDS: usize = 100;
/// A grace that nobody needs: whoever is slow on a busy machine is still not abandoned.
const GRACE: Duration = Duration::from_hours(1);
const FIRING_THREADS: usize = 2;
const FIRINGS: usize = 200;

/// What the threads of one round share.
struct Round {
    host: Host,
    /// Deferrals that wait to be ended by anybody.
    deferrals: Mutex<Vec<Deferral>>,
    /// Instances that may be cancelled and held by anybody.
    instances: Mutex<Vec<Instance>>,
    fired: Mutex<HashSet<backstay::Uuid>>,
    turns: AtomicUsize,
}

impl Round {
    fn is_over(&self) -> bool {
        self.host.state() == HostState::Closed
    }

    /// Ends deferrals, each in another way, until the host is closed.
    fn end_deferrals(&self) {
        while !self.is_over() {
            let Some(deferral) = self.deferrals.lock().pop() else {
                thread::yield_now();
                continue;
            };
            match self.turns.fetch_add(1, Ordering::Relaxed) % 4 {
                0 => drop(deferral),
                1 => drop(deferral.fail(TaskError::new("on purpose"))),
                _ => drop(deferral.complete()),
            }
        }
    }

    /// Holds, looks at, and now and then cancels what was fired, until the host is closed.
    fn meddle(&self) {
        while !self.is_over() {
            let Some(instance) = self.instances.lock().pop() else {
                thread::yield_now();
                continue;
            };
            let deferral = instance.get_deferral("meddling");
            if self.turns.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) {
                instance.cancel(CancelReason::IdleTask);
            }
            instance.set_progress(1);
            keep(instance.on_canceled(|_| ()));
            let _ = (instance.holders(), instance.completion());
            // A refusal is fine: the instance has not started, or has finished.
            self.deferrals.lock().extend(deferral);
        }
    }

    /// Fires until that is refused.
    fn fire(&self, task: &backstay::Task) {
        for _ in 0..FIRINGS {
            match task.fire(Details::none()) {
                Ok(instance) => {
                    self.fired.lock().insert(instance.id());
                    self.instances.lock().push(instance);
                }
                Err(Error::Closed { .. }) => return,
                Err(error) => panic!("refused for another reason: {error}"),
            }
        }
    }
}

fn round(number: usize) {
    let host = Host::builder().workers(3).grace(GRACE).build().expect("three workers are enough");
    let round = Arc::new(Round {
        host: host.clone(),
        deferrals: Mutex::default(),
        instances: Mutex::default(),
        fired: Mutex::default(),
        turns: AtomicUsize::new(number),
    });
    // Captured by all that the host keeps, so that what is left of it shows.
    let token = Arc::new(());
    let (to_end, captured) = (Arc::downgrade(&round), Arc::clone(&token));
    let task = register(&host, "stress", move |instance| {
        let _own = Arc::clone(&captured);
        if let Some(round) = to_end.upgrade() {
            round.deferrals.lock().push(instance.get_deferral("first")?);
            round.deferrals.lock().push(instance.get_deferral("second")?);
        }
        Ok(())
    });
    let completed = Journal::new();
    let (seen, captured) = (completed.clone(), Arc::clone(&token));
    keep(task.on_completed(move |completion| {
        let _own = Arc::clone(&captured);
        seen.write(completion.instance_id);
    }));

    let reports = thread::scope(|scope| {
        for _ in 0..FIRING_THREADS {
            scope.spawn(|| round.fire(&task));
        }
        scope.spawn(|| round.end_deferrals());
        scope.spawn(|| round.meddle());
        // The end begins at another point of the work in every round.
        let enough = number * FIRING_THREADS * FIRINGS / ROUNDS;
        until(|| round.fired.lock().len() >= enough);
        let enders = [0, 1, 2].map(|ender| {
            let host = &host;
            scope.spawn(move || if ender == 0 { host.drain(GRACE) } else { host.shutdown(GRACE) })
        });
        enders.map(|ender| ender.join().expect("nothing panics").expect("those are no callbacks"))
    });

    let report = &reports[0];
    assert_eq!(report.state, HostState::Closed, "{report}");
    assert!(report.is_clean(), "{report}");
    assert!(reports.iter().all(|other| other == report), "all see the same end: {reports:?}");
    let mut times = HashMap::new();
    completed.read().into_iter().for_each(|id| *times.entry(id).or_insert(0) += 1);
    assert!(times.values().all(|times| *times == 1), "one Completed for each");
    assert_eq!(times.into_keys().collect::<HashSet<_>>(), *round.fired.lock());
    assert_eq!((task.running(), task.pending(), host.stragglers()), (0, 0, 0));
    assert!(round.instances.lock().iter().all(|instance| instance.state() == State::Finished));
    // The last event that ends the task is on its way at most.
    common::flush(&host);
    assert_eq!(Arc::strong_count(&token), 1, "the host still has an entry point or handler");
}

#[test]
fn every_instance_ends_once_and_nothing_is_left() {
    for number in 0..ROUNDS {
        round(number);
    }
}

#[test]
fn no_firing_is_left_while_a_worker_is_idle() {
    // F1, H1: a few at a time, so that workers go to sleep and are woken at every possible moment
    for workers in [2, 4] {
        let host = Host::builder().workers(workers).build().expect("a host");
        let task = register(&host, "short", |_| Ok(()));
        for round in 0..10_000 {
            let fired: Vec<_> = (0..=workers)
                .map(|nth| {
                    (0..(round * 7 + nth * 13) % 200).for_each(|_| std::hint::spin_loop());
                    task.fire(Details::none()).expect("the host is open")
                })
                .collect();
            for instance in fired {
                let ended = instance.wait(Some(Duration::from_secs(20)));
                assert!(ended.is_ok(), "round {round}, {workers} workers: {}", task.explain());
            }
        }
    }
}
