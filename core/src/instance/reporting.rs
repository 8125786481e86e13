//! Who holds an instance, and what those who hold it say and see (H4, C9).

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::{Instance, Record};
use crate::event::EventKind;
use crate::holder::{Holder, HolderKind, Language};
use crate::holders::{Entry, HolderKey, Report};
use crate::home::InstanceDue;
use crate::reason::CancelReason;
use crate::stack::Stack;
use crate::state::State;
use crate::status::Status;

impl Instance {
    pub(super) fn report(&self, record: &Record) -> Report {
        Report { now: self.0.definition.home.now(), asked: record.asked }
    }

    /// Everyone who holds the instance, the entry point first.
    pub(super) fn all_holders(&self, record: &Record, report: Report) -> Vec<Holder> {
        let entry_point = record.inside.then(|| self.entry_point_as_holder(record, report));
        record.holders.listing_behind(entry_point, report)
    }

    fn entry_point_as_holder(&self, record: &Record, report: Report) -> Holder {
        Holder {
            kind: HolderKind::EntryPoint,
            label: Cow::Borrowed(""),
            language: self.0.definition.site.language,
            site: self.0.definition.site.clone(),
            age: record.started.map_or(Duration::ZERO, |started| report.now.since(started)),
            note: None,
            asked: report.asked_for(),
            noticed_after: report.noticed_after(self.0.noticed.get()),
            overdue: false,
            stack: None,
        }
    }

    /// Everyone who holds the instance now, for a report on what is still alive.
    pub(crate) fn held_by(&self) -> Vec<Holder> {
        let record = self.0.record.lock();
        self.all_holders(&record, self.report(&record))
    }
}

/// What a deferral asks, by its key.
impl Instance {
    /// The holder behind a pending deferral.
    pub(crate) fn holder(&self, key: HolderKey) -> Option<Holder> {
        let record = self.0.record.lock();
        record.holders.get(key).map(|entry| entry.at(self.report(&record)))
    }

    pub(crate) fn set_note(&self, key: HolderKey, note: Option<Arc<str>>) -> Status {
        // The note before is dropped when the lock was let go.
        self.change(key, |entry| entry.set_note(note)).err().unwrap_or(Status::Ok)
    }

    pub(crate) fn set_stack(&self, key: HolderKey, stack: Stack) -> Status {
        self.change(key, |entry| entry.set_stack(stack)).err().unwrap_or(Status::Ok)
    }

    pub(crate) fn set_language(&self, key: HolderKey, language: Language) -> Status {
        self.change(key, |entry| entry.set_language(language)).err().unwrap_or(Status::Ok)
    }

    /// Changes what reports will say of a pending deferral, if any report still will.
    fn change<T>(&self, key: HolderKey, change: impl FnOnce(&mut Entry) -> T) -> Result<T, Status> {
        let mut record = self.0.record.lock();
        let entry = record.holders.get_mut(key).ok_or(Status::AlreadyCompleted)?;
        if self.0.word.state() == State::Finished {
            return Err(Status::NotRunning);
        }
        Ok(change(entry))
    }

    /// Why the instance was asked to stop, as this holder sees it: a first look is noted (C9).
    pub(crate) fn canceled_for(&self, key: HolderKey) -> Option<CancelReason> {
        let reason = self.canceled()?;
        let now = self.0.definition.home.now();
        if let Some(entry) = self.0.record.lock().holders.get_mut(key) {
            entry.notice(now);
        }
        Some(reason)
    }

    pub(crate) fn set_overdue_after(&self, key: HolderKey, age: Duration) -> Status {
        let mut record = self.0.record.lock();
        if record.holders.get(key).is_none() {
            return Status::AlreadyCompleted;
        }
        if self.0.word.state() == State::Finished {
            return Status::NotRunning;
        }
        self.arm_overdue(&mut record, key, age);
        Status::Ok
    }

    /// Has the deferral reported when it is as old as that; the last word counts.
    pub(super) fn arm_overdue(&self, record: &mut Record, key: HolderKey, age: Duration) {
        let Some(entry) = record.holders.get_mut(key) else { return };
        let due = entry.since().plus(age);
        let alarm = self.0.definition.home.arm(due, self.0.place, InstanceDue::Overdue(key));
        if let Some(before) = entry.set_alarm(alarm) {
            self.0.definition.home.disarm(before);
        }
    }

    /// Reports a deferral that is as old as it should ever be, once (H4).
    pub(super) fn report_overdue(&self, key: HolderKey) {
        let mut record = self.0.record.lock();
        if self.0.word.state() == State::Finished {
            return;
        }
        let Some(entry) = record.holders.get_mut(key) else { return };
        if entry.set_overdue() {
            let label = entry.label().clone();
            self.tell(EventKind::Overdue, |event| event.label = Some(label));
        }
    }
}
