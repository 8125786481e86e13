//! When an instance finishes, and what is told of it (L1, L2, L3).

mod common;

use backstay::{Error, Outcome, State};
use common::{Deferring, Journal, Latch, Staying, end_of, fire, flush, free_the_worker, keep, narrow_host};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn without_a_deferral_it_finishes_when_the_entry_point_returns() {
    // L1
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let instance = staying.start();
    assert_eq!(instance.state(), State::Running);
    assert!(instance.completion().is_none());
    staying.leave.open();
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
    assert_eq!(instance.state(), State::Finished);
}

#[test]
fn a_deferral_holds_it_after_the_entry_point_returned() {
    // L1
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    let instance = deferral.instance().clone();
    free_the_worker(&host);
    assert_eq!(instance.state(), State::Running);
    let early = instance.wait(Some(Duration::ZERO));
    assert!(matches!(early, Err(Error::TimedOut { .. })), "{early:?}");
    deferral.complete();
    assert_eq!(instance.state(), State::Finished, "the last hold went inside the call");
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn the_last_of_several_deferrals_finishes_it() {
    // L1
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let first = deferring.start();
    let instance = first.instance().clone();
    let second = instance.get_deferral("second").expect("the first holds it");
    free_the_worker(&host);
    first.complete();
    assert_eq!(instance.state(), State::Running);
    second.complete();
    assert_eq!(instance.state(), State::Finished);
}

#[test]
fn the_entry_point_holds_it_after_the_last_deferral_was_completed() {
    // L1
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let instance = staying.start();
    let deferral = instance.get_deferral("early").expect("the entry point executes");
    deferral.complete();
    assert_eq!(instance.state(), State::Running);
    staying.leave.open();
    end_of(&instance);
}

#[test]
fn every_instance_has_exactly_one_completed_event() {
    // L2
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let completed = Journal::new();
    let seen = completed.clone();
    keep(staying.task.on_completed(move |completion| seen.write(completion.instance_id)));
    let started = staying.start();
    let pending = fire(&staying.task);
    pending.cancel(backstay::CancelReason::Abort);
    pending.cancel(backstay::CancelReason::Abort);
    started.cancel(backstay::CancelReason::Abort);
    staying.leave.open();
    end_of(&started);
    flush(&host);
    assert_eq!(completed.read(), [pending.id(), started.id()]);
}

#[test]
fn everything_is_final_when_completed_is_delivered() {
    // L2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let (tell, told) = mpsc::channel();
    let task = deferring.task.clone();
    let deferral = deferring.start();
    let instance = deferral.instance().clone();
    keep(deferring.task.on_completed(move |completion| {
        let same = instance.completion().is_some_and(|own| own.outcome == completion.outcome);
        tell.send((instance.state(), same, task.running(), task.pending())).expect("the test listens");
    }));
    deferral.complete();
    let told = told.recv_timeout(common::LONG).expect("the event comes");
    assert_eq!(told, (State::Finished, true, 0, 0));
}

#[test]
fn a_pending_instance_gives_no_deferral() {
    // L3
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let pending = fire(&staying.task);
    let refused = pending.get_deferral("too early").expect_err("it has not started");
    assert_eq!(refused, Error::NotRunning { state: State::Pending });
    staying.leave.open();
}

#[test]
fn a_finished_instance_gives_no_deferral() {
    // L3
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.leave.open();
    let instance = staying.start();
    end_of(&instance);
    let refused = instance.get_deferral("too late").expect_err("it has finished");
    assert_eq!(refused, Error::NotRunning { state: State::Finished });
}

#[test]
fn another_thread_may_take_one_after_the_entry_point_returned() {
    // L3
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let first = deferring.start();
    free_the_worker(&host);
    let instance = first.instance().clone();
    let taken = std::thread::spawn(move || instance.get_deferral("elsewhere")).join();
    let second = taken.expect("nothing panics").expect("a hold is left, so the instance runs");
    first.complete();
    assert_eq!(second.instance().state(), State::Running, "the second holds it on");
}

#[test]
fn who_waits_is_woken_by_the_end() {
    // L2: a waiter that learns of the end sees the final numbers.
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    free_the_worker(&host);
    let waiting = Latch::default();
    let (instance, task, began) = (deferral.instance().clone(), deferring.task.clone(), waiting.clone());
    let waiter = std::thread::spawn(move || {
        began.open();
        end_of(&instance);
        (instance.state(), task.running())
    });
    waiting.wait();
    deferral.complete();
    assert_eq!(waiter.join().expect("the wait ends"), (State::Finished, 0));
}
