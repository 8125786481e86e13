//! What is known of an instance, under one lock.

use std::sync::{Arc, Weak};
use std::time::Duration;

use super::watching::Wakers;
use crate::clock::{Moment, Stopwatch};
use crate::completion::Completion;
use crate::details::Details;
use crate::error::TaskError;
use crate::holder::Holder;
use crate::holders::Holders;
use crate::lifecycle::Pen;
use crate::polling::Polling;
use crate::pool::Ticket;
use crate::suspension::{Level, Suspensions};
use crate::timer::Key;

/// What is known of an instance. There may be a million, so what few of them have stands apart.
#[derive(Default)]
pub(super) struct Record {
    /// Whoever has the record may change the lifecycle word.
    pub(super) pen: Pen,
    pub(super) details: Details,
    pub(super) holders: Holders,
    pub(super) error: Option<Box<TaskError>>,
    pub(super) started: Option<Moment>,
    /// When it was asked to stop.
    pub(super) asked: Option<Moment>,
    /// What falls due next: its deadline until it is asked to stop, then the end of its grace.
    pub(super) alarm: Option<Key>,
    /// The worker that executes the entry point, while it does.
    pub(super) worker: Option<Ticket>,
    pub(super) completion: Option<Arc<Completion>>,
    pub(super) rare: Option<Box<Rare>>,
    /// Whether the entry point's hold is there: it was entered and is not done.
    pub(super) inside: bool,
}

#[derive(Default)]
pub(super) struct Rare {
    pub(super) dropped: Vec<Holder>,
    /// How far it is suspended by itself, and what it has felt of all its levels.
    pub(super) own_level: Level,
    pub(super) suspensions: Suspensions,
    /// How long it was suspended while it ran.
    pub(super) stood_still: Stopwatch,
    /// The entry point's future, when it is async.
    pub(super) polling: Weak<Polling>,
    pub(super) wakers: Wakers,
}

impl Record {
    pub(super) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// How far it is suspended by itself.
    pub(super) fn own_level(&self) -> Level {
        self.rare.as_ref().map(|rare| rare.own_level).unwrap_or_default()
    }

    /// What it has felt of all its levels.
    pub(super) fn suspensions(&self) -> Suspensions {
        self.rare.as_ref().map(|rare| rare.suspensions).unwrap_or_default()
    }

    /// How long it has run if it is looked at now, suspensions not counted (S3).
    pub(super) fn ran(&self, now: Moment) -> Duration {
        let Some(started) = self.started else { return Duration::ZERO };
        let until = self.completion.as_ref().map_or(now, |completion| started.plus(completion.ran_for));
        let stood_still = self.rare.as_ref().map_or(Duration::ZERO, |rare| rare.stood_still.until(until));
        until.since(started).saturating_sub(stood_still)
    }
}
