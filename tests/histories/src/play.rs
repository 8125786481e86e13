//! Plays plans, many at a time: a history mostly waits for threads.

use std::num::NonZero;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use backstay_scenarios::{Failure, run_scenario};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::history::History;
use crate::model::Broken;
use crate::plan::{Plan, plans};

/// How many operations stand in the middle of a plan, at most.
const LONGEST: usize = 30;

/// A plan whose history the library did not keep to.
#[derive(Clone, Debug)]
pub struct Found {
    /// The plan.
    pub plan: Plan,
    /// What became of it.
    pub history: History,
    /// Where the library differed.
    pub failure: Failure,
}

/// What a search has done.
#[derive(Debug)]
pub struct Search {
    /// How many histories were played.
    pub histories: usize,
    /// How many steps they had, without those that only look.
    pub steps: usize,
    /// The first one that failed, after which no other was begun.
    pub found: Option<Found>,
}

/// Plays up to `count` histories of this seed, until one fails.
///
/// # Panics
/// When a thread of it panics.
pub fn search(seed: u64, count: usize, broken: Option<Broken>) -> Search {
    let (next, steps, stop) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let found = Mutex::new(None);
    let work = || {
        while !stop.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let plan = plan(seed, number);
            let history = History::of(&plan, broken);
            steps.fetch_add(history.steps(), Ordering::Relaxed);
            if let Err(failure) = run_scenario(&format!("history-{number}"), &history.text()) {
                stop.store(true, Ordering::Relaxed);
                found.lock().expect("nobody panics with it").get_or_insert(Found { plan, history, failure });
            }
        }
    };
    let threads = 2 * std::thread::available_parallelism().map_or(1, NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(work);
        }
    });
    Search {
        histories: next.into_inner().min(count),
        steps: steps.into_inner(),
        found: found.into_inner().expect("nobody panics with it"),
    }
}

/// The plan of this number; the same for the same seed.
///
/// # Panics
/// Never: no strategy here rejects what it throws.
pub fn plan(seed: u64, number: usize) -> Plan {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, random);
    let tree = plans(LONGEST).new_tree(&mut runner);
    tree.expect("none of the strategies rejects what it throws").current()
}

/// Plays one plan, at most so many times, until it fails.
pub fn fails(plan: &Plan, broken: Option<Broken>, tries: usize) -> Option<Found> {
    let history = History::of(plan, broken);
    let text = history.text();
    let failure = (0..tries).find_map(|_| run_scenario("history", &text).err())?;
    Some(Found { plan: plan.clone(), history, failure })
}

/// The same for many plans at once.
///
/// # Panics
/// When a thread of it panics.
pub fn all_that_fail(plans: &[Plan], broken: Option<Broken>, tries: usize) -> Vec<Option<Found>> {
    /// A failing history waits five seconds for what does not come, and costs nothing meanwhile.
    const AT_ONCE: usize = 64;
    let play = |plan| move || fails(plan, broken, tries);
    plans
        .chunks(AT_ONCE)
        .flat_map(|some| {
            std::thread::scope(|scope| {
                let playing: Vec<_> = some.iter().map(|plan| scope.spawn(play(plan))).collect();
                playing
                    .into_iter()
                    .map(|thread| thread.join().expect("playing does not panic"))
                    .collect::<Vec<_>>()
            })
        })
        .collect()
}
