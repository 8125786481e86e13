//! How a host ends: draining, shutting down, and the report of it (H2).
//!
//! Ending is a state of the registry, not a thread that waits: the last instance to finish closes the host, whoever
//! finishes it, and the deadline is an entry of the timer. `drain` and `shutdown` only begin that and watch, so they
//! may race each other, and a host that was dropped ends without anybody watching (H8).

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::clock::Moment;
use crate::completion::Completion;
use crate::error::Error;
use crate::holders::Holder;
use crate::home::Home;
use crate::inside;
use crate::instance::Instance;
use crate::reason::CancelReason;
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
            write!(f, "\n  {what}: {} {}", held.task, held.instance_id)?;
            if held.holders.is_empty() {
                write!(f, ", which waits for a worker")?;
            }
            for holder in &held.holders {
                write!(f, "\n    held by {holder}")?;
            }
        }
        Ok(())
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
                canceled: completion.canceled,
                holders: completion.holders.clone(),
            }),
        }
    }
}

impl Scheduler {
    pub(crate) fn drain(self: &Arc<Self>, timeout: Duration) -> Result<DrainReport, Error> {
        self.refuse_inside("drain")?;
        let deadline = self.clock.now().plus(timeout);
        self.begin_drain();
        self.watch(deadline);
        Ok(self.report(deadline))
    }

    pub(crate) fn shutdown(self: &Arc<Self>, grace: Duration) -> Result<DrainReport, Error> {
        self.refuse_inside("shutdown")?;
        let deadline = self.clock.now().plus(grace);
        self.begin_shutdown(deadline);
        self.watch(deadline);
        // The timer has done this already, unless no thread could be had for it.
        if !self.is_closed() && self.clock.now() >= deadline {
            self.abandon_all();
        }
        Ok(self.report(deadline))
    }

    pub(crate) fn begin_drain(&self) {
        let mut registry = self.registry.lock();
        if registry.state == HostState::Open {
            registry.state = HostState::Draining;
        }
        self.close_if_over(&mut registry);
    }

    /// Cancels everything that is alive; what is still held at `deadline` is abandoned. Of several shutdowns the
    /// earliest deadline counts.
    pub(crate) fn begin_shutdown(self: &Arc<Self>, deadline: Moment) {
        self.begin_drain();
        // Armed before anything is cancelled, and one for all (H2).
        self.timer.arm(deadline, Due::Shutdown(Arc::downgrade(self)));
        for instance in self.living() {
            instance.cancel(CancelReason::Terminating);
        }
    }

    /// The deadline of a shutdown is over.
    pub(crate) fn abandon_all(&self) {
        for instance in self.living() {
            instance.cancel(CancelReason::Terminating);
            instance.abandon();
        }
    }

    fn living(&self) -> Vec<Instance> {
        self.registry.lock().living()
    }

    fn is_closed(&self) -> bool {
        self.registry.lock().state == HostState::Closed
    }

    /// Waits until the host is closed or its clock has reached `deadline`.
    fn watch(self: &Arc<Self>, deadline: Moment) {
        if self.clock.is_manual() {
            self.timer.arm(deadline, Due::Wake(Arc::downgrade(self)));
        }
        let until = self.clock.instant_of(deadline);
        let mut registry = self.registry.lock();
        while registry.state != HostState::Closed && self.clock.now() < deadline {
            match until {
                Some(until) => {
                    self.changed.wait_until(&mut registry, until);
                }
                // A manual clock wakes us by the timer; a deadline that never comes is the caller's wish.
                None => self.changed.wait(&mut registry),
            }
        }
    }

    /// The report, after the events that it counts were delivered or their time was over (H2).
    fn report(&self, deadline: Moment) -> DrainReport {
        let settle = match self.clock.instant_of(deadline) {
            Some(until) => until.max(Instant::now() + SETTLE),
            None => Instant::now() + SETTLE_MANUAL,
        };
        self.events.flush(Some(settle));
        if self.is_closed() {
            self.threads.wait(self.pool.stragglers(), settle.min(Instant::now() + SETTLE_MANUAL));
        }
        let registry = self.registry.lock();
        let (state, living, tally) = (registry.state, registry.living(), &registry.tally);
        let mut report = DrainReport {
            state,
            succeeded: tally.succeeded,
            canceled: tally.canceled,
            failed: tally.failed,
            abandoned: tally.abandoned.clone(),
            remaining: Vec::new(),
            stragglers: self.pool.stragglers(),
        };
        // Asking an instance takes its lock, which comes before the registry's.
        drop(registry);
        report.remaining = living.iter().map(held).collect();
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

fn held(instance: &Instance) -> HeldInstance {
    HeldInstance {
        instance_id: instance.id(),
        task: Arc::clone(&instance.definition().name),
        canceled: instance.canceled(),
        holders: instance.held_by(),
    }
}
