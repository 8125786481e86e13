//! The front door: a host owns tasks, workers and clock.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::error::Error;
use crate::home::Home;
use crate::notify::Report;
use crate::scheduler::Scheduler;
use crate::shutdown::{Closing, DrainReport};
use crate::state::HostState;
use crate::task::Task;

/// How long a cancelled instance may take by default before it is abandoned (C6, B31).
const GRACE: Duration = Duration::from_secs(5);

/// How long `advance` waits, by the machine's clock, for the handlers of one step.
const FLUSH: Duration = Duration::from_secs(30);

/// Owns tasks, workers and a clock.
///
/// A handle: clones name the same host and may be used from any thread (E1). When the last clone is dropped, a
/// shutdown with the host's grace begins, and the drop returns at once (H2, H8). Opening a host starts no thread (H1).
#[derive(Clone)]
pub struct Host(Arc<Door>);

/// What the clones of a host share; the host's own threads and instances do not keep it open.
struct Door(Arc<Scheduler>);

impl Drop for Door {
    fn drop(&mut self) {
        let scheduler = &self.0;
        if scheduler.clock.is_manual() {
            // Nobody is left who could move the clock to a deadline.
            scheduler.begin_shutdown(scheduler.clock.now());
            scheduler.abandon_all();
        } else {
            scheduler.begin_shutdown(scheduler.clock.now().plus(scheduler.default_grace()));
        }
    }
}

impl Host {
    /// A host with the default settings; see [`HostBuilder`].
    pub fn new() -> Self {
        let HostBuilder { workers, grace, log, .. } = HostBuilder::default();
        Self::open(workers, grace, Clock::real(), log)
    }

