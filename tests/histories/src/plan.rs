//! What a history is made from: operations that name nothing, and how they are thrown.
//!
//! An operation points at what it concerns by a number that is taken modulo what exists when its turn comes, so any
//! operation can be taken out and the rest is still a history.

use std::time::Duration;

use backstay::{CancelReason, Cause, IfExists, Trigger, WhenBusy};
use backstay_scenarios::step::{HostOptions, TaskOptions};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;

/// A host, and what is done to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The options of the host.
    pub host: HostOptions,
    /// What is done, in order.
    pub operations: Vec<Operation>,
}

/// Which instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aim {
    /// Of those that are not finished, if there are any.
    pub at_living: bool,
    /// Modulo how many there are.
    pub number: usize,
}

/// What is suspended or resumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Everything.
    Host,
    /// A task.
    Task(usize),
    /// An instance.
    Instance(Aim),
}

/// How a deferral ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By `complete`.
    Completed,
    /// By `drop`.
    Dropped,
    /// By `fail`.
    Failed,
}

/// One act of an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the acts of the language")]
pub enum Doing {
    Defer,
    /// One of the deferrals that it took before.
    Complete(usize),
    Progress,
    Hold,
    Checkpoint,
    Fail,
    Panic,
    Unregister,
    Fire(usize),
    Return,
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the steps of the language")]
pub enum Operation {
    Condition { name: &'static str, on: bool },
    Task(TaskOptions),
    Run { task: usize, doings: Vec<Doing> },
    Fire { task: usize, has_details: bool },
    Raise { event: &'static str, has_details: bool },
    Go(usize),
    Defer(Aim),
    End { aim: Aim, label: usize, how: How },
    Progress(Aim),
    Cancel { aim: Aim, reason: CancelReason },
    Suspend { at: At, cause: Option<Cause> },
    Resume(At),
    Unregister { task: usize, cancel: bool },
    Enable { task: usize },
    Advance(Duration),
    Drain(Duration),
    Shutdown(Duration),
}

const CONDITIONS: [&str; 2] = ["network", "power"];
const EVENTS: [&str; 2] = ["news", "alarm"];

/// Plans of up to `longest` operations, between the tasks that they begin with and the end of the host.
pub fn plans(longest: usize) -> impl Strategy<Value = Plan> {
    let beginning = vec((tasks(), scripts()), 1..=3).prop_map(|both| {
        let each = both.into_iter().flat_map(|(task, run)| [Operation::Task(task), run]);
        let on = |name| Operation::Condition { name, on: true };
        CONDITIONS.map(on).into_iter().chain(each).collect::<Vec<_>>()
    });
    (hosts(), beginning, vec(operations(), longest / 3..=longest), endings()).prop_map(
        |(host, beginning, middle, end)| Plan { host, operations: [beginning, middle, end].concat() },
    )
}

/// Most hosts have a worker for every run that a history can make; on the others runs wait for one.
fn hosts() -> impl Strategy<Value = HostOptions> {
    let workers = prop_oneof![3 => Just(64_usize), 1 => 1..=3_usize];
    let overdue = option::weighted(0.2, seconds(&[2, 4]));
    (workers, option::weighted(0.2, seconds(&[1, 3, 8])), overdue).prop_map(
        |(workers, grace, overdue_after)| HostOptions { workers: Some(workers), grace, overdue_after },
    )
}

fn operations() -> impl Strategy<Value = Operation> {
    let task = || 0..8_usize;
    let how = select(vec![How::Completed, How::Completed, How::Dropped, How::Failed, How::Failed]);
    let reasons = vec![CancelReason::Abort, CancelReason::IdleTask, CancelReason::ConditionLoss];
    let often = prop_oneof![
        24 => (task(), any::<bool>()).prop_map(|(task, has_details)| Operation::Fire { task, has_details }),
        30 => (0..16_usize).prop_map(Operation::Go),
        16 => (aims(), 0..8_usize, how).prop_map(|(aim, label, how)| Operation::End { aim, label, how }),
        8 => seconds(&[1, 2, 3, 5, 7, 12, 30]).prop_map(Operation::Advance),
        1 => Just(Operation::Advance(Duration::from_millis(1))),
        5 => (select(CONDITIONS.to_vec()), any::<bool>())
            .prop_map(|(name, on)| Operation::Condition { name, on }),
        4 => scripts(),
        2 => tasks().prop_map(Operation::Task),
    ];
    let seldom = prop_oneof![
        4 => (select(EVENTS.to_vec()), any::<bool>())
            .prop_map(|(event, has_details)| Operation::Raise { event, has_details }),
        8 => aims().prop_map(Operation::Defer),
        2 => aims().prop_map(Operation::Progress),
        6 => (aims(), select(reasons)).prop_map(|(aim, reason)| Operation::Cancel { aim, reason }),
        6 => (places(), option::of(select(vec![Cause::Cpu, Cause::Network])))
            .prop_map(|(at, cause)| Operation::Suspend { at, cause }),
        9 => places().prop_map(Operation::Resume),
        2 => (task(), any::<bool>()).prop_map(|(task, cancel)| Operation::Unregister { task, cancel }),
        1 => task().prop_map(|task| Operation::Enable { task }),
    ];
    prop_oneof![60 => often, 25 => seldom]
}

/// How a history ends: most end the host, and go on a little.
fn endings() -> impl Strategy<Value = Vec<Operation>> {
    let ending = prop_oneof![
        1 => seconds(&[0, 3, 6]).prop_map(Operation::Drain),
        2 => seconds(&[0, 2, 6]).prop_map(Operation::Shutdown),
    ];
    let one = (ending, vec(operations(), 0..8)).prop_map(|(ending, mut rest)| {
        rest.insert(0, ending);
        rest
    });
    vec(one, 0..=2).prop_map(|endings| endings.concat())
}

fn tasks() -> impl Strategy<Value = TaskOptions> {
    let triggers = prop_oneof![
        8 => Just(None),
        1 => seconds(&[2, 5]).prop_map(|delay| Some(Trigger::After(delay))),
        2 => seconds(&[3, 5]).prop_map(|period| Some(Trigger::Every(period))),
        2 => select(EVENTS.to_vec()).prop_map(|event| Some(Trigger::event(event))),
    ];
    let conditions = select(vec![vec![], vec![], vec![], vec!["network"], vec!["power", "network"]]);
    let busy = [WhenBusy::Parallel, WhenBusy::Queue, WhenBusy::Coalesce, WhenBusy::Reject, WhenBusy::Replace];
    let if_exists = select(vec![IfExists::Fail, IfExists::Replace, IfExists::Replace, IfExists::Keep]);
    // Zeroes are faults, which `register` is to tell.
    let limit = prop_oneof![1 => Just(0_usize), 40 => 1..=3_usize];
    let first = (select(vec!["a", "b", "g/a"]), triggers, conditions, any::<bool>());
    let times = (option::weighted(0.3, seconds(&[1, 3, 4])), option::weighted(0.3, seconds(&[1, 2, 9])));
    let policies = (option::weighted(0.6, select(busy.to_vec())), option::weighted(0.3, limit));
    let rest = (option::weighted(0.2, 1..=2_u32), option::weighted(0.5, if_exists));
    (first, times, policies, rest).prop_map(|(first, (deadline, grace), (busy, max_running), rest)| {
        let (called, trigger, conditions, cancel_on_loss) = first;
        let (group, name) =
            called.split_once('/').map_or((None, called), |(group, name)| (Some(group), name));
        TaskOptions {
            name: name.to_owned(),
            trigger,
            cancel_on_loss: cancel_on_loss && !conditions.is_empty(),
            conditions: conditions.into_iter().map(ToOwned::to_owned).collect(),
            deadline,
            grace,
            busy,
            max_running,
            max_failures: rest.0,
            group: group.map(ToOwned::to_owned),
            if_exists: rest.1,
        }
    })
}

/// Most entry points stand at a hold: what happens is to be caused by a step.
fn scripts() -> impl Strategy<Value = Operation> {
    let doing = prop_oneof![
        8 => Just(Doing::Hold),
        8 => Just(Doing::Defer),
        3 => (0..4_usize).prop_map(Doing::Complete),
        1 => Just(Doing::Progress),
        4 => Just(Doing::Checkpoint),
        2 => Just(Doing::Fail),
        1 => Just(Doing::Panic),
        1 => Just(Doing::Unregister),
        3 => (0..8_usize).prop_map(Doing::Fire),
        1 => Just(Doing::Return),
    ];
    let any = vec(doing.clone(), 0..5);
    let standing = (vec(doing.clone(), 0..3), vec(doing, 0..4))
        .prop_map(|(before, after)| [before, vec![Doing::Hold], after].concat());
    let doings = prop_oneof![1 => any, 3 => standing];
    (0..8_usize, doings).prop_map(|(task, doings)| Operation::Run { task, doings })
}

fn aims() -> impl Strategy<Value = Aim> {
    let at_living = select(vec![true, true, true, true, false]);
    (at_living, 0..16_usize).prop_map(|(at_living, number)| Aim { at_living, number })
}

fn places() -> impl Strategy<Value = At> {
    prop_oneof![Just(At::Host), (0..8_usize).prop_map(At::Task), aims().prop_map(At::Instance)]
}

fn seconds(of: &[u64]) -> impl Strategy<Value = Duration> + use<> {
    select(of.iter().map(|seconds| Duration::from_secs(*seconds)).collect::<Vec<_>>())
}
