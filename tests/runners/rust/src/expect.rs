//! What the expectations look at, and how what they saw is told.

use std::fmt::{Display, Write};

use backstay::{Counter, Host, Instance, State, Task};

use crate::names::{self, Written};
use crate::step::{ExpectedHost, ExpectedInstance, ExpectedTask};
use crate::traces::Traces;
use crate::trouble::Trouble;

/// What was expected beside what was seen.
#[derive(Default)]
pub(crate) struct Comparison {
    expected: String,
    seen: String,
    differs: bool,
}

impl Comparison {
    /// One value more; what is not expected is not compared.
    pub(crate) fn add(&mut self, key: &str, expected: Option<impl Display>, seen: Option<impl Display>) {
        let Some(expected) = expected else { return };
        let expected = expected.to_string();
        let seen = seen.map(|seen| seen.to_string());
        self.differs |= seen.as_ref() != Some(&expected);
        // Writing to a string does not fail.
        let _ = write!(self.expected, " {key}={expected}");
        let _ = match seen {
            Some(seen) => write!(self.seen, " {key}={seen}"),
            None => write!(self.seen, " no {key}"),
        };
    }

    pub(crate) fn result(self) -> Result<(), Trouble> {
        if !self.differs {
            return Ok(());
        }
        Err(Trouble::Wrong(format!("expected{}, saw{}", self.expected, self.seen)))
    }
}

/// Looks until what `look` compares is equal, or until the patience is over.
pub(crate) fn wait_until_equal(traces: &Traces, look: impl Fn() -> Comparison) -> Result<(), Trouble> {
    match traces.wait_for(|| Some(look()).filter(|comparison| !comparison.differs)) {
        Some(_) => Ok(()),
        None => look().result(),
    }
}

pub(crate) fn compare_instance(
    expected: &ExpectedInstance,
    instance: &Instance,
    traces: &Traces,
) -> Comparison {
    let state = instance.state();
    let completion = instance.completion();
    let outcome = completion.as_ref().map(|completion| completion.outcome);
    // There is no error, and there are no dropped deferrals, before all is over.
    let error =
        completion.as_ref().map(|completion| completion.error.as_ref().map_or("", |error| error.text()));
    let dropped = completion.as_ref().map(|completion| {
        completion.dropped.iter().map(|holder| &*holder.label).collect::<Vec<_>>().join(",")
    });
    let details = instance.details();
    let mut comparison = Comparison::default();
    comparison.add("state", expected.state, Some(told(state, &traces.of(instance))));
    comparison.add("outcome", expected.outcome, outcome);
    comparison.add("reason", expected.reason, instance.canceled());
    comparison.add("error", expected.error.as_ref(), error);
    comparison.add("deferrals", expected.deferrals, Some(instance.holders().len()));
    comparison.add("progress", expected.progress, Some(instance.progress()));
    comparison.add("suspended", expected.suspended, Some(instance.suspended_count()));
    comparison.add("throttled", expected.throttled, Some(instance.throttle_count(Counter::All)));
    comparison.add("details", expected.details.as_ref(), Some(details.as_text().unwrap_or_default()));
    comparison.add("dropped", expected.dropped.as_ref().map(|labels| labels.join(",")), dropped);
    comparison.add("remaining", expected.remaining.map(Written), instance.remaining().map(Written));
    comparison
}

/// The state, which counts once its event was delivered as well: a mark that is written next then stands after it.
fn told(state: State, trace: &[String]) -> String {
    let has = |event: &str| trace.iter().any(|entry| entry.starts_with(event));
    match state {
        State::Running if !has("started") => format!("{state} without its event"),
        State::Finished if !has("completed:") => format!("{state} without its event"),
        _ => state.to_string(),
    }
}

pub(crate) fn compare_task(expected: &ExpectedTask, task: &Task) -> Comparison {
    let yes_no = |yes: bool| names::word(names::YES_NO, &yes);
    let mut comparison = Comparison::default();
    comparison.add("running", expected.running, Some(task.running()));
    comparison.add("pending", expected.pending, Some(task.pending()));
    comparison.add("registered", expected.registered.map(yes_no), Some(yes_no(task.is_registered())));
    comparison.add("disabled", expected.disabled.map(yes_no), Some(yes_no(task.is_disabled())));
    comparison
}

pub(crate) fn compare_host(expected: &ExpectedHost, host: &Host) -> Comparison {
    let holders = host.holders().iter().map(|held| held.holders.len()).sum::<usize>();
    let mut comparison = Comparison::default();
    comparison.add("stragglers", expected.stragglers, Some(host.stragglers()));
    comparison.add("holders", expected.holders, Some(holders));
    comparison.add("state", expected.state, Some(host.state()));
    comparison
}
