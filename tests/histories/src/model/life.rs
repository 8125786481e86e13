//! The life of an instance: held, let go, cancelled, abandoned, finished (L1–L6, C2–C8).

use std::time::Duration;

use backstay::{CancelReason, Outcome, State, Status};

use super::instance::{Deferral, ErrorText, Held, Place};
use super::{Broken, Id, Model};

/// How long a cancelled instance has when neither task nor host says so (C6).
const GRACE: Duration = Duration::from_secs(5);

/// How a deferral ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End<'a> {
    Well,
    Badly(&'a str),
    Dropped,
}

impl Model {
    /// Takes a deferral (L3).
    pub(super) fn defer(&mut self, id: Id, label: &str) -> Result<(), Status> {
        let since = self.now;
        let instance = self.at_mut(id);
        if !instance.is_running() {
            return Err(Status::NotRunning);
        }
        let label = label.to_owned();
        instance.deferrals.push(Deferral { label, since, is_overdue: false, is: Held::Pending });
        Ok(())
    }

    /// Ends a deferral that was taken (L4–L6). Labels are used once in an instance, so it is clear which.
    pub(super) fn end(&mut self, id: Id, label: &str, end: End<'_>) -> Result<(), Status> {
        let last_counts = self.broken == Some(Broken::LastErrorCounts);
        let instance = self.at_mut(id);
        let its = instance.deferrals.iter_mut().find(|deferral| deferral.label == label);
        let Some(its) = its else { return Ok(()) };
        match std::mem::replace(&mut its.is, Held::Ended) {
            Held::Ended => return Err(Status::AlreadyCompleted),
            Held::Left => return Err(Status::NotRunning),
            Held::Pending => {}
        }
        match end {
            End::Dropped => instance.dropped.push(label.to_owned()),
            // The entry point's error may have come first or not.
            End::Badly(_) if instance.error_is_unsure => instance.error = Some(ErrorText::Unknown),
            End::Badly(text) if instance.error.is_none() || last_counts => {
                instance.error = Some(ErrorText::Known(text.to_owned()));
            }
            End::Well | End::Badly(_) => {}
        }
        self.finish_if_free(id);
        Ok(())
    }

    /// The entry point is done (L7).
    pub(super) fn leave(&mut self, id: Id, error: Option<ErrorText>) {
        let instance = self.at_mut(id);
        instance.place = Place::Left;
        if !instance.is_living() {
            return;
        }
        if error.is_some() && instance.error.is_none() {
            // While a deferral keeps the instance, no step can wait for the return.
            instance.error_is_unsure = instance.holders() > 0;
            instance.error = error;
        }
        self.finish_if_free(id);
    }

    /// Asks an instance to stop; the first reason stays (C2).
    pub(super) fn cancel(&mut self, id: Id, reason: CancelReason) {
        let grace = self.tasks[id.0].says.grace.or(self.options.grace).unwrap_or(GRACE);
        let now = self.now;
        let instance = self.at_mut(id);
        if !instance.is_living() || instance.reason.is_some() {
            return;
        }
        instance.reason = Some(reason);
        instance.tell(format!("canceled:{reason}"));
        if instance.is_pending() {
            self.finish(id, false);
        } else {
            instance.grace_at = Some(now + grace);
            self.wake(id);
        }
    }

    /// Ends a cancelled instance although it is held (C6).
    pub(super) fn abandon(&mut self, id: Id) {
        if !self.at(id).is_living() {
            return;
        }
        let instance = self.at_mut(id);
        if instance.error_is_unsure {
            instance.error = None;
        }
        self.finish(id, true);
    }

    fn finish_if_free(&mut self, id: Id) {
        let instance = self.at(id);
        if instance.is_running() && !instance.is_inside() && instance.holders() == 0 {
            self.finish(id, false);
        }
    }

    fn finish(&mut self, id: Id, is_abandoned: bool) {
        let now = self.now;
        let instance = self.at_mut(id);
        let outcome = match (is_abandoned, &instance.error, instance.reason) {
            (true, _, _) => Outcome::Abandoned,
            (_, Some(_), _) => Outcome::Failed,
            (_, _, Some(_)) => Outcome::Canceled,
            _ => Outcome::Succeeded,
        };
        instance.error_is_unsure &= is_abandoned;
        instance.ran = instance.has_run(now);
        instance.since = None;
        instance.state = State::Finished;
        instance.outcome = Some(outcome);
        instance.grace_at = None;
        instance.is_handed = false;
        instance.tell(format!("completed:{outcome}"));
        let mut left = Vec::new();
        for deferral in instance.deferrals.iter_mut().filter(|deferral| deferral.is == Held::Pending) {
            deferral.is = Held::Left;
            left.push(deferral.label.clone());
        }
        self.queue.retain(|queued| *queued != id);
        self.tasks[id.0].count_outcome(outcome);
        self.count_end(is_abandoned.then_some(left));
        if self.tasks[id.0].shot == Some(id.1) {
            self.end_one_shot(id.0);
        }
        self.start_what_may();
        self.close_if_over();
    }
}
