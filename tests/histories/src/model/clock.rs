//! What falls due, and when (F5, C6, C7, H4, H5).

use std::time::Duration;

use backstay::{CancelReason, HostState, Trigger};

use super::instance::Held;
use super::{Id, Model};

/// What can fall due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Deadline(Id),
    Grace(Id),
    Overdue(Id, usize),
    Firing(usize),
    Shutdown,
}

impl Model {
    /// Moves the clock, moment by moment, and tells how far it came.
    pub(super) fn advance(&mut self, by: Duration) -> Duration {
        let (start, goal) = (self.now, self.now + by);
        while let Some(moment) = self.next_moment(goal) {
            if self.may_abandon_fresh_ones(moment) {
                return self.now.saturating_sub(start);
            }
            self.now = moment;
            let is_report_due = self.closing.as_ref().is_some_and(|closing| closing.deadline == moment);
            // Whether a drain reports before or after what else is due at its deadline is open; a shutdown reports when
            // nothing is left.
            self.is_blind |= is_report_due && self.shutdown_at != Some(moment) && self.due_now().is_some();
            while let Some(due) = self.due_now() {
                self.fall(due);
                self.begin_all();
                self.let_move();
            }
            // The report of a drain is made at its deadline, beside what happens later.
            if self.stirred || is_report_due {
                return moment.saturating_sub(start);
            }
        }
        self.now = goal;
        by
    }

    /// The next moment up to `goal` at which something happens.
    fn next_moment(&self, goal: Duration) -> Option<Duration> {
        let report = self.closing.as_ref().map(|closing| closing.deadline).filter(|at| *at > self.now);
        self.armed().into_iter().map(|(at, _)| at).chain(report).filter(|at| *at <= goal).min()
    }

    /// Whether a run may be given up at that moment before it was even entered.
    fn may_abandon_fresh_ones(&self, moment: Duration) -> bool {
        let may = |due: &Due| match due {
            Due::Grace(id) => self.fresh.contains(id),
            Due::Shutdown => !self.fresh.is_empty(),
            _ => false,
        };
        self.armed().iter().any(|(at, due)| *at <= moment && may(due))
    }

    /// What is due now. The rules give no order to what is due at one moment.
    fn due_now(&self) -> Option<Due> {
        let due: Vec<Due> =
            self.armed().into_iter().filter(|(at, _)| *at <= self.now).map(|(_, due)| due).collect();
        self.either_way(due).into_iter().next()
    }

    fn armed(&self) -> Vec<(Duration, Due)> {
        let mut armed = Vec::new();
        for (number, task) in self.tasks.iter().enumerate() {
            armed.extend(task.due.map(|at| (at, Due::Firing(number))));
        }
        for id in self.ids() {
            let instance = self.at(id);
            if !instance.is_living() {
                continue;
            }
            armed.extend(instance.grace_at.map(|at| (at, Due::Grace(id))));
            if let (Some(since), Some(deadline), None) =
                (instance.since, self.tasks[id.0].says.deadline, instance.reason)
            {
                armed.push((since + deadline.saturating_sub(instance.ran), Due::Deadline(id)));
            }
            if let Some(age) = self.options.overdue_after {
                let pending =
                    instance.deferrals.iter().enumerate().filter(|(_, its)| its.is == Held::Pending);
                let in_time = pending.filter(|(_, its)| !its.is_overdue);
                armed.extend(in_time.map(|(index, its)| (its.since + age, Due::Overdue(id, index))));
            }
        }
        armed.extend(self.shutdown_at.map(|at| (at, Due::Shutdown)));
        armed
    }

    fn fall(&mut self, due: Due) {
        match due {
            Due::Deadline(id) => self.cancel(id, CancelReason::ExecutionTimeExceeded),
            Due::Grace(id) => self.abandon(id),
            Due::Overdue(id, index) => {
                let instance = self.at_mut(id);
                let label = instance.deferrals[index].label.clone();
                instance.deferrals[index].is_overdue = true;
                instance.tell(format!("overdue:{label}"));
            }
            Due::Firing(task) => self.fire_by_clock(task),
            Due::Shutdown => self.abandon_all(),
        }
    }

    fn fire_by_clock(&mut self, task: usize) {
        let its = &mut self.tasks[task];
        let scheduled = its.due.take();
        if self.state != HostState::Open {
            return;
        }
        let is_once = match its.says.trigger {
            Some(Trigger::Every(period)) => {
                its.due = scheduled.map(|scheduled| scheduled + period);
                false
            }
            _ => true,
        };
        // A refusal is nobody's to hear.
        let fired = self.fire(task, "").ok();
        if is_once {
            self.tasks[task].shot = fired.map(|(_, index)| index);
            if fired.is_none_or(|id| !self.at(id).is_living()) {
                self.end_one_shot(task);
            }
        }
    }
}
