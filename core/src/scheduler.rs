//! What a host runs on: its mechanisms, and what instances ask of it.
//!
//! Order of locks: an instance's record → registry → queues of events, timer and pool. So no method that takes the
//! registry calls an instance while it holds it: lists are copied, the lock is let go, then the instances are called.

use std::any::Any;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};

use crate::sync::{Mutex, MutexGuard};

use crate::clock::{Clock, Moment};
use crate::completion::Completion;
use crate::definition::Definition;
use crate::delivering::{Listeners, deliver, say};
use crate::error::Error;
use crate::events::{Events, Turn};
use crate::home::{Defaults, Ended, Event, Home, InstanceDue, Job};
use crate::inside;
use crate::instance::{After, Inner, Instance, Place};
use crate::notify::Report;
use crate::pool::{Executor, Phase, Pool, Ticket};
use crate::registry::{Registry, Rest, Shutdown};
use crate::shield::shield_and_report;
use crate::state::HostState;
use crate::straggler::{Occupied, Straggler};
use crate::surround::Surround;
use crate::suspension::Level;
use crate::sync::Condvar;
use crate::threads::{AroundLife, Threads};
use crate::timer::{Key, Timer};

pub(crate) struct Scheduler {
    id: u64,
    /// The process that opened the host: in any other, a child made by fork, nothing of it works (H6).
    process: forkguard::Guard,
    defaults: Defaults,
    log: Report,
    pub(crate) clock: Arc<Clock>,
    pub(crate) threads: Threads,
    pub(crate) pool: Pool<Job, Occupied>,
    pub(crate) events: Events<Event, Occupied>,
    pub(crate) listeners: Listeners,
    pub(crate) timer: Timer<Due>,
    pub(crate) registry: Mutex<Registry>,
    /// Notified when the host is closed, and when the deadline of a drain is over on a manual clock.
    pub(crate) changed: Condvar,
    /// Instances that were given up while one of their handlers had hardly been called; for those who wait for the end of
    /// the host on a manual clock, which nobody may move any more.
    pub(crate) hanging: Mutex<Vec<Weak<Inner>>>,
    /// How many [`Host`](crate::Host) handles there are; what entry points capture of a scheduler does not count (H2).
    pub(crate) handles: AtomicUsize,
}

/// What a host is opened with.
pub(crate) struct Settings {
    pub(crate) workers: usize,
    pub(crate) defaults: Defaults,
    pub(crate) executor: Option<Executor>,
    pub(crate) surround: Surround,
    pub(crate) around_threads: Option<Arc<AroundLife>>,
    pub(crate) manual_clock: bool,
    pub(crate) log: Report,
}

/// What can fall due.
pub(crate) enum Due {
    /// Something of an instance.
    Instance(Place, InstanceDue),
    /// The grace of instances that were cancelled together (C6). Apart, as there may be a million entries of the others.
    Graces(Box<Graces>),
    /// A Canceled handler that began after the grace was over has had its moment (E9).
    Patience(Weak<Inner>),
    /// A clock trigger fires its task (F5).
    Firing(Weak<Definition>),
    /// The deadline of a shutdown is over (H2).
    Shutdown,
    /// Somebody who waits by this clock is to look again.
    Wake,
}

/// Instances that were cancelled together.
pub(crate) struct Graces {
    pub(crate) places: Vec<Place>,
    /// How many of them it still matters to.
    pub(crate) left: usize,
}

impl Due {
    /// It matters to one less; whether it matters to nobody any more.
    fn is_left(&mut self) -> bool {
        match self {
            Due::Graces(graces) => {
                graces.left = graces.left.saturating_sub(1);
                graces.left == 0
            }
            _ => true,
        }
    }
}

/// Calls what is ours and catches what users throw in it.
#[derive(Clone)]
struct Shielded {
    host: u64,
    log: Report,
}

impl Shielded {
    fn call(&self, code: impl FnOnce()) {
        let _inside = inside::callback(self.host);
        shield_and_report(|text| (self.log)(text), code);
    }
}

