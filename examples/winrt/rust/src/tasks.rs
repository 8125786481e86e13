//! The two background tasks of the sample, and the timer that the first of them runs by.

use std::sync::Arc;
use std::time::Duration;

use backstay::{CancelReason, Deferral, Instance, TaskBuilder, TaskError, Trigger};

use crate::system::{SECOND, Settings, TIMERS};

/// Body A: ten ticks of a second, ten percent each, held by a deferral after Run has returned.
pub(crate) struct SampleBackgroundTask {
    settings: Arc<Settings>,
    deferral: Deferral,
}

impl SampleBackgroundTask {
    /// Begins to tick, and returns. Who does not look at the body leaves it to the timer.
    pub(crate) fn run(settings: &Arc<Settings>, instance: &Instance) -> Result<Arc<Self>, TaskError> {
        // A host that knows of batteries would say what work costs now.
        settings.set("BackgroundWorkCost", "Low");
        let deferral = instance.get_deferral("ten ticks")?;
        let body = Arc::new(Self { settings: Arc::clone(settings), deferral });
        let ticking = Arc::clone(&body);
        start_timer(instance, "ticks", SECOND, move || ticking.tick())?;
        Ok(body)
    }

    /// Goes on by ten percent, or ends; whether there is more to do.
    ///
    /// The instance remembers a cancellation, so there is neither a handler nor a flag. Two ticks that both see the end
    /// do no harm: the second `complete` changes nothing.
    pub(crate) fn tick(&self) -> bool {
        let instance = self.deferral.instance();
        let (reason, progress) = (instance.canceled(), instance.progress());
        if reason.is_none() && progress < 100 {
            instance.set_progress(progress + 10);
            return true;
        }
        // All is done at 100, so a cancellation that comes then is too late to be reported.
        self.settings.set(instance.task().name(), ending(reason.filter(|_| progress < 100)));
        self.deferral.complete();
        false
    }
}

/// Body B: all in one go and no deferral, so that the instance ends when this returns.
fn servicing_complete(settings: &Settings, instance: &Instance) {
    for progress in (0..=100).step_by(10).take_while(|_| instance.canceled().is_none()) {
        instance.set_progress(progress);
    }
    settings.set(instance.task().name(), ending(instance.canceled()));
}

/// Enters a class by its name, as a manifest lists them.
pub(crate) fn run_class(name: &str, settings: &Arc<Settings>, instance: &Instance) -> Result<(), TaskError> {
    match name {
        "Tasks.SampleBackgroundTask" => SampleBackgroundTask::run(settings, instance).map(drop),
        "Tasks.ServicingComplete" => {
            servicing_complete(settings, instance);
            Ok(())
        }
        _ => Err(TaskError::new(format!("there is no class {name}"))),
    }
}

/// Calls `tick` every so often by the host's clock, as long as it says that there is more to do.
pub(crate) fn start_timer(
    instance: &Instance,
    label: &str,
    period: Duration,
    tick: impl Fn() -> bool + Send + Sync + 'static,
) -> Result<(), TaskError> {
    let host = instance
        .host()
        .ok_or_else(|| TaskError::new("the host is ending, so its clock has no more ticks"))?;
    TaskBuilder::new(format!("{label} of {}", instance.id()))
        .group(TIMERS)
        .trigger(Trigger::every(period))
        .run(move |timer| {
            if !tick() {
                timer.task().unregister(false)?;
            }
            Ok(())
        })
        .register(&host)?;
    Ok(())
}

/// What the store keeps of how a task ended.
pub(crate) fn ending(reason: Option<CancelReason>) -> String {
    reason.map_or_else(|| "Completed".to_owned(), |reason| format!("Canceled with reason: {reason}"))
}
