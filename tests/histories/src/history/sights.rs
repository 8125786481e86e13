//! What a history looks at, and when.

use backstay_scenarios::step::{Step, Target};

use crate::model::{Id, Model};

/// What is to be seen after a step: all that the model says has changed, what the step named, and, of a step that can
/// touch anything, everything that is alive.
pub(super) fn after(step: &Step, before: &Model, now: &Model) -> Vec<Step> {
    let is_wide = is_wide(step);
    let named = named(step);
    let is_seen = |id: &Id| {
        let instance = now.at(*id);
        (is_wide && instance.is_living())
            || (named.is_some() && instance.name.as_deref() == named)
            || !before.has(*id)
            || now.seen(*id) != before.seen(*id)
    };
    let mut looks: Vec<Step> = now.ids().into_iter().filter(is_seen).map(|id| instance(now, id)).collect();
    for (name, task) in now.called() {
        let was = before.called().find(|(its, _)| *its == name).map(|(_, task)| task.seen());
        if is_wide || was != Some(task.seen()) {
            looks.push(Step::ExpectTask { task: name.clone(), expected: task.seen() });
        }
    }
    if now.host() != before.host() {
        looks.push(Step::ExpectHost(now.host()));
    }
    looks
}

/// Everything there is to be seen, with the whole trace of every instance.
pub(super) fn at_the_end(model: &Model) -> Vec<Step> {
    let mut looks: Vec<Step> = model.ids().into_iter().map(|id| instance(model, id)).collect();
    for (name, task) in model.called() {
        looks.push(Step::ExpectTask { task: name.clone(), expected: task.seen() });
    }
    looks.push(Step::ExpectHost(model.host()));
    looks.extend(
        model
            .ids()
            .into_iter()
            .map(|id| Step::Trace { instance: name(model, id), events: model.at(id).trace().to_vec() }),
    );
    looks
}

fn instance(model: &Model, id: Id) -> Step {
    Step::ExpectInstance { instance: name(model, id), expected: model.seen(id) }
}

/// Every instance is named before anybody looks.
fn name(model: &Model, id: Id) -> String {
    model.at(id).name.clone().unwrap_or_default()
}

fn is_wide(step: &Step) -> bool {
    matches!(
        step,
        Step::Condition { .. }
            | Step::Task(_)
            | Step::Raise { .. }
            | Step::Suspend { target: Target::Host | Target::Task(_), .. }
            | Step::Resume { target: Target::Host | Target::Task(_) }
            | Step::Unregister { .. }
            | Step::Advance { .. }
            | Step::Drain { .. }
            | Step::Shutdown { .. }
    )
}

fn named(step: &Step) -> Option<&str> {
    match step {
        Step::Go { instance }
        | Step::Defer { instance, .. }
        | Step::Complete { instance, .. }
        | Step::Drop { instance, .. }
        | Step::Fail { instance, .. }
        | Step::Progress { instance, .. }
        | Step::Cancel { instance, .. }
        | Step::Suspend { target: Target::Instance(instance), .. }
        | Step::Resume { target: Target::Instance(instance) } => Some(instance),
        _ => None,
    }
}
