//! One execution of a task.
//!
//! Invariants:
//!
//! 1. Every transition of the lifecycle word is made under the record's lock, so that a report written under that
//!    lock is true of the word. Reading the word needs no lock.
//! 2. `finish` runs once, by the transition that set FINISHED, under the same lock: when a waiter or a handler learns
//!    of the end, outcome, counters and the host's lists are already final (L2).
//! 3. A Canceled event is posted under the lock and only while the instance is not finished, and the Completed event
//!    after that under the same lock: so no Canceled handler is called after Completed (C3).
//!
//! The first two are kept by `life`, which holds every way from the start to the end.
//!
//! Order of locks: record → host's registry → queues of events, timer and pool. User code runs under none of them.

mod cancellation;
mod life;
mod place;
mod record;
mod reporting;
mod snapshot;
mod suspending;
mod telling;
mod watching;

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock, Weak};
use std::time::{Duration, Instant as Time};

use crate::sync::{LOOKS, Mutex, thread};
use uuid::Uuid;

pub use self::cancellation::{Canceled, Cancellation};
pub(crate) use self::place::Place;
use self::record::Record;
pub use self::snapshot::InstanceSnapshot;
pub(crate) use self::watching::After;
pub use self::watching::Finished;
use crate::clock::{Moment, Once};
use crate::completion::Completion;
use crate::deferral::Deferral;
use crate::definition::Definition;
use crate::details::Details;
use crate::error::Error;
use crate::holder::{Holder, Site};
use crate::holders::Entry;
use crate::home::{Event, Home, Job};
use crate::inside;
use crate::lifecycle::{Hold, Lifecycle};
use crate::notify::{Handlers, Subscription};
use crate::reason::CancelReason;
use crate::stack::Stack;
use crate::state::State;
use crate::sync::Condvar;

/// One execution of a task: made by a firing, Pending until a worker enters the entry point, Running while the entry
/// point executes or a deferral is pending, then Finished.
///
/// A handle: clones name the same instance, cost a count, and may be used from any thread (E1). Dropping the last one
/// ends nothing; the host keeps what is alive.
#[derive(Clone)]
pub struct Instance(Arc<Inner>);

pub(crate) struct Inner {
    id: Uuid,
    definition: Arc<Definition>,
    /// The place in the host's list of the living.
    place: Place,
    fired: Moment,
    word: Lifecycle,
    progress: AtomicU32,
    /// Whether a Progress event is queued that has not been delivered (E3).
    progress_queued: AtomicBool,
    /// Whether Completed was delivered, after which nothing is.
    told: AtomicBool,
    /// Whether it is suspended by itself while it is Pending; changed under the record's lock, read under the registry's.
    held_back: AtomicBool,
    /// When it first noticed that it was asked to stop (C9).
    noticed: Once,
    /// Handlers of its own, from the first attaching on.
    listening: OnceLock<Box<Listening>>,
    record: Mutex<Record>,
    /// Notified with every change that somebody can wait for: cancelled, resumed, finished.
    changed: Condvar,
}

/// Handlers that were attached to one instance.
#[derive(Default)]
struct Listening {
    on_canceled: Handlers<CancelReason>,
    on_completed: Handlers<Completion>,
}

impl Inner {
    fn listening(&self) -> &Listening {
        self.listening.get_or_init(Box::default)
    }
}

/// What a progress handler is told.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The instance whose progress changed.
    pub instance: Instance,
    /// The latest value; values between two calls may be left out (E3).
    pub progress: u32,
}

impl Instance {
    /// The id, random and unique.
    pub fn id(&self) -> Uuid {
        self.0.id
    }

    /// What the firing carried; while it is Pending, a later firing that is merged with it may replace them (F4, F7).
    pub fn details(&self) -> Details {
        self.0.record.lock().details.clone()
    }

    /// Where it is in its life.
    pub fn state(&self) -> State {
        let state = self.0.word.state();
        if state != State::Pending {
            // Who changed the word holds this lock until the event is queued, so that a flush after this look finds it
            // (E7).
            drop(self.0.record.lock());
        }
        state
    }

    /// The progress that was set last; 0 before.
    pub fn progress(&self) -> u32 {
        match self.completion() {
            Some(completion) => completion.progress,
            None => self.0.progress.load(Ordering::Relaxed),
        }
    }

    /// Sets the progress to any number. Never fails and never blocks; ignored after the finish (E6).
    pub fn set_progress(&self, progress: u32) {
        let inner = &self.0;
        if inner.word.state() == State::Finished {
            return;
        }
        inner.progress.store(progress, Ordering::Relaxed);
        // AcqRel: whoever delivers the event clears the flag first and then sees at least this value.
        let somebody_listens =
            !inner.definition.on_progress.are_none() || inner.definition.home.is_listened_to();
        if somebody_listens && !inner.progress_queued.swap(true, Ordering::AcqRel) {
            inner.definition.home.post(Event::Progress(self.clone()));
        }
    }

