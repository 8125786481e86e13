//! How a host ends: draining, shutting down, and the report of it (H2).
//!
//! Ending is a state of the registry, not a thread that waits: the last instance to finish closes the host, whoever
//! finishes it, and the deadline is an entry of the timer. A [`Closing`] only watches that, so a drain and a shutdown
//! may race each other, and a host that was dropped ends without anybody watching (H8).

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::clock::Moment;
use crate::completion::Completion;
use crate::error::Error;
use crate::holder::Holder;
use crate::home::Home;
use crate::inside;
use crate::instance::{Instance, Place};
use crate::policy::OnShutdown;
use crate::reason::CancelReason;
use crate::registry::Shutdown;
use crate::scheduler::{Due, Scheduler};
use crate::state::{HostState, Outcome};

/// How long, by the machine's clock, a closed host may take beyond its deadline to hand out the last events and to let
/// its own idle threads end.
const SETTLE: Duration = Duration::from_millis(100);

/// The same on a manual clock, whose deadlines say nothing about the machine's time.
const SETTLE_MANUAL: Duration = Duration::from_secs(5);

/// What became of everything that was alive when a host began to end (H2).
///
/// Its `Display` is for the person who reads the log: one line in all, and one for each holder that was left.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Closed when nothing is left; Draining when a drain's time was over first.
    pub state: HostState,
    /// How many ended as Succeeded.
    pub succeeded: usize,
    /// How many ended as Canceled.
    pub canceled: usize,
    /// How many ended as Failed.
    pub failed: usize,
    /// Each instance that was abandoned, with those who still held it.
    pub abandoned: Vec<HeldInstance>,
    /// Each instance that is still alive, with those who hold it; empty unless the host is still Draining.
    pub remaining: Vec<HeldInstance>,
    /// How many threads user code still occupies although their instances were abandoned (C6).
    pub stragglers: usize,
}

/// An instance and who holds it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct HeldInstance {
    /// The instance.
    pub instance_id: Uuid,
    /// The name of its task.
    pub task: Arc<str>,
    /// The group of its task.
    pub group: Option<Arc<str>>,
    /// Why it was asked to stop, if it was.
    pub canceled: Option<CancelReason>,
    /// Who holds it: the entry point first if it still executes, then the deferrals in the order of taking.
    pub holders: Vec<Holder>,
}

impl DrainReport {
    /// How many instances ended, whichever way.
    pub fn finished(&self) -> usize {
        self.succeeded + self.canceled + self.failed + self.abandoned.len()
    }

    /// Whether everything ended of itself: nothing abandoned, nothing left, no thread occupied.
    pub fn is_clean(&self) -> bool {
        self.abandoned.is_empty() && self.remaining.is_empty() && self.stragglers == 0
    }
}

impl fmt::Display for DrainReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "host {}: {} succeeded, {} canceled, {} failed, {} abandoned, {} still alive",
            self.state.to_string().to_lowercase(),
            self.succeeded,
            self.canceled,
            self.failed,
            self.abandoned.len(),
            self.remaining.len()
        )?;
        let abandoned = self.abandoned.iter().map(|held| ("abandoned", held));
        let remaining = self.remaining.iter().map(|held| ("still alive", held));
        for (what, held) in abandoned.chain(remaining) {
            write!(f, "\n  {what}: {held}")?;
            if held.holders.is_empty() {
                write!(f, ", which has not started")?;
            }
            for holder in &held.holders {
                write!(f, "\n    held by {holder}")?;
            }
        }
        Ok(())
    }
}

/// The task with its group, and the id.
impl fmt::Display for HeldInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(group) = &self.group {
            write!(f, "{group}/")?;
        }
        write!(f, "{} {}", self.task, self.instance_id)
    }
}

/// The counts of a report, kept by the registry while the host drains.
#[derive(Default)]
pub(crate) struct Tally {
    succeeded: usize,
    canceled: usize,
    failed: usize,
    abandoned: Vec<HeldInstance>,
}

impl Tally {
    pub(crate) fn count(&mut self, completion: &Completion) {
        match completion.outcome {
            Outcome::Succeeded => self.succeeded += 1,
            Outcome::Canceled => self.canceled += 1,
            Outcome::Failed => self.failed += 1,
            Outcome::Abandoned => self.abandoned.push(HeldInstance {
                instance_id: completion.instance_id,
                task: Arc::clone(&completion.task),
                group: completion.group.clone(),
                canceled: completion.canceled,
                holders: completion.holders.clone(),
            }),
        }
    }
}