    /// A host with settings of its own.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    fn open(workers: usize, grace: Duration, clock: Clock, log: Report) -> Self {
        Self(Arc::new(Door(Scheduler::new(workers, grace, clock, log))))
    }

    /// Where the host is in its life.
    pub fn state(&self) -> HostState {
        self.scheduler().registry.lock().state
    }

    /// The task that is registered under this name.
    pub fn task(&self, name: &str) -> Option<Task> {
        let definition = self.scheduler().registry.lock().tasks.get(name).cloned()?;
        Some(Task::new(definition, Arc::clone(self.scheduler())))
    }

    /// The grace of instances whose task names none.
    pub fn grace(&self) -> Duration {
        self.scheduler().default_grace()
    }

    /// Waits until every event that was caused before this call has been delivered (E7), by the machine's clock.
    /// `None` waits as long as it takes.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::WouldDeadlock`] from an entry point or callback of this host (E8).
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.refuse_inside("flush")?;
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        if self.scheduler().events.flush(until) {
            return Ok(());
        }
        Err(Error::TimedOut { what: "the delivery of all events", after: timeout.unwrap_or_default() })
    }

    /// Moves a manual clock: stops at every due moment in order, lets happen what is due, flushes, and goes on (H5).
    /// Does not wait for entry points.
    ///
    /// # Errors
    /// [`Error::NotManualClock`]; [`Error::WouldDeadlock`] from an entry point or callback of this host (E8);
    /// [`Error::TimedOut`] when a handler did not return within 30 seconds.
    pub fn advance(&self, by: Duration) -> Result<(), Error> {
        let scheduler = self.scheduler();
        if !scheduler.clock.is_manual() {
            return Err(Error::NotManualClock);
        }
        self.refuse_inside("advance")?;
        let goal = scheduler.clock.now().plus(by);
        loop {
            while let Some((at, due)) = scheduler.timer.next_due(goal) {
                scheduler.clock.move_to(at);
                scheduler.timer.fire(due);
                self.flush(Some(FLUSH))?;
            }
            scheduler.clock.move_to(goal);
            // What was armed between the last look and the move is due now as well; afterwards everybody sees the goal.
            match scheduler.timer.next_due(goal) {
                None => return self.flush(Some(FLUSH)),
                Some((_, due)) => scheduler.timer.fire(due),
            }
        }
    }

    /// Refuses new firings, cancels nothing, and waits until everything alive has finished, at most `timeout` by the
    /// host's clock. Ends Closed when nothing is left, else the host stays Draining and the report names what is
    /// alive (H2).
    ///
    /// # Errors
    /// [`Error::WouldDeadlock`] from an entry point or callback of this host (E8).
    pub fn drain(&self, timeout: Duration) -> Result<DrainReport, Error> {
        self.refuse_inside("drain")?;
        self.begin_drain(timeout).wait(None)
    }

    /// Refuses new firings, cancels everything alive with Terminating, and waits at most `grace` by the host's clock.
    /// What is still held then is abandoned and listed with its holders (H2).
    ///
    /// There is one deadline for all, fixed before anything is cancelled; of several shutdowns the earliest counts.
    /// It may take a tenth of a second longer to hand out the last events. Shutting down twice, or while another
    /// thread drains, is fine: all get the same report.
    ///
    /// # Errors
    /// [`Error::WouldDeadlock`] from an entry point or callback of this host; use [`Host::begin_shutdown`] there (E8).
    pub fn shutdown(&self, grace: Duration) -> Result<DrainReport, Error> {
        self.refuse_inside("shutdown")?;
        self.begin_shutdown(grace).wait(None)
    }

    /// Begins what [`Host::drain`] does and returns at once; works from anywhere (E8).
    pub fn begin_drain(&self, timeout: Duration) -> Closing {
        Closing::drain(self.scheduler(), timeout)
    }

    /// Begins what [`Host::shutdown`] does and returns at once; works from anywhere (E8).
    pub fn begin_shutdown(&self, grace: Duration) -> Closing {
        Closing::shutdown(self.scheduler(), grace)
    }

    /// What a call that waits for this host answers when the current thread is inside an entry point or callback of it
    /// (E8): for a binding that waits in a way of its own.
    ///
    /// # Errors
    /// [`Error::WouldDeadlock`] with the name of the call.
    pub fn refuse_inside(&self, call: &'static str) -> Result<(), Error> {
        self.scheduler().refuse_inside(call)
    }

    /// How many threads user code still occupies although their instances were abandoned (C6).
    pub fn stragglers(&self) -> usize {
        self.scheduler().stragglers()
    }

    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0.0
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registry = self.scheduler().registry.lock();
        write!(f, "Host({}, {} tasks, {} alive)", registry.state, registry.tasks.len(), registry.living.len())
    }
}

/// The settings of a host.
#[must_use = "a builder does nothing until it is built"]
pub struct HostBuilder {
    workers: usize,
    grace: Duration,
    manual_clock: bool,
    log: Report,
}

impl Default for HostBuilder {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get).max(2),
            grace: GRACE,
            manual_clock: false,
            log: Arc::new(|text| eprintln!("backstay: {text}")),
        }
    }
}

impl HostBuilder {
    /// How many entry points may run at once, at least 1; by default as many as the machine has cores, and at
    /// least 2.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How long a cancelled instance may take before it is abandoned, unless its task says otherwise; 5 s by default
    /// (C6).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Time moves only by [`Host::advance`]: for tests (H5).
    pub fn manual_clock(mut self) -> Self {
        self.manual_clock = true;
        self
    }

    /// Where the host says what nobody else would hear, such as the panic of a handler: one line a call, without a
    /// line break (E5). Standard error by default.
    pub fn log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// Opens the host. Starts no thread (H1).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for 0 workers.
    pub fn build(self) -> Result<Host, Error> {
        if self.workers == 0 {
            return Err(Error::InvalidArgument {
                field: "workers",
                problem: "is 0, so nothing could run; give at least 1",
            });
        }
        let clock = if self.manual_clock { Clock::manual() } else { Clock::real() };
        Ok(Host::open(self.workers, self.grace, clock, self.log))
    }
}
