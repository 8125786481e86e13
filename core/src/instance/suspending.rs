//! Suspending an instance, and how its time to run stands still meanwhile (S1–S3).
//!
//! Suspending is cooperative: nothing is stopped by force. The code of the instance looks in at a *checkpoint* now and
//! then, and stays there while the instance is suspended.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Time};

use super::watching::{Open, Watch};
use super::{Instance, Record};
use crate::clock::Moment;
use crate::error::Error;
use crate::event::EventKind;
use crate::home::InstanceDue;
use crate::inside;
use crate::state::State;
use crate::suspension::{Cause, Change, Counter};

impl Instance {
    /// Suspends the instance, for a cause if there is one; as many [`Instance::resume`]s let it go on (S2).
    ///
    /// A Running instance stays at its next checkpoint. A Pending one does not start until it is resumed, which does
    /// not count as a suspension. On a finished one this changes nothing.
    pub fn suspend(&self, cause: impl Into<Option<Cause>>) {
        let cause = cause.into();
        let mut open = self.0.open();
        open.rare().own_level.suspend(cause);
        self.look_at_levels(&mut open);
    }

    /// Takes back one [`Instance::suspend`]; one too many changes nothing.
    pub fn resume(&self) {
        let mut open = self.0.open();
        open.rare().own_level.resume();
        self.look_at_levels(&mut open);
    }

    /// Whether it is Running and suspended: by itself, its task or its host.
    pub fn is_suspended(&self) -> bool {
        self.0.record.lock().suspensions().is_suspended()
    }

    /// How many suspensions of this instance began, whatever their number of causes (S2).
    pub fn suspended_count(&self) -> u32 {
        self.0.record.lock().suspensions().began()
    }

    /// How many of them a cause took part in (S2).
    pub fn throttle_count(&self, counter: Counter) -> u32 {
        self.0.record.lock().suspensions().counted(counter)
    }

    /// Stays while the instance is suspended, and tells whether it is cancelled: then the work should stop (S1).
    ///
    /// Cancelling wakes it. In a handler it never stays: the events of the host would stand still with it.
    ///
    /// ```
    /// # use backstay::{Details, Host, TaskBuilder, TaskError};
    /// # let host = Host::new();
    /// let count = TaskBuilder::new("count")
    ///     .run(|instance| {
    ///         for part in 0..100 {
    ///             if instance.checkpoint() {
    ///                 return Err(TaskError::canceled());
    ///             }
    ///             instance.set_progress(part + 1);
    ///         }
    ///         Ok(())
    ///     })
    ///     .register(&host)?;
    /// assert_eq!(count.fire(Details::none())?.wait(None)?.progress, 100);
    /// # Ok::<(), backstay::Error>(())
    /// ```
    pub fn checkpoint(&self) -> bool {
        // Without a timeout it only fails in a child made by fork, whose work is to end.
        self.checkpoint_within(None).unwrap_or(true)
    }

    /// The same, staying at most `timeout` by the machine's clock; `None` stays as long as it takes.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when the instance is still suspended; [`Error::Forked`].
    pub fn checkpoint_within(&self, timeout: Option<Duration>) -> Result<bool, Error> {
        self.0.definition.home.refuse_forked()?;
        let stays = !inside::handler_of(self.0.definition.home.id());
        // A deadline that cannot be represented is no deadline (law 2).
        let until = timeout.and_then(|timeout| Time::now().checked_add(timeout));
        let mut record = self.0.record.lock();
        while stays && self.has_to_stay(&record) {
            match until {
                None => self.0.changed.wait(&mut record),
                Some(until) if self.0.changed.wait_until(&mut record, until).timed_out() => {
                    if self.has_to_stay(&record) {
                        let after = timeout.unwrap_or_default();
                        return Err(Error::TimedOut { what: "the end of the suspension", after });
                    }
                }
                Some(_) => {}
            }
        }
        drop(record);
        Ok(self.canceled().is_some())
    }

    /// The same for async code: occupies no thread while the instance is suspended.
    pub fn checkpoint_async(&self) -> impl Future<Output = bool> + Send + Sync + use<> {
        Watch::new(self.clone(), |instance, record| {
            (!instance.has_to_stay(record)).then(|| instance.canceled().is_some())
        })
    }

    fn has_to_stay(&self, record: &Record) -> bool {
        let asked = self.0.word.canceled().is_some();
        record.suspensions().is_suspended() && !asked && self.0.word.state() == State::Running
    }

    /// How long the task lets it run, suspensions not counted; `None` when there is no end to that (C7).
    pub fn deadline(&self) -> Option<Duration> {
        self.0.definition.says.deadline
    }

    /// How much of [`Instance::deadline`] is left, by the host's clock: all of it before the start; it stands still
    /// while the instance is suspended (S3) and after the end.
    pub fn remaining(&self) -> Option<Duration> {
        let deadline = self.deadline()?;
        let record = self.0.record.lock();
        Some(deadline.saturating_sub(record.ran(self.0.definition.home.now())))
    }

    /// The level of the task or the host has changed.
    pub(crate) fn levels_changed(&self) {
        self.look_at_levels(&mut self.0.open());
    }

    /// Compares the levels with what was seen last and does what follows from it.
    fn look_at_levels(&self, open: &mut Open<'_>) {
        let inner = &self.0;
        match inner.word.state() {
            State::Finished => {}
            State::Pending => {
                inner.held_back.store(open.own_level().is_suspended(), Ordering::Relaxed);
                if !open.own_level().is_suspended() {
                    inner.definition.home.look_for_work(&inner.definition);
                    open.after().hand_out = true;
                }
            }
            State::Running => {
                let sum = open.own_level().with(inner.definition.home.suspended_by(&inner.definition));
                if open.rare.is_none() && !sum.is_suspended() {
                    // It has never been suspended, like most.
                    return;
                }
                match open.rare().suspensions.see(sum) {
                    Change::None => {}
                    Change::Began => {
                        open.rare().stood_still.start(inner.definition.home.now());
                        self.disarm_deadline(open);
                        self.tell(EventKind::Suspended, |_| {});
                    }
                    Change::Ended => {
                        let now = inner.definition.home.now();
                        open.rare().stood_still.stop(now);
                        self.arm_deadline(open, now);
                        self.tell(EventKind::Resumed, |_| {});
                        open.wake_all(inner);
                    }
                }
            }
        }
    }

    /// From now on the instance uses up its time to run; what is left of it falls due (C7). Of one that was asked to stop
    /// the grace falls due, and nothing else.
    pub(super) fn arm_deadline(&self, record: &mut Record, now: Moment) {
        let inner = &self.0;
        if let Some(deadline) = inner.definition.says.deadline
            && record.asked.is_none()
        {
            let due = now.plus(deadline.saturating_sub(record.ran(now)));
            record.alarm = inner.definition.home.arm(due, inner.place, InstanceDue::Deadline);
        }
    }

    fn disarm_deadline(&self, record: &mut Record) {
        if record.asked.is_none() {
            self.disarm(record);
        }
    }

    /// Nothing of the instance itself falls due any more.
    pub(super) fn disarm(&self, record: &mut Record) {
        if let Some(key) = record.alarm.take() {
            self.0.definition.home.disarm(key);
        }
    }
}
