//! A task that fails too often in a row is disabled (G6).

mod common;

use backstay::{
    CancelReason, Details, Error, Host, Outcome, Status, Task, TaskBuilder, TaskError, Trigger, WhenBusy,
};
use common::{Deferring, GRACE, advance, end_of, fire, manual_host, put, run};

/// Fails unless its details say otherwise.
fn failing(host: &Host, max_failures: u32) -> Task {
    let task = TaskBuilder::new("fail").max_failures(max_failures).when_busy(WhenBusy::Queue);
    let task = task.run(|instance| match instance.details().as_text() {
        Some("succeed") => Ok(()),
        _ => Err(TaskError::new("on purpose")),
    });
    put(host, task)
}

fn succeed(task: &Task) {
    let instance = task.fire(Details::text("succeed")).expect("it is not disabled");
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn so_many_failures_in_a_row_disable_it() {
    // G6
    let host = manual_host();
    let task = failing(&host, 3);
    for _ in 0..3 {
        assert!(!task.is_disabled());
        run(&task);
    }
    assert!(task.is_disabled());
    let refused = task.fire(Details::none()).expect_err("it is disabled");
    assert_eq!(refused, Error::Disabled { task: "fail".to_owned(), failures: 3 });
    assert_eq!(refused.status(), Status::Disabled);
    assert!(task.is_registered());
}

#[test]
fn by_default_none_do() {
    // G6
    let host = manual_host();
    let task = put(&host, TaskBuilder::new("fail").run(|_| Err(TaskError::new("on purpose"))));
    for _ in 0..100 {
        assert_eq!(run(&task).outcome, Outcome::Failed);
    }
    assert!(!task.is_disabled());
}

#[test]
fn a_success_begins_the_count_anew() {
    // G6: in a row
    let host = manual_host();
    let task = failing(&host, 2);
    for _ in 0..5 {
        run(&task);
        succeed(&task);
    }
    run(&task);
    assert!(!task.is_disabled());
    run(&task);
    assert!(task.is_disabled());
}

#[test]
fn what_others_ended_counts_neither_way() {
    // G6: cancelled and abandoned ones say nothing about the task
    let host = manual_host();
    let task = Deferring::described(&host, TaskBuilder::new("defer").max_failures(2));
    task.start().fail(TaskError::new("on purpose"));
    common::until(|| task.task.running() == 0);
    let canceled = task.start();
    canceled.instance().cancel(CancelReason::Abort);
    canceled.complete();
    end_of(canceled.instance());
    let abandoned = task.start();
    abandoned.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    end_of(abandoned.instance());
    assert!(!task.task.is_disabled());
    let failed = task.start();
    failed.fail(TaskError::new("on purpose"));
    end_of(failed.instance());
    assert!(task.task.is_disabled(), "the first failure still counts");
}

#[test]
fn it_is_enabled_by_hand_and_then_counts_anew() {
    // G6
    let host = manual_host();
    let task = failing(&host, 2);
    (0..2).for_each(|_| drop(run(&task)));
    task.enable().expect("it is registered");
    assert!(!task.is_disabled());
    run(&task);
    assert!(!task.is_disabled(), "one failure since");
    run(&task);
    assert!(task.is_disabled());
}

#[test]
fn what_was_pending_still_runs() {
    // G6: only firings are refused
    let host = manual_host();
    let task = failing(&host, 1);
    task.suspend(None);
    let fired = [fire(&task), fire(&task), fire(&task)];
    task.resume();
    assert!(fired.iter().all(|instance| end_of(instance).outcome == Outcome::Failed));
    assert!(task.is_disabled());
}

#[test]
fn a_success_of_what_was_pending_does_not_hide_why_it_is_disabled() {
    // G6, F1
    let host = manual_host();
    let task = failing(&host, 1);
    task.suspend(None);
    fire(&task);
    let last = task.fire(Details::text("succeed")).expect("it is not disabled yet");
    task.resume();
    end_of(&last);
    let refused = task.fire(Details::none()).expect_err("it is disabled");
    assert_eq!(refused, Error::Disabled { task: "fail".to_owned(), failures: 1 });
    assert!(task.explain().contains("after 1 failures"), "{}", task.explain());
}

#[test]
fn its_name_stays_taken_and_a_new_task_begins_enabled() {
    // G6, G1
    let host = manual_host();
    let task = failing(&host, 1);
    run(&task);
    let again = TaskBuilder::new("fail").run(|_| Ok(())).register(&host);
    assert_eq!(again.map_err(|error| error.status()), Err(Status::NameTaken));
    task.unregister(false).expect("it is registered");
    assert!(!failing(&host, 1).is_disabled());
}

#[test]
fn it_is_said_by_the_task_itself() {
    // G6, F1
    let host = manual_host();
    let task = failing(&host, 1);
    run(&task);
    assert!(task.explain().contains("disabled after 1 failures"), "{}", task.explain());
    assert!(host.snapshot().tasks[0].disabled);
    task.enable().expect("it is registered");
    assert!(!task.explain().contains("disabled"), "{}", task.explain());
}

#[test]
fn a_disabled_task_takes_no_event() {
    // G6, F6
    let host = manual_host();
    let task = TaskBuilder::new("bound").trigger(Trigger::event("photo")).max_failures(1);
    let task = put(&host, task.run(|_| Err(TaskError::new("on purpose"))));
    run(&task);
    assert_eq!(host.raise_event("photo", Details::none()), Ok(0));
    assert_eq!(task.pending() + task.running(), 0);
}

#[test]
fn what_is_unregistered_cannot_be_enabled() {
    // G6
    let host = manual_host();
    let task = failing(&host, 1);
    run(&task);
    task.unregister(false).expect("it is registered");
    assert_eq!(task.enable(), Err(Error::Unregistered { task: "fail".to_owned() }));
    assert!(!task.is_disabled());
}
