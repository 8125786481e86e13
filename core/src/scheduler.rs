//! What a host runs on: its mechanisms, and the list of what is registered and alive.
//!
//! Invariants:
//!
//! 1. An instance is in `living` from its firing until it is finished; who fires and who closes agree on that under
//!    the registry's lock. So a close sees every instance whose firing was accepted.
//! 2. Closed means: Draining, and nothing living. The one who takes the last instance off the list closes.
//! 3. A task has ended when it is unregistered and has no living instance; that is posted once, after its last
//!    Completed.
//!
//! Order of locks: an instance's record → registry → queues of events, timer and pool. So no method that takes the
//! registry calls an instance while it holds it: lists are copied, the lock is let go, then the instances are called.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::{Condvar, Mutex, MutexGuard};
use slab::Slab;

use crate::clock::{Clock, Moment};
use crate::completion::Completion;
use crate::definition::Definition;
use crate::details::Details;
use crate::error::Error;
use crate::events::{Events, Turn};
use crate::home::{Event, Home, Job};
use crate::inside;
use crate::instance::{Inner, Instance, Progress};
use crate::notify::{Handlers, Report};
use crate::pool::{Pool, Ticket};
use crate::reason::CancelReason;
use crate::shield::{shield, shield_and_report};
use crate::shutdown::Tally;
use crate::state::{HostState, State};
use crate::threads::Threads;
use crate::timer::Timer;

/// How long, by the host's clock, a Canceled handler that is called after the grace was over keeps Completed back.
const PATIENCE: Duration = Duration::from_millis(100);

pub(crate) struct Scheduler {
    id: u64,
    default_grace: Duration,
    log: Report,
    pub(crate) clock: Arc<Clock>,
    pub(crate) threads: Threads,
    pub(crate) pool: Pool<Job>,
    pub(crate) events: Events<Event>,
    pub(crate) timer: Timer<Due>,
    pub(crate) registry: Mutex<Registry>,
    /// Notified when the host is closed, and when the deadline of a drain is over on a manual clock.
    pub(crate) changed: Condvar,
}

pub(crate) struct Registry {
    pub(crate) state: HostState,
    pub(crate) tasks: HashMap<Arc<str>, Arc<Definition>>,
    pub(crate) living: Slab<Instance>,
    /// What has finished since the host began to drain.
    pub(crate) tally: Tally,
}

/// What can fall due.
pub(crate) enum Due {
    /// The grace of a cancelled instance is over (C6).
    Grace(Weak<Inner>),
    /// A Canceled handler that began after the grace was over has had its moment (E9).
    Patience(Weak<Inner>),
    /// The deadline of a shutdown is over (H2).
    Shutdown(Weak<Scheduler>),
    /// Somebody who waits by this clock is to look again.
    Wake(Weak<Scheduler>),
}

