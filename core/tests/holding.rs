//! Who holds what, what they say that they do, and where they began (H4).

mod common;

use backstay::{CancelReason, Host, Stack, Status};
use common::{
    Deferring, GRACE, SECOND, Staying, advance, end_of, fire, free_the_worker, manual_host, narrow_host,
};
use std::time::Duration;

#[test]
fn the_host_names_everything_that_holds_in_the_order_of_firing() {
    // H4
    let host = narrow_host();
    let tasks = ["first", "second", "third"].map(|name| Deferring::new(&host, name));
    let held: Vec<_> = [1, 0, 2, 0].into_iter().map(|task: usize| tasks[task].start()).collect();
    advance(&host, SECOND);
    let more = held[0].instance().get_deferral("more").expect("it is Running");
    let listed = host.holders();
    let ids: Vec<_> = listed.iter().map(|each| each.instance_id).collect();
    assert_eq!(ids, held.iter().map(|deferral| deferral.instance().id()).collect::<Vec<_>>());
    assert_eq!(
        listed.iter().map(|each| &*each.task).collect::<Vec<_>>(),
        ["second", "first", "third", "first"]
    );
    let ages: Vec<_> = listed[0].holders.iter().map(|holder| (&*holder.label, holder.age)).collect();
    assert_eq!(ages, [("the test", SECOND), ("more", Duration::ZERO)]);
    assert_eq!(more.complete(), Status::Ok);
    assert_eq!(host.holders()[0].holders.len(), 1);
}

#[test]
fn what_is_held_by_no_deferral_is_not_named() {
    // H4: neither what waits nor an entry point alone
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let instance = staying.start();
    fire(&staying.task);
    assert_eq!(host.holders(), []);
    let deferral = instance.get_deferral("inside").expect("it is Running");
    assert_eq!(host.holders().len(), 1);
    assert_eq!(host.holders()[0].holders.len(), 1, "the deferral and not the entry point");
    deferral.complete();
    assert_eq!(host.holders(), []);
    staying.leave.open();
}

#[test]
fn a_listing_says_why_the_instance_was_asked_to_stop() {
    // H4
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    assert_eq!(host.holders()[0].canceled, None);
    deferral.instance().cancel(CancelReason::IdleTask);
    assert_eq!(host.holders()[0].canceled, Some(CancelReason::IdleTask));
}

#[test]
fn a_note_stands_in_every_report_until_the_next_one() {
    // H4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    let instance = deferral.instance().clone();
    assert_eq!(deferral.holder().and_then(|holder| holder.note), None);
    for note in ["part 1 of 2", "part 2 of 2"] {
        assert_eq!(deferral.set_note(note), Status::Ok);
        let drained = host.drain(Duration::ZERO).expect("this is no callback");
        let reports = [
            deferral.holder().expect("it is pending"),
            instance.holders().remove(0),
            host.holders().remove(0).holders.remove(0),
            host.snapshot().tasks.remove(0).instances.remove(0).holders.remove(0),
            drained.remaining[0].holders[0].clone(),
        ];
        for holder in reports {
            assert_eq!(holder.note.as_deref(), Some(note));
            assert!(holder.to_string().contains(&format!("at {note:?}")), "{holder}");
        }
    }
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(&instance).holders[0].note.as_deref(), Some("part 2 of 2"));
}

#[test]
fn a_note_that_nobody_will_read_is_answered_so() {
    // H4, L4
    let host = manual_host();
    let task = Deferring::new(&host, "defer");
    let (completed, abandoned) = (task.start(), task.start());
    completed.complete();
    assert_eq!(completed.set_note("late"), Status::AlreadyCompleted);
    abandoned.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(abandoned.set_note("late"), Status::NotRunning);
    assert_eq!(abandoned.set_stack(Stack::from_text("late")), Status::NotRunning);
    assert_eq!(abandoned.complete(), Status::NotRunning);
    assert_eq!(abandoned.set_note("late"), Status::AlreadyCompleted);
}

#[test]
fn a_dropped_deferral_is_told_with_its_note() {
    // H4, L5
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    deferral.set_note("half done");
    let instance = deferral.instance().clone();
    drop(deferral);
    assert_eq!(end_of(&instance).dropped[0].note.as_deref(), Some("half done"));
}

/// A function whose name is looked for.
#[inline(never)]
fn takes_a_deferral_by_this_name(instance: &backstay::Instance) -> backstay::Deferral {
    instance.get_deferral("second").expect("it is Running")
}

#[test]
fn a_host_that_captures_stacks_tells_the_calls() {
    // H4
    let host = Host::builder().workers(1).manual_clock().capture_stacks(true).build();
    let host = host.expect("one worker is enough");
    let first = Deferring::new(&host, "defer").start();
    let second = takes_a_deferral_by_this_name(first.instance());
    let stack = second.holder().and_then(|holder| holder.stack).expect("it was captured");
    assert!(stack.to_string().contains("takes_a_deferral_by_this_name"), "{stack}");
    let listed = first.instance().holders();
    assert_eq!(listed[1].stack, Some(stack.clone()), "and in every report");
    assert_ne!(listed[0].stack, Some(stack));
}

#[test]
fn by_default_none_is_captured() {
    // H4: it is not for nothing
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    assert_eq!(deferral.holder().and_then(|holder| holder.stack), None);
}

#[test]
fn a_binding_gives_the_calls_of_its_own_language() {
    // H4
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    assert_eq!(deferral.set_stack(Stack::from_text("  File \"copy.py\", line 7")), Status::Ok);
    let listed = deferral.instance().holders();
    let text = listed[0].stack.as_ref().map(ToString::to_string);
    assert_eq!(text.as_deref(), Some("  File \"copy.py\", line 7"));
    let json: serde_json::Value = serde_json::from_str(&host.snapshot().to_json()).expect("it is JSON");
    assert_eq!(
        json["tasks"][0]["instances"][0]["holders"]
            .as_array()
            .and_then(|all| all.last())
            .map(|last| &last["stack"]),
        Some(&"  File \"copy.py\", line 7".into())
    );
    deferral.complete();
    assert_eq!(deferral.set_stack(Stack::from_text("late")), Status::AlreadyCompleted);
}
