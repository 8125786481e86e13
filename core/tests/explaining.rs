//! Every firing is answered, and a task says why it starts nothing (F1).

mod common;

use backstay::{
    Details, Error, FireAnswer, HostState, Status, Task, TaskBuilder, TaskError, Trigger, WaitingFor,
    WhenBusy,
};
use common::{
    Deferring, SECOND, Staying, advance, fire, free_the_worker, manual_host, narrow_host, put, register, run,
};

fn answer(task: &Task) -> FireAnswer {
    task.fire_with_answer(Details::none()).expect("it is not refused").1
}

fn says(task: &Task, what: &str) {
    let explanation = task.explain();
    assert!(explanation.contains(what), "{explanation:?} does not say {what:?}");
}

#[test]
fn a_firing_that_finds_a_worker_is_started() {
    // F1
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    assert_eq!(answer(&staying.task), FireAnswer::Started);
    staying.wait_entered();
    staying.leave.open();
    free_the_worker(&host);
}

#[test]
fn a_firing_that_waits_says_for_what() {
    // F1
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let task = put(&host, TaskBuilder::new("wait").condition("network").max_running(1).run(|_| Ok(())));
    let waits = |what| FireAnswer::Waiting(what);
    assert_eq!(answer(&task), waits(WaitingFor::Conditions(vec!["network".into()])));
    host.set_condition("network", true).expect("the name is not empty");
    assert_eq!(answer(&task), waits(WaitingFor::Busy), "the first one is about to start");
    let other = register(&host, "other", |_| Ok(()));
    assert_eq!(answer(&other), waits(WaitingFor::Worker));
    host.suspend(None);
    assert_eq!(answer(&other), waits(WaitingFor::Suspended));
    staying.leave.open();
}

#[test]
fn of_several_things_the_first_of_the_list_is_told() {
    // F1
    let host = manual_host();
    let task = TaskBuilder::new("wait").condition("network").when_busy(WhenBusy::Queue);
    let task = Deferring::described(&host, task);
    host.set_condition("network", true).expect("the name is not empty");
    let _running = task.start();
    task.task.suspend(None);
    assert_eq!(answer(&task.task), FireAnswer::Waiting(WaitingFor::Suspended));
    host.set_condition("network", false).expect("the name is not empty");
    let network = WaitingFor::Conditions(vec!["network".into()]);
    assert_eq!(answer(&task.task), FireAnswer::Waiting(network));
}

#[test]
fn answers_can_be_read() {
    // F1
    let conditions = WaitingFor::Conditions(vec!["power".into(), "network".into()]);
    let texts = [
        (FireAnswer::Started, "started"),
        (FireAnswer::Merged, "merged with the instance that is pending"),
        (FireAnswer::Waiting(conditions), "waiting for the conditions power, network"),
        (FireAnswer::Waiting(WaitingFor::Worker), "waiting for a worker"),
    ];
    for (answer, text) in texts {
        assert_eq!(answer.to_string(), text);
    }
}

#[test]
fn a_refused_firing_has_its_reason_and_leaves_nothing() {
    // F1
    let host = manual_host();
    let failing = TaskBuilder::new("disabled").max_failures(1);
    let disabled = put(&host, failing.run(|_| Err(TaskError::new("on purpose"))));
    run(&disabled);
    let busy = Deferring::described(&host, TaskBuilder::new("busy").when_busy(WhenBusy::Reject));
    let _held = busy.start();
    let gone = register(&host, "gone", |_| Ok(()));
    gone.unregister(false).expect("it is registered");
    let refusals = [
        (&disabled, Status::Disabled),
        (&busy.task, Status::CurrentlyRunning),
        (&gone, Status::Unregistered),
    ];
    for (task, status) in refusals {
        let refused = task.fire_with_answer(Details::none()).expect_err("it is refused");
        assert_eq!((refused.status(), task.pending()), (status, 0));
        assert!(refused.to_string().contains(task.name()), "{refused}");
    }
    host.begin_drain(SECOND);
    let refused = busy.task.fire_with_answer(Details::none()).expect_err("the host takes nothing new");
    assert_eq!(refused, Error::Closed { state: HostState::Draining });
}