/// A drain or shutdown that has begun: what [`Host::drain`](crate::Host::drain) and
/// [`Host::shutdown`](crate::Host::shutdown) wait for, for those who must look at something else between two waits.
///
/// Dropping it changes nothing: the host goes on ending.
#[derive(Clone)]
pub struct Closing {
    scheduler: Arc<Scheduler>,
    ending: Ending,
}

/// What a drain or shutdown said when it began; the host keeps the last one, for those who wait for its end.
#[derive(Clone)]
pub(crate) struct Ending {
    deadline: Moment,
    /// Whether what is left at the deadline is abandoned: that is a shutdown.
    abandons: bool,
    /// When, by the machine's clock, the last events have had their time; known once the host was seen to be closed or
    /// the deadline over, and the same for all later waits. `None` in it: they have all the time they need.
    settled: Arc<OnceLock<Option<Instant>>>,
}

impl Closing {
    pub(crate) fn drain(scheduler: &Arc<Scheduler>, timeout: Duration) -> Self {
        let deadline = scheduler.clock.now().plus(timeout);
        let closing = Self::new(scheduler, deadline, false);
        if scheduler.refuse_forked().is_err() {
            return closing;
        }
        scheduler.begin_drain(&closing.ending);
        if scheduler.clock.is_manual() {
            // Whoever moves the clock to the deadline wakes those who wait.
            scheduler.timer.arm(deadline, Due::Wake);
        }
        closing
    }

    pub(crate) fn shutdown(scheduler: &Arc<Scheduler>, grace: Duration) -> Self {
        let deadline = scheduler.clock.now().plus(grace);
        let closing = Self::new(scheduler, deadline, true);
        // In a child made by fork nothing is begun, since a lock may be held for ever; the wait says so (H6).
        if scheduler.refuse_forked().is_ok() {
            scheduler.begin_shutdown(&closing.ending);
        }
        closing
    }

    /// What was begun last on this host, once there is something; `None` when `give_up` came first.
    pub(crate) fn await_begun(scheduler: &Arc<Scheduler>, give_up: Option<Instant>) -> Option<Self> {
        let mut registry = scheduler.registry.lock();
        while registry.ending.is_none() {
            match give_up {
                None => scheduler.changed.wait(&mut registry),
                Some(until) if scheduler.changed.wait_until(&mut registry, until).timed_out() => break,
                Some(_) => {}
            }
        }
        let ending = registry.ending.clone()?;
        Some(Self { scheduler: Arc::clone(scheduler), ending })
    }

    fn new(scheduler: &Arc<Scheduler>, deadline: Moment, abandons: bool) -> Self {
        let ending = Ending { deadline, abandons, settled: Arc::default() };
        Self { scheduler: Arc::clone(scheduler), ending }
    }

    /// Waits until the host is closed or its deadline is over, and until the events that the report counts were
    /// delivered or had their time; at most `timeout` by the machine's clock.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when `timeout` was over first; call it again. [`Error::WouldDeadlock`] from an entry point
    /// or callback of this host (E8). [`Error::Forked`].
    pub fn wait(&self, timeout: Option<Duration>) -> Result<DrainReport, Error> {
        self.scheduler.refuse_forked()?;
        self.scheduler.refuse_inside("wait")?;
        let give_up = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let too_early =
            || Error::TimedOut { what: "the end of the host", after: timeout.unwrap_or_default() };
        if !self.wait_closed(give_up) {
            return Err(too_early());
        }
        if self.ending.abandons {
            // The timer has done this already, unless no thread could be had for it.
            self.scheduler.abandon_all();
        }
        let settled = *self.ending.settled.get_or_init(|| self.settled_from_now());
        let until = [give_up, settled].into_iter().flatten().min();
        if self.scheduler.clock.is_manual() && self.ending.abandons {
            self.pass_over_hanging(settled, until);
        }
        if !self.scheduler.settle(until) && until != settled {
            return Err(too_early());
        }
        Ok(self.scheduler.report())
    }

    /// Waits until the host is closed or its clock has reached the deadline; false when `give_up` came first.
    fn wait_closed(&self, give_up: Option<Instant>) -> bool {
        let scheduler = &self.scheduler;
        let due = scheduler.clock.instant_of(self.ending.deadline);
        let until = [due, give_up].into_iter().flatten().min();
        let mut registry = scheduler.registry.lock();
        while registry.state != HostState::Closed && scheduler.clock.now() < self.ending.deadline {
            match until {
                // Without any deadline the wait is as long as the caller asked for.
                None => scheduler.changed.wait(&mut registry),
                Some(until) => {
                    let timed_out = scheduler.changed.wait_until(&mut registry, until).timed_out();
                    if timed_out && give_up == Some(until) && due != Some(until) {
                        return registry.state == HostState::Closed;
                    }
                }
            }
        }
        true
    }