impl Scheduler {
    pub(crate) fn open(settings: Settings) -> Arc<Self> {
        static IDS: AtomicU64 = AtomicU64::new(1);
        let id = IDS.fetch_add(1, Ordering::Relaxed);
        let clock = Arc::new(if settings.manual_clock { Clock::manual() } else { Clock::real() });
        let threads = Threads::within(settings.around_threads);
        let log: Report = Arc::new(move |text| say(&*settings.log, text));
        let listeners = Listeners::default();
        let events = Events::new(threads.clone(), settings.surround.clone(), {
            let (log, listeners) = (Arc::clone(&log), Arc::clone(&listeners));
            move |event, turn: &Turn<'_, Event, Occupied>| {
                let _inside = inside::callback(id);
                shield_and_report(|text| log(text), || deliver(event, turn, &listeners, &log));
            }
        });
        // What these run is ours and catches what users throw; shield and frame are for what users leave behind to be
        // dropped (H8).
        let shielded = Shielded { host: id, log: Arc::clone(&log) };
        let (run, refuse, fall) = (shielded.clone(), shielded.clone(), shielded);
        let pool = Pool::new(
            settings.workers,
            settings.executor,
            threads.clone(),
            settings.surround,
            move |job: Job, worker| run.call(|| job.run(worker)),
            move |job: Job| refuse.call(|| job.refuse()),
        );
        let new = |me: &Weak<Self>| {
            let me = Weak::clone(me);
            let timer = Timer::new(Arc::clone(&clock), threads.clone(), move |due: Due| {
                fall.call(|| {
                    if let Some(scheduler) = me.upgrade() {
                        scheduler.fall_due(due);
                    }
                });
            });
            Self {
                id,
                process: forkguard::Guard::default(),
                defaults: settings.defaults,
                log,
                clock,
                threads,
                pool,
                events,
                listeners,
                timer,
                registry: Mutex::new(Registry::new()),
                changed: Condvar::new(),
                hanging: Mutex::default(),
                handles: AtomicUsize::new(1),
            }
        };
        Arc::new_cyclic(new)
    }

    /// Whether anybody listens to the instances of this task.
    fn is_watched(&self, definition: &Definition) -> bool {
        !definition.on_completed.are_none() || !definition.on_progress.are_none() || self.is_listened_to()
    }

    /// Whether an instance that the pool has come to may start, as far as its task and its host go; if not, it waits again
    /// (F2, S1).
    fn may_start(&self, instance: &Instance) -> bool {
        let definition = instance.definition();
        let mut registry = self.registry.lock();
        let may_start = registry.line(definition).is_some_and(|line| registry.lets_start(line));
        if may_start && !instance.is_held_back() {
            return true;
        }
        if let Some(line) = registry.line_mut(definition) {
            line.take_back(instance);
            // Another one may go instead, if this one alone is held back.
            registry.start_what_may(definition, &self.pool);
        }
        false
    }

    /// The threads that user code still occupies although they were given up.
    pub(crate) fn stragglers(&self) -> Vec<Straggler> {
        let now = self.clock.now();
        let occupied = self.pool.stragglers().into_iter().chain(self.events.stragglers());
        occupied.map(|occupied| occupied.at(now)).collect()
    }

    /// Closed means: Draining, and nothing alive. This is the one way there: whoever holds the registry and finds
    /// nothing alive calls it.
    pub(crate) fn close_if_over(&self, registry: &mut MutexGuard<'_, Registry>) {
        if registry.state != HostState::Draining || registry.alive > 0 {
            return;
        }
        registry.state = HostState::Closed;
        for definition in registry.lines_where(|line| line.definition.counts.is_registered()) {
            registry.take_name(&definition);
            self.end_line_if_over(registry, &definition);
        }
        if self.is_listened_to() {
            self.events.post(Event::HostEnded);
        }
        self.pool.close();
        self.timer.close();
        self.events.close();
        self.changed.notify_all();
    }

    /// A task has ended when it is unregistered and has no living instance; that is posted once, after its last
    /// Completed.
    pub(crate) fn end_line_if_over(
        &self,
        registry: &mut MutexGuard<'_, Registry>,
        definition: &Arc<Definition>,
    ) {
        let is_over = registry.line(definition).is_some_and(|line| line.living.is_empty());
        if is_over && !definition.counts.is_registered() {
            registry.lines.remove(definition.place());
            definition.counts.ended.store(true, Ordering::Relaxed);
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

    fn coarse(&self) -> Moment {
        self.clock.coarse()
    }

    fn defaults(&self) -> &Defaults {
        &self.defaults
    }

    fn log(&self) -> Report {
        Arc::clone(&self.log)
    }

    fn refuse_forked(&self) -> Result<(), Error> {
        // The guard that says so remembers it, so a copy is asked.
        if self.process.clone().detected_fork() { Err(Error::Forked) } else { Ok(()) }
    }

    fn arm(&self, at: Moment, instance: Place, what: InstanceDue) -> Option<Key> {
        self.timer.arm(at, Due::Instance(instance, what))
    }

    fn arm_patience(&self, at: Moment, instance: Weak<Inner>) -> Option<Key> {
        self.timer.arm(at, Due::Patience(instance))
    }

    fn disarm(&self, key: Key) {
        self.timer.disarm_if(key, Due::is_left);
    }

    fn post(&self, event: Event) {
        self.events.post(event);
    }

    fn is_listened_to(&self) -> bool {
        !self.listeners.are_none()
    }

    fn give_up_handler(&self, instance: &Instance) {
        if self.events.give_up(instance.address(), || Occupied::by(instance, true)) {
            let (task, id) = (&instance.definition().says, instance.id());
            let text = format!(
                "a handler of {task} {id} still runs although the grace is over; events go on without it"
            );
            self.events.post(Event::Log(text));
        } else if self.events.is_delivering(instance.address()) {
            // The thread is between two handlers, and the next one may be stuck.
            instance.arm_patience();
        }
    }

    fn give_up_handler_soon(&self, instance: &Instance) {
        if self.events.is_delivering(instance.address()) {
            if self.clock.is_manual() {
                self.hanging.lock().push(instance.downgrade());
            }
            instance.arm_patience();
        }
    }

    fn enter(&self, instance: &Instance) -> bool {
        let definition = instance.definition();
        let is_free = definition.counts.free.load(Ordering::Relaxed) && !instance.is_held_back();
        if !is_free && !self.may_start(instance) {
            return false;
        }
        definition.counts.started();
        true
    }

    fn retire(&self, instance: &Instance, ended: Ended, completion: &Arc<Completion>, after: &mut After) {
        let definition = instance.definition();
        let event = || Event::Completed(instance.clone(), Arc::clone(completion));
        let told = (ended.is_heard || self.is_watched(definition)).then(event);
        let mut registry = self.registry.lock();
        // Handlers of tasks and hosts are attached under this lock: none that was there before is missed.
        let told = told.or_else(|| self.is_watched(definition).then(event));
        let rest = registry.remove(instance, ended.has_started, completion.outcome);
        if rest == Rest::Goes && registry.state == HostState::Open {
            // As a rule nothing follows from it. Still under the lock: whoever closes the host finds it told.
            let is_unseen = told.is_some_and(|told| self.events.put(told));
            drop(registry);
            if is_unseen {
                self.events.see_to_it();
            }
            return;
        }
        if registry.line(definition).is_some_and(|line| line.shot == Some(instance.place().number))
            && definition.counts.is_registered()
        {
            // Before Completed is told, so that its handlers find the name free; the task's end comes behind it (F5).
            registry.take_name(definition);
        }
        if let Some(told) = told {
            self.events.post(told);
        }
        self.end_line_if_over(&mut registry, definition);
        registry.start_what_may(definition, &self.pool);
        after.hand_out = true;
        if registry.state != HostState::Open {
            registry.tally.count(completion);
            after.abandon_left = registry.only_left_are_alive();
            self.close_if_over(&mut registry);
        }
    }

    fn look_for_work(&self, definition: &Definition) {
        self.registry.lock().start_what_may(definition, &self.pool);
    }

    fn suspended_by(&self, definition: &Definition) -> Level {
        let registry = self.registry.lock();
        registry.line(definition).map_or(registry.level, |line| registry.level.with(line.level))
    }

    fn abandon_left(&self) {
        let left = {
            let mut registry = self.registry.lock();
            if !registry.only_left_are_alive() {
                return;
            }
            // Once: the end of each of them comes here again.
            registry.raise_shutdown(Shutdown::Over);
            registry.living()
        };
        self.abandon(&left);
    }

    fn submit(&self, job: Job) {
        self.pool.submit(job);
    }

    fn hand_out(&self) {
        self.pool.hand_out();
    }

    fn mark(&self, worker: Ticket, phase: Phase) {
        // Only `advance` asks how far jobs are.
        if self.clock.is_manual() {
            self.pool.mark(worker, phase);
        }
    }

    fn give_up_worker(&self, worker: Ticket, instance: &Instance) {
        self.pool.replace(worker, Occupied::by(instance, false));
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

impl Scheduler {
    /// Something has fallen due, on the timer's thread or on that of who moves a manual clock.
    fn fall_due(self: &Arc<Self>, due: Due) {
        match due {
            Due::Instance(place, what) => {
                let instance = self.registry.lock().at(place).cloned();
                if let Some(instance) = instance {
                    instance.fall_due(what);
                    // The timer never runs what users leave behind to be dropped (timer, invariant 4).
                    self.post(Event::Drop(Box::new(instance)));
                }
            }
            Due::Graces(graces) => {
                self.visit_and_keep(&graces.places, |instance| instance.fall_due(InstanceDue::Grace));
            }
            Due::Patience(inner) => {
                if let Some(instance) = Instance::revive(&inner) {
                    self.give_up_handler(&instance);
                    self.post(Event::Drop(Box::new(instance)));
                }
            }
            Due::Firing(definition) => {
                if let Some(definition) = definition.upgrade() {
                    self.fire_by_clock(&definition);
                    self.post(Event::Drop(Box::new(definition)));
                }
            }
            Due::Shutdown => self.abandon_all(),
            Due::Wake => {
                // Under the lock, so that who is about to wait does not miss it.
                let _registry = self.registry.lock();
                self.changed.notify_all();
            }
        }
    }
}
