//! Suspending an instance, a task, or everything, and how it is counted (S1, S2). Checkpoints have a file of their own.

mod common;

use backstay::{
    CancelReason, Cause, Counter, Details, EventKind, FireAnswer, Instance, Outcome, State, TaskBuilder,
    WaitingFor, WhenBusy,
};
use common::{
    Deferring, Journal, Staying, end_all, end_of, events, fire, flush, free_the_worker, manual_host,
    narrow_host, register, run,
};

fn counts(instance: &Instance) -> [u32; 4] {
    let [all, cpu, network] =
        [Counter::All, Counter::Cpu, Counter::Network].map(|counter| instance.throttle_count(counter));
    [instance.suspended_count(), all, cpu, network]
}

#[test]
fn a_suspended_host_starts_nothing() {
    // S1
    let host = manual_host();
    let tasks = ["first", "second"].map(|name| register(&host, name, |_| Ok(())));
    host.suspend(None);
    assert!(host.is_suspended());
    let (instance, answer) = tasks[0].fire_with_answer(Details::none()).expect("it is not refused");
    assert_eq!(answer, FireAnswer::Waiting(WaitingFor::Suspended));
    let other = fire(&tasks[1]);
    assert_eq!((instance.state(), other.state()), (State::Pending, State::Pending));
    host.resume();
    assert!(!host.is_suspended());
    assert_eq!((end_of(&instance).outcome, end_of(&other).outcome), (Outcome::Succeeded, Outcome::Succeeded));
}

