//! From a plan to a scenario that carries its whole oracle.
//!
//! Each operation becomes the step that makes sense when its turn comes, or none. Behind the step stands what is to be
//! seen of everything that it can have touched. An `expect` waits, so the next step finds everything at rest; where
//! that needs more than waiting for a state, `script` has put a progress between.
//!
//! Left out, since the rules leave it open:
//!
//! * A step whose effect depends on the order of what happens at the same time ([`Model::after`]): two entries that
//!   fall due at one moment, two runs that are let go at once.
//! * The clock beyond a moment at which a run becomes busy: how far the run is later is not for the clock to say (H5).
//! * The text of a panic and of a refusal that leaves a run, which each language words in its own way; and which of two
//!   errors was first when one of them is that of an entry point whose return nobody can see.
//! * The order in which a report names the holders of several instances.

use std::time::Duration;

use backstay::HostState;
use backstay_scenarios::step::{HostOptions, Step, Target};

use crate::model::{Answer, Broken, Id, Model};
use crate::plan::{Aim, At, How, Operation, Plan};

mod script;
mod sights;

/// A history as a scenario.
#[derive(Clone, Debug)]
pub struct History {
    lines: Vec<Line>,
}

#[derive(Clone, Debug)]
struct Line {
    step: Step,
    /// The number of the operation that wrote it.
    operation: usize,
}

impl History {
    /// What the model makes of a plan.
    pub fn of(plan: &Plan, broken: Option<Broken>) -> Self {
        let mut writer = Writer::new(&plan.host, broken);
        for (number, operation) in plan.operations.iter().enumerate() {
            writer.number = number;
            writer.write(operation);
        }
        writer.number = plan.operations.len();
        writer.end();
        History { lines: writer.lines }
    }

    /// The scenario file.
    pub fn text(&self) -> String {
        let lines: Vec<String> = self.lines.iter().map(|line| line.step.to_string()).collect();
        lines.join("\n") + "\n"
    }

    /// Which operation wrote the line of this number, from 1.
    pub fn operation_of(&self, line: usize) -> usize {
        line.checked_sub(1).and_then(|index| self.lines.get(index)).map_or(0, |line| line.operation)
    }

    /// How many steps do something instead of looking.
    pub fn steps(&self) -> usize {
        self.lines.iter().filter(|line| !is_look(&line.step)).count()
    }
}

fn is_look(step: &Step) -> bool {
    matches!(
        step,
        Step::ExpectInstance { .. }
            | Step::ExpectTask { .. }
            | Step::ExpectHost(_)
            | Step::Trace { .. }
            | Step::Joined(_)
    )
}

/// The scenario so far, and what the host is like at its end.
struct Writer {
    model: Model,
    lines: Vec<Line>,
    /// Which operation is being written.
    number: usize,
    /// How many names, details, labels and values were given, so that none is given twice.
    instances: usize,
    given: u32,
}

impl Writer {
    fn new(host: &HostOptions, broken: Option<Broken>) -> Self {
        let model = Model::new(host.clone(), broken);
        let mut writer = Writer { model, lines: Vec::new(), number: 0, instances: 0, given: 0 };
        writer.push(Step::Host(host.clone()));
        writer
    }

    fn write(&mut self, operation: &Operation) {
        if let Some(step) = self.step(operation) {
            self.take(&step);
        }
    }

    /// The step of an operation, if it makes sense now.
    fn step(&mut self, operation: &Operation) -> Option<Step> {
        Some(match operation {
            Operation::Condition { name, on } => Step::Condition { name: (*name).to_owned(), on: *on },
            Operation::Task(options) => Step::Task(options.clone()),
            Operation::Run { task, doings } => {
                Step::Run { task: self.task(*task)?, acts: script::acts(doings, &self.tasks()) }
            }
            Operation::Fire { task, has_details } => {
                let task = self.task(*task)?;
                self.instances += 1;
                Step::Fire { task, name: format!("i{}", self.instances), details: self.details(*has_details) }
            }
            Operation::Raise { event, has_details } => {
                Step::Raise { event: (*event).to_owned(), details: self.details(*has_details) }
            }
            Operation::Go(number) => {
                let ids: Vec<Id> =
                    self.model.ids().into_iter().filter(|id| self.model.at(*id).may_go()).collect();
                Step::Go { instance: self.name_of(*pick(&ids, *number)?) }
            }
            Operation::Defer(aim) => {
                let label = format!("x{}", self.give());
                Step::Defer { label, instance: self.aim(*aim)? }
            }
            Operation::End { aim, label, how } => self.ending(*aim, *label, *how)?,
            Operation::Progress(aim) => {
                // Above everything that runs set by themselves.
                let progress = 1000 + self.give();
                Step::Progress { instance: self.aim(*aim)?, progress }
            }
            Operation::Cancel { aim, reason } => Step::Cancel { instance: self.aim(*aim)?, reason: *reason },
            Operation::Suspend { at, cause } => Step::Suspend { target: self.target(*at)?, cause: *cause },
            Operation::Resume(at) => Step::Resume { target: self.target(*at)? },
            Operation::Unregister { task, cancel } => {
                Step::Unregister { task: self.task(*task)?, cancel: *cancel }
            }
            Operation::Enable { task } => Step::Enable { task: self.task(*task)? },
            Operation::Advance(by) => Step::Advance { by: *by },
            Operation::Drain(timeout) => Step::Drain { timeout: *timeout },
            Operation::Shutdown(grace) => Step::Shutdown { grace: *grace },
        })
    }

