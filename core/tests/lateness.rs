//! Clock triggers that are late, on the machine's clock (F5). An executor that does not come back, which it should, is
//! what makes them late here; all that is measured has a lower bound only, so a slow machine changes nothing.

mod common;

use backstay::{Host, TaskBuilder, Trigger, WhenBusy};
use common::{Journal, put, until};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

const PERIOD: Duration = Duration::from_millis(25);

/// When a firing came to the executor, and when the next one was due then.
#[derive(Clone, Copy)]
struct Seen {
    before: Instant,
    next: Duration,
    after: Instant,
}

/// What an executor sees whose first call keeps the timer until six and a half periods have gone by, and when the
/// task was registered at the earliest.
fn delayed(is_enough: impl Fn(&[Seen]) -> bool) -> (Instant, Vec<Seen>) {
    let seen = Journal::new();
    let place: Arc<Mutex<Option<backstay::WeakHost>>> = Arc::default();
    let calls = AtomicUsize::new(0);
    let (journal, own_place) = (seen.clone(), Arc::clone(&place));
    let executor = move |job: common::Job| {
        let host = own_place.lock().as_ref().and_then(backstay::WeakHost::upgrade);
        if let Some(host) = host {
            let before = Instant::now();
            let next = host.snapshot().tasks.first().and_then(|task| task.fires_in).unwrap_or_default();
            journal.write(Seen { before, next, after: Instant::now() });
        }
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            let late = Instant::now() + PERIOD * 11 / 2;
            until(|| Instant::now() > late);
        }
        drop(std::thread::spawn(job));
    };
    let host = Host::builder().executor(executor).build().expect("an executor is enough");
    *place.lock() = Some(host.downgrade());
    let task = TaskBuilder::new("clock").trigger(Trigger::every(PERIOD)).when_busy(WhenBusy::Parallel);
    let registered = Instant::now();
    put(&host, task.run(|_| Ok(())));
    until(|| is_enough(&seen.read()));
    (registered, seen.read())
}

#[test]
fn a_firing_that_overran_others_is_merged_with_them() {
    // F5: the second call is the firing of 2 periods with those up to 6, so the third is that of 7.
    let (registered, seen) = delayed(|seen| seen.len() >= 4);
    assert!(seen[3].after - registered >= PERIOD * 8, "those that it overran were replayed");
}

#[test]
fn a_late_firing_does_not_shift_those_after_it() {
    // F5: counted from the scheduled moments, the next one is a whole number of periods after the one before.
    // One that was late itself, on a busy machine, does not tell when it was due.
    let in_time =
        |seen: &[Seen]| seen.iter().filter(|each| !each.next.is_zero()).copied().collect::<Vec<_>>();
    let (_, seen) = delayed(|seen| seen.len() >= 2 && in_time(&seen[1..]).len() >= 2);
    let seen = in_time(&seen);
    let (first, last) = (seen[0], seen[seen.len() - 1]);
    let from = last.before + last.next - (first.after + first.next);
    let to = last.after + last.next - (first.before + first.next);
    let whole = u32::try_from(to.as_nanos() / PERIOD.as_nanos()).expect("few periods have gone by");
    assert!(PERIOD * whole >= from, "{from:?} to {to:?} is not a multiple of {PERIOD:?}");
}
