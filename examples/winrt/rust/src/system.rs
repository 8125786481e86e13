//! What the system is to the sample: a host on a manual clock, and one thread on which everything happens in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use backstay::{Completion, Details, Error, EventKind, Host, InstanceEvent};
use parking_lot::Mutex;

use crate::configuration::App;

/// The group of the tasks that are timers of others, which no trace shows.
pub(crate) const TIMERS: &str = "ThreadPoolTimer";
pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Real time, against a hang only: nothing in a trace depends on how long something takes.
const BOUND: Duration = Duration::from_mins(1);

type Work = Box<dyn FnOnce() + Send>;

/// Plays the part of Windows, and outlives the application.
///
/// Entry points are the host's jobs and what handlers have to show is posted, as an application posts to the thread of
/// its window. Both wait in one queue for `settle`, so a case takes the same way every time.
pub(crate) struct System {
    pub(crate) host: Host,
    /// The store that outlives the application: what `LocalSettings` is.
    pub(crate) local_settings: Arc<Settings>,
    /// What a task enters that names no entry point: the application that is there now.
    pub(crate) app: Mutex<Weak<App>>,
    queue: Arc<Mutex<VecDeque<Work>>>,
    seconds: AtomicU32,
    completed: AtomicU32,
}

impl System {
    pub(crate) fn open() -> Result<Arc<Self>, Error> {
        let queue = Arc::<Mutex<VecDeque<Work>>>::default();
        let jobs = Arc::clone(&queue);
        let host = Host::builder().manual_clock().executor(move |job| jobs.lock().push_back(job)).build()?;
        let (local_settings, app) = (Arc::default(), Mutex::default());
        let (seconds, completed) = (AtomicU32::new(0), AtomicU32::new(0));
        let system = Arc::new(Self { host, local_settings, app, queue, seconds, completed });
        // Weakly, since a handler that kept the system would keep its host open for ever (H2).
        let told = Arc::downgrade(&system);
        let _ = system.host.on_event(move |event| {
            if let Some(system) = told.upgrade() {
                system.on_event(event);
            }
        });
        Ok(system)
    }

    /// Prints one line of the trace.
    pub(crate) fn say(&self, line: impl AsRef<str>) {
        let seconds = self.seconds.load(Ordering::Relaxed);
        println!("{:02}:{:02}  {}", seconds / 60, seconds % 60, line.as_ref());
    }

    /// Has work done on the thread of the case, from any thread.
    pub(crate) fn post(&self, work: impl FnOnce() + Send + 'static) {
        self.queue.lock().push_back(Box::new(work));
    }

    /// Has a line printed there.
    pub(crate) fn post_line(self: &Arc<Self>, line: String) {
        let system = Arc::clone(self);
        self.post(move || system.say(line));
    }

    /// Does all there is to do at this moment: entry points that wait to run, and what handlers have posted.
    pub(crate) fn settle(&self) -> Result<(), Error> {
        self.host.flush(Some(BOUND))?;
        loop {
            let next = self.queue.lock().pop_front();
            let Some(work) = next else { return Ok(()) };
            work();
            self.host.flush(Some(BOUND))?;
        }
    }

    /// Lets time pass, second by second, each with everything that comes of it.
    pub(crate) fn advance(&self, seconds: u32) -> Result<(), Error> {
        for _ in 0..seconds {
            self.seconds.fetch_add(1, Ordering::Relaxed);
            self.host.advance(SECOND)?;
            self.settle()?;
        }
        Ok(())
    }

    /// Tells the tasks that something has happened.
    pub(crate) fn raise_event(&self, name: &str) -> Result<(), Error> {
        let fired = self.host.raise_event(name, Details::none())?;
        self.say(format!("{name}: fires {fired}"));
        self.settle()
    }

    /// Says whether a condition holds.
    pub(crate) fn set_condition(&self, name: &str, on: bool) -> Result<(), Error> {
        self.say(format!("{name}: {}", if on { "on" } else { "off" }));
        self.host.set_condition(name, on)?;
        self.settle()
    }

    /// Ends the case: every instance has had one Completed event, and nothing is left.
    pub(crate) fn close(&self) -> Result<(), Error> {
        self.say(format!("Completed events: {}", self.completed.load(Ordering::Relaxed)));
        let report = self.host.drain(Duration::ZERO)?;
        if !report.is_clean() {
            self.say(report.to_string());
        }
        Ok(())
    }

    fn on_event(self: &Arc<Self>, event: &InstanceEvent) {
        if event.group.as_deref() == Some(TIMERS) {
            return;
        }
        match (event.kind, event.reason) {
            (EventKind::Waits, _) => self.post_line(format!("Waits for {}", event.conditions.join(" "))),
            (EventKind::Canceled, Some(reason)) => self.post_line(format!("Canceled: {reason}")),
            (EventKind::Completed, _) => drop(self.completed.fetch_add(1, Ordering::Relaxed)),
            _ => {}
        }
    }
}

/// Texts by name, from any thread: what `LocalSettings` and a `PropertySet` are.
#[derive(Default)]
pub(crate) struct Settings(Mutex<BTreeMap<String, String>>);

impl Settings {
    pub(crate) fn set(&self, name: &str, value: impl Into<String>) {
        self.0.lock().insert(name.to_owned(), value.into());
    }

    pub(crate) fn get(&self, name: &str) -> Option<String> {
        self.0.lock().get(name).cloned()
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().remove(name);
    }
}

/// How a Completed event reads, with what `CheckResult` says of it.
pub(crate) fn told(done: &Completion) -> String {
    let outcome = done.outcome;
    match (done.check(), &done.error) {
        (Ok(()), _) => format!("Completed: {outcome}, CheckResult passes"),
        (Err(_), Some(error)) => format!("Completed: {outcome}, CheckResult throws: {error}"),
        (Err(error), None) => format!("Completed: {outcome}, CheckResult throws: {error}"),
    }
}
