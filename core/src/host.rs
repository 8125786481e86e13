//! The front door: a host owns tasks, workers and clock.

use std::fmt;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant as Time};

use crate::advancing::Advance;
use crate::details::Details;
use crate::error::Error;
use crate::event::InstanceEvent;
use crate::home::Home;
use crate::host_builder::HostBuilder;
use crate::instance::Instance;
use crate::notify::Subscription;
use crate::scheduler::{Scheduler, Settings};
use crate::shutdown::{Closing, DrainReport, HeldInstance, held};
use crate::snapshot::Snapshot;
use crate::state::HostState;
use crate::suspension::Cause;
use crate::task::Task;

/// Owns tasks, workers, conditions and a clock.
///
/// A handle: clones name the same host and may be used from any thread (E1). When the last clone is dropped, a
/// shutdown with the host's grace begins, and the drop returns at once (H2, H8). Opening a host starts no thread (H1).
///
/// An entry point or handler that captures a clone keeps the host open for as long as it lives itself; what is inside
/// uses [`Instance::host`](crate::Instance::host) or captures a [`WeakHost`].
pub struct Host(Arc<Scheduler>);

/// Handles are equal when they name the same host.
impl PartialEq for Host {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Host {}

/// Names a host without keeping it open.
#[derive(Clone)]
pub struct WeakHost(Weak<Scheduler>);

/// Names are equal when they are of the same host, also of one that is gone.
impl PartialEq for WeakHost {
    fn eq(&self, other: &Self) -> bool {
        Weak::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for WeakHost {}

impl Clone for Host {
    fn clone(&self) -> Self {
        self.0.handles.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(&self.0))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let scheduler = &self.0;
        // AcqRel: what was done through the other handles comes before the shutdown.
        let was_last = scheduler.handles.fetch_sub(1, Ordering::AcqRel) == 1;
        if !was_last || scheduler.refuse_forked().is_err() {
            return;
        }
        if scheduler.clock.is_manual() {
            // Nobody is left who could move the clock to a deadline.
            Closing::shutdown(scheduler, Duration::ZERO);
            scheduler.abandon_all();
        } else {
            Closing::shutdown(scheduler, scheduler.defaults().grace);
        }
    }
}

impl WeakHost {
    /// The host, unless its last handle is gone.
    pub fn upgrade(&self) -> Option<Host> {
        // Never from zero: a shutdown that has begun that way is not taken back.
        let scheduler = self.0.upgrade()?;
        let one_more = |handles| (handles > 0).then_some(handles + 1);
        let counted = scheduler.handles.try_update(Ordering::AcqRel, Ordering::Relaxed, one_more);
        counted.ok().map(|_| Host(scheduler))
    }
}

impl Host {
    /// A host with the default settings; see [`HostBuilder`].
    pub fn new() -> Self {
        Self::open(HostBuilder::default().into_settings())
    }

    /// A host with settings of its own.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    pub(crate) fn open(settings: Settings) -> Self {
        Self(Scheduler::open(settings))
    }

    /// A name for this host that does not keep it open: for what entry points and handlers capture (H2).
    pub fn downgrade(&self) -> WeakHost {
        WeakHost(Arc::downgrade(&self.0))
    }

    /// Where the host is in its life.
    pub fn state(&self) -> HostState {
        self.scheduler().registry.lock().state
    }

    /// The task that is registered under this name without a group (G5).
    pub fn task(&self, name: &str) -> Option<Task> {
        self.group("").task(name)
    }

    /// The tasks that are registered without a group, in the order of their names.
    pub fn tasks(&self) -> Vec<Task> {
        self.group("").tasks()
    }

    /// The tasks that were registered in this group. There need not be one yet.
    pub fn group(&self, name: impl Into<Arc<str>>) -> Group {
        Group { scheduler: Arc::clone(self.scheduler()), name: name.into() }
    }

    /// The groups that have a registered task, in the order of their names.
    pub fn groups(&self) -> Vec<Arc<str>> {
        self.scheduler().registry.lock().groups()
    }

    /// The grace of instances whose task names none.
    pub fn grace(&self) -> Duration {
        self.scheduler().defaults().grace
    }

    /// Says whether a condition holds; one that was never set does not (F2).
    ///
    /// When it begins to hold, what waited for it may start. When it ceases to, what runs and wants that is cancelled
    /// (F3).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty name; [`Error::Forked`].
    pub fn set_condition(&self, name: &str, on: bool) -> Result<(), Error> {
        self.scheduler().refuse_forked()?;
        if name.is_empty() {
            return Err(Error::InvalidArgument {
                field: "name",
                problem: "is empty; a condition has a name",
            });
        }
        self.scheduler().set_condition(name, on);
        Ok(())
    }

    /// Whether a condition holds.
    pub fn condition(&self, name: &str) -> bool {
        self.scheduler().registry.lock().conditions.get(name).copied().unwrap_or_default()
    }

    /// Fires every task that is bound to the event, in the order of their registration, and tells how many took it.
    /// An event is an edge: tasks that are registered later do not see it (F6).
    ///
    /// What a task refuses, because it is busy or disabled, stands in its [`Task::explain`].
    ///
    /// # Errors
    /// [`Error::Closed`] when the host drains or is closed; [`Error::Forked`].
    pub fn raise_event(&self, name: &str, details: Details) -> Result<usize, Error> {
        self.scheduler().raise(name, details)
    }

    /// Suspends everything, for a cause if there is one: nothing starts, and what runs stays at its next checkpoint
    /// (S1). As many [`Host::resume`]s let it go on.
    pub fn suspend(&self, cause: impl Into<Option<Cause>>) {
        self.scheduler().suspend_all(cause.into());
    }

