//! One registration, and what it makes of a firing (F1–F6, G6).

use std::time::Duration;

use backstay::{CancelReason, HostState, IfExists, Outcome, State, Status, Trigger, WhenBusy};
use backstay_scenarios::step::{ExpectedTask, TaskOptions};

use super::instance::Instance;
use super::level::Level;
use super::{Broken, Id, Model};

/// One registered task, also after it was unregistered.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    pub(crate) says: TaskOptions,
    pub(crate) is_registered: bool,
    pub(crate) level: Level,
    pub(crate) failures: u32,
    pub(crate) is_disabled: bool,
    /// When its clock fires it next.
    pub(crate) due: Option<Duration>,
    /// The instance of a clock that fires once: the task ends with it.
    pub(crate) shot: Option<usize>,
    pub(crate) instances: Vec<Instance>,
}

impl Task {
    pub(super) fn new(says: &TaskOptions, now: Duration) -> Self {
        let due = match says.trigger {
            Some(Trigger::After(delay)) => Some(now + delay),
            Some(Trigger::Every(period)) => Some(now + period),
            _ => None,
        };
        Self {
            says: TaskOptions { if_exists: None::<IfExists>, ..says.clone() },
            is_registered: true,
            level: Level::default(),
            failures: 0,
            is_disabled: false,
            due,
            shot: None,
            instances: Vec::new(),
        }
    }

    fn policy(&self) -> WhenBusy {
        let is_manual = matches!(self.says.trigger, None | Some(Trigger::Manual));
        self.says.busy.unwrap_or(if is_manual { WhenBusy::Parallel } else { WhenBusy::Coalesce })
    }

    fn max_running(&self) -> usize {
        let default = if self.policy() == WhenBusy::Parallel { usize::MAX } else { 1 };
        self.says.max_running.unwrap_or(default)
    }

    fn count(&self, state: State) -> usize {
        self.instances.iter().filter(|instance| instance.state == state).count()
    }

    /// Whether one more may start; who waits for a worker has its place already.
    pub(super) fn has_room(&self) -> bool {
        let handed = self.instances.iter().filter(|instance| instance.is_handed).count();
        self.count(State::Running) + handed < self.max_running()
    }

    /// Counts failures in a row; what others ended says nothing about the task (G6).
    pub(super) fn count_outcome(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Succeeded => self.failures = 0,
            Outcome::Failed => {
                self.failures += 1;
                self.is_disabled |= self.says.max_failures.is_some_and(|limit| self.failures >= limit);
            }
            Outcome::Canceled | Outcome::Abandoned => {}
        }
    }

    /// Whether it is on the host's list.
    pub fn is_registered(&self) -> bool {
        self.is_registered
    }

    /// What is to be seen of it. Whether an unregistered task is disabled is no rule's concern.
    pub fn seen(&self) -> ExpectedTask {
        ExpectedTask {
            running: Some(self.count(State::Running)),
            pending: Some(self.count(State::Pending)),
            registered: Some(self.is_registered),
            disabled: self.is_registered.then_some(self.is_disabled),
        }
    }
}

impl Model {
    /// Fires a task: the new instance, or the one that the firing was merged with.
    pub(super) fn fire(&mut self, task: usize, details: &str) -> Result<Id, Status> {
        let its = &self.tasks[task];
        if self.state != HostState::Open {
            return Err(Status::Closed);
        }
        if !its.is_registered {
            return Err(Status::Unregistered);
        }
        if its.is_disabled {
            return Err(Status::Disabled);
        }
        let (policy, limit) = (its.policy(), its.max_running());
        let (running, pending) = (its.count(State::Running), its.count(State::Pending));
        let counts_pending = self.broken != Some(Broken::RejectCountsOnlyRunning);
        let taken = running + if counts_pending { pending } else { 0 };
        if policy == WhenBusy::Reject && taken >= limit {
            return Err(Status::CurrentlyRunning);
        }
        let waiting = its.instances.iter().position(Instance::is_pending);
        if let Some(index) = waiting.filter(|_| policy == WhenBusy::Coalesce) {
            if self.broken != Some(Broken::CoalesceKeepsFirstDetails) {
                details.clone_into(&mut self.at_mut((task, index)).details);
            }
            return Ok((task, index));
        }
        let is_replacing = policy == WhenBusy::Replace && running + pending >= limit;
        let replaced = if is_replacing { self.in_the_way(task) } else { Vec::new() };
        let id = self.make(task, details);
        for old in replaced {
            self.cancel(old, CancelReason::Abort);
            self.let_move();
        }
        self.start_what_may();
        Ok(id)
    }

    fn make(&mut self, task: usize, details: &str) -> Id {
        let mut instance = Instance::new(details);
        let unmet = self.unmet(&self.tasks[task].says);
        if !unmet.is_empty() {
            instance.tell(format!("waits:{}", unmet.join(",")));
        }
        self.tasks[task].instances.push(instance);
        (task, self.tasks[task].instances.len() - 1)
    }

    /// What a firing replaces: everything Pending, and of what runs and was not cancelled the oldest until there is
    /// room (F4).
    fn in_the_way(&self, task: usize) -> Vec<Id> {
        let its = &self.tasks[task];
        let with = |is_meant: fn(&Instance) -> bool| {
            let of = its.instances.iter().enumerate().filter(move |(_, instance)| is_meant(instance));
            of.map(|(index, _)| (task, index)).collect::<Vec<Id>>()
        };
        let staying = with(|instance| instance.is_running() && instance.reason.is_none());
        let too_many = (staying.len() + 1).saturating_sub(its.max_running());
        let mut replaced = with(Instance::is_pending);
        replaced.extend(staying.into_iter().take(too_many));
        replaced
    }

    /// Fires every task that is bound to the event; refusals are nobody's to hear (F6).
    pub(super) fn raise(&mut self, event: &str, details: &str) -> Result<(), Status> {
        if self.state != HostState::Open {
            return Err(Status::Closed);
        }
        let is_bound = |its: &Task| {
            let named = matches!(&its.says.trigger, Some(Trigger::Event(name)) if **name == *event);
            named && its.is_registered
        };
        let bound: Vec<usize> = (0..self.tasks.len()).filter(|task| is_bound(&self.tasks[*task])).collect();
        for task in self.either_way(bound) {
            let _ = self.fire(task, details);
            self.let_move();
        }
        Ok(())
    }

    /// Which of its conditions do not hold, in the task's order (F2).
    pub(super) fn unmet(&self, says: &TaskOptions) -> Vec<String> {
        let holds = |name: &String| self.conditions.get(name).copied().unwrap_or_default();
        says.conditions.iter().filter(|name| !holds(name)).cloned().collect()
    }
}
