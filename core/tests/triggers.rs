//! What fires a task besides a call: a delay or a clock (F5). Named events have a file of their own, `raising.rs`.

mod common;

use backstay::{
    CancelReason, EventKind, Host, HostState, Outcome, State, TaskBuilder, TaskError, Trigger, WhenBusy,
};
use common::{
    Deferring, Journal, SECOND, Staying, TICK, advance, end_of, events, fire, flush, free_the_worker,
    just_before, keep, manual_host, narrow_host, put,
};

/// The names of the tasks that are fired from now on, in that order.
fn fired(host: &Host) -> Journal<String> {
    events(host, |event| (event.kind == EventKind::Fired).then(|| event.task.to_string()))
}

/// A task whose firings are never merged, so that they can be counted however fast a worker is.
fn quick(name: &str, trigger: Trigger) -> TaskBuilder {
    TaskBuilder::new(name).trigger(trigger).when_busy(WhenBusy::Parallel).run(|_| Ok(()))
}

#[test]
fn after_a_delay_it_is_fired_once_and_not_before() {
    // F5
    let host = manual_host();
    let fired = fired(&host);
    put(&host, quick("once", Trigger::after(SECOND * 10)));
    advance(&host, just_before(SECOND * 10));
    assert_eq!(fired.read().len(), 0);
    advance(&host, TICK);
    assert_eq!(fired.read().len(), 1);
    advance(&host, SECOND * 100);
    assert_eq!(fired.read().len(), 1);
}

#[test]
fn every_period_begins_with_a_whole_one() {
    // F5: first at d, then d apart
    let host = manual_host();
    let fired = fired(&host);
    put(&host, quick("clock", Trigger::every(SECOND * 10)));
    advance(&host, just_before(SECOND * 10));
    assert_eq!(fired.read().len(), 0);
    advance(&host, TICK);
    assert_eq!(fired.read().len(), 1);
    advance(&host, SECOND * 30);
    assert_eq!(fired.read().len(), 4);
}

#[test]
fn a_firing_by_hand_does_not_shift_the_schedule() {
    // F5
    let host = manual_host();
    let clock = put(&host, quick("clock", Trigger::every(SECOND * 10)));
    advance(&host, SECOND * 15);
    end_of(&fire(&clock));
    let fired = fired(&host);
    advance(&host, just_before(SECOND * 5));
    assert_eq!(fired.read().len(), 0);
    advance(&host, TICK);
    assert_eq!(fired.read().len(), 1);
}

#[test]
fn while_one_runs_the_clock_makes_one_more_and_no_backlog() {
    // F5, F4: the default is to coalesce
    let host = manual_host();
    let staying = Staying::described(&host, TaskBuilder::new("slow").trigger(Trigger::every(SECOND)));
    advance(&host, SECOND);
    staying.wait_entered();
    advance(&host, SECOND * 9);
    assert_eq!((staying.task.running(), staying.task.pending()), (1, 1));
    staying.leave.open();
    staying.wait_entered();
    common::until(|| staying.task.running() + staying.task.pending() == 0);
}

#[test]
fn what_is_due_at_once_comes_in_the_order_of_registration() {
    // F5, H5
    let host = manual_host();
    let fired = fired(&host);
    for name in ["first", "second", "third"] {
        put(&host, quick(name, Trigger::every(SECOND)));
    }
    advance(&host, SECOND * 2);
    assert_eq!(fired.read(), ["first", "second", "third", "first", "second", "third"]);
}

#[test]
fn a_one_shot_is_unregistered_when_it_has_finished_and_its_end_is_still_told() {
    // F5
    let host = manual_host();
    let once = Deferring::described(&host, TaskBuilder::new("once").trigger(Trigger::after(SECOND)));
    let completed = Journal::new();
    let seen = completed.clone();
    let task = once.task.clone();
    // Whoever is told of the end finds the name free.
    keep(once.task.on_completed(move |completion| seen.write((completion.outcome, task.is_registered()))));
    advance(&host, SECOND);
    let deferral = once.wait_started();
    assert!(once.task.is_registered(), "it runs");
    deferral.complete();
    // The entry point that took the deferral may still be on its way out.
    end_of(deferral.instance());
    assert!(!once.task.is_registered());
    assert_eq!(host.task("once"), None);
    flush(&host);
    assert_eq!(completed.read(), [(Outcome::Succeeded, false)]);
}

#[test]
fn a_one_shot_that_waits_stays_until_it_has_run() {
    // F5, F2
    let host = manual_host();
    let once = put(&host, quick("once", Trigger::after(SECOND)).condition("network"));
    advance(&host, SECOND * 10);
    assert_eq!((once.pending(), once.is_registered()), (1, true));
    host.set_condition("network", true).expect("the name is not empty");
    common::until(|| !once.is_registered());
}

