//! What each step calls.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use backstay::{Closing, Deferral, Details, Host, Instance, Status, Task, TaskError, Uuid};

use crate::build;
use crate::closing::Report;
use crate::expect::{compare_host, compare_instance, compare_task, wait_until_equal};
use crate::stage::Stage;
use crate::step::{HostOptions, Step, Target};
use crate::traces::PATIENCE;
use crate::trouble::{Trouble, answered};

/// A scenario that is being played.
pub(crate) struct Player {
    stage: Arc<Stage>,
    /// There from the first step on that needs one.
    host: Option<Host>,
    /// What the file calls which instance.
    names: HashMap<String, Instance>,
    named: HashSet<Uuid>,
    report: Option<Report>,
}

impl Player {
    pub(crate) fn new(stage: Arc<Stage>) -> Self {
        Self { stage, host: None, names: HashMap::new(), named: HashSet::new(), report: None }
    }

    /// Carries out one step, and then waits until everything it caused was told (E7).
    pub(crate) fn perform(&mut self, step: &Step) -> Result<(), Trouble> {
        match step {
            Step::Refused { status, step } => self.refused(*status, step)?,
            _ => self.act(step, true)?,
        }
        self.flush()?;
        self.no_mistake()
    }

    /// Ends everything that is still alive. A file need not: what it looks at has been seen.
    pub(crate) fn close(&mut self) -> Result<(), Trouble> {
        self.stage.gates.release();
        if let Some(host) = self.host.take() {
            host.shutdown(Duration::ZERO)?;
        }
        self.no_mistake()
    }

    fn refused(&mut self, status: Status, step: &Step) -> Result<(), Trouble> {
        match self.act(step, false) {
            Err(Trouble::Refused(seen, _)) if seen == status => Ok(()),
            Err(Trouble::Refused(seen, text)) => {
                Err(Trouble::Wrong(format!("expected {status}, saw {seen} ({text})")))
            }
            Err(wrong @ Trouble::Wrong(_)) => Err(wrong),
            Ok(()) => Err(Trouble::Wrong(format!("expected {status}, saw OK"))),
        }
    }

    /// The step itself. With `mark`, a step that names an instance leaves a mark in its trace.
    fn act(&mut self, step: &Step, mark: bool) -> Result<(), Trouble> {
        if let Step::Host(options) = step {
            self.host = Some(build::open(options, &self.stage)?);
            return Ok(());
        }
        let host = self.host()?;
        if mark {
            self.mark(step)?;
        }
        match step {
            // Both are dealt with before a host is needed.
            Step::Host(_) | Step::Refused { .. } => Ok(()),
            Step::Condition { name, on } => Ok(host.set_condition(name, *on)?),
            Step::Task(options) => {
                let task = build::register(options, &self.stage, &host)?;
                self.stage.set_task(&options.called(), task);
                Ok(())
            }
            Step::Run { task, acts } => self.stage.set_script(task, acts),
            Step::Fire { task, name, details } => {
                let instance = self.task(task)?.fire(to_details(details.as_deref()))?;
                self.name(name, instance);
                Ok(())
            }
            Step::Raise { event, details } => {
                host.raise_event(event, to_details(details.as_deref()))?;
                Ok(())
            }
            Step::New { task, name } => self.name_oldest(task, name),
            Step::Go { instance } => self.go(instance),
            Step::Defer { label, instance } => {
                Ok(self.stage.deferrals.take(self.instance(instance)?, label)?)
            }
            Step::Complete { label, instance } => self.end(instance, label, Deferral::complete),
            Step::Fail { label, instance, text } => {
                self.end(instance, label, |deferral| deferral.fail(TaskError::new(text.as_str())))
            }
            Step::Drop { label, instance } => {
                let dropped = self.stage.deferrals.drop(self.instance(instance)?, label);
                dropped.ok_or_else(|| Trouble::nobody("deferral", label))
            }
            Step::Progress { instance, progress } => {
                self.instance(instance)?.set_progress(*progress);
                Ok(())
            }
            Step::Cancel { instance, reason } => {
                self.instance(instance)?.cancel(*reason);
                Ok(())
            }
            Step::Suspend { target, cause } => {
                match target {
                    Target::Host => host.suspend(*cause),
                    Target::Task(task) => self.task(task)?.suspend(*cause),
                    Target::Instance(instance) => self.instance(instance)?.suspend(*cause),
                }
                Ok(())
            }
            Step::Resume { target } => {
                match target {
                    Target::Host => host.resume(),
                    Target::Task(task) => self.task(task)?.resume(),
                    Target::Instance(instance) => self.instance(instance)?.resume(),
                }
                Ok(())
            }
            Step::Unregister { task, cancel } => Ok(self.task(task)?.unregister(*cancel)?),
            Step::Enable { task } => Ok(self.task(task)?.enable()?),
            Step::Advance { by } => Ok(host.advance(*by)?),
            Step::Drain { timeout } => self.wait_for_report(host.begin_drain(*timeout)),
            Step::Shutdown { grace } => self.wait_for_report(host.begin_shutdown(*grace)),
            Step::Joined(expected) => {
                let nothing = || Trouble::Wrong("nothing has been drained or shut down".to_owned());
                self.report.as_mut().ok_or_else(nothing)?.compare(expected)
            }
            Step::ExpectInstance { instance, expected } => {
                let (instance, traces) = (self.instance(instance)?, &self.stage.traces);
                wait_until_equal(traces, || compare_instance(expected, instance, traces))
            }
            Step::ExpectTask { task, expected } => {
                let task = self.task(task)?;
                wait_until_equal(&self.stage.traces, || compare_task(expected, &task))
            }
            Step::ExpectHost(expected) => {
                wait_until_equal(&self.stage.traces, || compare_host(expected, &host))
            }
            Step::Trace { instance, events } => {
                let seen = self.stage.traces.of(self.instance(instance)?);
                if seen == *events {
                    return Ok(());
                }
                Err(Trouble::Wrong(format!("expected {}, saw {}", events.join(" "), seen.join(" "))))
            }
        }
    }

