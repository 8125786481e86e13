//! Somebody who calls every public function, from wherever a test puts it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use backstay::{
    CancelReason, Cause, Counter, Deferral, Details, Error, Host, HostState, IfExists, Instance, Stack,
    Status, Subscription, Task,
};
use backstay::{TaskBuilder, TaskError, Trigger, WhenBusy};
use parking_lot::Mutex;

use super::{Deferring, LONG, free_the_worker, keep};

/// How the calls were answered that may be refused: shutdown, drain, the wait for either, flush, advance, and wait on
/// the own instance.
pub(crate) type Answers = [Status; 6];

pub(crate) const REFUSED: [Status; 5] = [Status::WouldDeadlock; 5];

pub(crate) fn status<T>(answer: Result<T, Error>) -> Status {
    answer.map_or_else(|error| error.status(), |_| Status::Ok)
}

/// Calls every public function, once, from wherever it is told to.
pub(crate) struct Caller {
    host: Host,
    pub(crate) deferral: Deferral,
    /// The subscription of the handler that calls, if it is one.
    own: Arc<Mutex<Option<Subscription>>>,
    tell: Sender<Answers>,
    is_done: AtomicBool,
}

impl Caller {
    pub(crate) fn new(
        host: &Host,
        instance: &Instance,
    ) -> (Self, Arc<Mutex<Option<Subscription>>>, Receiver<Answers>) {
        let own = Arc::default();
        let (tell, told) = mpsc::channel();
        let deferral = instance.get_deferral("the caller").expect("the instance runs");
        let is_done = AtomicBool::new(false);
        (Self { host: host.clone(), deferral, own: Arc::clone(&own), tell, is_done }, own, told)
    }

    pub(crate) fn call_everything(&self) {
        // What is called here causes events whose handlers would call again.
        if self.is_done.swap(true, Ordering::Relaxed) {
            return;
        }
        let instance = self.deferral.instance();
        self.ask();
        let wait = status(instance.wait(Some(Duration::ZERO)));
        call_instance(instance);
        self.call_deferral();
        call_task(&instance.task());
        if let Some(own) = &*self.own.lock() {
            own.cancel();
            look(&format!("{own:?}"));
        }
        self.deferral.complete();
        self.deferral.fail(TaskError::new("too late"));
        let host = &self.host;
        call_host(host);
        call_task(&TaskBuilder::new("new").run(|_| Ok(())).register(host).expect("the name is new"));
        let flush = status(host.flush(Some(LONG)));
        let advance = status(host.advance(Duration::ZERO));
        let drain = status(host.drain(Duration::ZERO));
        let shutdown = status(host.shutdown(Duration::ZERO));
        host.begin_drain(Duration::ZERO);
        let closing = status(host.begin_shutdown(Duration::ZERO).wait(Some(LONG)));
        // Nobody listens when the test has failed already.
        let _ = self.tell.send([shutdown, drain, closing, flush, advance, wait]);
    }

    /// What only looks.
    fn ask(&self) {
        let (host, instance) = (&self.host, self.deferral.instance());
        look(&format!("{host:?} {instance:?} {:?} {:?}", instance.task(), self.deferral));
        look(&(host.state(), host.grace(), host.stragglers(), host.task("none")));
        look(&(instance.state(), instance.progress(), instance.holders(), instance.canceled()));
        look(&(instance.completion(), instance.details(), instance.id(), self.deferral.holder()));
        look(&(host.tasks(), host.groups(), host.group("g").tasks(), host.group("g").task("none")));
        look(&(host.holders(), host.snapshot().to_json(), host.snapshot().to_string()));
        look(&(host.is_suspended(), host.condition("new"), host.downgrade().upgrade(), instance.host()));
        look(&(host.refuse_inside("nothing"), instance.is_suspended(), instance.suspended_count()));
        look(&(instance.throttle_count(Counter::All), instance.deadline(), instance.remaining()));
        look(&(instance.cancellation().is_canceled(), instance.cancellation().reason()));
        let task = instance.task();
        look(&(task.explain(), task.group(), task.is_suspended(), task.is_disabled()));
    }

