//! Names and conditions (G1–G6, F2, F3).

use std::time::Duration;

use backstay::{CancelReason, HostState, IfExists, Status, Trigger};
use backstay_scenarios::step::TaskOptions;

use super::task::Task;
use super::{Id, Model};

impl Model {
    pub(super) fn register(&mut self, says: &TaskOptions) -> Result<(), Status> {
        if !is_valid(says) {
            return Err(Status::InvalidTask);
        }
        if self.state != HostState::Open {
            return Err(Status::Closed);
        }
        let called = says.called();
        let old = self.called.get(&called).copied().filter(|old| self.tasks[*old].is_registered);
        match (old, says.if_exists.unwrap_or_default()) {
            (Some(_), IfExists::Keep) => return Ok(()),
            (Some(old), IfExists::Replace) => self.take_off(old, false),
            (Some(_), _) => return Err(Status::NameTaken),
            (None, _) => {}
        }
        self.tasks.push(Task::new(says, self.now));
        self.called.insert(called, self.tasks.len() - 1);
        Ok(())
    }

    pub(super) fn unregister(&mut self, task: usize, cancel: bool) -> Result<(), Status> {
        if !self.tasks[task].is_registered {
            return Err(Status::Unregistered);
        }
        self.take_off(task, cancel);
        Ok(())
    }

    /// What waits is cancelled, and with `cancel` what runs as well (G3). What waits comes first: nothing of an
    /// unregistered task starts, however fast what runs makes room.
    fn take_off(&mut self, task: usize, cancel: bool) {
        let its = &mut self.tasks[task];
        its.is_registered = false;
        its.due = None;
        let (waiting, running): (Vec<Id>, Vec<Id>) =
            self.living(task).into_iter().partition(|id| self.at(*id).is_pending());
        let running = if cancel { self.either_way(running) } else { Vec::new() };
        for id in waiting.into_iter().chain(running) {
            self.cancel(id, CancelReason::Abort);
            self.let_move();
        }
    }

    fn living(&self, task: usize) -> Vec<Id> {
        self.of_task(task).into_iter().filter(|id| self.at(*id).is_living()).collect()
    }

    /// The instance of a clock that fires once has finished, or there was none: the task is over, and what else there
    /// is of it goes on (F5).
    pub(super) fn end_one_shot(&mut self, task: usize) {
        self.tasks[task].is_registered = false;
    }

    pub(super) fn enable(&mut self, task: usize) -> Result<(), Status> {
        let its = &mut self.tasks[task];
        if !its.is_registered {
            return Err(Status::Unregistered);
        }
        its.is_disabled = false;
        its.failures = 0;
        Ok(())
    }

    pub(super) fn set_condition(&mut self, name: &str, on: bool) {
        let was_on = self.conditions.insert(name.to_owned(), on).unwrap_or_default();
        if on {
            self.start_what_may();
        }
        if !was_on || on {
            return;
        }
        let loses = |id: &Id| {
            let says = &self.tasks[id.0].says;
            let needs = says.cancel_on_loss && says.conditions.iter().any(|its| its == name);
            needs && self.at(*id).is_running()
        };
        let losing: Vec<Id> = self.ids().into_iter().filter(loses).collect();
        for id in self.either_way(losing) {
            self.cancel(id, CancelReason::ConditionLoss);
            self.let_move();
        }
    }
}

/// Whether nothing is wrong with the description (G2).
fn is_valid(says: &TaskOptions) -> bool {
    let twice = (1..says.conditions.len()).any(|n| says.conditions[..n].contains(&says.conditions[n]));
    let loses_nothing = says.cancel_on_loss && says.conditions.is_empty();
    let never = says.deadline == Some(Duration::ZERO) || says.trigger == Some(Trigger::Every(Duration::ZERO));
    let nothing = says.max_running == Some(0) || says.max_failures == Some(0);
    !(twice || loses_nothing || never || nothing || says.name.is_empty())
}
