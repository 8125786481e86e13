//! The rules of backstay as plain sequential data: no thread, no lock, no clock of its own.
//!
//! Written from the numbered rules alone, so that it can disagree with the library. A step changes it as the rules say,
//! and is answered with the status by which it must be refused. What a step sets in motion (an entry point that starts,
//! a hold that passes) is an *actor*, and actors move in the order that a `Schedule` says. The rules do not order
//! what happens at the same time, so a step counts only if every schedule leads to the same model ([`Model::after`]).
//!
//! | file | what |
//! |---|---|
//! | `instance` | one instance, and what is to be seen of it |
//! | `task` | one registration, and what it makes of a firing |
//! | `life` | started, held, let go, cancelled, finished |
//! | `schedule` | in which order things happen that happen at the same time |
//! | `runs` | the workers and what entry points do |
//! | `registering` | names, conditions, levels |
//! | `clock` | what falls due, and when |
//! | `ending` | drain, shutdown and their report |

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use backstay::{HostState, Status};
use backstay_scenarios::step::{Act, ExpectedHost, HostOptions, Step, Target};

use self::ending::{Closing, Tally};
use self::instance::Instance;
use self::level::Level;
use self::schedule::{SCHEDULES, Schedule};
use self::task::Task;

mod clock;
mod ending;
pub mod instance;
mod level;
mod life;
mod registering;
mod runs;
mod schedule;
mod task;

/// An instance: the number of its registration, and its number among the instances of that.
///
/// No number runs over all instances: instances of different tasks that are made at the same time have no order.
pub type Id = (usize, usize);

/// One rule that the model gets wrong on purpose, to see that a wrong answer is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// F4: of merged firings the first details stay.
    CoalesceKeepsFirstDetails,
    /// F4: what is Pending does not make a task busy.
    RejectCountsOnlyRunning,
    /// S3: a suspended instance uses up its deadline.
    DeadlineRunsWhileSuspended,
    /// L6: the last error makes the outcome.
    LastErrorCounts,
}

/// How many instances are too many for one history; fewer than most hosts have workers.
const FULL: usize = 50;

/// Everything that the rules know of one host.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    broken: Option<Broken>,
    schedule: Schedule,
    now: Duration,
    options: HostOptions,
    level: Level,
    state: HostState,
    conditions: BTreeMap<String, bool>,
    scripts: BTreeMap<String, Vec<Act>>,
    /// Every registration that ever was; which of them a name means stands in `called`.
    tasks: Vec<Task>,
    called: BTreeMap<String, usize>,
    names: BTreeMap<String, Id>,
    /// Pending instances that nothing keeps from starting but the want of a worker.
    queue: VecDeque<Id>,
    /// A run became busy since the clock began to move.
    stirred: bool,
    /// What has started since the clock began to move, and may still be on its way to its entry point.
    fresh: Vec<Id>,
    /// Something happened of which nobody can see whether it has happened yet.
    is_blind: bool,
    shutdown_at: Option<Duration>,
    tally: Tally,
    closing: Option<Closing>,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// It was carried out.
    Done,
    /// It fired, which gave this instance.
    Fired(Id),
    /// The clock moved so far: not beyond the moment when a run became busy, since how far the run is at a later moment
    /// is nobody's to say (H5).
    Moved(Duration),
    /// It is to be refused.
    Refused(Status),
}

impl Model {
    /// A host with these options, as nothing was done to it yet.
    pub fn new(options: HostOptions, broken: Option<Broken>) -> Self {
        Self {
            broken,
            schedule: Schedule::default(),
            now: Duration::ZERO,
            options,
            level: Level::default(),
            state: HostState::Open,
            conditions: BTreeMap::new(),
            scripts: BTreeMap::new(),
            tasks: Vec::new(),
            called: BTreeMap::new(),
            names: BTreeMap::new(),
            queue: VecDeque::new(),
            stirred: false,
            fresh: Vec::new(),
            is_blind: false,
            shutdown_at: None,
            tally: Tally::default(),
            closing: None,
        }
    }

    /// The model after this step, when everything that it set in motion has come to rest; `None` when the rules leave
    /// open how that looks.
    pub fn after(&self, step: &Step) -> Option<(Self, Answer)> {
        let mut outcomes = SCHEDULES.map(|schedule| {
            let mut model = Self { schedule, ..self.clone() };
            let answer = model.apply(step).unwrap_or_else(Answer::Refused);
            model.move_all();
            model.schedule = Schedule::default();
            model.stirred = false;
            model.fresh.clear();
            (model, answer)
        });
        let agrees = outcomes.windows(2).all(|pair| pair[0] == pair[1]);
        let is_clear = agrees && !outcomes[0].0.is_full() && !outcomes[0].0.is_blind;
        is_clear.then(|| std::mem::replace(&mut outcomes[0], (self.clone(), Answer::Done)))
    }

    fn apply(&mut self, step: &Step) -> Result<Answer, Status> {
        let marked = self.mark(step);
        self.carry_out(step).inspect_err(|_| {
            // What is refused leaves no mark, and causes nothing that could stand behind it.
            if let Some(id) = marked {
                self.at_mut(id).untell();
            }
        })
    }

