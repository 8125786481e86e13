//! Conditions: what gates a start, and what a loss does to what runs (F2, F3).

mod common;

use backstay::{
    CancelReason, Details, EventKind, FireAnswer, Host, Outcome, State, Status, TaskBuilder, WaitingFor,
    WhenBusy,
};
use common::{
    Deferring, Journal, Staying, end_all, end_of, events, fire, flush, free_the_worker, manual_host,
    narrow_host, put, waker,
};
use std::pin::pin;
use std::task::{Context, Poll};

fn set(host: &Host, name: &str, on: bool) {
    host.set_condition(name, on).expect("the name is not empty");
}

#[test]
fn a_condition_that_was_never_set_does_not_hold() {
    // F2
    let host = manual_host();
    assert!(!host.condition("network"));
    let task = put(&host, TaskBuilder::new("wait").condition("network").run(|_| Ok(())));
    assert_eq!(fire(&task).state(), State::Pending);
    set(&host, "network", true);
    assert!(host.condition("network"));
    set(&host, "network", false);
    assert!(!host.condition("network"));
}

#[test]
fn an_instance_waits_until_all_of_them_hold() {
    // F2
    let host = narrow_host();
    let task = TaskBuilder::new("wait").condition("network").condition("power").run(|_| Ok(()));
    let instance = fire(&put(&host, task));
    for (name, on) in [("network", true), ("network", false), ("power", true)] {
        set(&host, name, on);
        free_the_worker(&host);
        assert_eq!(instance.state(), State::Pending, "after {name} is {on}");
    }
    set(&host, "network", true);
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn a_condition_of_others_changes_nothing() {
    // F2
    let host = narrow_host();
    let task = put(&host, TaskBuilder::new("wait").condition("network").run(|_| Ok(())));
    let instance = fire(&task);
    for other in ["power", "Network", "network "] {
        set(&host, other, true);
        free_the_worker(&host);
        assert_eq!(instance.state(), State::Pending, "after {other:?} is on");
    }
}

#[test]
fn what_waits_for_it_is_told_by_name_and_in_the_order_of_the_task() {
    // F2, F1
    let host = manual_host();
    set(&host, "user", true);
    let told = events(&host, |event| {
        Some((event.kind, event.conditions.iter().map(ToString::to_string).collect::<Vec<_>>()))
    });
    let task = TaskBuilder::new("wait").condition("power").condition("user").condition("network");
    let task = put(&host, task.run(|_| Ok(())));
    let (_, answer) = task.fire_with_answer(Details::none()).expect("the host is open");
    assert_eq!(answer, FireAnswer::Waiting(WaitingFor::Conditions(vec!["power".into(), "network".into()])));
    flush(&host);
    let unmet = vec!["power".to_owned(), "network".to_owned()];
    assert_eq!(told.read(), [(EventKind::Fired, vec![]), (EventKind::Waits, unmet)]);
}

#[test]
fn one_that_is_lost_before_a_worker_comes_keeps_the_instance_back() {
    // F2: checked again at the moment of the start
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    set(&host, "network", true);
    let task = put(&host, TaskBuilder::new("wait").condition("network").run(|_| Ok(())));
    let (instance, answer) = task.fire_with_answer(Details::none()).expect("the host is open");
    assert_eq!(answer, FireAnswer::Waiting(WaitingFor::Worker));
    set(&host, "network", false);
    staying.leave.open();
    free_the_worker(&host);
    assert_eq!((instance.state(), task.pending(), task.running()), (State::Pending, 1, 0));
    set(&host, "network", true);
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn one_that_was_lost_and_is_back_before_a_worker_comes_does_no_harm() {
    // F2
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    set(&host, "network", true);
    let entered = Journal::new();
    let seen = entered.clone();
    let task = TaskBuilder::new("wait").condition("network").run(move |_| {
        seen.write(());
        Ok(())
    });
    let task = put(&host, task);
    let instances = [fire(&task), fire(&task)];
    for on in [false, true, true, false, true] {
        set(&host, "network", on);
    }
    staying.leave.open();
    assert!(instances.iter().all(|instance| end_of(instance).outcome == Outcome::Succeeded));
    assert_eq!(entered.read().len(), 2, "each once");
}

#[test]
fn what_waited_starts_in_the_order_of_firing() {
    // F2, F4
    let host = narrow_host();
    let order = Journal::new();
    let seen = order.clone();
    let task = TaskBuilder::new("wait").condition("network").run(move |instance| {
        seen.write(instance.id());
        Ok(())
    });
    let task = put(&host, task);
    let fired: Vec<_> = (0..20).map(|_| fire(&task)).collect();
    set(&host, "network", true);
    end_all(&fired);
    assert_eq!(order.read(), fired.iter().map(backstay::Instance::id).collect::<Vec<_>>());
}

#[test]
fn a_loss_lets_what_runs_go_on_by_default() {
    // F3
    let host = manual_host();
    set(&host, "network", true);
    let task = Deferring::described(&host, TaskBuilder::new("defer").condition("network"));
    let deferral = task.start();
    set(&host, "network", false);
    assert_eq!(deferral.instance().canceled(), None);
}

#[test]
fn a_loss_cancels_what_runs_if_the_task_says_so_and_nothing_else() {
    // F3
    let host = manual_host();
    for name in ["network", "power"] {
        set(&host, name, true);
    }
    let builder = TaskBuilder::new("defer").condition("network").condition("power");
    let both = Deferring::described(&host, builder.cancel_on_condition_loss(true).max_running(1));
    let builder = TaskBuilder::new("other").condition("power").cancel_on_condition_loss(true);
    let other = Deferring::described(&host, builder).start();
    let (running, pending) = (both.start(), fire(&both.task));
    set(&host, "user", false);
    assert_eq!(running.instance().canceled(), None);
    set(&host, "network", false);
    assert_eq!(running.instance().canceled(), Some(CancelReason::ConditionLoss));
    assert_eq!((pending.canceled(), pending.state()), (None, State::Pending));
    assert_eq!(other.instance().canceled(), None);
    running.complete();
    assert_eq!(end_of(running.instance()).outcome, Outcome::Canceled);
    assert_eq!(pending.state(), State::Pending, "there is room, but no network");
}

#[test]
fn a_condition_that_comes_back_takes_no_cancellation_back() {
    // F3, C2
    let host = manual_host();
    set(&host, "network", true);
    let builder = TaskBuilder::new("defer").condition("network").cancel_on_condition_loss(true);
    let deferral = Deferring::described(&host, builder).start();
    set(&host, "network", false);
    set(&host, "network", true);
    assert_eq!(deferral.instance().canceled(), Some(CancelReason::ConditionLoss));
}

#[test]
fn a_condition_without_a_name_is_refused() {
    // F2
    let refused = manual_host().set_condition("", true).expect_err("it has no name");
    assert_eq!(refused.status(), Status::InvalidArgument);
}

#[test]
fn a_loss_does_not_reach_what_started_when_the_condition_was_back() {
    // F3. The code of the first instance reacts at once: it sets the condition again and lets the second one in, all
    // before the setting of the condition has come to the second one.
    let host = narrow_host();
    set(&host, "network", true);
    let builder = TaskBuilder::new("defer").condition("network").cancel_on_condition_loss(true);
    let task = Deferring::described(&host, builder.when_busy(WhenBusy::Queue));
    let first = task.start();
    free_the_worker(&host);
    let second = fire(&task.task);
    let cancellation = first.instance().cancellation();
    let (own, next) = (host.clone(), second.clone());
    let reacts = waker(move || {
        set(&own, "network", true);
        first.complete();
        common::until(|| next.state() == State::Running);
    });
    let mut canceled = pin!(cancellation.canceled());
    assert_eq!(canceled.as_mut().poll(&mut Context::from_waker(&reacts)), Poll::Pending);
    set(&host, "network", false);
    assert!(host.condition("network"));
    assert_eq!(second.canceled(), None, "the condition has held since it started");
}