    fn call_deferral(&self) {
        let deferral = &self.deferral;
        look(&(
            deferral.canceled(),
            deferral.set_note("inside"),
            deferral.set_stack(Stack::from_text("here")),
        ));
        look(&deferral.set_overdue_after(LONG));
    }
}

/// What a question was answered does not matter here, only that it was.
fn look<T>(_answer: &T) {}

fn call_instance(instance: &Instance) {
    instance.set_progress(7);
    instance.suspend(Cause::Cpu);
    look(&instance.checkpoint_within(Some(Duration::ZERO)));
    poll_once(instance.checkpoint_async());
    instance.resume();
    look(&instance.checkpoint());
    look(&instance.cancellation().wait(Some(Duration::ZERO)));
    poll_once(instance.cancellation().canceled());
    poll_once(instance.finished());
    for end in [Deferral::complete, |deferral: &Deferral| deferral.fail(TaskError::new("on purpose"))] {
        if let Ok(deferral) = instance.get_deferral("inside") {
            end(&deferral);
        }
    }
    drop(instance.get_deferral("dropped inside"));
    instance.on_canceled(|_| ()).cancel();
    instance.cancel(CancelReason::Abort);
    keep(instance.on_canceled(|_| ()));
}

/// Polls a future and drops it, whether it was ready or not.
fn poll_once<T>(future: impl Future<Output = T>) {
    let mut future = std::pin::pin!(future);
    look(&future.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())));
}

/// What changes the host, or what is registered there.
fn call_host(host: &Host) {
    keep(host.on_event(|_| ()));
    host.on_event(|_| ()).cancel();
    look(&host.on_event(|_| ()).cancel_within(Some(Duration::ZERO)));
    host.suspend(Cause::Network);
    for (name, trigger) in [("event", Trigger::event("new")), ("clock", Trigger::every(LONG))] {
        for if_exists in [IfExists::Fail, IfExists::Keep, IfExists::Replace, IfExists::ReplaceAndCancel] {
            let new = TaskBuilder::new(name).group("g").trigger(trigger.clone()).condition("new");
            let new = new.when_busy(WhenBusy::Replace).if_exists(if_exists).run(|_| Ok(()));
            look(&new.validate());
            call_task_with_clock(&new.register(host).expect("the host is open"));
        }
    }
    // What they raise and allow may start as soon as the host is resumed.
    look(&host.raise_event("new", Details::text("raised inside")));
    look(&(
        host.set_condition("new", true),
        host.set_condition("new", false),
        host.set_condition("new", true),
    ));
    host.resume();
    let once = TaskBuilder::new("async").run_async(|_| async { Ok(()) });
    call_task(&once.register(host).expect("the name is new"));
}

fn call_task_with_clock(task: &Task) {
    task.suspend(None);
    look(&(task.fire_with_answer(Details::none()), task.enable(), task.explain()));
    task.resume();
}

fn call_task(task: &Task) {
    task.on_completed(|_| ()).cancel();
    task.on_progress(|_| ()).cancel();
    if let Ok(instance) = task.fire(Details::text("fired inside")) {
        instance.cancel(CancelReason::Abort);
    }
    call_task_with_clock(task);
    look(&(task.name(), task.is_registered(), task.running(), task.pending()));
    // The second one is refused.
    let _ = task.unregister(false);
    let _ = task.unregister(true);
}

/// Calls everything when it is dropped.
pub(crate) struct CallsWhenDropped(pub(crate) Caller);

impl Drop for CallsWhenDropped {
    fn drop(&mut self) {
        self.0.call_everything();
    }
}

/// A Running instance whose entry point has returned.
pub(crate) fn running(host: &Host) -> Deferral {
    let deferral = Deferring::new(host, "scene").start();
    free_the_worker(host);
    deferral
}

pub(crate) fn answers(told: &Receiver<Answers>) -> ([Status; 5], Status) {
    let answers = told.recv_timeout(LONG).expect("nothing hangs");
    let [refusable @ .., wait] = answers;
    (refusable, wait)
}

/// The host that all of it was done to can still be ended.
pub(crate) fn end(host: &Host) {
    let report = host.shutdown(Duration::ZERO).expect("this is no callback");
    assert_eq!(report.state, HostState::Closed);
}