    /// Takes a deferral: until it is completed, failed or dropped, the instance is not finished.
    ///
    /// Works from any thread while the instance is Running, also after the entry point returned (L3). The label and
    /// the calling line stand in every report of who holds the instance.
    ///
    /// # Errors
    /// [`Error::NotRunning`] on a Pending or Finished instance; [`Error::OutOfMemory`] when 16,777,215 holds are
    /// pending.
    #[track_caller]
    pub fn get_deferral(&self, label: impl Into<Cow<'static, str>>) -> Result<Deferral, Error> {
        self.get_deferral_at(label, Site::here())
    }

    /// The same for a binding, which knows the line of its own language.
    ///
    /// # Errors
    /// Those of [`Instance::get_deferral`].
    pub fn get_deferral_at(
        &self,
        label: impl Into<Cow<'static, str>>,
        site: Site,
    ) -> Result<Deferral, Error> {
        self.take_deferral(label.into(), site)
    }

    /// Apart from what is generic, which every caller compiles for itself.
    fn take_deferral(&self, label: Cow<'static, str>, site: Site) -> Result<Deferral, Error> {
        let inner = &self.0;
        let defaults = inner.definition.home.defaults();
        let mut entry = Entry::new(label, site, inner.definition.home.coarse());
        if defaults.captures_stacks {
            entry.set_stack(Stack::capture());
        }
        let mut record = inner.record.lock_in_turn();
        match inner.word.hold(&mut record.pen) {
            Hold::Taken => {
                let key = record.holders.insert(entry);
                if let Some(age) = defaults.overdue_after {
                    self.arm_overdue(&mut record, key, age);
                }
                Ok(Deferral::new(self.clone(), key))
            }
            Hold::NotRunning => Err(Error::NotRunning { state: inner.word.state() }),
            Hold::TooMany => Err(Error::OutOfMemory { what: "the instance has 16,777,215 holds".to_owned() }),
        }
    }

    /// The pending deferrals, in the order of taking (H4). Those that outlived an abandoned instance stand in its
    /// [`Completion::holders`].
    pub fn holders(&self) -> Vec<Holder> {
        let record = self.0.record.lock();
        if self.0.word.state() == State::Finished {
            return Vec::new();
        }
        record.holders.listing(self.report(&record))
    }

    /// Asks the instance to stop. The first reason stays; a later request changes nothing (C2).
    ///
    /// A Pending instance is finished by it (C5). A Running one has its grace from now on (C6): its handlers are
    /// called, its code is expected to look at [`Instance::canceled`], and what is not done in time is abandoned.
    pub fn cancel(&self, reason: CancelReason) {
        self.cancel_open(&mut self.0.open(), reason);
    }

    /// Why the instance was asked to stop, or `None`. True for every thread as soon as `cancel` returned (C3); costs
    /// one load, so code may look as often as it likes.
    ///
    /// The first look that sees a reason is when the instance *noticed*, which stands in reports (C9); who only
    /// watches asks [`Host::snapshot`](crate::Host::snapshot), which is no look.
    pub fn canceled(&self) -> Option<CancelReason> {
        let reason = self.reason()?;
        self.notice();
        Some(reason)
    }

    /// The same without noticing.
    pub(crate) fn reason(&self) -> Option<CancelReason> {
        self.0.word.canceled()
    }

    fn notice(&self) {
        let inner = &self.0;
        if inner.noticed.get().is_none() {
            // Of two that look at once one is the first; both saw the same.
            inner.noticed.set(inner.definition.home.now());
        }
    }

    /// Calls `handler` once when the instance is asked to stop; at once, but never inside this call, when it was
    /// asked before (C4). On a finished instance the handler is dropped and never called.
    ///
    /// The handler runs on the host's events thread, under no lock, before Completed; it may call anything except
    /// what would wait for itself (E8).
    pub fn on_canceled(&self, handler: impl Fn(CancelReason) + Send + Sync + 'static) -> Subscription {
        let handler = Arc::new(move |reason: &CancelReason| handler(*reason));
        let record = self.0.record.lock();
        if self.0.word.state() == State::Finished {
            drop(record);
            return Subscription::ended();
        }
        let subscription = self.0.listening().on_canceled.attach(handler, self.0.definition.home.log());
        if self.reason().is_some() {
            self.post_canceled();
        }
        subscription
    }

    /// Calls `handler` once when the instance has ended, on the host's events thread, under no lock, before the handlers
    /// of the task and the host are told (L2). On a finished instance the handler is dropped and never called: whoever
    /// attaches one looks at [`Instance::completion`] afterwards.
    pub fn on_completed(&self, handler: impl Fn(&Completion) + Send + Sync + 'static) -> Subscription {
        let record = self.0.record.lock();
        if self.0.word.state() == State::Finished {
            drop(record);
            return Subscription::ended();
        }
        self.0.listening().on_completed.attach(Arc::new(handler), self.0.definition.home.log())
    }

