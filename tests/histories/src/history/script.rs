//! What the runs of a task do.

use backstay_scenarios::step::Act;

use crate::plan::Doing;

/// The acts of a script. A progress stands wherever a step could not tell otherwise whether the run has got there:
/// before each hold, and before each checkpoint and end that has something else before it.
pub(super) fn acts(doings: &[Doing], tasks: &[String]) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut labels = Vec::new();
    let mut progress = 0;
    for doing in doings {
        let act = match doing {
            Doing::Defer => {
                labels.push(format!("r{}", labels.len() + 1));
                labels.last().cloned().map(Act::Defer)
            }
            // What was not taken before could not be ended.
            Doing::Complete(number) => {
                let index = number.checked_rem(labels.len());
                index.and_then(|index| labels.get(index)).cloned().map(Act::Complete)
            }
            Doing::Progress => None,
            Doing::Hold => Some(Act::Hold),
            Doing::Checkpoint => Some(Act::Checkpoint),
            Doing::Fail => Some(Act::Fail("the run".to_owned())),
            Doing::Panic => Some(Act::Panic),
            Doing::Unregister => Some(Act::Unregister),
            Doing::Fire(number) => {
                number.checked_rem(tasks.len()).and_then(|index| tasks.get(index)).cloned().map(Act::Fire)
            }
            Doing::Return => Some(Act::Return),
        };
        let is_seen = match &act {
            // A run that was started may not have been entered yet.
            None | Some(Act::Hold) => matches!(acts.last(), Some(Act::Hold | Act::Progress(_))),
            Some(Act::Defer(_) | Act::Complete(_) | Act::Progress(_)) => true,
            // All others may be the last: a firing or unregistering is when it is refused.
            Some(_) => {
                matches!(acts.last(), None | Some(Act::Hold | Act::Progress(_)))
            }
        };
        if !is_seen {
            progress += 1;
            acts.push(Act::Progress(progress));
        }
        let is_last = matches!(act, Some(Act::Fail(_) | Act::Panic | Act::Return));
        acts.extend(act);
        if is_last {
            return acts;
        }
    }
    if !matches!(acts.last(), None | Some(Act::Hold | Act::Progress(_))) {
        acts.push(Act::Progress(progress + 1));
    }
    acts
}
