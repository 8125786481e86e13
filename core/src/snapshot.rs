//! What a host has and does at one moment, for people and for programs (H3).
//!
//! Taking one stops nobody: the host's lock is held only to copy lists, and then each instance's for its own part. So
//! an instance is consistent in itself, and what finishes meanwhile is left out; totals are counted from the listing.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::definition::Definition;
use crate::home::Home;
use crate::instance::{InstanceSnapshot, Place};
use crate::json::{nanoseconds_if_any, text};
use crate::registry::Line;
use crate::scheduler::Scheduler;
use crate::state::{HostState, State};
use crate::straggler::Straggler;

/// What a host has and does at one moment (H3).
///
/// Its `Display` is for a person, [`Snapshot::to_json`] for a program.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// Where the host is in its life.
    #[serde(serialize_with = "text")]
    pub state: HostState,
    /// Whether the host as a whole is suspended.
    pub suspended: bool,
    /// Every condition that was ever set, in the order of their names.
    pub conditions: Vec<ConditionSnapshot>,
    /// Every task that is registered or has a living instance, in the order of registration.
    pub tasks: Vec<TaskSnapshot>,
    /// The threads that user code still occupies although its instances were abandoned (C6).
    pub stragglers: Vec<Straggler>,
    /// Counted from the listing.
    pub totals: Totals,
}

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConditionSnapshot {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it holds.
    pub on: bool,
}

/// One task and its living instances.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct TaskSnapshot {
    /// Its name.
    pub name: Arc<str>,
    /// Its group.
    pub group: Option<Arc<str>>,
    /// What fires it, in words.
    pub trigger: String,
    /// Whether it can still be fired, as far as its registration goes.
    pub registered: bool,
    /// Whether it failed too often (G6).
    pub disabled: bool,
    /// Whether the task itself is suspended.
    pub suspended: bool,
    /// How many times in a row it has failed.
    pub failures: u32,
    /// When its clock fires it next.
    #[serde(rename = "fires_in_ns", serialize_with = "nanoseconds_if_any")]
    pub fires_in: Option<Duration>,
    /// Why nothing of it is starting now, in words (F1).
    pub explanation: String,
    /// What is alive of it, in the order of firing.
    pub instances: Vec<InstanceSnapshot>,
}

/// How many there are of each, counted from the listing of the same snapshot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Totals {
    /// Tasks that are registered or have a living instance.
    pub tasks: usize,
    /// Instances that are Pending.
    pub pending: usize,
    /// Instances that are Running.
    pub running: usize,
    /// Of those, how many are suspended.
    pub suspended: usize,
    /// Holders of all instances, entry points included.
    pub holders: usize,
    /// Threads that user code still occupies.
    pub stragglers: usize,
}

impl Snapshot {
    pub(crate) fn of(scheduler: &Arc<Scheduler>) -> Self {
        let (mut snapshot, tasks) = {
            let registry = scheduler.registry.lock();
            let conditions = registry.conditions.iter();
            let snapshot = Self {
                state: registry.state,
                suspended: registry.level.is_suspended(),
                conditions: conditions
                    .map(|(name, on)| ConditionSnapshot { name: Arc::clone(name), on: *on })
                    .collect(),
                tasks: Vec::new(),
                stragglers: Vec::new(),
                totals: Totals::default(),
            };
            let tasks: Vec<(Arc<Definition>, Vec<Place>)> = registry
                .lines_where(|_| true)
                .into_iter()
                .map(|task| {
                    let living = registry.line(&task).map(Line::in_order);
                    (task, living.unwrap_or_default())
                })
                .collect();
            (snapshot, tasks)
        };
        snapshot.stragglers = scheduler.stragglers();
        snapshot.tasks = tasks
            .into_iter()
            .filter_map(|(task, living)| TaskSnapshot::of(scheduler, &task, &living))
            .collect();
        snapshot.totals = snapshot.count();
        snapshot
    }

    fn count(&self) -> Totals {
        let instances = || self.tasks.iter().flat_map(|task| &task.instances);
        let in_state = |state| instances().filter(|instance| instance.state == state).count();
        Totals {
            tasks: self.tasks.len(),
            pending: in_state(State::Pending),
            running: in_state(State::Running),
            suspended: instances().filter(|instance| instance.suspended).count(),
            holders: instances().map(|instance| instance.holders.len()).sum(),
            stragglers: self.stragglers.len(),
        }
    }

    /// The snapshot as one JSON object: the fields as they are named here, durations as whole nanoseconds in fields
    /// that end in `_ns`.
    pub fn to_json(&self) -> String {
        // Strings, numbers, lists and named fields only: none of them can fail to be written.
        serde_json::to_string(self).unwrap_or_else(|error| format!("{{\"error\":\"{error}\"}}"))
    }
}

impl TaskSnapshot {
    /// `None` when the task has ended meanwhile.
    fn of(scheduler: &Scheduler, task: &Arc<Definition>, living: &[Place]) -> Option<Self> {
        let mut instances = Vec::with_capacity(living.len());
        scheduler.visit(living, |instance| instances.extend(instance.snapshot()));
        let explanation = scheduler.explain(task);
        let now = scheduler.now();
        let registry = scheduler.registry.lock();
        let line = registry.line(task)?;
        let says = line.says();
        Some(Self {
            name: Arc::clone(&says.name),
            group: says.group.clone(),
            trigger: says.trigger.to_string(),
            registered: task.counts.is_registered(),
            disabled: line.disabled,
            suspended: line.level.is_suspended(),
            failures: line.failures,
            fires_in: line.due.map(|(due, _)| due.since(now)),
            explanation,
            instances,
        })
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Totals { tasks, pending, running, holders, stragglers, .. } = self.totals;
        let suspended = if self.suspended { ", suspended" } else { "" };
        write!(
            f,
            "host {}{suspended}: {tasks} tasks, {pending} pending, {running} running, {holders} holders, \
             {stragglers} stragglers",
            self.state.to_string().to_lowercase()
        )?;
        for condition in &self.conditions {
            write!(f, "\n  condition {}: {}", condition.name, if condition.on { "on" } else { "off" })?;
        }
        for task in &self.tasks {
            write!(f, "\n  task {}", task.explanation)?;
            for instance in &task.instances {
                write!(f, "\n    {instance}")?;
            }
        }
        for straggler in &self.stragglers {
            write!(f, "\n  straggler: {straggler}")?;
        }
        Ok(())
    }
}
