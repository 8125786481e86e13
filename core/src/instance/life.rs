//! The life of an instance, as the host drives it: started, held, let go, abandoned, finished.
//!
//! Every way to the end leads through `finish`, under the record's lock; see the invariants of the module above.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::watching::Open;
use super::{Instance, Record};
use crate::clock::Moment;
use crate::completion::Completion;
use crate::definition::{Entered, EntryPoint};
use crate::error::TaskError;
use crate::event::EventKind;
use crate::holders::{HolderKey, Report};
use crate::home::{Ended, InstanceDue};
use crate::inside;
use crate::lifecycle::{Cancel, LetGo};
use crate::polling::Polling;
use crate::pool::{Phase, Ticket};
use crate::reason::CancelReason;
use crate::shield::{shield, shield_and_report};
use crate::state::{Outcome, State};
use crate::status::Status;
use crate::sync::MutexGuard;
use crate::timer::Key;

impl Instance {
    /// Executes the entry point on the worker with this ticket, unless the instance was cancelled before (C5) or has to
    /// wait again (F2, S1).
    pub(crate) fn run(&self, worker: Ticket) {
        let Some(entry_point) = self.start(worker) else {
            // Another instance may have been handed out in its place.
            self.0.definition.home.hand_out();
            return;
        };
        self.0.definition.home.mark(worker, Phase::Entered);
        match self.call(entry_point) {
            Entered::Done(result) => self.leave_entry_point(result.err()),
            Entered::Async(future) => {
                let polling = Polling::new(self.clone(), future);
                self.0.record.lock().rare().polling = Arc::downgrade(&polling);
                polling.poll(worker);
            }
            Entered::Elsewhere => {
                // Whoever does the work may have done it meanwhile.
                self.0.definition.home.mark(worker, Phase::Leaving);
                self.set_worker(None);
            }
        }
    }

    fn start(&self, worker: Ticket) -> Option<EntryPoint> {
        let inner = &self.0;
        let mut record = inner.record.lock();
        // Under the record's lock, so that who asks afterwards sees either a Pending or a Running instance.
        if inner.word.state() != State::Pending
            || !inner.definition.home.enter(self)
            || !inner.word.start(&mut record.pen)
        {
            return None;
        }
        let now = inner.definition.home.now();
        record.started = Some(now);
        record.inside = true;
        record.worker = Some(worker);
        self.arm_deadline(&mut record, now);
        self.tell(EventKind::Started, |_| {});
        // While an instance of it is alive the task has not ended, so its entry point is there.
        inner.definition.entry_point()
    }

    fn call(&self, entry_point: EntryPoint) -> Entered {
        let _inside = inside::entry_point(self.0.definition.home.id(), self.address());
        let entered = shield(|| entry_point(self))
            .unwrap_or_else(|text| Entered::Done(Err(TaskError::with_type(text, "panic"))));
        // When the task ended meanwhile this is the last reference, and what it captured is the user's.
        let report =
            |text: &str| self.home().log()(&format!("what an entry point had captured panicked: {text}"));
        shield_and_report(report, move || drop(entry_point));
        entered
    }

    /// The entry point is done: its hold goes.
    pub(crate) fn leave_entry_point(&self, error: Option<TaskError>) {
        // Declared before the lock, so that an error nobody wants is dropped after it (law 1).
        let mut error = error;
        let mut record = self.0.record.lock();
        if let Some(worker) = record.worker.take() {
            self.0.definition.home.mark(worker, Phase::Leaving);
        }
        record.inside = false;
        self.let_go(record, &mut error);
    }

    /// Which worker executes the entry point now, if any; false when the instance is finished, which only an
    /// abandonment can have done.
    pub(crate) fn set_worker(&self, worker: Option<Ticket>) -> bool {
        let mut record = self.0.record.lock();
        record.worker = worker;
        self.0.word.state() == State::Running
    }

