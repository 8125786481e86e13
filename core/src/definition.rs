//! What a task says of all its instances: the part of a task that instances look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::completion::Completion;
use crate::error::TaskError;
use crate::holders::Site;
use crate::instance::{Instance, Progress};
use crate::notify::Handlers;
use crate::polling::Future;

/// The function that runs.
pub(crate) type EntryPoint = Arc<dyn Fn(&Instance) -> Entered + Send + Sync>;

/// What an entry point gives back.
pub(crate) enum Entered {
    /// It has done what it had to do itself.
    Done(Result<(), TaskError>),
    /// It is async: this is what is to be polled until it is done (L8).
    Async(Future),
}

/// A registered task as its instances see it.
pub(crate) struct Definition {
    pub(crate) name: Arc<str>,
    /// Where the entry point was given; stands in reports when the entry point itself holds an instance.
    pub(crate) site: Site,
    pub(crate) grace: Option<Duration>,
    pub(crate) max_pending: usize,
    pub(crate) on_progress: Handlers<Progress>,
    pub(crate) on_completed: Handlers<Completion>,
    pub(crate) counts: Counts,
    /// There until the task has ended: unregistered, and without an instance.
    entry_point: Mutex<Option<EntryPoint>>,
}

/// How many instances a task has. The host changes `alive` and `registered` under its lock; `running` and `pending`
/// are for asking only, so all of them are Relaxed.
#[derive(Default)]
pub(crate) struct Counts {
    pub(crate) pending: AtomicUsize,
    pub(crate) running: AtomicUsize,
    pub(crate) alive: AtomicUsize,
    pub(crate) registered: AtomicBool,
}

impl Counts {
    pub(crate) fn started(&self) {
        self.pending.fetch_sub(1, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
    }
}

impl Definition {
    pub(crate) fn new(
        name: Arc<str>,
        site: Site,
        grace: Option<Duration>,
        max_pending: usize,
        entry_point: EntryPoint,
    ) -> Self {
        Self {
            name,
            site,
            grace,
            max_pending,
            on_progress: Handlers::default(),
            on_completed: Handlers::default(),
            counts: Counts::default(),
            entry_point: Mutex::new(Some(entry_point)),
        }
    }

    pub(crate) fn entry_point(&self) -> Option<EntryPoint> {
        self.entry_point.lock().clone()
    }

    /// Gives the entry point away, so that whoever takes it drops it: what it captured is the user's (law 1).
    pub(crate) fn take_entry_point(&self) -> Option<EntryPoint> {
        self.entry_point.lock().take()
    }
}
