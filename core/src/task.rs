//! A registered task.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::completion::Completion;
use crate::definition::Definition;
use crate::details::Details;
use crate::error::Error;
use crate::home::Home;
use crate::instance::{Instance, Progress};
use crate::notify::{Handlers, Subscription};
use crate::scheduler::Scheduler;

/// A registered task: fire it to make an instance.
///
/// A handle: clones name the same task and may be used from any thread (E1). Dropping the last one ends nothing; the
/// task stays registered until it is unregistered or its host closes.
#[derive(Clone)]
pub struct Task {
    definition: Arc<Definition>,
    scheduler: Arc<Scheduler>,
}

impl Task {
    pub(crate) fn new(definition: Arc<Definition>, scheduler: Arc<Scheduler>) -> Self {
        Self { definition, scheduler }
    }

    /// The name that it was registered under.
    pub fn name(&self) -> &str {
        &self.definition.name
    }

    /// Makes an instance, Pending or already Running, which carries `details`.
    ///
    /// Instances run in parallel, as many at once as the host has workers; the others wait in the order of firing.
    ///
    /// # Errors
    /// [`Error::Closed`] when the host drains or is closed, [`Error::Unregistered`],
    /// [`Error::CurrentlyRunning`] when as many instances are waiting as may (F4), [`Error::OutOfMemory`] when no
    /// worker thread can be had.
    pub fn fire(&self, details: Details) -> Result<Instance, Error> {
        self.scheduler.fire(&self.definition, details)
    }

    /// Calls `handler` for the progress of every instance of this task, on the host's events thread. Values that
    /// come faster than they are delivered are left out, the latest one never (E3).
    ///
    /// On a task that has ended, the handler is dropped and never called.
    pub fn on_progress(&self, handler: impl Fn(&Progress) + Send + Sync + 'static) -> Subscription {
        self.attach(&self.definition.on_progress, Arc::new(handler))
    }

    /// Calls `handler` once for every instance of this task that ends, on the host's events thread (L2).
    ///
    /// On a task that has ended, the handler is dropped and never called.
    pub fn on_completed(&self, handler: impl Fn(&Completion) + Send + Sync + 'static) -> Subscription {
        self.attach(&self.definition.on_completed, Arc::new(handler))
    }

    fn attach<A: 'static>(&self, to: &Handlers<A>, handler: Arc<dyn Fn(&A) + Send + Sync>) -> Subscription {
        // Under the lock that decides whether the task has ended, so that no handler is attached after it has.
        let registry = self.scheduler.registry.lock();
        if !self.is_registered() && self.definition.counts.alive.load(Ordering::Relaxed) == 0 {
            drop(registry);
            return Subscription::ended();
        }
        to.attach(handler, self.scheduler.log())
    }

    /// Takes the task off the host; its name is free when this returns (G3).
    ///
    /// What is Pending is cancelled with Abort; what is Running is cancelled with Abort too if `cancel`, else it
    /// finishes. Handlers stay attached until the last instance has finished. A task may unregister itself (G4).
    ///
    /// # Errors
    /// [`Error::Unregistered`] when that was done before, also by the close of the host.
    pub fn unregister(&self, cancel: bool) -> Result<(), Error> {
        self.scheduler.unregister(&self.definition, cancel)
    }

    /// Whether the task can be fired, as far as its registration goes.
    pub fn is_registered(&self) -> bool {
        self.definition.counts.registered.load(Ordering::Relaxed)
    }

    /// How many of its instances are Running.
    pub fn running(&self) -> usize {
        self.definition.counts.running.load(Ordering::Relaxed)
    }

    /// How many of its instances are Pending.
    pub fn pending(&self) -> usize {
        self.definition.counts.pending.load(Ordering::Relaxed)
    }
}

impl Instance {
    /// The task that this is an execution of.
    ///
    /// # Panics
    /// Never: instances are made by hosts only.
    pub fn task(&self) -> Task {
        let host = Arc::clone(self.home()).as_any().downcast::<Scheduler>();
        // Scheduler is the only home there is.
        let scheduler = host.unwrap_or_else(|_| unreachable!("an instance lives in a scheduler"));
        Task::new(Arc::clone(self.definition()), scheduler)
    }
}

/// Two handles are equal when they name the same registration.
impl PartialEq for Task {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.definition, &other.definition)
    }
}

impl Eq for Task {}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let registered = if self.is_registered() { "" } else { ", unregistered" };
        write!(f, "Task({}, {} running, {} pending{registered})", self.name(), self.running(), self.pending())
    }
}
