//! The description of a task before it is registered.

use std::sync::Arc;
use std::time::Duration;

use crate::definition::{Definition, Description, Entered, EntryPoint};
use crate::error::{Error, Fault, TaskError};
use crate::holder::Site;
use crate::home::Home;
use crate::host::Host;
use crate::instance::Instance;
use crate::policy::{IfExists, OnShutdown, WhenBusy};
use crate::scheduler::Scheduler;
use crate::stay::Stay;
use crate::task::Task;
use crate::trigger::Trigger;

/// How many instances of one task may be Pending by default (F4).
const MAX_PENDING: usize = 1 << 20;

/// Describes a task before it is registered.
///
/// ```
/// use std::time::Duration;
/// use backstay::{Details, Host, TaskBuilder, Trigger, WhenBusy};
///
/// let host = Host::new();
/// let sync = TaskBuilder::new("sync")
///     .trigger(Trigger::every(Duration::from_secs(900)))
///     .condition("network")
///     .cancel_on_condition_loss(true)
///     .deadline(Duration::from_secs(30))
///     .when_busy(WhenBusy::Coalesce)
///     .run(|instance| {
///         println!("hello, {}", instance.details().as_text().unwrap_or("clock"));
///         Ok(())
///     })
///     .register(&host)?;
/// host.set_condition("network", true)?;
/// sync.fire(Details::text("hand"))?.wait(None)?.check()?; // not only by its clock
/// # Ok::<(), backstay::Error>(())
/// ```
#[must_use = "a builder does nothing until it is registered"]
pub struct TaskBuilder {
    says: Description,
    if_exists: IfExists,
    run: Option<(EntryPoint, Site)>,
}

impl TaskBuilder {
    /// A task of this name, which is unique in its group (G1).
    pub fn new(name: impl Into<String>) -> Self {
        let says = Description {
            name: name.into().into(),
            group: None,
            trigger: Trigger::Manual,
            conditions: Vec::new(),
            cancel_on_condition_loss: false,
            deadline: None,
            grace: None,
            when_busy: None,
            max_running: None,
            max_pending: MAX_PENDING,
            max_failures: None,
            on_shutdown: OnShutdown::Cancel,
        };
        Self { says, if_exists: IfExists::Fail, run: None }
    }

    /// The group it belongs to; by default none. A grouped task is found through its group only (G5).
    pub fn group(mut self, group: impl Into<Arc<str>>) -> Self {
        self.says.group = Some(group.into());
        self
    }

    /// What fires it; [`Trigger::manual`] by default.
    pub fn trigger(mut self, trigger: Trigger) -> Self {
        self.says.trigger = trigger;
        self
    }

    /// A condition that has to hold for an instance to start; with several all have to (F2). A condition that the host
    /// was never told of does not hold.
    pub fn condition(mut self, name: impl Into<Arc<str>>) -> Self {
        self.says.conditions.push(name.into());
        self
    }

    /// Whether a Running instance is cancelled with `ConditionLoss` when one of the conditions stops to hold (F3); not by
    /// default.
    pub fn cancel_on_condition_loss(mut self, cancel: bool) -> Self {
        self.says.cancel_on_condition_loss = cancel;
        self
    }