#[test]
fn firing_a_one_shot_by_hand_does_not_use_it_up() {
    // F5
    let host = manual_host();
    let once = put(&host, quick("once", Trigger::after(SECOND)));
    end_of(&fire(&once));
    assert!(once.is_registered());
    let fired = fired(&host);
    advance(&host, SECOND);
    assert_eq!(fired.read(), ["once"]);
    common::until(|| !once.is_registered());
}

#[test]
fn a_one_shot_ends_with_its_shot_and_what_was_fired_by_hand_goes_on() {
    // F5
    let host = narrow_host();
    let builder = TaskBuilder::new("once").trigger(Trigger::after(SECOND)).when_busy(WhenBusy::Parallel);
    let once = Deferring::described(&host, builder);
    let by_hand = once.start();
    advance(&host, SECOND);
    let by_clock = once.wait_started();
    free_the_worker(&host);
    assert!(once.task.is_registered());
    by_clock.complete();
    assert!(!once.task.is_registered());
    assert_eq!((by_hand.instance().state(), by_hand.instance().canceled()), (State::Running, None));
    by_hand.complete();
    assert_eq!(end_of(by_hand.instance()).outcome, Outcome::Succeeded);
}

#[test]
fn what_ends_before_the_shot_does_not_end_a_one_shot() {
    // F5
    let host = narrow_host();
    let builder = TaskBuilder::new("once").trigger(Trigger::after(SECOND)).when_busy(WhenBusy::Parallel);
    let once = Deferring::described(&host, builder);
    let by_hand = once.start();
    advance(&host, SECOND);
    let by_clock = once.wait_started();
    free_the_worker(&host);
    by_hand.complete();
    assert!(once.task.is_registered());
    by_clock.complete();
    assert!(!once.task.is_registered());
}

#[test]
fn a_shot_that_is_refused_ends_its_task_too() {
    // F5: there will be no other
    let host = narrow_host();
    let builder = TaskBuilder::new("once").trigger(Trigger::after(SECOND)).when_busy(WhenBusy::Reject);
    let once = Deferring::described(&host, builder);
    let by_hand = once.start();
    advance(&host, SECOND);
    assert!(!once.task.is_registered());
    assert!(once.task.explain().contains("was refused"), "{}", once.task.explain());
    by_hand.complete();
    assert_eq!(end_of(by_hand.instance()).outcome, Outcome::Succeeded);
}

#[test]
fn the_clock_ticks_on_while_the_task_is_disabled() {
    // F5, G6: fired again in the rhythm of its registration
    let host = manual_host();
    let task = TaskBuilder::new("clock").trigger(Trigger::every(SECOND * 10)).max_failures(1);
    let task = put(&host, task.run(|_| Err(TaskError::new("on purpose"))));
    let fired = fired(&host);
    advance(&host, SECOND * 10);
    common::until(|| task.is_disabled());
    advance(&host, SECOND * 35);
    assert_eq!(fired.read().len(), 1);
    task.enable().expect("it is registered");
    advance(&host, just_before(SECOND * 5));
    assert_eq!(fired.read().len(), 1);
    advance(&host, TICK);
    assert_eq!(fired.read().len(), 2);
}

#[test]
fn an_unregistered_task_is_not_fired_by_its_clock() {
    // F5, G3
    let host = manual_host();
    let fired = fired(&host);
    let held = [Trigger::every(SECOND), Trigger::after(SECOND)].map(|trigger| {
        let builder = TaskBuilder::new("gone").trigger(trigger).when_busy(WhenBusy::Parallel);
        let task = Deferring::described(&host, builder);
        let deferral = task.start();
        task.task.unregister(false).expect("it is registered");
        deferral
    });
    advance(&host, SECOND * 10);
    assert_eq!(fired.read().len(), held.len(), "those by hand");
}

#[test]
fn a_draining_host_is_fired_by_no_clock() {
    // F5, H2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    put(&host, quick("clock", Trigger::every(SECOND)));
    host.begin_drain(SECOND * 100);
    let fired = fired(&host);
    advance(&host, SECOND * 10);
    assert_eq!((fired.read().len(), host.state()), (0, HostState::Draining));
    deferral.complete();
}

#[test]
fn a_task_with_a_clock_can_be_fired_by_hand_too() {
    // F1
    let host = manual_host();
    let merging = quick("clock", Trigger::every(SECOND)).when_busy(WhenBusy::Coalesce);
    let task = put(&host, merging.condition("network"));
    let instance = fire(&task);
    advance(&host, SECOND);
    assert_eq!((task.pending(), instance.state()), (1, State::Pending), "and the clock merges with it");
    instance.cancel(CancelReason::Abort);
}
