//! The life of an instance, as the host drives it: started, held, let go, abandoned, finished.
//!
//! Every way to the end leads through `finish`, under the record's lock; see the invariants of the module above.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::MutexGuard;

use super::{Ending, Instance, Record};
use crate::clock::Moment;
use crate::completion::Completion;
use crate::definition::Entered;
use crate::error::TaskError;
use crate::holders::{Holder, HolderKey, HolderKind};
use crate::inside;
use crate::lifecycle::LetGo;
use crate::polling::Polling;
use crate::pool::Ticket;
use crate::shield::{shield, shield_and_report};
use crate::state::{Outcome, State};
use crate::status::Status;

impl Instance {
    /// Executes the entry point on the worker with this ticket, unless the instance was cancelled before (C5).
    pub(crate) fn run(&self, worker: Ticket) {
        {
            let mut record = self.0.record.lock();
            if !self.0.word.start() {
                return;
            }
            record.started = Some(self.0.home.now());
            record.inside = true;
            record.worker = Some(worker);
            self.0.definition.counts.started();
        }
        match self.call_entry_point() {
            Entered::Done(result) => self.leave_entry_point(result.err()),
            Entered::Async(future) => {
                let polling = Polling::new(self.clone(), future);
                self.0.record.lock().polling = Arc::downgrade(&polling);
                polling.poll(worker);
            }
        }
    }

    fn call_entry_point(&self) -> Entered {
        let _inside = inside::entry_point(self.0.home.id(), self.address());
        let Some(entry_point) = self.0.definition.entry_point() else {
            // The task has not ended while an instance of it is alive, so this does not happen.
            return Entered::Done(Err(TaskError::new("the entry point is gone")));
        };
        let entered = shield(|| entry_point(self))
            .unwrap_or_else(|text| Entered::Done(Err(TaskError::with_type(text, "panic"))));
        // When the task ended meanwhile this is the last reference, and what it captured is the user's.
        shield_and_report(
            |text| self.0.home.log()(&format!("what an entry point had captured panicked: {text}")),
            move || drop(entry_point),
        );
        entered
    }

    /// The entry point is done: its hold goes.
    pub(crate) fn leave_entry_point(&self, error: Option<TaskError>) {
        // Declared before the lock, so that an error nobody wants is dropped after it (law 1).
        let mut error = error;
        let mut record = self.0.record.lock();
        record.worker = None;
        record.inside = false;
        self.let_go(&mut record, &mut error);
    }

    /// Which worker executes the entry point now, if any; false when the instance is finished, which only an
    /// abandonment can have done.
    pub(crate) fn set_worker(&self, worker: Option<Ticket>) -> bool {
        let mut record = self.0.record.lock();
        record.worker = worker;
        self.0.word.state() == State::Running
    }

    /// Ends one deferral; the answer is that of L4.
    pub(crate) fn end_deferral(&self, key: HolderKey, ending: Ending) -> Status {
        let dropped = matches!(ending, Ending::Dropped);
        // Declared before the lock, so that an error nobody wants is dropped after it (law 1).
        let mut error = match ending {
            Ending::Failed(error) => Some(error),
            Ending::Completed | Ending::Dropped => None,
        };
        let mut record = self.0.record.lock();
        let Some(entry) = record.holders.remove(key) else {
            return Status::AlreadyCompleted;
        };
        if dropped && self.0.word.state() == State::Running {
            record.dropped.push(entry.at(self.0.home.now()));
        }
        match self.let_go(&mut record, &mut error) {
            LetGo::TooLate => Status::NotRunning,
            LetGo::Held | LetGo::Last => Status::Ok,
        }
    }

    /// The holder behind a pending deferral.
    pub(crate) fn holder(&self, key: HolderKey) -> Option<Holder> {
        self.0.record.lock().holders.get(key).map(|entry| entry.at(self.0.home.now()))
    }

    /// One hold goes; the last one finishes the instance. Takes the error when it is the first one, else leaves it.
    fn let_go(&self, record: &mut MutexGuard<'_, Record>, error: &mut Option<TaskError>) -> LetGo {
        // Leaving by the cancellation error after a cancellation is a return (C8).
        let canceled = self.0.word.canceled().is_some();
        let is_return = error.as_ref().is_some_and(|error| error.is_canceled() && canceled);
        if record.error.is_none() && !is_return && self.0.word.state() == State::Running {
            record.error = error.take();
        }
        let gone = self.0.word.let_go();
        if gone == LetGo::Last {
            self.finish(record);
        }
        gone
    }

    /// Ends a cancelled instance although it is still held (C6). False when it was finished already.
    pub(crate) fn abandon(&self) -> bool {
        let mut record = self.0.record.lock();
        if !self.0.word.abandon() {
            return false;
        }
        self.0.home.give_up_handler(self);
        // Canceled handlers that the stuck one kept back are still called before Completed (C3).
        self.post_canceled();
        self.finish(&mut record);
        true
    }

    /// Publishes the end (invariant 2).
    pub(super) fn finish(&self, record: &mut MutexGuard<'_, Record>) {
        let inner = &self.0;
        let now = inner.home.now();
        let canceled = inner.word.canceled();
        let abandoned = inner.word.is_abandoned();
        let outcome = match (abandoned, &record.error, canceled) {
            (true, _, _) => Outcome::Abandoned,
            (_, Some(_), _) => Outcome::Failed,
            (_, _, Some(_)) => Outcome::Canceled,
            _ => Outcome::Succeeded,
        };
        let mut holders = Vec::new();
        if abandoned {
            if record.inside {
                holders.push(self.entry_point_as_holder(record, now));
            }
            holders.extend(record.holders.listing(now));
        }
        let completion = Arc::new(Completion {
            instance_id: inner.id,
            task: Arc::clone(&inner.definition.name),
            outcome,
            canceled,
            error: record.error.clone(),
            dropped: std::mem::take(&mut record.dropped),
            holders,
            progress: inner.progress.load(Ordering::Relaxed),
            pending_for: record.started.unwrap_or(now).since(inner.fired),
            ran_for: record.started.map_or(Duration::ZERO, |started| now.since(started)),
        });
        let counts = &inner.definition.counts;
        let counted = if record.started.is_some() { &counts.running } else { &counts.pending };
        counted.fetch_sub(1, Ordering::Relaxed);
        if let Some(worker) = record.worker {
            inner.home.give_up_worker(worker);
        }
        if let Some(polling) = record.polling.upgrade().filter(|_| abandoned) {
            polling.give_up();
        }
        inner.home.retire(self, &completion);
        record.completion = Some(completion);
        inner.finished.notify_all();
    }

    fn entry_point_as_holder(&self, record: &Record, now: Moment) -> Holder {
        Holder {
            kind: HolderKind::EntryPoint,
            label: Cow::Borrowed(""),
            site: self.0.definition.site.clone(),
            age: record.started.map_or(Duration::ZERO, |started| now.since(started)),
        }
    }

    /// Everyone who holds the instance now, the entry point first, for a report on what is still alive.
    pub(crate) fn held_by(&self) -> Vec<Holder> {
        let record = self.0.record.lock();
        let now = self.0.home.now();
        let entry_point = record.inside.then(|| self.entry_point_as_holder(&record, now));
        entry_point.into_iter().chain(record.holders.listing(now)).collect()
    }
}