    /// Takes back one [`Host::suspend`]; one too many changes nothing.
    pub fn resume(&self) {
        self.scheduler().resume_all();
    }

    /// Whether the host as a whole is suspended.
    pub fn is_suspended(&self) -> bool {
        self.scheduler().registry.lock().level.is_suspended()
    }

    /// Calls `handler` for every event of every instance, on the host's events thread; the events of one instance come
    /// in order, and nothing comes after its Completed (E3). On a closed host the handler is dropped and never called.
    pub fn on_event(&self, handler: impl Fn(&InstanceEvent) + Send + Sync + 'static) -> Subscription {
        let scheduler = self.scheduler();
        // Declared before the lock, so that a handler nobody wants is dropped after it (law 1).
        let handler = Arc::new(handler);
        let registry = scheduler.registry.lock();
        if registry.state == HostState::Closed {
            drop(registry);
            return Subscription::ended();
        }
        scheduler.listeners.attach(handler, scheduler.log())
    }

    /// Everything that holds an instance by a deferral, instance by instance in the order of firing (H4).
    pub fn holders(&self) -> Vec<HeldInstance> {
        let living = self.scheduler().registry.lock().living();
        let mut all = Vec::with_capacity(living.len());
        self.scheduler().visit(&living, |instance| {
            let holders = instance.holders();
            if !holders.is_empty() {
                all.push(held(&instance, holders));
            }
        });
        all
    }

    /// What is there and what it does, at this moment (H3).
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self.scheduler())
    }

    /// Waits until every event that was caused before this call has been delivered (E7), by the machine's clock.
    /// `None` waits as long as it takes.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::WouldDeadlock`] from an entry point or callback of this host (E8).
    pub fn flush(&self, timeout: Option<Duration>) -> Result<(), Error> {
        self.scheduler().refuse_forked()?;
        self.refuse_inside("flush")?;
        let until = timeout.and_then(|timeout| Time::now().checked_add(timeout));
        if self.scheduler().events.flush(until) {
            return Ok(());
        }
        Err(Error::TimedOut { what: "the delivery of all events", after: timeout.unwrap_or_default() })
    }

    /// Moves a manual clock: stops at every due moment in order, lets happen what is due, waits until free workers have
    /// entered what was started, flushes, and goes on (H5). Does not wait for entry points to return.
    ///
    /// # Errors
    /// [`Error::NotManualClock`]; [`Error::WouldDeadlock`] from an entry point or callback of this host (E8);
    /// [`Error::TimedOut`] when a handler did not return within 30 seconds.
    pub fn advance(&self, by: Duration) -> Result<(), Error> {
        self.begin_advance(by)?.go_on(Duration::MAX).map(drop)
    }

    /// Begins what [`Host::advance`] does: the clock moves as [`Advance::go_on`] is called.
    ///
    /// # Errors
    /// [`Error::NotManualClock`].
    pub fn begin_advance(&self, by: Duration) -> Result<Advance, Error> {
        if !self.scheduler().clock.is_manual() {
            return Err(Error::NotManualClock);
        }
        Ok(Advance::begin(self.scheduler(), by))
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

    /// Waits for the end of the host, whoever begins it: until a drain or shutdown has begun and has come to its report,
    /// at most `timeout` by the machine's clock. So a main thread can stand here while a signal begins the shutdown.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::WouldDeadlock`] from an entry point or callback of this host (E8).
    pub fn wait(&self, timeout: Option<Duration>) -> Result<DrainReport, Error> {
        self.scheduler().refuse_forked()?;
        self.refuse_inside("wait")?;
        let give_up = timeout.and_then(|timeout| Time::now().checked_add(timeout));
        let Some(closing) = Closing::await_begun(self.scheduler(), give_up) else {
            return Err(Error::TimedOut { what: "the end of the host", after: timeout.unwrap_or_default() });
        };
        closing.wait(give_up.map(|until| until.saturating_duration_since(Time::now())))
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
        self.scheduler().stragglers().len()
    }

    pub(crate) fn scheduler(&self) -> &Arc<Scheduler> {
        &self.0
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
        write!(f, "Host({}, {} tasks, {} alive)", registry.state, registry.lines.len(), registry.alive)
    }
}

impl Instance {
    /// The host that runs it, unless the last handle of the host is gone and it is shutting down.
    ///
    /// Inside of entry points and handlers, this is the way to the host that does not keep it open (H2).
    pub fn host(&self) -> Option<Host> {
        let host = Arc::clone(self.home()).as_any().downcast::<Scheduler>();
        host.ok().and_then(|scheduler| WeakHost(Arc::downgrade(&scheduler)).upgrade())
    }
}

impl fmt::Debug for WeakHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WeakHost(…)")
    }
}

/// The tasks of one group of a host (G5). Like a [`Task`], it does not keep the host open.
#[derive(Clone)]
pub struct Group {
    scheduler: Arc<Scheduler>,
    name: Arc<str>,
}

impl Group {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The task that is registered in it under this name.
    pub fn task(&self, name: &str) -> Option<Task> {
        let definition = Arc::clone(&self.scheduler.registry.lock().find(&self.name, name)?.definition);
        Some(Task::new(definition, Arc::clone(&self.scheduler)))
    }

    /// The tasks that are registered in it, in the order of their names.
    pub fn tasks(&self) -> Vec<Task> {
        let definitions = self.scheduler.registry.lock().in_group(&self.name);
        definitions.into_iter().map(|task| Task::new(task, Arc::clone(&self.scheduler))).collect()
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({:?})", self.name)
    }
}
