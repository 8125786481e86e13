//! The settings of a host, before it is opened.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::error::Error;
use crate::home::Defaults;
use crate::host::Host;
use crate::notify::Report;
use crate::pool::Executor;
use crate::scheduler::Settings;
use crate::surround::Surround;
use crate::threads::AroundLife;

/// How long a cancelled instance may take by default before it is abandoned (C6, B31).
const GRACE: Duration = Duration::from_secs(5);

/// The settings of a host.
#[must_use = "a builder does nothing until it is built"]
pub struct HostBuilder {
    workers: usize,
    grace: Duration,
    overdue_after: Option<Duration>,
    capture_stacks: bool,
    executor: Option<Executor>,
    surround: Surround,
    around_threads: Option<Arc<AroundLife>>,
    manual_clock: bool,
    log: Report,
}

/// How many cores the process may use. Asked once, since the system reads files to know it.
fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| std::thread::available_parallelism().map_or(2, std::num::NonZero::get))
}

impl Default for HostBuilder {
    fn default() -> Self {
        Self {
            workers: cores().max(2),
            grace: GRACE,
            overdue_after: None,
            capture_stacks: false,
            executor: None,
            surround: Surround::default(),
            around_threads: None,
            manual_clock: false,
            log: Arc::new(|text| eprintln!("backstay: {text}")),
        }
    }
}

impl HostBuilder {
    /// How many entry points may run at once, at least 1; by default as many as the machine has cores, and at
    /// least 2.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// How long a cancelled instance may take before it is abandoned, unless its task says otherwise; 5 s by default
    /// (C6).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// From which age on a deferral is reported, once, as an event of kind
    /// [`EventKind::Overdue`](crate::EventKind::Overdue); by default never (H4).
    pub fn overdue_after(mut self, age: Duration) -> Self {
        self.overdue_after = Some(age);
        self
    }

    /// Whether the taking of a deferral captures the calls that led to it, for every report; costs microseconds and
    /// kilobytes each, so not by default (H4).
    pub fn capture_stacks(mut self, capture: bool) -> Self {
        self.capture_stacks = capture;
        self
    }

    /// Runs entry points on an executor of the application instead of workers of the host (H7): `executor` takes a job
    /// and has it run later, on a thread of its choice.
    ///
    /// It is called on whichever thread has work, must not run the job inside of the call, and must not block. A job
    /// that it drops instead of running it cancels the instance that waits longest with `ResourceRevocation`.
    ///
    /// ```
    /// # use backstay::{Details, Host, TaskBuilder};
    /// let (jobs, queue) = std::sync::mpsc::channel::<Box<dyn FnOnce() + Send>>();
    /// std::thread::spawn(move || queue.iter().for_each(|job| job())); // the application's own loop
    /// let host = Host::builder().executor(move |job| drop(jobs.send(job))).build()?;
    /// let task = TaskBuilder::new("here").run(|_| Ok(())).register(&host)?;
    /// task.fire(Details::none())?.wait(None)?.check()?;
    /// # Ok::<(), backstay::Error>(())
    /// ```
    pub fn executor(mut self, executor: impl Fn(Box<dyn FnOnce() + Send>) + Send + Sync + 'static) -> Self {
        self.executor = Some(Arc::new(executor));
        self
    }

    /// For a binding: what to do around the stretches in which a worker or the events thread has something to do, such as
    /// to enter an interpreter, which would cost more than the work.
    ///
    /// `around` is called on that thread, with a function that does one piece of the work and tells whether there is more;
    /// it calls that again and again until it says no, or until it wants to leave for another reason. What is left then
    /// begins another stretch, so it should do one piece at least. It must not unwind. Threads of an executor are the
    /// application's, and surrounded by nothing.
    pub fn surround(mut self, around: impl Fn(&mut dyn FnMut() -> bool) + Send + Sync + 'static) -> Self {
        self.surround = Surround::by(around);
        self
    }

    /// For a binding: what to do around the whole life of a worker or of the events thread, such as to keep what an
    /// interpreter knows of a thread, which costs more to make than most stretches take.
    ///
    /// `around` is called on that thread, and calls what it is given, once. It must not unwind. Whoever waits for the host
    /// waits for that call to begin, so nothing may keep it that waits for the host; what is done after it has returned,
    /// nobody waits for. Threads of an executor are the application's, and the timer's calls no user: both are surrounded
    /// by nothing.
    pub fn surround_threads(
        mut self,
        around: impl Fn(Box<dyn FnOnce() + Send>) + Send + Sync + 'static,
    ) -> Self {
        self.around_threads = Some(Arc::new(around));
        self
    }

    /// Time moves only by [`Host::advance`](crate::Host::advance): for tests (H5).
    pub fn manual_clock(mut self) -> Self {
        self.manual_clock = true;
        self
    }

    /// Where the host says what nobody else would hear, such as the panic of a handler: one line a call, without a
    /// line break (E5). Standard error by default.
    pub fn log(mut self, log: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.log = Arc::new(log);
        self
    }

    /// Opens the host. Starts no thread (H1).
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for 0 workers.
    pub fn build(self) -> Result<Host, Error> {
        if self.workers == 0 {
            return Err(Error::InvalidArgument {
                field: "workers",
                problem: "is 0, so nothing could run; give at least 1",
            });
        }
        Ok(Host::open(self.into_settings()))
    }

    pub(crate) fn into_settings(self) -> Settings {
        let defaults = Defaults {
            grace: self.grace,
            overdue_after: self.overdue_after,
            captures_stacks: self.capture_stacks,
        };
        Settings {
            workers: self.workers,
            defaults,
            executor: self.executor,
            surround: self.surround,
            around_threads: self.around_threads,
            manual_clock: self.manual_clock,
            log: self.log,
        }
    }
}