    /// On a manual clock no timer passes over a handler that hangs (E9); who waits does, after the same moment.
    fn pass_over_hanging(&self, settled: Option<Instant>, until: Option<Instant>) {
        let patience = settled.and_then(|settled| settled.checked_sub(SETTLE_MANUAL.saturating_sub(SETTLE)));
        let soon = [patience, until].into_iter().flatten().min();
        if !self.scheduler.settle(soon) && soon == patience {
            for inner in std::mem::take(&mut *self.scheduler.hanging.lock()) {
                if let Some(instance) = Instance::revive(&inner) {
                    self.scheduler.give_up_handler(&instance);
                }
            }
        }
    }

    fn settled_from_now(&self) -> Option<Instant> {
        let clock = &self.scheduler.clock;
        if clock.is_manual() {
            return Some(Instant::now() + SETTLE_MANUAL);
        }
        clock.instant_of(self.ending.deadline).map(|due| due.max(Instant::now() + SETTLE))
    }
}

impl fmt::Debug for Closing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Closing(host {})", self.scheduler.registry.lock().state)
    }
}

impl Scheduler {
    pub(crate) fn begin_drain(&self, ending: &Ending) {
        let mut registry = self.registry.lock();
        registry.refuse_new();
        registry.ending = Some(ending.clone());
        self.changed.notify_all();
        self.close_if_over(&mut registry);
    }

    /// Cancels everything that is alive and does not finish by itself (`on_shutdown`); what is still held at `deadline`
    /// is abandoned. Of several shutdowns the earliest deadline counts.
    pub(crate) fn begin_shutdown(self: &Arc<Self>, ending: &Ending) {
        let living = {
            let mut registry = self.registry.lock();
            registry.refuse_new();
            registry.ending = Some(ending.clone());
            self.changed.notify_all();
            registry.raise_shutdown(Shutdown::Begun);
            if registry.alive > 0 {
                // Armed before anything is cancelled, and one for all (H2); not at all when nobody needs it.
                self.timer.arm(ending.deadline, Due::Shutdown);
            }
            self.close_if_over(&mut registry);
            registry.living()
        };
        self.cancel_each(&living, CancelReason::Terminating, |instance| {
            instance.definition().says.on_shutdown != OnShutdown::Finish
        });
        // When only such are alive that nobody waits for, there is nothing to wait for.
        self.abandon_left();
    }

    /// The deadline of a shutdown is over.
    pub(crate) fn abandon_all(&self) {
        let living = {
            let mut registry = self.registry.lock();
            registry.raise_shutdown(Shutdown::Over);
            registry.living()
        };
        self.abandon(&living);
    }

    pub(crate) fn abandon(&self, places: &[Place]) {
        // The timer may have called, and it never runs what users leave behind to be dropped.
        self.visit_and_keep(places, |instance| {
            instance.cancel(CancelReason::Terminating);
            instance.abandon();
        });
    }

    /// Waits until the events caused so far were delivered, and, when the host is closed, until its idle threads have
    /// ended; false when `until` came first.
    fn settle(&self, until: Option<Instant>) -> bool {
        if !self.events.flush(until) {
            return false;
        }
        if self.registry.lock().state == HostState::Closed {
            // Idle threads end at once. One that drops what a user left behind may not, and is not waited for.
            let soon = Instant::now() + SETTLE;
            self.threads.wait(self.stragglers().len(), until.map_or(soon, |until| until.min(soon)));
        }
        true
    }

    fn report(&self) -> DrainReport {
        let (mut report, living) = {
            let registry = self.registry.lock();
            let tally = &registry.tally;
            let report = DrainReport {
                state: registry.state,
                succeeded: tally.succeeded,
                canceled: tally.canceled,
                failed: tally.failed,
                abandoned: tally.abandoned.clone(),
                remaining: Vec::new(),
                stragglers: self.stragglers().len(),
            };
            (report, registry.living())
        };
        // Asking an instance takes its lock, which comes before the registry's.
        self.visit(&living, |instance| report.remaining.push(held(&instance, instance.held_by())));
        report
    }

    pub(crate) fn refuse_inside(&self, call: &'static str) -> Result<(), Error> {
        if !inside::of_host(self.id()) {
            return Ok(());
        }
        Err(Error::WouldDeadlock {
            call,
            place: "an entry point or callback of the same host",
            instead: "call it from another thread, or use begin_shutdown",
        })
    }
}

/// An instance with those who are said to hold it.
pub(crate) fn held(instance: &Instance, holders: Vec<Holder>) -> HeldInstance {
    HeldInstance {
        instance_id: instance.id(),
        task: Arc::clone(&instance.definition().says.name),
        group: instance.definition().says.group.clone(),
        canceled: instance.reason(),
        holders,
    }
}
