//! What `SampleConfiguration` and `App` are in the sample: how tasks are registered, found, entered and shown.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use backstay::{Details, Error, Instance, Task, TaskBuilder, TaskError, Trigger, WhenBusy};
use parking_lot::Mutex;

use crate::system::{Settings, System};
use crate::tasks::{SampleBackgroundTask, run_class};

pub(crate) const GROUP_ID: &str = "3F2504E0-5F89-41D3-9A0C-0405E82C3333";
pub(crate) const TIME_TRIGGERED_TASK: &str = "TimeTriggeredTask";
pub(crate) const APPLICATION_TRIGGER_TASK: &str = "ApplicationTriggerTask";
/// The host says by this condition whether the user lets the application work in the background (`RequestAccessAsync`).
pub(crate) const ACCESS: &str = "BackgroundAccess";
/// What a time trigger may not be below. The library has no such limit; the sample has it from Windows.
const SHORTEST_PERIOD: Duration = Duration::from_mins(15);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Entry points by the names of classes, status in a store that outlives the application.
    OutOfProcess,
    /// The handlers of the application are entered, status in its memory.
    InProcess,
}

/// What a page registers, the arguments of `RegisterBackgroundTask`.
#[derive(Clone)]
pub(crate) struct Registration {
    pub(crate) name: &'static str,
    pub(crate) trigger: Trigger,
    pub(crate) entry_point: &'static str,
    /// To lose it cancels what runs.
    pub(crate) condition: Option<&'static str>,
    pub(crate) group: Option<&'static str>,
}

impl Registration {
    pub(crate) fn new(name: &'static str, trigger: Trigger) -> Self {
        Self { name, trigger, entry_point: "Tasks.SampleBackgroundTask", condition: None, group: None }
    }

    /// Whether the application itself signals it: what an `ApplicationTrigger` is.
    fn is_application_triggered(&self) -> bool {
        self.trigger == Trigger::Manual
    }
}

/// Why a task was not registered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegisterError {
    #[error("a time trigger takes 15 minutes or more")]
    TooOften,
    #[error("{0} has the application trigger")]
    SecondApplicationTrigger(String),
    #[error(transparent)]
    Refused(#[from] Error),
}

type Handler = fn(&App, &Instance) -> Result<(), TaskError>;

/// The application, in one of its two variants. A new one takes the place of the old one.
pub(crate) struct App {
    pub(crate) system: Arc<System>,
    pub(crate) settings: Arc<Settings>,
    variant: Variant,
    /// The handlers of groups, which are entered instead of that of the application (B87).
    groups: HashMap<&'static str, Handler>,
    /// The task that the application signals: one, as Windows allows (B88).
    signaled: Mutex<Option<Task>>,
}

impl App {
    pub(crate) fn launch(system: &Arc<System>, variant: Variant) -> Arc<Self> {
        let settings = match variant {
            Variant::OutOfProcess => Arc::clone(&system.local_settings),
            Variant::InProcess => Arc::default(),
        };
        let groups = HashMap::from([(GROUP_ID, App::on_group_activated as Handler)]);
        let signaled = Mutex::default();
        let app = Arc::new(Self { system: Arc::clone(system), settings, variant, groups, signaled });
        *system.app.lock() = Arc::downgrade(&app);
        app
    }

    /// Registers a task and forgets how it ended before.
    pub(crate) fn register(&self, wanted: &Registration) -> Result<Task, RegisterError> {
        if matches!(wanted.trigger, Trigger::Every(period) if period < SHORTEST_PERIOD) {
            return Err(RegisterError::TooOften);
        }
        let mut signaled = self.signaled.lock();
        let other = signaled.as_ref().filter(|task| task.is_registered() && task.name() != wanted.name);
        // A second one of the same name is refused by the host.
        if let Some(other) = other.filter(|_| wanted.is_application_triggered()) {
            return Err(RegisterError::SecondApplicationTrigger(other.name().to_owned()));
        }
        let mut builder = TaskBuilder::new(wanted.name).trigger(wanted.trigger.clone());
        if let Some(group) = wanted.group {
            builder = builder.group(group);
        }
        if let Some(condition) = wanted.condition {
            builder = builder.condition(condition).cancel_on_condition_loss(true);
        }
        if matches!(wanted.name, TIME_TRIGGERED_TASK | APPLICATION_TRIGGER_TASK) {
            builder = builder.condition(ACCESS);
        }
        if wanted.is_application_triggered() {
            builder = builder.when_busy(WhenBusy::Reject);
        }
        let task = builder.run(self.entry_point(wanted)).register(&self.system.host)?;
        if wanted.is_application_triggered() {
            *signaled = Some(task.clone());
        }
        self.settings.remove(wanted.name);
        Ok(task)
    }

