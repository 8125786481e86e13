//! What becomes of a firing while the task is busy (F4).

mod common;

use backstay::{
    CancelReason, Details, Error, FireAnswer, Instance, Outcome, State, Task, TaskBuilder, Trigger,
    WaitingFor, WhenBusy,
};
use common::{
    Deferring, DropBell, GRACE, LONG, Staying, advance, end_of, fire, manual_host, narrow_host, put,
};

fn policy(name: &str, when_busy: WhenBusy) -> TaskBuilder {
    TaskBuilder::new(name).when_busy(when_busy)
}

fn answer(task: &Task) -> FireAnswer {
    task.fire_with_answer(Details::none()).expect("it is not refused").1
}

const BUSY: FireAnswer = FireAnswer::Waiting(WaitingFor::Busy);

fn text(instance: &Instance) -> Option<String> {
    instance.details().as_text().map(ToOwned::to_owned)
}

#[test]
fn tasks_that_are_fired_by_hand_run_beside_each_other_by_default() {
    // F4
    let host = manual_host();
    let task = Deferring::new(&host, "defer");
    let held: Vec<_> = (0..10).map(|_| task.start()).collect();
    assert_eq!((task.task.running(), task.task.pending()), (held.len(), 0));
}

#[test]
fn tasks_of_clocks_and_events_run_one_at_a_time_and_coalesce_by_default() {
    // F4
    let host = manual_host();
    let hour = LONG * 360;
    let triggers = [Trigger::event("e"), Trigger::every(hour), Trigger::after(hour)];
    for (name, trigger) in ["event", "every", "after"].into_iter().zip(triggers) {
        let task = Deferring::described(&host, TaskBuilder::new(name).trigger(trigger));
        let _running = task.start();
        assert_eq!(answer(&task.task), BUSY, "{name}");
        assert_eq!(answer(&task.task), FireAnswer::Merged, "{name}");
        assert_eq!((task.task.running(), task.task.pending()), (1, 1), "{name}");
    }
}

#[test]
fn parallel_ones_wait_beyond_the_limit() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("two", WhenBusy::Parallel).max_running(2));
    let held = [task.start(), task.start()];
    assert_eq!(answer(&task.task), BUSY);
    assert_eq!(answer(&task.task), BUSY);
    assert_eq!((task.task.running(), task.task.pending()), (2, 2));
    held[0].complete();
    let _third = task.wait_started();
    assert_eq!((task.task.running(), task.task.pending()), (2, 1));
}

#[test]
fn queued_ones_run_one_after_the_other_in_order() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("queue", WhenBusy::Queue));
    let first = task.start();
    let fired: Vec<_> = (0..5).map(|_| fire(&task.task)).collect();
    let mut before = first;
    for next in fired {
        assert_eq!((task.task.running(), next.state()), (1, State::Pending));
        before.complete();
        before = task.wait_started();
        assert_eq!(*before.instance(), next);
    }
}

#[test]
fn a_queue_has_an_end() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("queue", WhenBusy::Queue).max_pending(2));
    let _running = task.start();
    let waiting = [fire(&task.task), fire(&task.task)];
    let refused = task.task.fire(Details::none());
    assert_eq!(refused, Err(Error::CurrentlyRunning { task: "queue".to_owned(), running: 1, pending: 2 }));
    waiting[0].cancel(CancelReason::Abort);
    fire(&task.task);
}

#[test]
fn an_instance_that_was_asked_to_stop_keeps_its_place_until_it_has_finished() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("queue", WhenBusy::Queue));
    let running = task.start();
    let next = fire(&task.task);
    running.instance().cancel(CancelReason::Abort);
    assert_eq!(next.state(), State::Pending);
    advance(&host, GRACE);
    assert_eq!(*task.wait_started().instance(), next, "abandoned is finished");
}

#[test]
fn coalesced_firings_become_one_and_the_latest_details_win() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("merge", WhenBusy::Coalesce));
    let running = task.start();
    let pending = fire(&task.task);
    for part in ["one", "two", "three"] {
        let (instance, answer) = task.task.fire_with_answer(Details::text(part)).expect("it is not refused");
        assert_eq!((&instance, answer), (&pending, FireAnswer::Merged));
    }
    assert_eq!(task.task.pending(), 1);
    running.complete();
    assert_eq!(text(task.wait_started().instance()).as_deref(), Some("three"));
}

#[test]
fn coalescing_replaces_the_details_as_a_whole() {
    // F4: by none as well, and what was there before is let go
    let host = manual_host();
    let task = Deferring::described(&host, policy("merge", WhenBusy::Coalesce));
    let _running = task.start();
    let (bell, dropped) = DropBell::new();
    let pending = task.task.fire(Details::opaque(bell)).expect("it is not refused");
    fire(&task.task);
    assert!(pending.details().is_none());
    dropped.recv_timeout(LONG).expect("nobody has the details any more");
}

