//! A registered task.

use std::fmt;
use std::sync::Arc;

use crate::completion::Completion;
use crate::definition::Definition;
use crate::details::Details;
use crate::error::Error;
use crate::home::Home;
use crate::instance::{Instance, Progress};
use crate::notify::{Handlers, Subscription};
use crate::scheduler::Scheduler;
use crate::suspension::Cause;
use crate::trigger::FireAnswer;

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
        &self.definition.says.name
    }

    /// The group that it was registered in (G5).
    pub fn group(&self) -> Option<&str> {
        self.definition.says.group.as_deref()
    }

    /// Makes an instance, Pending or already Running, which carries `details`; or gives back the Pending one that the
    /// firing was merged with (F4).
    ///
    /// # Errors
    /// [`Error::Closed`] when the host drains or is closed, [`Error::Unregistered`],
    /// [`Error::CurrentlyRunning`] when the task is busy and its policy says to refuse (F4), [`Error::Disabled`] (G6),
    /// [`Error::OutOfMemory`] when no worker thread can be had, [`Error::Forked`].
    pub fn fire(&self, details: Details) -> Result<Instance, Error> {
        Ok(self.fire_with_answer(details)?.0)
    }

    /// The same, and tells what became of the firing (F1).
    ///
    /// ```
    /// # use backstay::{Details, FireAnswer, Host, TaskBuilder, WaitingFor};
    /// # let host = Host::new();
    /// let sync = TaskBuilder::new("sync").condition("network").run(|_| Ok(())).register(&host)?;
    /// let (instance, answer) = sync.fire_with_answer(Details::none())?;
    /// assert_eq!(answer, FireAnswer::Waiting(WaitingFor::Conditions(vec!["network".into()])));
    /// host.set_condition("network", true)?;
    /// instance.wait(None)?.check()?;
    /// # Ok::<(), backstay::Error>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Task::fire`].
    pub fn fire_with_answer(&self, details: Details) -> Result<(Instance, FireAnswer), Error> {
        let mut details = details;
        self.scheduler.fire(&self.definition, &mut details)
    }

    /// Says in words why no instance of the task is starting now, and when the next firing comes: for a person who
    /// wonders (F1).
    pub fn explain(&self) -> String {
        self.scheduler.explain(&self.definition)
    }

    /// Suspends the task with all its instances, for a cause if there is one: firings wait as Pending, and what runs
    /// stays at its next checkpoint (S1). As many [`Task::resume`]s let it go on.
    pub fn suspend(&self, cause: impl Into<Option<Cause>>) {
        self.scheduler.suspend_task(&self.definition, cause.into());
    }

    /// Takes back one [`Task::suspend`]; one too many changes nothing.
    pub fn resume(&self) {
        self.scheduler.resume_task(&self.definition);
    }

    /// Whether the task itself is suspended; its host may be as well.
    pub fn is_suspended(&self) -> bool {
        let registry = self.scheduler.registry.lock();
        registry.line(&self.definition).is_some_and(|line| line.level.is_suspended())
    }

    /// Whether it failed too often in a row and takes no firings (G6).
    pub fn is_disabled(&self) -> bool {
        let registry = self.scheduler.registry.lock();
        registry.line(&self.definition).is_some_and(|line| line.disabled)
    }

    /// Lets a disabled task take firings again; the count of failures begins anew (G6).
    ///
    /// # Errors
    /// [`Error::Unregistered`].
    pub fn enable(&self) -> Result<(), Error> {
        self.scheduler.enable(&self.definition)
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
        if Scheduler::has_ended(&self.definition) {
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
        self.definition.counts.is_registered()
    }

    /// How many of its instances are Running.
    pub fn running(&self) -> usize {
        self.definition.counts.running()
    }

    /// How many of its instances are Pending.
    pub fn pending(&self) -> usize {
        self.definition.counts.pending()
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
        write!(
            f,
            "Task({}, {} running, {} pending{registered})",
            self.definition.says,
            self.running(),
            self.pending()
        )
    }
}