    /// Waits until the instance is finished, by the machine's clock, and tells how it ended. `None` waits as long as
    /// it takes. Does not wait for handlers (E9).
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::WouldDeadlock`] from the instance's own entry point (E8); [`Error::Forked`].
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Arc<Completion>, Error> {
        self.0.definition.home.refuse_forked()?;
        if inside::entry_point_of(self.address()) {
            return Err(Error::WouldDeadlock {
                call: "wait",
                place: "the instance's own entry point",
                instead: "return from it, and take a deferral for what is left to do",
            });
        }
        // A deadline that cannot be represented is no deadline (law 2).
        let until = timeout.and_then(|timeout| Time::now().checked_add(timeout));
        // Much that is waited for is over in a moment, and to sleep and be woken takes longer than these looks.
        let looks = if timeout.is_some_and(|timeout| timeout.is_zero()) { 0 } else { LOOKS };
        for _ in (0..looks).take_while(|_| self.0.word.state() != State::Finished) {
            thread::yield_now();
        }
        let mut record = self.0.record.lock();
        loop {
            if let Some(completion) = &record.completion {
                return Ok(Arc::clone(completion));
            }
            match until {
                None => self.0.changed.wait(&mut record),
                Some(until) if self.0.changed.wait_until(&mut record, until).timed_out() => {
                    return record.completion.clone().ok_or(Error::TimedOut {
                        what: "the end of the instance",
                        after: timeout.unwrap_or_default(),
                    });
                }
                Some(_) => {}
            }
        }
    }

    /// The future of the end, for async code: needs no runtime, and occupies no thread while it waits (E9). Inside of the
    /// instance's own async entry point it never comes, as that is what it waits for.
    ///
    /// ```
    /// # use backstay::{Details, Host, TaskBuilder};
    /// # let host = Host::new();
    /// # let copy = TaskBuilder::new("copy").run(|_| Ok(())).register(&host)?;
    /// # let report =
    /// TaskBuilder::new("report")
    ///     .run_async(move |_| {
    ///         let copied = copy.fire(Details::none());
    ///         async move {
    ///             let done = copied?.finished().await;
    ///             println!("{} {}", done.task, done.outcome);
    ///             Ok(())
    ///         }
    ///     })
    ///     .register(&host)?;
    /// # report.fire(Details::none())?.wait(None)?.check()?;
    /// # Ok::<(), backstay::Error>(())
    /// ```
    pub fn finished(&self) -> Finished {
        Finished::of(self.clone())
    }

    /// How the instance ended, once it has.
    pub fn completion(&self) -> Option<Arc<Completion>> {
        if self.0.word.state() != State::Finished {
            return None;
        }
        self.0.record.lock().completion.clone()
    }
}

/// What the host asks.
impl Instance {
    /// A new one, which has no place yet; see [`Instance::settle`].
    pub(crate) fn new(definition: Arc<Definition>) -> Self {
        let fired = definition.home.now();
        Self(Arc::new(Inner {
            id: Uuid::new_v4(),
            definition,
            place: Place::new(usize::MAX, usize::MAX, 0),
            fired,
            word: Lifecycle::default(),
            progress: AtomicU32::new(0),
            progress_queued: AtomicBool::new(false),
            told: AtomicBool::new(false),
            held_back: AtomicBool::new(false),
            noticed: Once::default(),
            listening: OnceLock::new(),
            record: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Gives it its place in the host and what it carries, before anybody else knows it.
    pub(crate) fn settle(&mut self, place: Place, details: Details) {
        if let Some(inner) = Arc::get_mut(&mut self.0) {
            inner.place = place;
            inner.record.get_mut().details = details;
        }
    }

    /// A firing is merged with this one, if it is still Pending: its details take the place of those before (F4).
    pub(crate) fn merge(&self, details: &mut Details) -> bool {
        let mut record = self.0.record.lock();
        let is_pending = self.0.word.state() == State::Pending;
        if is_pending {
            // What was there before is left in `details`, for the caller to drop under no lock.
            std::mem::swap(&mut record.details, details);
        }
        is_pending
    }

    pub(crate) fn place(&self) -> Place {
        self.0.place
    }

    /// Whether it must not start because it is suspended by itself.
    pub(crate) fn is_held_back(&self) -> bool {
        self.0.held_back.load(Ordering::Relaxed)
    }

    /// Whether it has not started and not ended.
    pub(crate) fn is_pending(&self) -> bool {
        self.0.word.state() == State::Pending
    }

    pub(crate) fn definition(&self) -> &Arc<Definition> {
        &self.0.definition
    }

    pub(crate) fn home(&self) -> &Arc<dyn Home> {
        &self.0.definition.home
    }

    /// The job of entering the entry point.
    pub(crate) fn start_job(&self) -> Job {
        Job::Start(Arc::downgrade(&self.0))
    }

    pub(crate) fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    pub(crate) fn revive(inner: &Weak<Inner>) -> Option<Self> {
        inner.upgrade().map(Self)
    }

    /// Tells living instances apart.
    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }
}

/// Two handles are equal when they name the same instance.
impl PartialEq for Instance {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Instance {}

impl fmt::Debug for Instance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Instance({} {} {})", self.0.definition.says, self.0.id, self.0.word.state())
    }
}
