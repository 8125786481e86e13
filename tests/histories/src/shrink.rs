//! Makes a failing plan small.
//!
//! Not by proptest, which tries one change after the other: a history that fails does so by waiting for five seconds.
//! Here all changes are tried at once, and those that leave a failure are then joined, as many as go together. So it
//! takes a few rounds of five seconds.

use std::ops::Range;

use backstay_scenarios::step::{HostOptions, TaskOptions};

use crate::model::Broken;
use crate::plan::{Doing, Operation, Plan};
use crate::play::{Found, all_that_fail, fails};

/// One thing that could be simpler.
#[derive(Clone, Debug)]
enum Cut {
    Without(Range<usize>),
    Instead(usize, Operation),
    Host(HostOptions),
}

/// The smallest plan that still fails, as far as this gets.
pub fn shrink(found: Found, broken: Option<Broken>) -> Found {
    // What fails now and then only is given more than one chance.
    let again = all_that_fail(&vec![found.plan.clone(); 4], broken, 1);
    let tries = if again.iter().all(Option::is_some) { 1 } else { 10 };
    let mut best = until_failure(found, broken, tries);
    loop {
        let smaller = best_of(&best, &deletions(best.plan.operations.len()), broken, tries)
            .or_else(|| best_of(&best, &simplifications(&best.plan), broken, tries));
        match smaller {
            Some(smaller) => best = until_failure(smaller, broken, tries),
            None => return best,
        }
    }
}

/// The scenario of what was found, up to the line that failed.
pub fn scenario(found: &Found) -> String {
    let until = if found.failure.line == 0 { usize::MAX } else { found.failure.line };
    let text = found.history.text();
    let comment = format!("# {}", found.failure.to_string().replace('\n', " "));
    let lines: Vec<&str> = std::iter::once(&*comment).chain(text.lines().take(until)).collect();
    lines.join("\n") + "\n"
}

/// Without what comes after the failure, if the failure does not need it.
fn until_failure(found: Found, broken: Option<Broken>, tries: usize) -> Found {
    let last = found.history.operation_of(found.failure.line);
    let mut plan = found.plan.clone();
    plan.operations.truncate(last + 1);
    if plan.operations.len() == found.plan.operations.len() {
        return found;
    }
    fails(&plan, broken, tries).unwrap_or(found)
}

fn best_of(found: &Found, cuts: &[Cut], broken: Option<Broken>, tries: usize) -> Option<Found> {
    let plans: Vec<Plan> = cuts.iter().map(|cut| apply(&found.plan, std::slice::from_ref(cut))).collect();
    let alone = all_that_fail(&plans, broken, tries);
    let (good, mut results): (Vec<&Cut>, Vec<Found>) =
        cuts.iter().zip(alone).filter_map(|(cut, result)| Some((cut, result?))).unzip();
    let good: Vec<Cut> = good.into_iter().cloned().collect();
    let joined: Vec<Plan> = (2..=good.len()).map(|many| apply(&found.plan, &good[..many])).collect();
    results.extend(all_that_fail(&joined, broken, tries).into_iter().flatten());
    results.into_iter().min_by_key(|result| size(&result.plan))
}

/// Fewer operations first, then simpler ones.
fn size(plan: &Plan) -> (usize, usize) {
    (plan.operations.len(), format!("{plan:?}").len())
}

fn apply(plan: &Plan, cuts: &[Cut]) -> Plan {
    let mut host = plan.host.clone();
    let mut operations: Vec<Option<Operation>> = plan.operations.iter().cloned().map(Some).collect();
    for cut in cuts {
        match cut {
            Cut::Without(range) => operations[range.clone()].fill(None),
            Cut::Instead(index, operation) => operations[*index] = Some(operation.clone()),
            Cut::Host(options) => host = options.clone(),
        }
    }
    Plan { host, operations: operations.into_iter().flatten().collect() }
}

/// Every run of operations whose length is a half, a quarter and so on; the long ones first.
fn deletions(operations: usize) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let mut length = operations.div_ceil(2);
    while length > 0 {
        let starts = (0..operations).step_by(length);
        cuts.extend(starts.map(|start| Cut::Without(start..operations.min(start + length))));
        length = if length == 1 { 0 } else { length.div_ceil(2) };
    }
    cuts
}

fn simplifications(plan: &Plan) -> Vec<Cut> {
    let mut cuts = Vec::new();
    let host = &plan.host;
    let mut try_host = |options: HostOptions| {
        if options != *host {
            cuts.push(Cut::Host(options));
        }
    };
    try_host(HostOptions { workers: Some(64), ..host.clone() });
    try_host(HostOptions { grace: None, ..host.clone() });
    try_host(HostOptions { overdue_after: None, ..host.clone() });
    for (index, operation) in plan.operations.iter().enumerate() {
        cuts.extend(simpler(operation).into_iter().map(|simpler| Cut::Instead(index, simpler)));
    }
    cuts
}

fn simpler(operation: &Operation) -> Vec<Operation> {
    match operation {
        Operation::Task(says) => simpler_tasks(says).into_iter().map(Operation::Task).collect(),
        Operation::Run { task, doings } => {
            let without = |index: usize| {
                let mut doings = doings.clone();
                let _: Doing = doings.remove(index);
                Operation::Run { task: *task, doings }
            };
            (0..doings.len()).map(without).collect()
        }
        Operation::Fire { task, has_details: true } => {
            vec![Operation::Fire { task: *task, has_details: false }]
        }
        Operation::Raise { event, has_details: true } => vec![Operation::Raise { event, has_details: false }],
        Operation::Suspend { at, cause: Some(_) } => vec![Operation::Suspend { at: *at, cause: None }],
        _ => Vec::new(),
    }
}

fn simpler_tasks(says: &TaskOptions) -> Vec<TaskOptions> {
    let simpler = [
        TaskOptions { trigger: None, ..says.clone() },
        TaskOptions { conditions: Vec::new(), cancel_on_loss: false, ..says.clone() },
        TaskOptions { cancel_on_loss: false, ..says.clone() },
        TaskOptions { deadline: None, ..says.clone() },
        TaskOptions { grace: None, ..says.clone() },
        TaskOptions { busy: None, ..says.clone() },
        TaskOptions { max_running: None, ..says.clone() },
        TaskOptions { max_failures: None, ..says.clone() },
        TaskOptions { group: None, ..says.clone() },
        TaskOptions { if_exists: None, ..says.clone() },
    ];
    simpler.into_iter().filter(|simpler| simpler != says).collect()
}