#[test]
fn a_firing_is_merged_with_one_that_only_waits_for_a_worker() {
    // F4: at most one Pending, whatever it waits for
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let task = Deferring::described(&host, policy("merge", WhenBusy::Coalesce).max_running(2));
    let first = fire(&task.task);
    let (second, answer) = task.task.fire_with_answer(Details::text("late")).expect("it is not refused");
    assert_eq!((answer, &second), (FireAnswer::Merged, &first));
    staying.leave.open();
    assert_eq!(text(task.wait_started().instance()).as_deref(), Some("late"));
}

#[test]
fn an_instance_that_has_started_is_merged_with_nothing() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("merge", WhenBusy::Coalesce).max_running(2));
    let (first, second) = (task.start(), task.start());
    assert_ne!(first.instance(), second.instance());
    assert_eq!((task.task.running(), answer(&task.task)), (2, BUSY));
}

#[test]
fn a_busy_task_rejects() {
    // F4: what is Pending makes it busy as well
    let host = manual_host();
    let task = Deferring::described(&host, policy("one", WhenBusy::Reject));
    let running = task.start();
    let refused = |running, pending| Error::CurrentlyRunning { task: "one".to_owned(), running, pending };
    assert_eq!(task.task.fire(Details::none()), Err(refused(1, 0)));
    running.complete();
    end_of(running.instance());
    task.task.suspend(None);
    let pending = fire(&task.task);
    assert_eq!(task.task.fire(Details::none()), Err(refused(0, 1)));
    task.task.resume();
    assert_eq!(*task.wait_started().instance(), pending);
}

#[test]
fn a_task_rejects_only_from_its_limit_on() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("three", WhenBusy::Reject).max_running(3));
    let held = [task.start(), task.start(), task.start()];
    task.task.fire(Details::none()).expect_err("three run");
    held[1].complete();
    end_of(held[1].instance());
    drop(task.start());
}

#[test]
fn a_new_one_replaces_the_running_one_and_waits_for_its_end() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("replace", WhenBusy::Replace));
    let old = task.start();
    let (new, answer) = task.task.fire_with_answer(Details::none()).expect("it is not refused");
    assert_eq!(answer, BUSY);
    assert_eq!(old.instance().canceled(), Some(CancelReason::Abort));
    assert_eq!((old.instance().state(), new.state()), (State::Running, State::Pending));
    old.complete();
    assert_eq!(*task.wait_started().instance(), new);
    assert_eq!(new.canceled(), None);
}

#[test]
fn a_new_one_replaces_what_is_pending() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("replace", WhenBusy::Replace));
    let _old = task.start();
    let second = fire(&task.task);
    let third = fire(&task.task);
    assert_eq!((second.state(), second.canceled()), (State::Finished, Some(CancelReason::Abort)));
    assert_eq!((third.state(), task.task.pending()), (State::Pending, 1));
}

#[test]
fn with_room_for_two_only_the_oldest_gives_way() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("replace", WhenBusy::Replace).max_running(2));
    let (first, second) = (task.start(), task.start());
    assert_eq!(second.instance().canceled(), None, "there was room for two");
    let third = fire(&task.task);
    assert_eq!(first.instance().canceled(), Some(CancelReason::Abort));
    assert_eq!((second.instance().canceled(), third.state()), (None, State::Pending));
    let fourth = fire(&task.task);
    assert_eq!(third.state(), State::Finished, "it was Pending");
    assert_eq!(second.instance().canceled(), None, "the first makes room already");
    first.complete();
    let fourth_holds = task.wait_started();
    assert_eq!(*fourth_holds.instance(), fourth);
    fire(&task.task);
    assert_eq!(second.instance().canceled(), Some(CancelReason::Abort), "now it is the oldest");
    assert_eq!(fourth.canceled(), None);
}

#[test]
fn one_that_does_not_give_way_is_abandoned_and_the_new_one_starts() {
    // F4, C6
    let host = manual_host();
    let task = Deferring::described(&host, policy("replace", WhenBusy::Replace));
    let old = task.start();
    let new = fire(&task.task);
    advance(&host, GRACE);
    assert_eq!(end_of(old.instance()).outcome, Outcome::Abandoned);
    assert_eq!(*task.wait_started().instance(), new);
}

#[test]
fn one_that_was_asked_to_stop_makes_room_already() {
    // F4
    let host = manual_host();
    let task = Deferring::described(&host, policy("replace", WhenBusy::Replace).max_running(2));
    let (first, second) = (task.start(), task.start());
    second.instance().cancel(CancelReason::IdleTask);
    let third = fire(&task.task);
    assert_eq!((first.instance().canceled(), third.state()), (None, State::Pending));
    second.complete();
    assert_eq!(*task.wait_started().instance(), third);
}

#[test]
fn below_the_limit_nothing_is_replaced() {
    // F4: what is Pending for another reason than being busy stays as well
    let host = manual_host();
    let task = put(&host, policy("replace", WhenBusy::Replace).max_running(2).run(|_| Ok(())));
    host.suspend(None);
    let fired = [fire(&task), fire(&task)];
    assert!(fired.iter().all(|instance| instance.canceled().is_none()));
    let third = fire(&task);
    assert!(fired.iter().all(|instance| instance.canceled() == Some(CancelReason::Abort)));
    assert_eq!(third.state(), State::Pending);
    host.resume();
    assert_eq!(end_of(&third).outcome, Outcome::Succeeded);
}