    fn carry_out(&mut self, step: &Step) -> Result<Answer, Status> {
        match step {
            Step::Condition { name, on } => self.set_condition(name, *on),
            Step::Task(options) => self.register(options)?,
            Step::Run { task, acts } => {
                self.scripts.insert(task.clone(), acts.clone());
            }
            Step::Fire { task, details, .. } => {
                let task = self.called[task];
                return self.fire(task, details.as_deref().unwrap_or_default()).map(Answer::Fired);
            }
            Step::Raise { event, details } => self.raise(event, details.as_deref().unwrap_or_default())?,
            Step::Go { instance } => self.go(self.named(instance)),
            Step::Defer { label, instance } => self.defer(self.named(instance), label)?,
            Step::Complete { label, instance } => self.end(self.named(instance), label, life::End::Well)?,
            Step::Fail { label, instance, text } => {
                self.end(self.named(instance), label, life::End::Badly(text))?;
            }
            Step::Drop { label, instance } => {
                // Nobody is there to be told that it came too late (L5).
                let _ = self.end(self.named(instance), label, life::End::Dropped);
            }
            Step::Progress { instance, progress } => {
                let id = self.named(instance);
                self.at_mut(id).set_progress(*progress);
            }
            Step::Cancel { instance, reason } => self.cancel(self.named(instance), *reason),
            Step::Suspend { target, cause } => self.suspend(target, cause.is_some()),
            Step::Resume { target } => self.resume(target),
            Step::Unregister { task, cancel } => self.unregister(self.called[task], *cancel)?,
            Step::Enable { task } => self.enable(self.called[task])?,
            Step::Advance { by } => return Ok(Answer::Moved(self.advance(*by))),
            Step::Drain { timeout } => self.drain(*timeout),
            Step::Shutdown { grace } => self.shut_down(*grace),
            // These only look.
            _ => {}
        }
        Ok(Answer::Done)
    }

    /// Writes down the mark of a step that is about to be carried out.
    fn mark(&mut self, step: &Step) -> Option<Id> {
        let (instance, mark) = match step {
            Step::Go { instance } => (instance, "go".to_owned()),
            Step::Defer { label, instance } => (instance, format!("defer:{label}")),
            Step::Complete { label, instance } => (instance, format!("complete:{label}")),
            Step::Drop { label, instance } => (instance, format!("drop:{label}")),
            Step::Fail { label, instance, .. } => (instance, format!("fail:{label}")),
            Step::Progress { instance, progress } => (instance, format!("progress:{progress}")),
            Step::Cancel { instance, .. } => (instance, "cancel".to_owned()),
            Step::Suspend { target: Target::Instance(instance), .. } => (instance, "suspend".to_owned()),
            Step::Resume { target: Target::Instance(instance) } => (instance, "resume".to_owned()),
            _ => return None,
        };
        let id = self.named(instance);
        self.at_mut(id).tell(format!("<{mark}>"));
        Some(id)
    }

    /// Gives an instance a name, beside those that it has.
    pub fn name(&mut self, name: &str, id: Id) {
        self.names.insert(name.to_owned(), id);
        self.at_mut(id).name.get_or_insert_with(|| name.to_owned());
    }

    /// The instance of that name, which there is.
    pub fn named(&self, name: &str) -> Id {
        self.names[name]
    }

    /// Whether there is that instance.
    pub fn has(&self, (task, index): Id) -> bool {
        self.tasks.get(task).is_some_and(|its| index < its.instances.len())
    }

    /// One instance.
    pub fn at(&self, (task, index): Id) -> &Instance {
        &self.tasks[task].instances[index]
    }

    fn at_mut(&mut self, (task, index): Id) -> &mut Instance {
        &mut self.tasks[task].instances[index]
    }

    /// Every instance, task by task in the order of firing.
    pub fn ids(&self) -> Vec<Id> {
        let of = |(task, its): (usize, &Task)| (0..its.instances.len()).map(move |index| (task, index));
        self.tasks.iter().enumerate().flat_map(of).collect()
    }

    /// The registration that a name means, for each name.
    pub fn called(&self) -> impl Iterator<Item = (&String, &Task)> {
        self.called.iter().map(|(name, task)| (name, &self.tasks[*task]))
    }

    /// The name under which instances of this one were registered.
    pub fn task_of(&self, (task, _): Id) -> String {
        self.tasks[task].says.called()
    }

    /// Where the host is in its life.
    pub fn state(&self) -> HostState {
        self.state
    }

    /// Whether there are more instances than anybody wants to read of; a task that fires itself makes them for ever.
    fn is_full(&self) -> bool {
        self.tasks.iter().map(|task| task.instances.len()).sum::<usize>() >= FULL
    }

    /// What is to be seen of the host.
    pub fn host(&self) -> ExpectedHost {
        let instances = || self.tasks.iter().flat_map(|task| &task.instances);
        ExpectedHost {
            stragglers: Some(instances().filter(|instance| instance.is_straggler()).count()),
            holders: Some(instances().map(Instance::holders).sum()),
            state: Some(self.state),
        }
    }
}
