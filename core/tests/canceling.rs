//! What a cancellation does to an instance that ends in time (C1 to C5, C8).

mod common;

use backstay::{CancelReason, Outcome, State, TaskError};
use common::{
    Deferring, DropBell, GRACE, Journal, LONG, Staying, advance, end_of, fire, flush, free_the_worker, keep,
    narrow_host, register, run,
};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn every_reason_reaches_the_completion_with_its_number() {
    // C1
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    for number in (0..12).chain([64, 1000, u32::MAX]) {
        let reason = CancelReason::from_number(number).expect("the reasons of Windows, and 64 and up");
        let deferral = deferring.start();
        deferral.instance().cancel(reason);
        deferral.complete();
        let told = end_of(deferral.instance()).canceled.map(CancelReason::number);
        assert_eq!(told, Some(number));
    }
}

#[test]
fn the_first_reason_stays() {
    // C2
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    instance.cancel(CancelReason::ServicingUpdate);
    instance.cancel(CancelReason::Abort);
    assert_eq!(instance.canceled(), Some(CancelReason::ServicingUpdate));
    deferral.complete();
    assert_eq!(end_of(instance).canceled, Some(CancelReason::ServicingUpdate));
}

#[test]
fn a_second_request_does_not_begin_the_grace_again() {
    // C2
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE / 2);
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE / 2);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}

#[test]
fn a_request_after_the_finish_changes_nothing() {
    // C2, and L2: the outcome is final
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    deferral.complete();
    end_of(deferral.instance());
    deferral.instance().cancel(CancelReason::Abort);
    assert_eq!(deferral.instance().canceled(), None);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Succeeded);
}

#[test]
fn every_thread_sees_the_reason_as_soon_as_cancel_returns() {
    // C3
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    assert_eq!(instance.canceled(), None);
    instance.cancel(CancelReason::QuietHoursEntered);
    let seen = std::thread::spawn(move || instance.canceled()).join().expect("nothing panics");
    assert_eq!(seen, Some(CancelReason::QuietHoursEntered));
}

#[test]
fn each_handler_is_called_once_with_the_reason_and_before_completed() {
    // C3
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let journal = Journal::new();
    let deferral = deferring.start();
    for handler in ["first", "second"] {
        let (seen, instance) = (journal.clone(), deferral.instance().clone());
        keep(deferral.instance().on_canceled(move |reason| {
            assert_eq!(instance.canceled(), Some(reason), "the instance knows it before the handler");
            seen.write(format!("{handler}: {reason}"));
        }));
    }
    let seen = journal.clone();
    keep(deferring.task.on_completed(move |_| seen.write("completed".to_owned())));
    deferral.instance().cancel(CancelReason::Abort);
    deferral.instance().cancel(CancelReason::EnergySaver);
    deferral.complete();
    end_of(deferral.instance());
    flush(&host);
    assert_eq!(journal.read(), ["first: Abort", "second: Abort", "completed"]);
}

#[test]
fn a_handler_that_comes_late_is_called_by_an_event_of_its_own() {
    // C4: not inside the attaching call, which the attaching thread shows
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::IdleTask);
    flush(&host);
    let (tell, told) = mpsc::channel();
    keep(deferral.instance().on_canceled(move |reason| {
        tell.send((reason, std::thread::current().id())).expect("the test listens");
    }));
    let (reason, thread) = told.recv_timeout(LONG).expect("the handler is called");
    assert_eq!(reason, CancelReason::IdleTask);
    assert_ne!(thread, std::thread::current().id());
}

#[test]
fn a_handler_that_a_handler_attaches_is_called_after_it() {
    // C4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let journal = Journal::new();
    let (seen, instance) = (journal.clone(), deferral.instance().clone());
    keep(deferral.instance().on_canceled(move |_| {
        let inner = seen.clone();
        keep(instance.on_canceled(move |_| inner.write("inner")));
        seen.write("outer");
    }));
    deferral.instance().cancel(CancelReason::Abort);
    flush(&host);
    flush(&host);
    assert_eq!(journal.read(), ["outer", "inner"]);
}

#[test]
fn a_handler_for_a_finished_instance_is_dropped_and_never_called() {
    // C4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::Abort);
    deferral.complete();
    end_of(deferral.instance());
    let (bell, dropped) = DropBell::new();
    let calls = Journal::new();
    let seen = calls.clone();
    keep(deferral.instance().on_canceled(move |_| {
        let _own = &bell;
        seen.write(());
    }));
    assert_eq!(dropped.try_recv(), Ok(()), "the data is destroyed by the attaching call itself");
    flush(&host);
    assert_eq!(calls.read(), []);
}

#[test]
fn a_canceled_pending_instance_finishes_at_once_and_never_runs() {
    // C5
    let host = narrow_host();
    let entered = Journal::new();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let seen = entered.clone();
    let task = register(&host, "never", move |_| {
        seen.write(());
        Ok(())
    });
    let pending = fire(&task);
    assert_eq!(pending.state(), State::Pending);
    pending.cancel(CancelReason::Uninstall);
    assert_eq!(pending.state(), State::Finished);
    let completion = end_of(&pending);
    assert_eq!((completion.outcome, completion.canceled), (Outcome::Canceled, Some(CancelReason::Uninstall)));
    assert_eq!(completion.ran_for, Duration::ZERO);
    staying.leave.open();
    free_the_worker(&host);
    assert_eq!(entered.read(), [], "the worker has been at its place in the queue");
}

#[test]
fn a_canceled_pending_instance_has_both_events() {
    // C5
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    staying.start();
    let pending = fire(&staying.task);
    let journal = Journal::new();
    let (canceled, completed) = (journal.clone(), journal.clone());
    keep(pending.on_canceled(move |_| canceled.write("canceled")));
    keep(staying.task.on_completed(move |_| completed.write("completed")));
    pending.cancel(CancelReason::Abort);
    flush(&host);
    assert_eq!(journal.read(), ["canceled", "completed"]);
    staying.leave.open();
}

#[test]
fn one_that_ends_within_its_grace_is_canceled() {
    // C8
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::ResourceRevocation);
    advance(&host, GRACE.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(deferral.instance().state(), State::Running, "the grace is not over");
    deferral.complete();
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Canceled);
}

#[test]
fn leaving_by_the_cancellation_error_is_a_return_after_a_cancellation() {
    // C8
    let host = narrow_host();
    let task = register(&host, "leave", |instance| {
        instance.cancel(CancelReason::Abort);
        Err(TaskError::canceled())
    });
    let completion = run(&task);
    assert_eq!((completion.outcome, &completion.error), (Outcome::Canceled, &None));
}

#[test]
fn leaving_by_the_cancellation_error_is_a_failure_without_a_cancellation() {
    // C8, also when the cancellation comes after the leaving
    let host = narrow_host();
    let (give, deferrals) = mpsc::channel();
    let task = register(&host, "leave", move |instance| {
        give.send(instance.get_deferral("pending")?)?;
        Err(TaskError::canceled())
    });
    let instance = fire(&task);
    let deferral = deferrals.recv_timeout(LONG).expect("the entry point takes it");
    free_the_worker(&host);
    instance.cancel(CancelReason::Abort);
    deferral.complete();
    let completion = end_of(&instance);
    assert_eq!(completion.outcome, Outcome::Failed);
    assert_eq!(completion.error.as_ref().map(TaskError::is_canceled), Some(true));
}