#[test]
fn a_suspended_task_starts_nothing_and_others_go_on() {
    // S1
    let host = manual_host();
    let (task, other) = (register(&host, "task", |_| Ok(())), register(&host, "other", |_| Ok(())));
    task.suspend(Cause::Cpu);
    assert_eq!((task.is_suspended(), other.is_suspended(), host.is_suspended()), (true, false, false));
    let instance = fire(&task);
    run(&other);
    assert_eq!(instance.state(), State::Pending);
    task.resume();
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn one_that_waits_for_a_worker_does_not_start_either() {
    // S1: whatever level was suspended since it was fired
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let tasks = ["task", "instance"].map(|name| register(&host, name, |_| Ok(())));
    let instances = [fire(&tasks[0]), fire(&tasks[1])];
    tasks[0].suspend(None);
    instances[1].suspend(None);
    staying.leave.open();
    free_the_worker(&host);
    assert!(instances.iter().all(|instance| instance.state() == State::Pending));
    tasks[0].resume();
    assert_eq!(end_of(&instances[0]).outcome, Outcome::Succeeded);
    instances[1].resume();
    assert_eq!(end_of(&instances[1]).outcome, Outcome::Succeeded);
}

#[test]
fn a_pending_instance_that_is_suspended_by_itself_lets_the_others_pass() {
    // S1
    let host = manual_host();
    let task = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    let running = task.start();
    let (held_back, next) = (fire(&task.task), fire(&task.task));
    held_back.suspend(None);
    running.complete();
    let passing = task.wait_started();
    assert_eq!(*passing.instance(), next);
    held_back.resume();
    assert_eq!(held_back.state(), State::Pending, "the other one runs");
    passing.complete();
    assert_eq!(*task.wait_started().instance(), held_back);
}

#[test]
fn what_waited_starts_in_the_order_of_firing() {
    // S1, F4
    let host = narrow_host();
    let order = Journal::new();
    let seen = order.clone();
    let task = register(&host, "note", move |instance| {
        seen.write(instance.id());
        Ok(())
    });
    host.suspend(None);
    let fired: Vec<_> = (0..20).map(|_| fire(&task)).collect();
    host.resume();
    end_all(&fired);
    assert_eq!(order.read(), fired.iter().map(Instance::id).collect::<Vec<_>>());
}

#[test]
fn nested_levels_need_as_many_resumes() {
    // S2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    host.suspend(None);
    task.suspend(None);
    task.suspend(None);
    instance.suspend(None);
    for resume in [&|| task.resume(), &|| host.resume(), &|| instance.resume()] as [&dyn Fn(); 3] {
        resume();
        assert!(instance.is_suspended());
    }
    task.resume();
    assert!(!instance.is_suspended());
    assert_eq!(counts(instance), [1, 0, 0, 0], "and it was one suspension");
}

#[test]
fn a_resume_too_many_changes_nothing() {
    // S2: neither now nor for the next suspension
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    for (suspend, resume) in [
        (&|| host.suspend(None), &|| host.resume()),
        (&|| task.suspend(None), &|| task.resume()),
        (&|| instance.suspend(None), &|| instance.resume()),
    ] as [(&dyn Fn(), &dyn Fn()); 3]
    {
        resume();
        assert!(!instance.is_suspended());
        suspend();
        assert!(instance.is_suspended());
        resume();
        resume();
        assert!(!instance.is_suspended());
    }
}

#[test]
fn every_suspension_counts_once_and_each_cause_in_it_once() {
    // S2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    instance.suspend(None);
    instance.resume();
    assert_eq!(counts(instance), [1, 0, 0, 0], "nothing ran short");
    host.suspend(Cause::Cpu);
    host.resume();
    assert_eq!(counts(instance), [2, 1, 1, 0]);
    task.suspend(Cause::Network);
    host.suspend(Cause::Network);
    instance.suspend(Cause::Cpu);
    instance.suspend(Cause::Cpu);
    (0..2).for_each(|_| instance.resume());
    host.resume();
    task.resume();
    assert_eq!(counts(instance), [3, 2, 2, 1]);
}

#[test]
fn a_cause_may_join_a_suspension_that_lasts() {
    // S2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    instance.suspend(None);
    assert_eq!(counts(instance), [1, 0, 0, 0]);
    host.suspend(Cause::Network);
    assert_eq!(counts(instance), [1, 1, 0, 1]);
    host.resume();
    host.suspend(Cause::Network);
    assert_eq!(counts(instance), [1, 1, 0, 1], "it took part before");
    host.resume();
    instance.resume();
    deferral.complete();
    assert_eq!(end_of(instance).suspended_count, 1);
}

#[test]
fn what_does_not_run_is_not_suspended() {
    // S2: before the start and after the end
    let host = manual_host();
    host.suspend(Cause::Cpu);
    let task = Deferring::new(&host, "defer");
    let instance = fire(&task.task);
    instance.suspend(Cause::Network);
    assert!(!instance.is_suspended());
    instance.resume();
    host.resume();
    let deferral = task.wait_started();
    assert_eq!((counts(&instance), instance.is_suspended()), ([0; 4], false));
    deferral.complete();
    end_of(&instance);
    instance.suspend(Cause::Cpu);
    assert_eq!((counts(&instance), instance.is_suspended()), ([0; 4], false));
}

#[test]
fn the_beginning_and_the_end_are_told_once() {
    // S1, E3
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let other = Deferring::new(&host, "other").start();
    other.instance().suspend(None);
    let told = events(&host, |event| Some((event.kind, event.instance_id)));
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    task.suspend(None);
    instance.suspend(Cause::Cpu);
    task.resume();
    instance.resume();
    instance.resume();
    flush(&host);
    let id = instance.id();
    assert_eq!(told.read(), [(EventKind::Suspended, id), (EventKind::Resumed, id)]);
}

#[test]
fn a_pending_instance_can_be_cancelled_while_everything_is_suspended() {
    // S1, C5
    let host = manual_host();
    host.suspend(None);
    let instance = fire(&register(&host, "task", |_| Ok(())));
    instance.suspend(None);
    instance.cancel(CancelReason::Abort);
    assert_eq!(end_of(&instance).outcome, Outcome::Canceled);
}

#[test]
fn a_suspension_does_not_reach_instances_of_other_tasks() {
    // S1
    let host = manual_host();
    let (first, second) = (Deferring::new(&host, "first").start(), Deferring::new(&host, "second").start());
    first.instance().task().suspend(None);
    second.instance().suspend(None);
    second.instance().resume();
    assert_eq!((first.instance().is_suspended(), second.instance().is_suspended()), (true, false));
    assert_eq!((counts(first.instance()), counts(second.instance())), ([1, 0, 0, 0], [1, 0, 0, 0]));
}
