//! The description of a task before it is registered.

use std::sync::Arc;
use std::time::Duration;

use crate::definition::{Definition, Entered, EntryPoint};
use crate::error::{Error, Fault, TaskError};
use crate::holders::Site;
use crate::host::Host;
use crate::instance::Instance;
use crate::task::Task;

/// How many instances of one task may be Pending by default (F4).
const MAX_PENDING: usize = 1 << 20;

/// What fires a task.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trigger {
    /// [`Task::fire`] and nothing else.
    #[default]
    Manual,
}

impl Trigger {
    /// The task is fired by hand.
    pub fn manual() -> Self {
        Trigger::Manual
    }
}

/// Describes a task before it is registered.
///
/// ```
/// use backstay::{Details, Host, TaskBuilder, Trigger};
///
/// let host = Host::new();
/// let greet = TaskBuilder::new("greet")
///     .trigger(Trigger::manual())
///     .run(|instance| {
///         println!("hello, {}", instance.details().as_text().unwrap_or("world"));
///         Ok(())
///     })
///     .register(&host)?;
/// greet.fire(Details::text("sea"))?.wait(None)?.check()?;
/// # Ok::<(), backstay::Error>(())
/// ```
#[must_use = "a builder does nothing until it is registered"]
pub struct TaskBuilder {
    name: String,
    trigger: Trigger,
    grace: Option<Duration>,
    max_pending: usize,
    run: Option<(EntryPoint, Site)>,
}

impl TaskBuilder {
    /// A task of this name, which is unique in its host (G1).
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), trigger: Trigger::Manual, grace: None, max_pending: MAX_PENDING, run: None }
    }

    /// What fires it; [`Trigger::manual`] by default.
    pub fn trigger(mut self, trigger: Trigger) -> Self {
        self.trigger = trigger;
        self
    }

    /// How long a cancelled instance may take before it is abandoned; the host's grace by default (C6).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// How many instances may be Pending before further firings are refused; 1,048,576 by default (F4).
    pub fn max_pending(mut self, max_pending: usize) -> Self {
        self.max_pending = max_pending;
        self
    }

    /// The entry point: it runs on one of the host's workers, once for every instance, and may run several times at
    /// once. An error or panic that leaves it makes its instance Failed (L7).
    #[track_caller]
    pub fn run(self, run: impl Fn(&Instance) -> Result<(), TaskError> + Send + Sync + 'static) -> Self {
        self.run_at(run, Site::here())
    }

    /// The same for a binding, which knows the line of its own language.
    pub fn run_at(
        mut self,
        run: impl Fn(&Instance) -> Result<(), TaskError> + Send + Sync + 'static,
        site: Site,
    ) -> Self {
        self.run = Some((Arc::new(move |instance: &Instance| Entered::Done(run(instance))), site));
        self
    }

    /// An async entry point: its future holds the instance until it is done, and nobody has to take a deferral for it
    /// (L8). The future is polled by the host's workers and occupies none between two polls; it needs no runtime, and
    /// works with the wakers of any. When its instance is abandoned, the future is dropped.
    ///
    /// ```
    /// # use backstay::{Details, Host, TaskBuilder};
    /// # async fn fetch(_what: &str) -> Result<(), std::io::Error> { Ok(()) }
    /// # let host = Host::new();
    /// let copy = TaskBuilder::new("copy")
    ///     .run_async(|instance| async move {
    ///         fetch(instance.details().as_text().unwrap_or_default()).await?;
    ///         Ok(())
    ///     })
    ///     .register(&host)?;
    /// copy.fire(Details::text("photo.jpg"))?.wait(None)?.check()?;
    /// # Ok::<(), backstay::Error>(())
    /// ```
    #[track_caller]
    pub fn run_async<F>(mut self, run: impl Fn(Instance) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), TaskError>> + Send + 'static,
    {
        let enter = move |instance: &Instance| Entered::Async(Box::pin(run(instance.clone())));
        self.run = Some((Arc::new(enter), Site::here()));
        self
    }

    /// Everything that is wrong with the description, each with its field; nothing when it can be registered (G2).
    pub fn validate(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut fault = |field, problem: &str| faults.push(Fault { field, problem: problem.to_owned() });
        if self.name.is_empty() {
            fault("name", "is empty; a task is found and reported by its name");
        }
        if self.name.chars().any(char::is_control) {
            fault("name", "has a control character; it is printed in reports, so use a printable name");
        }
        if self.max_pending == 0 {
            fault("max_pending", "is 0, so nothing could ever be fired; give at least 1");
        }
        if self.run.is_none() {
            fault("run", "is missing; a task needs an entry point");
        }
        faults
    }

    /// Registers the task: from now on it can be fired.
    ///
    /// # Errors
    /// [`Error::InvalidTask`] with every fault at once (G2), [`Error::NameTaken`] (G1), [`Error::Closed`].
    pub fn register(self, host: &Host) -> Result<Task, Error> {
        let faults = self.validate();
        let Some((run, site)) = self.run.filter(|_| faults.is_empty()) else {
            return Err(Error::InvalidTask { faults });
        };
        let definition = Arc::new(Definition::new(self.name.into(), site, self.grace, self.max_pending, run));
        let scheduler = host.scheduler();
        scheduler.register(Arc::clone(&definition))?;
        Ok(Task::new(definition, Arc::clone(scheduler)))
    }
}