    /// Completes one deferral; the answer is that of L4.
    pub(crate) fn complete_deferral(&self, key: HolderKey) -> Status {
        self.end_deferral(self.0.record.lock_in_turn(), key, &mut None)
    }

    /// The same with an error (L6).
    pub(crate) fn fail_deferral(&self, key: HolderKey, error: TaskError) -> Status {
        // Declared before the lock, so that an error nobody wants is dropped after it (law 1).
        let mut error = Some(error);
        self.end_deferral(self.0.record.lock_in_turn(), key, &mut error)
    }

    /// The same without a word, which is told on the completion (L5).
    #[cold]
    pub(crate) fn drop_deferral(&self, key: HolderKey) {
        let mut record = self.0.record.lock_in_turn();
        if self.0.word.state() == State::Running
            && let Some(entry) = record.holders.get(key)
        {
            let holder = entry.at(self.report(&record));
            record.rare().dropped.push(holder);
        }
        self.end_deferral(record, key, &mut None);
    }

    #[expect(
        clippy::inline_always,
        reason = "most have no error, and then nothing that is done for one is left"
    )]
    #[inline(always)]
    fn end_deferral(
        &self,
        mut record: MutexGuard<'_, Record>,
        key: HolderKey,
        error: &mut Option<TaskError>,
    ) -> Status {
        let Some(left) = record.holders.remove(key) else { return Status::AlreadyCompleted };
        if let Some(alarm) = left.alarm {
            self.0.definition.home.disarm(alarm);
        }
        let gone = self.let_go(record, error);
        // Under no lock. Most have none, and to look is cheaper than to have it dropped in any case.
        if let Some(rare) = left.rare {
            drop(rare);
        }
        match gone {
            LetGo::TooLate => Status::NotRunning,
            LetGo::Held | LetGo::Last => Status::Ok,
        }
    }

    /// One hold goes; the last one finishes the instance. Takes the error when it is the first one, else leaves it.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn let_go(&self, mut record: MutexGuard<'_, Record>, error: &mut Option<TaskError>) -> LetGo {
        if let Some(told) = error {
            // Leaving by the cancellation error after a cancellation is a return (C8).
            let is_return = told.is_canceled() && self.reason().is_some();
            if record.error.is_none() && !is_return && self.0.word.state() == State::Running {
                record.error = error.take().map(Box::new);
            }
        }
        let gone = self.0.word.let_go(&mut record.pen);
        if gone == LetGo::Last {
            self.finish(&mut self.0.opened(record));
        }
        gone
    }

    /// Something of this instance has fallen due.
    pub(crate) fn fall_due(&self, what: InstanceDue) {
        match what {
            InstanceDue::Deadline => self.cancel_overrun(),
            InstanceDue::Grace => self.abandon_overdue(),
            InstanceDue::Overdue(key) => self.report_overdue(key),
        }
    }

    /// Asks one of several to stop that are cancelled at that moment, with an alarm for the graces of all of them; whether
    /// it has taken its part of that.
    pub(crate) fn cancel_at(&self, reason: CancelReason, moment: Moment, alarm: Option<Key>) -> bool {
        let mut open = self.0.open();
        let how = self.ask_to_stop(&mut open, reason, moment);
        if how == Cancel::First {
            open.alarm = alarm;
        }
        how == Cancel::First
    }

    /// Cancels the instance only if it has not started (G3).
    pub(crate) fn cancel_if_pending(&self, reason: CancelReason) {
        let mut open = self.0.open();
        if self.0.word.state() == State::Pending {
            self.cancel_open(&mut open, reason);
        }
    }

    pub(super) fn cancel_open(&self, open: &mut Open<'_>, reason: CancelReason) {
        let home = &self.0.definition.home;
        let now = home.now();
        if self.ask_to_stop(open, reason, now) == Cancel::First {
            let over = now.plus(self.0.definition.grace());
            open.alarm = home.arm(over, self.0.place, InstanceDue::Grace);
        }
    }

    /// The grace of one that is running is for the caller to arm.
    fn ask_to_stop(&self, open: &mut Open<'_>, reason: CancelReason, now: Moment) -> Cancel {
        let inner = &self.0;
        let how = inner.word.cancel(&mut open.pen, reason);
        if how == Cancel::NoChange {
            return how;
        }
        open.asked = Some(now);
        // Its deadline would only ask it to stop.
        self.disarm(open);
        self.tell(EventKind::Canceled, |event| event.reason = Some(reason));
        self.post_canceled();
        if how == Cancel::First {
            open.wake_all(inner);
        } else {
            self.finish(open);
        }
        how
    }

    /// Its time to run is over, unless it was suspended at the last moment (C7, S3).
    fn cancel_overrun(&self) {
        let mut open = self.0.open();
        let is_over =
            self.deadline().is_some_and(|deadline| open.ran(self.0.definition.home.now()) >= deadline);
        if is_over {
            self.cancel_open(&mut open, CancelReason::ExecutionTimeExceeded);
        }
    }

    /// Its grace is over, if it is: of many that were to be cancelled together some may have been asked at another moment.
    fn abandon_overdue(&self) {
        let mut open = self.0.open();
        let over = open.asked.map(|asked| asked.plus(self.0.definition.grace()));
        if over.is_some_and(|over| over <= self.0.definition.home.now()) {
            self.abandon_open(&mut open);
        }
    }

    /// Ends a cancelled instance although it is still held (C6). False when it was finished already.
    pub(crate) fn abandon(&self) -> bool {
        self.abandon_open(&mut self.0.open())
    }

    fn abandon_open(&self, open: &mut Open<'_>) -> bool {
        if !self.0.word.abandon(&mut open.pen) {
            return false;
        }
        self.pass_over_handler(open.asked);
        // Canceled handlers that the stuck one kept back are still called before Completed (C3).
        self.post_canceled();
        self.finish(open);
        true
    }

    /// Publishes the end (invariant 2).
    pub(super) fn finish(&self, open: &mut Open<'_>) {
        let inner = &self.0;
        let now = inner.definition.home.now();
        self.disarm(open);
        let completion = Arc::new(self.write_completion(open, now));
        if let Some(worker) = open.worker {
            inner.definition.home.give_up_worker(worker, self);
        }
        if inner.word.is_abandoned()
            && let Some(polling) = open.rare.as_ref().and_then(|rare| rare.polling.upgrade())
        {
            polling.give_up();
        }
        open.completion = Some(Arc::clone(&completion));
        let ended = Ended { has_started: open.started.is_some(), is_heard: self.is_heard(open) };
        inner.definition.home.retire(self, ended, &completion, open.after());
        open.wake_all(inner);
    }

    fn write_completion(&self, record: &mut Record, now: Moment) -> Completion {
        let inner = &self.0;
        let says = &inner.definition.says;
        let canceled = self.reason();
        let abandoned = inner.word.is_abandoned();
        let outcome = match (abandoned, &record.error, canceled) {
            (true, _, _) => Outcome::Abandoned,
            (_, Some(_), _) => Outcome::Failed,
            (_, _, Some(_)) => Outcome::Canceled,
            _ => Outcome::Succeeded,
        };
        let report = Report { now, asked: record.asked };
        Completion {
            instance_id: inner.id,
            task: Arc::clone(&says.name),
            group: says.group.clone(),
            outcome,
            canceled,
            error: record.error.as_deref().cloned(),
            dropped: record.rare.as_mut().map(|rare| std::mem::take(&mut rare.dropped)).unwrap_or_default(),
            holders: if abandoned { self.all_holders(record, report) } else { Vec::new() },
            progress: inner.progress.load(Ordering::Relaxed),
            suspended_count: record.suspensions().began(),
            noticed_after: report.noticed_after(inner.noticed.get()),
            pending_for: record.started.unwrap_or(now).since(inner.fired),
            ran_for: record.started.map_or(Duration::ZERO, |started| now.since(started)),
        }
    }
}