impl Scheduler {
    pub(crate) fn new(workers: usize, default_grace: Duration, clock: Clock, log: Report) -> Arc<Self> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let clock = Arc::new(clock);
        let threads = Threads::default();
        let log: Report = Arc::new(move |text| say(&*log, text));
        let events = Events::new(threads.clone(), {
            let log = Arc::clone(&log);
            move |event, turn: &Turn<'_, Event>| {
                let _inside = inside::callback(id);
                shield_and_report(|text| log(text), || deliver(event, turn, &log));
            }
        });
        // What these two run is ours and catches what users throw; shield and frame are for what users leave behind to
        // be dropped (H8).
        let pool = Pool::new(workers, threads.clone(), {
            let log = Arc::clone(&log);
            move |job: Job, worker| {
                let _inside = inside::callback(id);
                shield_and_report(|text| log(text), move || job.run(worker));
            }
        });
        let timer = Timer::new(Arc::clone(&clock), threads.clone(), {
            let log = Arc::clone(&log);
            move |due: Due| {
                let _inside = inside::callback(id);
                shield_and_report(|text| log(text), move || due.fall());
            }
        });
        let registry = Registry {
            state: HostState::Open,
            tasks: HashMap::new(),
            living: Slab::new(),
            tally: Tally::default(),
        };
        Arc::new(Self {
            id,
            default_grace,
            log,
            clock,
            threads,
            pool,
            events,
            timer,
            registry: Mutex::new(registry),
            changed: Condvar::new(),
        })
    }

    pub(crate) fn register(&self, definition: Arc<Definition>) -> Result<(), Error> {
        let mut registry = self.registry.lock();
        registry.refuse_unless_open()?;
        if registry.tasks.contains_key(&definition.name) {
            return Err(Error::NameTaken { name: definition.name.to_string() });
        }
        definition.counts.registered.store(true, Ordering::Relaxed);
        registry.tasks.insert(Arc::clone(&definition.name), definition);
        Ok(())
    }

    /// The task's name is free when this returns. What waits is cancelled, and with `cancel` what runs as well (G3).
    pub(crate) fn unregister(&self, definition: &Arc<Definition>, cancel: bool) -> Result<(), Error> {
        let instances = {
            let mut registry = self.registry.lock();
            definition.refuse_unless_registered()?;
            definition.counts.registered.store(false, Ordering::Relaxed);
            registry.tasks.remove(&definition.name);
            self.end_task_if_over(definition);
            registry.living_of(definition)
        };
        for instance in instances {
            if cancel {
                instance.cancel(CancelReason::Abort);
            } else {
                instance.cancel_if_pending(CancelReason::Abort);
            }
        }
        Ok(())
    }

    /// Makes an instance and hands it to the workers.
    pub(crate) fn fire(
        self: &Arc<Self>,
        definition: &Arc<Definition>,
        details: Details,
    ) -> Result<Instance, Error> {
        let instance = {
            let mut registry = self.registry.lock();
            registry.refuse_unless_open()?;
            definition.refuse_unless_registered()?;
            let counts = &definition.counts;
            let pending = counts.pending.load(Ordering::Relaxed);
            if pending >= definition.max_pending {
                return Err(Error::CurrentlyRunning { task: definition.name.to_string(), pending });
            }
            // Last of the checks: a refused firing starts no thread (H1).
            self.pool
                .ready()
                .map_err(|error| Error::OutOfMemory { what: format!("no worker thread: {error}") })?;
            let home: Arc<dyn Home> = Arc::<Self>::clone(self);
            let place = registry.living.vacant_key();
            let instance = Instance::new(home, Arc::clone(definition), details, place);
            registry.living.insert(instance.clone());
            counts.pending.fetch_add(1, Ordering::Relaxed);
            counts.alive.fetch_add(1, Ordering::Relaxed);
            instance
        };
        self.pool.submit(Job::Start(instance.clone()));
        Ok(instance)
    }

    /// How many threads user code still occupies although they were given up.
    pub(crate) fn stragglers(&self) -> usize {
        self.pool.stragglers() + self.events.stragglers()
    }

    /// The one way to Closed (invariant 2): whoever holds the registry and finds nothing living calls this.
    pub(crate) fn close_if_over(&self, registry: &mut MutexGuard<'_, Registry>) {
        if registry.state != HostState::Draining || !registry.living.is_empty() {
            return;
        }
        registry.state = HostState::Closed;
        for (_, definition) in registry.tasks.drain() {
            definition.counts.registered.store(false, Ordering::Relaxed);
            self.end_task_if_over(&definition);
        }
        self.pool.close();
        self.timer.close();
        self.events.close();
        self.changed.notify_all();
    }

    /// Called under the registry's lock, which guards both counts (invariant 3).
    fn end_task_if_over(&self, definition: &Arc<Definition>) {
        let counts = &definition.counts;
        if !counts.registered.load(Ordering::Relaxed) && counts.alive.load(Ordering::Relaxed) == 0 {
            self.events.post(Event::TaskEnded(Arc::clone(definition)));
        }
    }
}

impl Home for Scheduler {
    fn id(&self) -> u64 {
        self.id
    }

    fn now(&self) -> Moment {
        self.clock.now()
    }

    fn arm_grace(&self, at: Moment, instance: Weak<Inner>) {
        self.timer.arm(at, Due::Grace(instance));
    }

    fn post(&self, event: Event) {
        self.events.post(event);
    }

    fn retire(&self, instance: &Instance, completion: &Arc<Completion>) {
        let mut registry = self.registry.lock();
        registry.living.try_remove(instance.place());
        let definition = instance.definition();
        definition.counts.alive.fetch_sub(1, Ordering::Relaxed);
        self.events.post(Event::Completed(instance.clone(), Arc::clone(completion)));
        self.end_task_if_over(definition);
        if registry.state != HostState::Open {
            registry.tally.count(completion);
            self.close_if_over(&mut registry);
        }
    }

    fn submit(&self, job: Job) {
        self.pool.submit(job);
    }

    fn give_up_worker(&self, ticket: Ticket) {
        self.pool.replace(ticket);
    }

    fn default_grace(&self) -> Duration {
        self.default_grace
    }

    fn log(&self) -> Report {
        Arc::clone(&self.log)
    }