    /// How long an instance may run, suspensions not counted, before it is cancelled with `ExecutionTimeExceeded` (C7); as
    /// long as it likes by default.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.says.deadline = Some(deadline);
        self
    }

    /// How long a cancelled instance may take before it is abandoned; the host's grace by default (C6).
    pub fn grace(mut self, grace: Duration) -> Self {
        self.says.grace = Some(grace);
        self
    }

    /// What happens to a firing when the task is busy (F4); [`WhenBusy::Parallel`] for manual triggers and
    /// [`WhenBusy::Coalesce`] for the others by default.
    pub fn when_busy(mut self, when_busy: WhenBusy) -> Self {
        self.says.when_busy = Some(when_busy);
        self
    }

    /// How many instances may run at once; by default one, and without a limit for [`WhenBusy::Parallel`] (F4).
    pub fn max_running(mut self, max_running: usize) -> Self {
        self.says.max_running = Some(max_running);
        self
    }

    /// How many instances may be Pending before further firings are refused, with [`WhenBusy::Parallel`] and
    /// [`WhenBusy::Queue`]; 1,048,576 by default (F4).
    pub fn max_pending(mut self, max_pending: usize) -> Self {
        self.says.max_pending = max_pending;
        self
    }

    /// How many failures in a row disable the task; by default none do (G6).
    pub fn max_failures(mut self, max_failures: u32) -> Self {
        self.says.max_failures = Some(max_failures);
        self
    }

    /// What happens when the name is taken; [`IfExists::Fail`] by default (G1).
    pub fn if_exists(mut self, if_exists: IfExists) -> Self {
        self.if_exists = if_exists;
        self
    }

    /// What a shutdown of the host does with instances of this task; [`OnShutdown::Cancel`] by default (H2).
    pub fn on_shutdown(mut self, on_shutdown: OnShutdown) -> Self {
        self.says.on_shutdown = on_shutdown;
        self
    }

    /// The entry point: it runs on one of the host's workers, once for every instance, and may run several times at
    /// once. An error or panic that leaves it makes its instance Failed (L7).
    ///
    /// What it captures lives until the task has ended. A captured [`Host`] would keep itself open; capture
    /// [`Host::downgrade`] or ask [`Instance::host`] (H2).
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

    /// An entry point that only begins the work, which is done elsewhere: by callbacks, on an event loop, in another
    /// language. Its [`Stay`] holds the instance until the work is done, on whichever thread that is; no worker is
    /// occupied, or needed at the end (L8).
    ///
    /// ```
    /// # use backstay::{Details, Host, TaskBuilder};
    /// # let host = Host::new();
    /// let copy = TaskBuilder::new("copy")
    ///     .run_elsewhere(|stay| {
    ///         // An event loop of the application would do this.
    ///         std::thread::spawn(move || stay.leave(Ok(())));
    ///     })
    ///     .register(&host)?;
    /// copy.fire(Details::none())?.wait(None)?.check()?;
    /// # Ok::<(), backstay::Error>(())
    /// ```
    #[track_caller]
    pub fn run_elsewhere(self, run: impl Fn(Stay) + Send + Sync + 'static) -> Self {
        self.run_elsewhere_at(run, Site::here())
    }

    /// The same for a binding, which knows the line of its own language.
    pub fn run_elsewhere_at(mut self, run: impl Fn(Stay) + Send + Sync + 'static, site: Site) -> Self {
        let enter = move |instance: &Instance| {
            Stay::enter(instance, &run);
            Entered::Elsewhere
        };
        self.run = Some((Arc::new(enter), site));
        self
    }

    /// Everything that is wrong with the description, each with its field; nothing when it can be registered (G2).
    pub fn validate(&self) -> Vec<Fault> {
        let mut faults = Faults::default();
        let says = &self.says;
        faults.look_at_name("name", &says.name);
        if let Some(group) = &says.group {
            faults.look_at_name("group", group);
        }
        match &says.trigger {
            Trigger::Every(period) if period.is_zero() => {
                faults.add("trigger", "has a period of zero; give the time between two firings");
            }
            Trigger::Event(name) => faults.look_at_name("trigger", name),
            _ => {}
        }
        for (index, name) in says.conditions.iter().enumerate() {
            faults.look_at_name("conditions", name);
            if says.conditions[..index].contains(name) {
                faults.add("conditions", format!("name {name:?} twice; once is enough"));
            }
        }
        if says.cancel_on_condition_loss && says.conditions.is_empty() {
            faults.add("cancel_on_condition_loss", "is set, but there is no condition to lose; name one");
        }
        faults.refuse_zero("deadline", says.deadline.map(|deadline| deadline.is_zero()), "cancel it at once");
        faults.refuse_zero("max_running", says.max_running.map(|limit| limit == 0), "let nothing run");
        faults.refuse_zero("max_pending", Some(says.max_pending == 0), "let nothing be fired");
        faults.refuse_zero("max_failures", says.max_failures.map(|limit| limit == 0), "let nothing be fired");
        if self.run.is_none() {
            faults.add("run", "is missing; a task needs an entry point");
        }
        faults.0
    }

    /// Registers the task: from now on it can be fired. With [`IfExists::Keep`] it may be the old one that is given
    /// back.
    ///
    /// # Errors
    /// [`Error::InvalidTask`] with every fault at once (G2), [`Error::NameTaken`] (G1), [`Error::Closed`],
    /// [`Error::Forked`].
    pub fn register(self, host: &Host) -> Result<Task, Error> {
        let faults = self.validate();
        let Some((run, site)) = self.run.filter(|_| faults.is_empty()) else {
            return Err(Error::InvalidTask { faults });
        };
        let scheduler = host.scheduler();
        let home: Arc<dyn Home> = Arc::<Scheduler>::clone(scheduler);
        let definition = Arc::new(Definition::new(home, self.says, site, run));
        let registered = scheduler.register(&definition, self.if_exists)?;
        Ok(Task::new(registered, Arc::clone(scheduler)))
    }
}

/// The faults found so far.
#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, field: &'static str, problem: impl Into<String>) {
        self.0.push(Fault { field, problem: problem.into() });
    }

    fn look_at_name(&mut self, field: &'static str, name: &str) {
        if name.is_empty() {
            self.add(field, "is empty; it is found and reported by its name");
        }
        if name.chars().any(char::is_control) {
            self.add(field, "has a control character; it is printed in reports, so use a printable name");
        }
    }

    fn refuse_zero(&mut self, field: &'static str, is_zero: Option<bool>, effect: &str) {
        if is_zero == Some(true) {
            self.add(field, format!("is 0, which would {effect}; give more, or leave it out"));
        }
    }
}
