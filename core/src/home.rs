//! What an instance needs of the host around it: told as a trait, so that instances stand below the host.

use std::any::Any;
use std::sync::{Arc, Weak};
use std::time::Duration;

use crate::clock::Moment;
use crate::completion::Completion;
use crate::definition::Definition;
use crate::error::Error;
use crate::event::InstanceEvent;
use crate::events::Subject;
use crate::holders::HolderKey;
use crate::instance::{After, Inner, Instance, Place};
use crate::notify::Report;
use crate::polling::Polling;
use crate::pool::{Phase, Ticket};
use crate::reason::CancelReason;
use crate::suspension::Level;
use crate::timer::Key;

/// The surroundings of an instance.
///
/// All of these are short, never block on user code and, but for [`Home::hand_out`] and [`Home::abandon_left`], call
/// none. Several are called under the instance's lock, so an implementation must not take the lock of any instance.
pub(crate) trait Home: Send + Sync {
    /// Tells hosts apart.
    fn id(&self) -> u64;
    /// What time it is.
    fn now(&self) -> Moment;
    /// The same, cheaper and to within a tick of the system (`Clock::coarse`).
    fn coarse(&self) -> Moment;
    /// What instances are told by default.
    fn defaults(&self) -> &Defaults;
    /// Where a host says what nobody else would hear; runs user code, so it is called under no lock.
    fn log(&self) -> Report;
    /// Refuses when this process is a child made by fork (H6).
    fn refuse_forked(&self) -> Result<(), Error>;

    /// Lets something fall due for the instance.
    fn arm(&self, at: Moment, instance: Place, what: InstanceDue) -> Option<Key>;
    /// Lets the patience with a handler of the instance, which may be finished, come to an end (E9).
    fn arm_patience(&self, at: Moment, instance: Weak<Inner>) -> Option<Key>;
    /// Takes that back; it may be too late.
    fn disarm(&self, key: Key);

    /// Queues an event for the events thread.
    fn post(&self, event: Event);
    /// Whether anybody listens to the events of all instances.
    fn is_listened_to(&self) -> bool;
    /// The grace of the instance is over: when the events thread is stuck in one of its handlers, go on without it
    /// (E9).
    fn give_up_handler(&self, instance: &Instance);
    /// The same after a moment, which a handler that was just called may take.
    fn give_up_handler_soon(&self, instance: &Instance);

    /// Whether the instance may start at this moment; if so it counts as running from now on, else it waits again (F2,
    /// S1). Called under the instance's lock.
    fn enter(&self, instance: &Instance) -> bool;
    /// The instance is finished: it leaves the list of the living, its Completed event is queued, and what waited for
    /// its end is started (L2).
    fn retire(&self, instance: &Instance, ended: Ended, completion: &Arc<Completion>, after: &mut After);
    /// Something that kept instances of the task from starting may be gone.
    fn look_for_work(&self, definition: &Definition);
    /// How far the task and the host are suspended.
    fn suspended_by(&self, definition: &Definition) -> Level;
    /// Nothing is alive that a shutdown waits for: what is left is abandoned (H2). Locks instances.
    fn abandon_left(&self);

    /// Gives the workers something to do. Once no lock is held, `hand_out` is to be called.
    fn submit(&self, job: Job);
    /// Wakes a worker for what was submitted, or hands it to the application's executor, if there is one; runs user code.
    fn hand_out(&self);
    /// How far a worker is with its job.
    fn mark(&self, worker: Ticket, phase: Phase);
    /// The entry point of an abandoned instance still occupies its worker: replace that (C6).
    fn give_up_worker(&self, worker: Ticket, instance: &Instance);

    /// The host itself, for the floor above.
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What a host needs to know of an instance that has ended.
#[derive(Clone, Copy)]
pub(crate) struct Ended {
    pub(crate) has_started: bool,
    /// Whether the events thread has to know of it, also when nobody listens to its task or its host.
    pub(crate) is_heard: bool,
}

/// What a host says of instances whose task or deferral says nothing.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    /// How long a cancelled instance may take (C6).
    pub(crate) grace: Duration,
    /// From which age on a deferral is reported (H4).
    pub(crate) overdue_after: Option<Duration>,
    /// Whether the taking of a deferral captures the calls that led to it (H4).
    pub(crate) captures_stacks: bool,
}

/// What can fall due for an instance.
#[derive(Clone, Copy, Debug)]
pub(crate) enum InstanceDue {
    /// Its time to run is over (C7).
    Deadline,
    /// Its grace is over (C6).
    Grace,
    /// One of its deferrals is as old as it should ever be (H4).
    Overdue(HolderKey),
}

/// What workers do.
pub(crate) enum Job {
    /// Enter the entry point of an instance. Weak: what is finished before a worker is free does not wait for one.
    Start(Weak<Inner>),
    /// Go on with an async one.
    Poll(Arc<Polling>),
}

impl Job {
    pub(crate) fn run(self, worker: Ticket) {
        match self {
            Job::Start(inner) => {
                if let Some(instance) = Instance::revive(&inner) {
                    instance.run(worker);
                }
            }
            Job::Poll(polling) => polling.poll(worker),
        }
    }

    /// The application's executor let the job fall: without a thread its instance cannot go on.
    pub(crate) fn refuse(self) {
        let instance = match &self {
            Job::Start(inner) => Instance::revive(inner),
            Job::Poll(polling) => Some(polling.instance().clone()),
        };
        let Some(instance) = instance else { return };
        instance.home().post(Event::Log(format!("the executor dropped a job of {instance:?}")));
        instance.cancel(CancelReason::ResourceRevocation);
    }
}

/// Something that handlers are told of.
pub(crate) enum Event {
    /// For those who listen to everything.
    Tell(Box<InstanceEvent>),
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
    /// The host is closed: nobody listens any more.
    HostEnded,
}

impl Subject for Event {
    fn subject(&self) -> Option<usize> {
        match self {
            Event::Tell(event) => Some(event.instance.address()),
            Event::Canceled(instance) | Event::Progress(instance) | Event::Completed(instance, _) => {
                Some(instance.address())
            }
            Event::Log(_) | Event::Drop(_) | Event::TaskEnded(_) | Event::HostEnded => None,
        }
    }
}