    /// Writes down a step by hand that names an instance. `go` does so itself, when the run has come to its hold.
    fn mark(&self, step: &Step) -> Result<(), Trouble> {
        let (instance, mark) = match step {
            Step::Defer { label, instance } => (instance, format!("defer:{label}")),
            Step::Complete { label, instance } => (instance, format!("complete:{label}")),
            Step::Drop { label, instance } => (instance, format!("drop:{label}")),
            Step::Fail { label, instance, .. } => (instance, format!("fail:{label}")),
            Step::Progress { instance, progress } => (instance, format!("progress:{progress}")),
            Step::Cancel { instance, .. } => (instance, "cancel".to_owned()),
            Step::Suspend { target: Target::Instance(instance), .. } => (instance, "suspend".to_owned()),
            Step::Resume { target: Target::Instance(instance) } => (instance, "resume".to_owned()),
            _ => return Ok(()),
        };
        self.stage.traces.mark(self.instance(instance)?, &mark);
        Ok(())
    }

    fn go(&self, name: &str) -> Result<(), Trouble> {
        let instance = self.instance(name)?;
        if !self.stage.gates.wait_for(instance.id()) {
            let seen = instance.state();
            return Err(Trouble::Wrong(format!(
                "expected the run of {name} at a hold, saw it elsewhere ({seen})"
            )));
        }
        self.flush()?;
        self.stage.traces.mark(instance, "go");
        self.stage.gates.let_pass(instance.id());
        Ok(())
    }

    fn end(&self, instance: &str, label: &str, end: impl Fn(&Deferral) -> Status) -> Result<(), Trouble> {
        let status = self.stage.deferrals.end(self.instance(instance)?, label, end);
        answered(status.ok_or_else(|| Trouble::nobody("deferral", label))?)
    }

    fn wait_for_report(&mut self, closing: Closing) -> Result<(), Trouble> {
        let no_thread = |error| Trouble::Wrong(format!("no thread to wait for the report: {error}"));
        self.report = Some(Report::of(closing).map_err(no_thread)?);
        Ok(())
    }

    fn name_oldest(&mut self, task: &str, name: &str) -> Result<(), Trouble> {
        let of_task = self.task(task)?;
        let is_meant =
            |instance: &Instance| !self.named.contains(&instance.id()) && instance.task() == of_task;
        let traces = &self.stage.traces;
        let found = traces.wait_for(|| traces.instances().into_iter().find(is_meant));
        let nobody = || Trouble::Wrong(format!("expected an instance of {task} without a name, saw none"));
        self.name(name, found.ok_or_else(nobody)?);
        Ok(())
    }

    fn name(&mut self, name: &str, instance: Instance) {
        self.named.insert(instance.id());
        self.names.insert(name.to_owned(), instance);
    }

    fn instance(&self, name: &str) -> Result<&Instance, Trouble> {
        self.names.get(name).ok_or_else(|| Trouble::nobody("instance", name))
    }

    /// A task that was never registered is answered as the library answers a search for it.
    fn task(&self, name: &str) -> Result<Task, Trouble> {
        let not_found = || Trouble::Refused(Status::NotFound, format!("no task {name:?} was registered"));
        self.stage.task(name).ok_or_else(not_found)
    }

    /// The host, opened with the default options when no `host` stood before.
    fn host(&mut self) -> Result<Host, Trouble> {
        if let Some(host) = &self.host {
            return Ok(host.clone());
        }
        let host = build::open(&HostOptions::default(), &self.stage)?;
        self.host = Some(host.clone());
        Ok(host)
    }

    fn no_mistake(&self) -> Result<(), Trouble> {
        self.stage.mistake().map_or(Ok(()), |mistake| Err(Trouble::Wrong(mistake)))
    }

    fn flush(&self) -> Result<(), Trouble> {
        self.host.as_ref().map_or(Ok(()), |host| Ok(host.flush(Some(PATIENCE))?))
    }
}

fn to_details(text: Option<&str>) -> Details {
    text.map_or_else(Details::none, Details::text)
}