    fn give_up_handler(&self, instance: &Instance) {
        if self.events.give_up(instance.address()) {
            let (task, id) = (&instance.definition().name, instance.id());
            let text = format!(
                "a handler of {task} {id} still runs although the grace is over; events go on without it"
            );
            self.events.post(Event::Log(text));
        }
    }

    fn arm_patience(&self, instance: Weak<Inner>) {
        self.timer.arm(self.clock.now().plus(PATIENCE), Due::Patience(instance));
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Registry {
    pub(crate) fn living(&self) -> Vec<Instance> {
        self.living.iter().map(|(_, instance)| instance.clone()).collect()
    }

    fn living_of(&self, definition: &Arc<Definition>) -> Vec<Instance> {
        let of_task = |instance: &&Instance| Arc::ptr_eq(instance.definition(), definition);
        self.living.iter().map(|(_, instance)| instance).filter(of_task).cloned().collect()
    }

    /// From now on nothing is registered or fired (H2).
    pub(crate) fn refuse_new(&mut self) {
        if self.state == HostState::Open {
            self.state = HostState::Draining;
        }
    }

    fn refuse_unless_open(&self) -> Result<(), Error> {
        match self.state {
            HostState::Open => Ok(()),
            state => Err(Error::Closed { state }),
        }
    }
}

impl Definition {
    fn refuse_unless_registered(&self) -> Result<(), Error> {
        if self.counts.registered.load(Ordering::Relaxed) {
            Ok(())
        } else {
            Err(Error::Unregistered { task: self.name.to_string() })
        }
    }
}

impl Due {
    fn fall(self) {
        match self {
            Due::Grace(inner) => {
                if let Some(instance) = Instance::revive(&inner) {
                    instance.abandon();
                    // The timer never runs what users leave behind to be dropped (timer, invariant 4).
                    let home = Arc::clone(instance.home());
                    home.post(Event::Drop(Box::new(instance)));
                }
            }
            Due::Patience(inner) => {
                if let Some(instance) = Instance::revive(&inner) {
                    let home = Arc::clone(instance.home());
                    home.give_up_handler(&instance);
                    home.post(Event::Drop(Box::new(instance)));
                }
            }
            Due::Shutdown(scheduler) => {
                if let Some(scheduler) = scheduler.upgrade() {
                    scheduler.abandon_all();
                }
            }
            Due::Wake(scheduler) => {
                if let Some(scheduler) = scheduler.upgrade() {
                    // Under the lock, so that who is about to wait does not miss it.
                    let _registry = scheduler.registry.lock();
                    scheduler.changed.notify_all();
                }
            }
        }
    }
}

/// Calls the handlers of one event, on the events thread, under no lock, while it is this thread's turn.
fn deliver(event: Event, turn: &Turn<'_, Event>, log: &Report) {
    match event {
        Event::Canceled(instance) => {
            let reason = instance.canceled();
            while !turn.is_over()
                && let Some(slot) = instance.take_canceled_handler()
            {
                if instance.state() == State::Finished {
                    instance.arm_patience();
                }
                if let Some(reason) = &reason {
                    slot.call(reason);
                }
                // It is called at most once, so what it captured can go now (E4).
                slot.detach();
            }
        }
        Event::Progress(instance) => {
            if let Some(progress) = instance.take_progress() {
                let progress = Progress { instance: instance.clone(), progress };
                tell(&instance.definition().on_progress, &progress, turn);
            }
        }
        Event::Completed(instance, completion) => {
            instance.set_told();
            while let Some(slot) = instance.take_canceled_handler() {
                slot.detach();
            }
            tell(&instance.definition().on_completed, &*completion, turn);
        }
        Event::Log(text) => log(&text),
        Event::Drop(something) => drop(something),
        Event::TaskEnded(definition) => {
            definition.on_progress.take().iter().for_each(|slot| slot.detach());
            definition.on_completed.take().iter().for_each(|slot| slot.detach());
            drop(definition.take_entry_point());
        }
    }
}

fn tell<A: 'static>(handlers: &Handlers<A>, what: &A, turn: &Turn<'_, Event>) {
    for slot in handlers.all() {
        if turn.is_over() {
            return;
        }
        slot.call(what);
    }
}

/// One line for the log. The log is user code as well: what it throws is dropped, since there is nobody left to tell.
fn say(log: &(dyn Fn(&str) + Send + Sync), text: &str) {
    let line = text.lines().collect::<Vec<_>>().join(" | ");
    let _ = shield(|| log(&line));
}
