//! Suspending: levels, and what an instance feels of them (S1, S2).

use std::time::Duration;

use backstay_scenarios::step::Target;

use super::{Broken, Id, Model};

/// How often something was suspended and not resumed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level(u32);

impl Level {
    pub(crate) fn is_suspended(self) -> bool {
        self.0 > 0
    }
}

impl Model {
    /// Suspends; a cause is known to be cpu or network, which are counted alike by `throttled`.
    pub(super) fn suspend(&mut self, target: &Target, with_cause: bool) {
        self.level_mut(target).0 += 1;
        for id in self.below(target) {
            self.feel_suspension(id, with_cause);
        }
    }

    pub(super) fn resume(&mut self, target: &Target) {
        let level = self.level_mut(target);
        level.0 = level.0.saturating_sub(1);
        for id in self.below(target) {
            if !self.is_suspended(id) {
                self.feel_resumption(id);
                self.let_move();
            }
        }
        self.start_what_may();
    }

    /// Whether one of its three levels is suspended.
    pub(super) fn is_suspended(&self, id: Id) -> bool {
        self.level.is_suspended() || self.tasks[id.0].level.is_suspended() || self.at(id).level.is_suspended()
    }

    fn feel_suspension(&mut self, id: Id, with_cause: bool) {
        let (now, goes_on) = (self.now, self.broken == Some(Broken::DeadlineRunsWhileSuspended));
        let instance = self.at_mut(id);
        if !instance.is_running() {
            return;
        }
        if instance.lasting.is_none() {
            instance.suspended += 1;
            instance.tell("suspended");
            if !goes_on {
                instance.ran = instance.has_run(now);
                instance.since = None;
            }
        }
        let had_cause = instance.lasting.unwrap_or_default();
        instance.throttled += u32::from(with_cause && !had_cause);
        instance.lasting = Some(had_cause || with_cause);
    }

    fn feel_resumption(&mut self, id: Id) {
        let now = self.now;
        let instance = self.at_mut(id);
        if instance.is_running() && instance.lasting.take().is_some() {
            instance.since.get_or_insert(now);
            instance.tell("resumed");
            self.wake(id);
        }
    }

    fn level_mut(&mut self, target: &Target) -> &mut Level {
        match target {
            Target::Host => &mut self.level,
            Target::Task(name) => &mut self.tasks[self.called[name]].level,
            Target::Instance(name) => {
                let id = self.named(name);
                &mut self.at_mut(id).level
            }
        }
    }

    fn below(&self, target: &Target) -> Vec<Id> {
        match target {
            Target::Host => self.ids(),
            Target::Task(name) => self.of_task(self.called[name]),
            Target::Instance(name) => vec![self.named(name)],
        }
    }

    /// How much of its deadline is left: all of it before the start (C7, S3).
    pub fn remaining(&self, id: Id) -> Option<Duration> {
        let deadline = self.tasks[id.0].says.deadline?;
        Some(deadline.saturating_sub(self.at(id).has_run(self.now)))
    }
}