    /// Unregisters a task, and asks what runs of it to stop.
    pub(crate) fn unregister(&self, wanted: &Registration) -> Result<(), Error> {
        self.find(wanted).map_or(Ok(()), |task| task.unregister(true))
    }

    /// `ApplicationTrigger.RequestAsync`.
    pub(crate) fn signal(&self, wanted: &Registration) -> Result<&'static str, Error> {
        self.settings.remove(wanted.name);
        let Some(task) = self.signaled.lock().clone() else { return Ok("Unregistered") };
        if !self.system.host.condition(ACCESS) {
            return Ok("DisabledByPolicy");
        }
        match task.fire(Details::none()) {
            Ok(_) => Ok("Allowed"),
            Err(Error::CurrentlyRunning { .. }) => Ok("CurrentlyRunning"),
            Err(Error::Unregistered { .. }) => Ok("Unregistered"),
            Err(error) => Err(error),
        }
    }

    /// `AllTasks`, or those of a group.
    pub(crate) fn tasks(&self, group: Option<&str>) -> Vec<Task> {
        let host = &self.system.host;
        group.map_or_else(|| host.tasks(), |group| host.group(group).tasks())
    }

    /// The task of this name, if it is registered.
    pub(crate) fn find(&self, wanted: &Registration) -> Option<Task> {
        let host = &self.system.host;
        wanted.group.map_or_else(|| host.task(wanted.name), |group| host.group(group).task(wanted.name))
    }

    /// How a page shows it: "Registered - Completed".
    pub(crate) fn status(&self, wanted: &Registration) -> String {
        let registered = if self.find(wanted).is_some() { "Registered" } else { "Unregistered" };
        match self.settings.get(wanted.name) {
            Some(stored) => format!("{registered} - {stored}"),
            None => registered.to_owned(),
        }
    }

    /// The class of the name, or else whichever application is there when the task runs.
    fn entry_point(&self, wanted: &Registration) -> impl Fn(&Instance) -> Result<(), TaskError> + use<> {
        // Weakly, since what a task captures does not keep its host open (H2).
        let (system, name, variant) = (Arc::downgrade(&self.system), wanted.entry_point, self.variant);
        move |instance| {
            let system = system.upgrade().ok_or_else(|| TaskError::new("the system has ended"))?;
            if variant == Variant::OutOfProcess {
                system.say(format!("Run: {name}"));
                return run_class(name, &system.local_settings, instance);
            }
            let app = system.app.lock().upgrade().ok_or_else(|| TaskError::new("there is no application"))?;
            app.on_background_activated(instance)
        }
    }

    /// Where what names no entry point is entered, unless its group has a handler.
    fn on_background_activated(&self, instance: &Instance) -> Result<(), TaskError> {
        let task = instance.task();
        if let Some(handler) = task.group().and_then(|group| self.groups.get(group)) {
            return handler(self, instance);
        }
        self.system.say(format!("OnBackgroundActivated: {}", task.name()));
        SampleBackgroundTask::run(&self.settings, instance).map(drop)
    }

    /// The handler of the group.
    fn on_group_activated(&self, instance: &Instance) -> Result<(), TaskError> {
        self.system.say(format!("BackgroundActivated of the group: {}", instance.task().name()));
        SampleBackgroundTask::run(&self.settings, instance).map(drop)
    }
}