    /// The end of one of the deferrals that anybody ever took of that instance.
    fn ending(&mut self, aim: Aim, label: usize, how: How) -> Option<Step> {
        let instance = self.aim(aim)?;
        let labels = self.model.at(self.model.named(&instance)).labels();
        let label = (*pick(&labels, label)?).to_owned();
        Some(match how {
            How::Completed => Step::Complete { label, instance },
            How::Dropped => Step::Drop { label, instance },
            How::Failed => Step::Fail { label, instance, text: format!("error {}", self.give()) },
        })
    }

    /// Writes a step and what is to be seen then; nothing when the rules leave that open.
    fn take(&mut self, step: &Step) {
        let Some((after, answer)) = self.model.after(step) else { return };
        let before = std::mem::replace(&mut self.model, after);
        match answer {
            Answer::Refused(status) => self.push(Step::Refused { status, step: Box::new(step.clone()) }),
            Answer::Moved(by) => self.push(Step::Advance { by }),
            Answer::Fired(id) => {
                if let Step::Fire { name, .. } = step {
                    self.model.name(name, id);
                }
                self.push(step.clone());
            }
            Answer::Done => self.push(step.clone()),
        }
        self.name_new_ones();
        for look in sights::after(step, &before, &self.model) {
            self.push(look);
        }
        if let Some(report) = self.model.report() {
            self.push(Step::Joined(report));
        }
    }

    /// Instances that no step fired by hand get their names as soon as they are there.
    fn name_new_ones(&mut self) {
        for id in self.model.ids() {
            if self.model.at(id).name.is_none() {
                self.instances += 1;
                let name = format!("i{}", self.instances);
                self.model.name(&name, id);
                self.push(Step::New { task: self.model.task_of(id), name });
            }
        }
    }

    /// What is to be seen of everything, and every trace.
    fn end(&mut self) {
        if self.model.state() == HostState::Draining {
            // Whatever else is open, a shutdown ends it.
            self.take(&Step::Shutdown { grace: Duration::from_secs(1) });
            self.take(&Step::Advance { by: Duration::from_secs(1) });
        }
        for look in sights::at_the_end(&self.model) {
            self.push(look);
        }
    }

    fn push(&mut self, step: Step) {
        self.lines.push(Line { step, operation: self.number });
    }

    /// A number that was not given before.
    fn give(&mut self) -> u32 {
        self.given += 1;
        self.given
    }

    fn details(&mut self, has_details: bool) -> Option<String> {
        has_details.then(|| format!("d{}", self.give()))
    }

    fn tasks(&self) -> Vec<String> {
        self.model.called().map(|(name, _)| name.clone()).collect()
    }

    fn task(&self, number: usize) -> Option<String> {
        pick(&self.tasks(), number).cloned()
    }

    fn aim(&self, aim: Aim) -> Option<String> {
        let all = self.model.ids();
        let living: Vec<Id> = all.iter().copied().filter(|id| self.model.at(*id).is_living()).collect();
        let ids = if aim.at_living && !living.is_empty() { living } else { all };
        pick(&ids, aim.number).map(|id| self.name_of(*id))
    }

    fn target(&self, at: At) -> Option<Target> {
        Some(match at {
            At::Host => Target::Host,
            At::Task(number) => Target::Task(self.task(number)?),
            At::Instance(aim) => Target::Instance(self.aim(aim)?),
        })
    }

    /// Every instance is named as soon as it is there.
    fn name_of(&self, id: Id) -> String {
        self.model.at(id).name.clone().unwrap_or_default()
    }
}

fn pick<T>(from: &[T], number: usize) -> Option<&T> {
    from.get(number.checked_rem(from.len())?)
}
