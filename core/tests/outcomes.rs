//! How an instance ends, and what is told to who asks for its result (L6, L7, L9).

mod common;

use backstay::{CancelReason, Error, Outcome, TaskError};
use common::{Deferring, GRACE, advance, end_of, free_the_worker, narrow_host, register, run};

#[test]
fn an_error_of_a_deferral_makes_it_failed() {
    // L6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.fail(TaskError::new("the disk is full"));
    let completion = end_of(deferral.instance());
    assert_eq!(completion.outcome, Outcome::Failed);
    assert_eq!(completion.error, Some(TaskError::new("the disk is full")));
}

#[test]
fn the_first_error_stays() {
    // L6
    let host = narrow_host();
    let first = Deferring::new(&host, "defer").start();
    let second = first.instance().get_deferral("second").expect("the first holds it");
    second.fail(TaskError::new("second deferral, first error"));
    first.fail(TaskError::new("first deferral, second error"));
    let error = end_of(first.instance()).error.clone();
    assert_eq!(error, Some(TaskError::new("second deferral, first error")));
}

#[test]
fn the_error_of_the_entry_point_comes_before_that_of_a_later_deferral() {
    // L6, L7: it also still waits for the deferral
    let host = narrow_host();
    let (give, deferrals) = std::sync::mpsc::channel();
    let task = register(&host, "fail", move |instance| {
        give.send(instance.get_deferral("pending")?)?;
        Err(TaskError::new("entry point"))
    });
    let instance = common::fire(&task);
    let deferral = deferrals.recv_timeout(common::LONG).expect("the entry point takes it");
    free_the_worker(&host);
    assert_eq!(instance.state(), backstay::State::Running, "a failed instance waits for its deferrals");
    deferral.fail(TaskError::new("deferral"));
    assert_eq!(end_of(&instance).error, Some(TaskError::new("entry point")));
}

#[test]
fn failed_goes_before_canceled() {
    // L6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.instance().cancel(CancelReason::IdleTask);
    deferral.fail(TaskError::new("broken"));
    let completion = end_of(deferral.instance());
    assert_eq!(completion.outcome, Outcome::Failed);
    assert_eq!(completion.canceled, Some(CancelReason::IdleTask), "the reason is still told");
}

#[test]
fn abandoned_goes_before_failed_and_still_carries_error_and_reason() {
    // L6
    let host = narrow_host();
    let first = Deferring::new(&host, "defer").start();
    let second = first.instance().get_deferral("second").expect("the first holds it");
    first.fail(TaskError::new("broken"));
    second.instance().cancel(CancelReason::EnergySaver);
    advance(&host, GRACE);
    let completion = end_of(second.instance());
    assert_eq!(completion.outcome, Outcome::Abandoned);
    assert_eq!(completion.error, Some(TaskError::new("broken")));
    assert_eq!(completion.canceled, Some(CancelReason::EnergySaver));
}

#[test]
fn an_error_is_told_by_its_display_and_its_type() {
    // L7
    let host = narrow_host();
    let task = register(&host, "parse", |_| Ok("seven".parse::<u32>().map(drop)?));
    let error = run(&task).error.clone().expect("seven is written in letters");
    let original = "seven".parse::<u32>().expect_err("still no number");
    assert_eq!(error.text(), original.to_string());
    assert_eq!(error.type_name(), std::any::type_name_of_val(&original));
    let payload = error.payload().and_then(|payload| payload.downcast_ref());
    assert_eq!(payload, Some(&original));
}

#[test]
fn a_panic_is_told_by_its_text_and_the_worker_goes_on() {
    // L7
    let host = narrow_host();
    let task = register(&host, "panic", |_| panic!("number {}", 7));
    let completion = run(&task);
    assert_eq!(completion.outcome, Outcome::Failed);
    assert_eq!(completion.error, Some(TaskError::with_type("number 7", "panic")));
    assert_eq!(run(&register(&host, "next", |_| Ok(()))).outcome, Outcome::Succeeded);
}

#[test]
fn after_a_panic_it_still_waits_for_its_deferrals() {
    // L7
    let host = narrow_host();
    let (give, deferrals) = std::sync::mpsc::channel();
    let task = register(&host, "panic", move |instance| {
        give.send(instance.get_deferral("pending")?)?;
        panic!("on purpose")
    });
    let instance = common::fire(&task);
    let deferral = deferrals.recv_timeout(common::LONG).expect("the entry point takes it");
    free_the_worker(&host);
    assert_eq!(instance.state(), backstay::State::Running);
    deferral.complete();
    assert_eq!(end_of(&instance).outcome, Outcome::Failed);
}

#[test]
fn the_result_of_succeeded_and_canceled_is_fine() {
    // L9
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let succeeded = deferring.start();
    succeeded.complete();
    assert_eq!(end_of(succeeded.instance()).check(), Ok(()));
    let canceled = deferring.start();
    canceled.instance().cancel(CancelReason::Abort);
    canceled.complete();
    let completion = end_of(canceled.instance());
    assert_eq!((completion.outcome, completion.check()), (Outcome::Canceled, Ok(())));
}

#[test]
fn the_result_of_failed_is_its_error() {
    // L9
    let host = narrow_host();
    let task = register(&host, "fail", |_| Err(TaskError::new("broken")));
    let error = TaskError::new("broken");
    assert_eq!(run(&task).check(), Err(Error::Failed { task: "fail".to_owned(), error }));
}

#[test]
fn the_result_of_abandoned_names_reason_and_holders() {
    // L9
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    deferral.instance().cancel(CancelReason::LoggingOff);
    advance(&host, GRACE);
    let refused = end_of(deferral.instance()).check().expect_err("it was abandoned");
    let Error::Abandoned { task, reason, holders } = &refused else { panic!("{refused:?}") };
    assert_eq!((&**task, *reason, holders.len()), ("defer", CancelReason::LoggingOff, 1));
    assert!(refused.to_string().contains("deferral \"the test\""), "{refused}");
}
