//! One instance, and what is to be seen of it.

use std::time::Duration;

use backstay::{CancelReason, Outcome, State};
use backstay_scenarios::step::{Act, ExpectedInstance};

use super::level::Level;
use super::{Id, Model};

/// One execution of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Instance {
    /// The first name that the history gave it.
    pub name: Option<String>,
    pub(crate) state: State,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) reason: Option<CancelReason>,
    pub(crate) error: Option<ErrorText>,
    /// The entry point has an error to tell, and nobody can see whether it has told it yet.
    pub(crate) error_is_unsure: bool,
    /// Every deferral that was ever taken, in the order of taking.
    pub(crate) deferrals: Vec<Deferral>,
    pub(crate) dropped: Vec<String>,
    pub(crate) progress: u32,
    pub(crate) details: String,
    pub(crate) level: Level,
    /// The suspension that lasts, with whether a named cause took part in it.
    pub(crate) lasting: Option<bool>,
    pub(crate) suspended: u32,
    pub(crate) throttled: u32,
    /// How long it ran before `since`, which is there while the time counts.
    pub(crate) ran: Duration,
    pub(crate) since: Option<Duration>,
    pub(crate) grace_at: Option<Duration>,
    /// Where its entry point is, and what it has still to do.
    pub(crate) place: Place,
    pub(crate) acts: Vec<Act>,
    /// It is in the queue for a worker.
    pub(crate) is_handed: bool,
    trace: Vec<String>,
}

/// The text of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ErrorText {
    Known(String),
    /// A refusal or panic, which every language words in its own way; or one of two errors that came at the same time.
    Unknown,
}

/// One deferral.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Deferral {
    pub(crate) label: String,
    pub(crate) since: Duration,
    pub(crate) is_overdue: bool,
    pub(crate) is: Held,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Pending,
    Ended,
    /// Its instance was abandoned, which the next one to end it is told (L4).
    Left,
}

/// Where an entry point is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    NotEntered,
    /// It has something to do now.
    Busy,
    AtHold,
    AtCheckpoint,
    Left,
}

impl Instance {
    pub(super) fn new(details: &str) -> Self {
        Self {
            name: None,
            state: State::Pending,
            outcome: None,
            reason: None,
            error: None,
            error_is_unsure: false,
            deferrals: Vec::new(),
            dropped: Vec::new(),
            progress: 0,
            details: details.to_owned(),
            level: Level::default(),
            lasting: None,
            suspended: 0,
            throttled: 0,
            ran: Duration::ZERO,
            since: None,
            grace_at: None,
            place: Place::NotEntered,
            acts: Vec::new(),
            is_handed: false,
            trace: vec!["fired".to_owned()],
        }
    }

    pub(super) fn tell(&mut self, event: impl Into<String>) {
        self.trace.push(event.into());
    }

    /// Takes the last word back.
    pub(super) fn untell(&mut self) {
        self.trace.pop();
    }

    pub(super) fn set_progress(&mut self, progress: u32) {
        if self.is_living() {
            self.progress = progress;
        }
    }

    /// The whole trace so far.
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    /// Whether it is not finished.
    pub fn is_living(&self) -> bool {
        self.state != State::Finished
    }

    pub(crate) fn is_running(&self) -> bool {
        self.state == State::Running
    }

    pub(crate) fn is_pending(&self) -> bool {
        self.state == State::Pending
    }

    /// Whether its run stands at a hold.
    pub(crate) fn is_at_hold(&self) -> bool {
        self.place == Place::AtHold
    }

    /// Whether its run may be let go. An abandoned one shows no progress any more, so only its return can be seen.
    pub fn may_go(&self) -> bool {
        self.is_at_hold() && (self.is_living() || !self.acts.contains(&Act::Hold))
    }

    /// Whether its entry point executes.
    pub(crate) fn is_inside(&self) -> bool {
        !matches!(self.place, Place::NotEntered | Place::Left)
    }

    /// Whether its entry point executes although it was abandoned.
    pub fn is_straggler(&self) -> bool {
        self.is_inside() && !self.is_living()
    }

    pub(super) fn holders(&self) -> usize {
        self.deferrals.iter().filter(|deferral| deferral.is == Held::Pending).count()
    }

    /// The labels of all deferrals that were ever taken.
    pub fn labels(&self) -> Vec<&str> {
        self.deferrals.iter().map(|deferral| &*deferral.label).collect()
    }

    pub(super) fn has_run(&self, now: Duration) -> Duration {
        self.ran + self.since.map_or(Duration::ZERO, |since| now.saturating_sub(since))
    }
}

impl Model {
    /// What is to be seen of an instance; only what is certain.
    pub fn seen(&self, id: Id) -> ExpectedInstance {
        let instance = self.at(id);
        let is_over = !instance.is_living();
        let error = match &instance.error {
            None if instance.error_is_unsure => None,
            None => Some(String::new()),
            Some(ErrorText::Known(text)) => Some(text.clone()),
            Some(ErrorText::Unknown) => None,
        };
        ExpectedInstance {
            state: Some(instance.state),
            outcome: instance.outcome,
            reason: instance.reason,
            error: error.filter(|_| is_over),
            deferrals: Some(instance.holders()),
            progress: Some(instance.progress),
            suspended: Some(instance.suspended),
            throttled: Some(instance.throttled),
            details: Some(instance.details.clone()),
            dropped: is_over.then(|| instance.dropped.clone()),
            remaining: self.remaining(id),
        }
    }
}