#[test]
fn a_task_that_nothing_keeps_says_so() {
    // F1
    let host = manual_host();
    let task = put(&host, TaskBuilder::new("sync").group("photos").run(|_| Ok(())));
    assert_eq!(task.explain(), "photos/sync: 0 running, 0 pending. Nothing keeps it; it waits to be fired.");
}

#[test]
fn each_obstacle_is_named() {
    // F1
    let host = manual_host();
    let task = TaskBuilder::new("wait").condition("network").condition("power").when_busy(WhenBusy::Queue);
    let task = Deferring::described(&host, task);
    says(&task.task, "Not met: network, power.");
    for name in ["network", "power"] {
        host.set_condition(name, true).expect("the name is not empty");
    }
    assert!(!task.task.explain().contains("Not met"), "{}", task.task.explain());
    let running = task.start();
    let held_back = fire(&task.task);
    held_back.suspend(None);
    says(&task.task, "1 running, 1 pending.");
    says(&task.task, "As many run as may at once, which is 1.");
    says(&task.task, "1 of the pending are suspended by themselves.");
    task.task.suspend(None);
    says(&task.task, "The task is suspended.");
    host.suspend(None);
    says(&task.task, "The host is suspended.");
    task.task.unregister(false).expect("it is registered");
    says(&task.task, "It is unregistered; what runs of it may finish.");
    host.begin_drain(SECOND);
    says(&task.task, "The host is draining, and takes no firings.");
    running.complete();
    common::until(|| host.state() == HostState::Closed);
    says(&task.task, "unregistered, and nothing of it is left.");
}

#[test]
fn all_obstacles_are_told_at_once() {
    // F1
    let host = manual_host();
    let task = put(&host, TaskBuilder::new("wait").condition("network").run(|_| Ok(())));
    host.suspend(None);
    task.suspend(None);
    for what in ["The host is suspended.", "The task is suspended.", "Not met: network."] {
        says(&task, what);
    }
}

#[test]
fn what_waits_for_a_worker_is_said_to() {
    // F1, H1
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let task = register(&host, "wait", |_| Ok(()));
    (0..3).for_each(|_| drop(fire(&task)));
    says(&task, "0 running, 3 pending. 3 wait for a worker.");
    staying.leave.open();
}

#[test]
fn the_next_firing_of_a_clock_is_told() {
    // F1, F5
    let host = manual_host();
    let task = put(&host, TaskBuilder::new("clock").trigger(Trigger::every(SECOND * 10)).run(|_| Ok(())));
    says(&task, "Its clock fires it next in 10s.");
    advance(&host, SECOND * 14);
    says(&task, "Its clock fires it next in 6s.");
}

#[test]
fn the_event_of_a_task_is_told() {
    // F1, F6
    let host = manual_host();
    let task = put(&host, TaskBuilder::new("bound").trigger(Trigger::event("photo")).run(|_| Ok(())));
    says(&task, "It is fired by the event \"photo\".");
}

#[test]
fn a_firing_by_clock_that_was_refused_is_told_until_one_is_taken() {
    // F1: nobody else was there to be told
    let host = manual_host();
    let task = TaskBuilder::new("clock").trigger(Trigger::every(SECOND)).when_busy(WhenBusy::Reject);
    let task = Deferring::described(&host, task);
    let deferral = task.start();
    advance(&host, SECOND);
    says(&task.task, "Its last firing by clock or event was refused");
    deferral.complete();
    common::until(|| task.task.running() == 0);
    advance(&host, SECOND);
    task.wait_started().complete();
    assert!(!task.task.explain().contains("refused"), "{}", task.task.explain());
}
