//! What a task says of all its instances: the part of a task that instances look at.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::sync::Mutex;

use crate::completion::Completion;
use crate::error::TaskError;
use crate::holder::Site;
use crate::home::Home;
use crate::instance::{Instance, Progress};
use crate::notify::Handlers;
use crate::policy::{OnShutdown, WhenBusy};
use crate::polling::Future;
use crate::trigger::Trigger;

/// The function that runs.
pub(crate) type EntryPoint = Arc<dyn Fn(&Instance) -> Entered + Send + Sync>;

/// What an entry point gives back.
pub(crate) enum Entered {
    /// It has done what it had to do itself.
    Done(Result<(), TaskError>),
    /// It is async: this is what is to be polled until it is done (L8).
    Async(Future),
    /// Others do it, who have a stay that ends when it is done (L8).
    Elsewhere,
}

/// Everything that a builder says of a task, apart from what it runs.
#[derive(Clone, Debug)]
pub(crate) struct Description {
    pub(crate) name: Arc<str>,
    pub(crate) group: Option<Arc<str>>,
    pub(crate) trigger: Trigger,
    pub(crate) conditions: Vec<Arc<str>>,
    pub(crate) cancel_on_condition_loss: bool,
    pub(crate) deadline: Option<Duration>,
    pub(crate) grace: Option<Duration>,
    pub(crate) when_busy: Option<WhenBusy>,
    pub(crate) max_running: Option<usize>,
    pub(crate) max_pending: usize,
    pub(crate) max_failures: Option<u32>,
    pub(crate) on_shutdown: OnShutdown,
}

impl Description {
    /// How the task takes firings while it is busy (F4).
    pub(crate) fn when_busy(&self) -> WhenBusy {
        self.when_busy.unwrap_or(match self.trigger {
            Trigger::Manual => WhenBusy::Parallel,
            Trigger::After(_) | Trigger::Every(_) | Trigger::Event(_) => WhenBusy::Coalesce,
        })
    }

    /// How many instances may run at once (F4).
    pub(crate) fn max_running(&self) -> usize {
        self.max_running.unwrap_or(match self.when_busy() {
            WhenBusy::Parallel => usize::MAX,
            _ => 1,
        })
    }
}

/// The name as reports write it, with the group before it.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.group {
            Some(group) => write!(f, "{group}/{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A registered task as its instances see it.
///
/// The host that it is registered in has it and it has the host, which all its instances find by it; the circle ends when
/// the task does, at the close of the host at the latest. Aligned, so that counting the instances that know it, on every
/// core, does not keep taking what they read from each other.
#[repr(align(64))]
pub(crate) struct Definition {
    pub(crate) home: Arc<dyn Home>,
    pub(crate) says: Description,
    /// Where the entry point was given; stands in reports when the entry point itself holds an instance.
    pub(crate) site: Site,
    pub(crate) on_progress: Handlers<Progress>,
    pub(crate) on_completed: Handlers<Completion>,
    pub(crate) counts: Counts,
    /// The task's place in the host's list, once it is registered.
    place: AtomicUsize,
    /// There until the task has ended: unregistered, and without an instance.
    entry_point: Mutex<Option<EntryPoint>>,
}

/// How many instances a task has, and whether it can be fired. Others may look at any time. But for `started`, the counts
/// are changed under the host's lock, and so not by what two cores would have to agree on. Whoever counts releases and
/// whoever looks acquires: who sees that one has started sees that it was fired.
#[derive(Default)]
pub(crate) struct Counts {
    fired: AtomicUsize,
    /// Of those, how many have finished without having started, and how many after that.
    never_started: AtomicUsize,
    ran: AtomicUsize,
    /// Counted by the workers.
    started: AtomicUsize,
    pub(crate) registered: AtomicBool,
    /// Whether nothing keeps its instances from starting (`registry`, invariant 4).
    pub(crate) free: AtomicBool,
    /// Whether the task has ended, after which no handler is attached.
    pub(crate) ended: AtomicBool,
}

impl Counts {
    pub(crate) fn fired(&self) {
        add_one(&self.fired);
    }

    pub(crate) fn started(&self) {
        self.started.fetch_add(1, Ordering::Release);
    }

    pub(crate) fn finished(&self, has_started: bool) {
        add_one(if has_started { &self.ran } else { &self.never_started });
    }

    /// How many were fired and have neither started nor ended.
    pub(crate) fn pending(&self) -> usize {
        let gone =
            || self.started.load(Ordering::Acquire).wrapping_add(self.never_started.load(Ordering::Acquire));
        at_one_moment(gone, || self.fired.load(Ordering::Acquire))
    }

    /// How many have started and not ended.
    pub(crate) fn running(&self) -> usize {
        at_one_moment(|| self.ran.load(Ordering::Acquire), || self.started.load(Ordering::Acquire))
    }

    pub(crate) fn is_registered(&self) -> bool {
        self.registered.load(Ordering::Relaxed)
    }
}

/// Only one thread at a time does that, under a lock.
fn add_one(count: &AtomicUsize) {
    count.store(count.load(Ordering::Relaxed).wrapping_add(1), Ordering::Release);
}

/// How many of `all` are no `part` of it, counted while others count: the part was the same before and after all were
/// looked at, so it was that at the moment between. Counts wrap, their difference does not.
fn at_one_moment(part: impl Fn() -> usize, all: impl Fn() -> usize) -> usize {
    let mut before = part();
    loop {
        let all = all();
        let after = part();
        if before == after {
            return all.wrapping_sub(after);
        }
        before = after;
    }
}

impl Definition {
    pub(crate) fn new(home: Arc<dyn Home>, says: Description, site: Site, entry_point: EntryPoint) -> Self {
        Self {
            home,
            says,
            site,
            on_progress: Handlers::default(),
            on_completed: Handlers::default(),
            counts: Counts::default(),
            place: AtomicUsize::new(usize::MAX),
            entry_point: Mutex::new(Some(entry_point)),
        }
    }

    /// How long its instances may take when they are cancelled (C6).
    pub(crate) fn grace(&self) -> Duration {
        self.says.grace.unwrap_or(self.home.defaults().grace)
    }

    pub(crate) fn place(&self) -> usize {
        self.place.load(Ordering::Relaxed)
    }

    pub(crate) fn set_place(&self, place: usize) {
        self.place.store(place, Ordering::Relaxed);
    }

    pub(crate) fn entry_point(&self) -> Option<EntryPoint> {
        self.entry_point.lock().clone()
    }

    /// Gives the entry point away, so that whoever takes it drops it: what it captured is the user's (law 1).
    pub(crate) fn take_entry_point(&self) -> Option<EntryPoint> {
        self.entry_point.lock().take()
    }
}
