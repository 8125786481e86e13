//! Steps written back as lines of text.

use std::fmt::{self, Display, Formatter};

use backstay::Trigger;

use super::{
    Act, ExpectedHost, ExpectedInstance, ExpectedReport, ExpectedTask, HostOptions, Step, Target, TaskOptions,
};
use crate::names::{self, Written};
use crate::words::Quoted;

impl Display for Step {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Step::Host(options) => write!(f, "host{options}"),
            Step::Condition { name, on } => {
                write!(f, "condition {} {}", Quoted(name), names::word(names::ON_OFF, on))
            }
            Step::Task(options) => write!(f, "task {options}"),
            Step::Run { task, acts } => {
                write!(f, "run {}:", Quoted(task))?;
                acts.iter()
                    .enumerate()
                    .try_for_each(|(index, act)| write!(f, "{}{act}", if index == 0 { " " } else { "; " }))
            }
            Step::Fire { task, name, details } => {
                write!(f, "fire {} as {}", Quoted(task), Quoted(name))?;
                option(f, "details", details.as_deref().map(Quoted))
            }
            Step::Raise { event, details } => {
                write!(f, "raise {}", Quoted(event))?;
                option(f, "details", details.as_deref().map(Quoted))
            }
            Step::New { task, name } => write!(f, "new {} as {}", Quoted(task), Quoted(name)),
            Step::Go { instance } => write!(f, "go {}", Quoted(instance)),
            Step::Defer { label, instance } => write!(f, "defer {} of {}", Quoted(label), Quoted(instance)),
            Step::Complete { label, instance } => {
                write!(f, "complete {} of {}", Quoted(label), Quoted(instance))
            }
            Step::Drop { label, instance } => write!(f, "drop {} of {}", Quoted(label), Quoted(instance)),
            Step::Fail { label, instance, text } => {
                write!(f, "fail {} of {} {}", Quoted(label), Quoted(instance), Quoted(text))
            }
            Step::Progress { instance, progress } => write!(f, "progress {} {progress}", Quoted(instance)),
            Step::Cancel { instance, reason } => write!(f, "cancel {} {reason}", Quoted(instance)),
            Step::Suspend { target, cause } => {
                write!(f, "suspend {target}")?;
                option(f, "cause", cause.map(|cause| names::word(names::CAUSE, &cause)))
            }
            Step::Resume { target } => write!(f, "resume {target}"),
            Step::Unregister { task, cancel } => {
                write!(f, "unregister {}{}", Quoted(task), if *cancel { " cancel" } else { "" })
            }
            Step::Enable { task } => write!(f, "enable {}", Quoted(task)),
            Step::Advance { by } => write!(f, "advance {}", Written(*by)),
            Step::Drain { timeout } => write!(f, "drain {}", Written(*timeout)),
            Step::Shutdown { grace } => write!(f, "shutdown {}", Written(*grace)),
            Step::Joined(expected) => write!(f, "joined{expected}"),
            Step::ExpectInstance { instance, expected } => write!(f, "expect {}{expected}", Quoted(instance)),
            Step::ExpectTask { task, expected } => write!(f, "expect task {}{expected}", Quoted(task)),
            Step::ExpectHost(expected) => write!(f, "expect host{expected}"),
            Step::Refused { status, step } => write!(f, "refused {}: {step}", status.name()),
            Step::Trace { instance, events } => {
                write!(f, "trace {}:", Quoted(instance))?;
                events.iter().try_for_each(|event| write!(f, " {}", Quoted(event)))
            }
        }
    }
}

impl Display for Act {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Act::Defer(label) => write!(f, "defer {}", Quoted(label)),
            Act::Complete(label) => write!(f, "complete {}", Quoted(label)),
            Act::Progress(progress) => write!(f, "progress {progress}"),
            Act::Hold => f.write_str("hold"),
            Act::Checkpoint => f.write_str("checkpoint"),
            Act::Fail(text) => write!(f, "fail {}", Quoted(text)),
            Act::Panic => f.write_str("panic"),
            Act::Unregister => f.write_str("unregister"),
            Act::Fire(task) => write!(f, "fire {}", Quoted(task)),
            Act::Return => f.write_str("return"),
        }
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Target::Host => f.write_str("host"),
            Target::Task(task) => write!(f, "task {}", Quoted(task)),
            Target::Instance(instance) => write!(f, "{}", Quoted(instance)),
        }
    }
}

impl Display for HostOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        option(f, "workers", self.workers)?;
        option(f, "grace", self.grace.map(Written))?;
        option(f, "overdue-after", self.overdue_after.map(Written))
    }
}

impl Display for TaskOptions {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Quoted(&self.name))?;
        match &self.trigger {
            None => {}
            Some(Trigger::Manual) => f.write_str(" trigger=manual")?,
            Some(Trigger::After(delay)) => write!(f, " trigger=after:{}", Written(*delay))?,
            Some(Trigger::Every(period)) => write!(f, " trigger=every:{}", Written(*period))?,
            Some(Trigger::Event(event)) => write!(f, " trigger=event:{}", Quoted(event))?,
            // A trigger that the language has no word for, which no parser accepts.
            Some(_) => f.write_str(" trigger=?")?,
        }
        self.conditions.iter().try_for_each(|condition| write!(f, " condition={}", Quoted(condition)))?;
        if self.cancel_on_loss {
            f.write_str(" cancel-on-loss")?;
        }
        option(f, "deadline", self.deadline.map(Written))?;
        option(f, "grace", self.grace.map(Written))?;
        option(f, "busy", self.busy.map(|busy| names::word(names::BUSY, &busy)))?;
        option(f, "max-running", self.max_running)?;
        option(f, "max-failures", self.max_failures)?;
        option(f, "group", self.group.as_deref().map(Quoted))?;
        option(f, "if-exists", self.if_exists.map(|policy| names::word(names::IF_EXISTS, &policy)))
    }
}

impl Display for ExpectedInstance {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        option(f, "state", self.state)?;
        option(f, "outcome", self.outcome)?;
        option(f, "reason", self.reason)?;
        option(f, "error", self.error.as_deref().map(Quoted))?;
        option(f, "deferrals", self.deferrals)?;
        option(f, "progress", self.progress)?;
        option(f, "suspended", self.suspended)?;
        option(f, "throttled", self.throttled)?;
        option(f, "details", self.details.as_deref().map(Quoted))?;
        list(f, "dropped", self.dropped.as_deref())?;
        option(f, "remaining", self.remaining.map(Written))
    }
}

impl Display for ExpectedTask {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        option(f, "running", self.running)?;
        option(f, "pending", self.pending)?;
        option(f, "registered", self.registered.map(|yes| names::word(names::YES_NO, &yes)))?;
        option(f, "disabled", self.disabled.map(|yes| names::word(names::YES_NO, &yes)))
    }
}

impl Display for ExpectedHost {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        option(f, "stragglers", self.stragglers)?;
        option(f, "holders", self.holders)?;
        option(f, "state", self.state)
    }
}

impl Display for ExpectedReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        option(f, "finished", self.finished)?;
        option(f, "abandoned", self.abandoned)?;
        list(f, "holders", self.holders.as_deref())
    }
}

fn option(f: &mut Formatter<'_>, key: &str, value: Option<impl Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| write!(f, " {key}={value}"))
}

fn list(f: &mut Formatter<'_>, key: &str, labels: Option<&[String]>) -> fmt::Result {
    option(f, key, labels.map(|labels| labels.join(",")).as_deref().map(Quoted))
}
