//! Everything that is wrong with a description is told at once, each fault with its field (G2).

mod common;

use backstay::{Error, Status, TaskBuilder, Trigger, WhenBusy};
use common::{SECOND, manual_host};
use std::time::Duration;

fn fields(builder: &TaskBuilder) -> Vec<&'static str> {
    builder.validate().iter().map(|fault| fault.field).collect()
}

fn good() -> TaskBuilder {
    TaskBuilder::new("good").run(|_| Ok(()))
}

#[test]
fn all_faults_are_told_at_once() {
    // G2
    let host = manual_host();
    let wrong = || {
        TaskBuilder::new("")
            .group("two\nlines")
            .trigger(Trigger::every(Duration::ZERO))
            .condition("network")
            .condition("")
            .condition("network")
            .deadline(Duration::ZERO)
            .max_running(0)
            .max_pending(0)
            .max_failures(0)
    };
    let expected = [
        "name",
        "group",
        "trigger",
        "conditions",
        "conditions",
        "deadline",
        "max_running",
        "max_pending",
        "max_failures",
        "run",
    ];
    assert_eq!(fields(&wrong()), expected);
    let refused = wrong().register(&host).expect_err("it has faults");
    assert_eq!(refused, Error::InvalidTask { faults: wrong().validate() });
    assert_eq!(refused.status(), Status::InvalidTask);
    for fault in wrong().validate() {
        assert!(refused.to_string().contains(&fault.to_string()), "{refused} does not tell of {fault}");
    }
    assert_eq!((host.tasks().len(), host.groups().len()), (0, 0));
}

#[test]
fn each_fault_is_found_alone() {
    // G2
    let faulty = [
        ("name", TaskBuilder::new("bell\u{7}").run(|_| Ok(()))),
        ("group", good().group("")),
        ("trigger", good().trigger(Trigger::every(Duration::ZERO))),
        ("trigger", good().trigger(Trigger::event(""))),
        ("trigger", good().trigger(Trigger::event("two\nlines"))),
        ("conditions", good().condition("")),
        ("conditions", good().condition("a").condition("b").condition("a")),
        ("cancel_on_condition_loss", good().cancel_on_condition_loss(true)),
        ("deadline", good().deadline(Duration::ZERO)),
        ("max_running", good().max_running(0)),
        ("max_pending", good().max_pending(0)),
        ("max_failures", good().max_failures(0)),
        ("run", TaskBuilder::new("no entry point")),
    ];
    for (field, builder) in faulty {
        assert_eq!(fields(&builder), [field]);
    }
}

#[test]
fn what_looks_unusual_but_is_not_wrong_is_taken() {
    // G2
    let host = manual_host();
    let builders = [
        good().trigger(Trigger::after(Duration::ZERO)),
        good().trigger(Trigger::every(Duration::MAX)).deadline(Duration::MAX).grace(Duration::ZERO),
        good().condition("network").cancel_on_condition_loss(true).max_failures(u32::MAX),
        good().when_busy(WhenBusy::Replace).max_running(usize::MAX).max_pending(1),
        TaskBuilder::new("Grüße, 世界").group("a/b").run(|_| Ok(())),
    ];
    for builder in builders {
        assert_eq!(fields(&builder), [""; 0]);
        let task = builder.register(&host).expect("it has no fault");
        task.unregister(false).expect("it was just registered");
    }
}

#[test]
fn a_fault_says_what_would_be_right() {
    // G2
    let faults = good().trigger(Trigger::every(Duration::ZERO)).max_running(0).validate();
    let texts: Vec<_> = faults.iter().map(ToString::to_string).collect();
    assert!(texts[0].starts_with("trigger: ") && texts[0].contains("give"), "{texts:?}");
    assert!(texts[1].starts_with("max_running: ") && texts[1].contains("give"), "{texts:?}");
}

#[test]
fn faults_are_told_before_the_host_is_asked() {
    // G2: a closed host does not hide them
    let host = manual_host();
    host.shutdown(SECOND).expect("this is no callback");
    let refused = TaskBuilder::new("").register(&host).expect_err("both are wrong");
    assert_eq!(refused.status(), Status::InvalidTask);
}
