//! What an instance needs of the host around it: told as a trait, so that instances stand below the host.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Moment;
use crate::completion::Completion;
use crate::definition::Definition;
use crate::events::Subject;
use crate::instance::{Inner, Instance};
use crate::notify::Report;
use crate::polling::Polling;
use crate::pool::Ticket;

/// The surroundings of an instance.
///
/// All of these are short, never block on user code and call none. Several are called under the instance's lock, so an
/// implementation must not take the lock of any instance.
pub(crate) trait Home: Send + Sync {
    /// Tells hosts apart.
    fn id(&self) -> u64;
    /// What time it is.
    fn now(&self) -> Moment;
    /// Abandons the instance at that moment if it is not finished by then (C6).
    fn arm_grace(&self, at: Moment, instance: Weak<Inner>);
    /// Queues an event for the events thread.
    fn post(&self, event: Event);
    /// The instance is finished: it leaves the list of the living, and its Completed event is queued (L2).
    fn retire(&self, instance: &Instance, completion: &Arc<Completion>);
    /// Gives the workers something to do.
    fn submit(&self, job: Job);
    /// The entry point of an abandoned instance still occupies its worker: replace that (C6).
    fn give_up_worker(&self, ticket: Ticket);
    /// The grace of instances whose task names none.
    fn default_grace(&self) -> Duration;
    /// Where a host says what nobody else would hear; runs user code, so it is called under no lock.
    fn log(&self) -> Report;
    /// The instance's grace is over: when the events thread is stuck in one of its handlers, go on without it (E9).
    fn give_up_handler(&self, instance: &Instance);
    /// A Canceled handler is about to be called although the grace is over: give it a moment, then go on (E9).
    fn arm_patience(&self, instance: Weak<Inner>);
    /// The host itself, for the floor above.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What workers do.
pub(crate) enum Job {
    /// Enter the entry point of an instance.
    Start(Instance),
    /// Go on with an async one.
    Poll(Arc<Polling>),
}

impl Job {
    pub(crate) fn run(self, worker: Ticket) {
        match self {
            Job::Start(instance) => instance.run(worker),
            Job::Poll(polling) => polling.poll(worker),
        }
    }
}

/// Something that handlers are told of.
pub(crate) enum Event {
    /// The instance was asked to stop; its Canceled handlers of that moment are called.
    Canceled(Instance),
    /// The instance's progress changed; the value is read when the event is delivered (E3).
    Progress(Instance),
    /// The instance ended; nothing comes after this (L2).
    Completed(Instance, Arc<Completion>),
    /// Something for the log, from where no user code may run.
    Log(String),
    /// Something that users may have a part in may go now, on the events thread (H8): a future, or the last reference to
    /// an instance with what its firing carried.
    Drop(Box<dyn Any + Send>),
    /// The task is unregistered and has no instance any more: its handlers and its entry point go.
    TaskEnded(Arc<Definition>),
}

impl Subject for Event {
    fn subject(&self) -> Option<usize> {
        match self {
            Event::Canceled(instance) | Event::Progress(instance) | Event::Completed(instance, _) => {
                Some(instance.address())
            }
            Event::Log(_) | Event::Drop(_) | Event::TaskEnded(_) => None,
        }
    }
}
