//! Drain and shutdown, and what their report says (H2).

use std::time::Duration;

use backstay::{CancelReason, HostState};
use backstay_scenarios::step::ExpectedReport;

use super::instance::{Deferral, Held};
use super::{Id, Model};

/// A drain or shutdown under way: the last one, since the language joins no other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Closing {
    pub(super) deadline: Duration,
    is_reported: bool,
}

/// What has ended since the host was Open.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tally {
    finished: usize,
    /// The labels that each abandoned instance left behind.
    abandoned: Vec<Vec<String>>,
}

impl Model {
    pub(super) fn drain(&mut self, timeout: Duration) {
        self.refuse_new();
        self.closing = Some(Closing { deadline: self.now + timeout, is_reported: false });
    }

    /// Of several shutdowns the earliest deadline counts.
    pub(super) fn shut_down(&mut self, grace: Duration) {
        self.refuse_new();
        let deadline = self.now + grace;
        self.closing = Some(Closing { deadline, is_reported: false });
        if self.state == HostState::Closed {
            return;
        }
        self.shutdown_at = Some(self.shutdown_at.map_or(deadline, |at| at.min(deadline)));
        let living = self.ids().into_iter().filter(|id| self.at(*id).is_living());
        // What waits comes first, as when a task is unregistered.
        let (waiting, running): (Vec<Id>, Vec<Id>) = living.partition(|id| self.at(*id).is_pending());
        for id in waiting.into_iter().chain(self.either_way(running)) {
            self.cancel(id, CancelReason::Terminating);
            self.let_move();
        }
        if grace.is_zero() {
            self.abandon_all();
        }
    }

    /// The deadline of a shutdown is over.
    pub(super) fn abandon_all(&mut self) {
        self.shutdown_at = None;
        for id in self.either_way(self.ids()) {
            self.cancel(id, CancelReason::Terminating);
            self.abandon(id);
        }
    }

    fn refuse_new(&mut self) {
        if self.state == HostState::Open {
            self.state = HostState::Draining;
            self.close_if_over();
        }
    }

    pub(super) fn close_if_over(&mut self) {
        let is_over = self.ids().into_iter().all(|id| !self.at(id).is_living());
        if self.state != HostState::Draining || !is_over {
            return;
        }
        self.state = HostState::Closed;
        self.shutdown_at = None;
        for task in &mut self.tasks {
            task.is_registered = false;
            task.due = None;
        }
    }

    pub(super) fn count_end(&mut self, left: Option<Vec<String>>) {
        if self.state != HostState::Open {
            self.tally.finished += 1;
            self.tally.abandoned.extend(left);
            // Those that end at one moment have no order.
            self.tally.abandoned.sort_unstable();
        }
    }

    /// The report of the last drain or shutdown, once, as soon as it must be there.
    pub fn report(&mut self) -> Option<ExpectedReport> {
        let closing = self.closing.as_mut()?;
        let is_due = self.state == HostState::Closed || self.now >= closing.deadline;
        if !is_due || std::mem::replace(&mut closing.is_reported, true) {
            return None;
        }
        let is_pending = |deferral: &&Deferral| deferral.is == Held::Pending;
        let remaining = self.ids().into_iter().map(|id| {
            let pending = self.at(id).deferrals.iter().filter(is_pending);
            pending.map(|deferral| deferral.label.clone()).collect::<Vec<_>>()
        });
        let held: Vec<Vec<String>> =
            self.tally.abandoned.iter().cloned().chain(remaining).filter(|held| !held.is_empty()).collect();
        Some(ExpectedReport {
            finished: Some(self.tally.finished),
            abandoned: Some(self.tally.abandoned.len()),
            // No rule says in which order a report names the instances.
            holders: (held.len() < 2).then(|| held.concat()),
        })
    }
}
