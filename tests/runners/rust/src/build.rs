//! From the options of a file to a host and its tasks.

use std::sync::Arc;

use backstay::{Error, Host, Instance, Task, TaskBuilder};

use crate::stage::Stage;
use crate::step::{HostOptions, TaskOptions};

/// How many entry points run at once unless the file says otherwise: the same on every machine.
const WORKERS: usize = 4;

/// Opens a host with a manual clock, whose events are written down.
pub(crate) fn open(options: &HostOptions, stage: &Stage) -> Result<Host, Error> {
    let mut builder = Host::builder().manual_clock().workers(options.workers.unwrap_or(WORKERS));
    if let Some(grace) = options.grace {
        builder = builder.grace(grace);
    }
    if let Some(age) = options.overdue_after {
        builder = builder.overdue_after(age);
    }
    let host = builder.build()?;
    stage.traces.watch(&host);
    Ok(host)
}

/// Registers a task whose runs do what the file says.
pub(crate) fn register(options: &TaskOptions, stage: &Arc<Stage>, host: &Host) -> Result<Task, Error> {
    let (stage, called) = (Arc::clone(stage), options.called());
    let enter = move |instance: &Instance| stage.enter(&called, instance);
    let mut builder = TaskBuilder::new(&options.name).run(enter);
    if let Some(trigger) = &options.trigger {
        builder = builder.trigger(trigger.clone());
    }
    for condition in &options.conditions {
        builder = builder.condition(condition.as_str());
    }
    if options.cancel_on_loss {
        builder = builder.cancel_on_condition_loss(true);
    }
    if let Some(deadline) = options.deadline {
        builder = builder.deadline(deadline);
    }
    if let Some(grace) = options.grace {
        builder = builder.grace(grace);
    }
    if let Some(busy) = options.busy {
        builder = builder.when_busy(busy);
    }
    if let Some(limit) = options.max_running {
        builder = builder.max_running(limit);
    }
    if let Some(limit) = options.max_failures {
        builder = builder.max_failures(limit);
    }
    if let Some(group) = &options.group {
        builder = builder.group(group.as_str());
    }
    if let Some(policy) = options.if_exists {
        builder = builder.if_exists(policy);
    }
    builder.register(host)
}
