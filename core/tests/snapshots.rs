//! What a host has and does at one moment, for people and for programs (H3).

mod common;

use backstay::{
    CancelReason, Cause, Host, HostState, Snapshot, State, TaskBuilder, TaskError, Totals, Trigger, WhenBusy,
};
use common::{
    Deferring, GRACE, LONG, Latch, SECOND, Staying, advance, fire, free_the_worker, keep, manual_host,
    narrow_host, put, register, run, until,
};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

fn parsed(snapshot: &Snapshot) -> Value {
    serde_json::from_str(&snapshot.to_json()).expect("it is JSON")
}

#[test]
fn an_empty_host_has_an_empty_one() {
    // H3
    let snapshot = manual_host().snapshot();
    assert_eq!((snapshot.state, snapshot.suspended), (HostState::Open, false));
    assert_eq!(snapshot.totals, Totals::default());
    let json = json!({
        "state": "Open", "suspended": false, "conditions": [], "tasks": [], "stragglers": [],
        "totals": {"tasks": 0, "pending": 0, "running": 0, "suspended": 0, "holders": 0, "stragglers": 0},
    });
    assert_eq!(parsed(&snapshot), json);
}

/// A host with something of everything.
fn scene() -> (Host, Deferring, backstay::Deferral, Staying) {
    let host = narrow_host();
    let staying = Staying::new(&host, "stuck");
    staying.start().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    host.set_condition("power", false).expect("the name is not empty");
    host.set_condition("network", true).expect("the name is not empty");
    let builder = TaskBuilder::new("sync").group("photos").condition("network").when_busy(WhenBusy::Queue);
    let sync = Deferring::described(&host, builder.deadline(SECOND * 30));
    let deferral = sync.start();
    free_the_worker(&host);
    deferral.set_note("part 3 of 7");
    advance(&host, SECOND * 2);
    fire(&sync.task);
    deferral.instance().set_progress(40);
    deferral.instance().suspend(Cause::Network);
    deferral.instance().cancel(CancelReason::EnergySaver);
    advance(&host, SECOND);
    (host, sync, deferral, staying)
}

#[test]
fn it_lists_conditions_tasks_instances_holders_and_stragglers() {
    // H3
    let (host, _sync, deferral, staying) = scene();
    let snapshot = host.snapshot();
    let conditions: Vec<_> = snapshot.conditions.iter().map(|each| (&*each.name, each.on)).collect();
    assert_eq!(conditions, [("network", true), ("power", false)]);
    let tasks: Vec<_> = snapshot.tasks.iter().map(|task| (&*task.name, task.group.as_deref())).collect();
    assert_eq!(tasks, [("stuck", None), ("sync", Some("photos"))], "in the order of registration");
    let [running, pending] = &snapshot.tasks[1].instances[..] else { panic!("there are two: {snapshot}") };
    assert_eq!((running.id, running.state), (deferral.instance().id(), State::Running));
    assert_eq!((running.progress, running.canceled), (40, Some(CancelReason::EnergySaver)));
    assert_eq!((running.asked_for, running.age), (Some(SECOND), SECOND * 3));
    assert_eq!((running.running_for, running.remaining), (Some(SECOND * 3), Some(SECOND * 28)));
    assert_eq!((running.suspended, running.suspended_count), (true, 1));
    assert_eq!((&*running.holders[0].label, running.holders.len()), ("the test", 1));
    assert_eq!((pending.state, pending.age, pending.running_for), (State::Pending, SECOND, None));
    assert!(pending.holders.is_empty());
    let straggler = &snapshot.stragglers[0];
    assert_eq!(
        (&*straggler.task, straggler.in_handler, straggler.given_up_for),
        ("stuck", false, SECOND * 3)
    );
    assert_eq!(snapshot.totals.stragglers, 1);
    staying.leave.open();
}

#[test]
fn its_json_says_the_same_with_durations_in_nanoseconds() {
    // H3
    let (host, _sync, deferral, staying) = scene();
    let json = parsed(&host.snapshot());
    let seconds = |seconds: u64| json!(seconds * 1_000_000_000);
    let task = &json["tasks"][1];
    assert_eq!(
        (&task["name"], &task["group"], &task["registered"]),
        (&json!("sync"), &json!("photos"), &json!(true))
    );
    assert_eq!((&task["fires_in_ns"], &task["trigger"]), (&Value::Null, &json!("by hand")));
    let instance = &task["instances"][0];
    assert_eq!(instance["id"], json!(deferral.instance().id().to_string()));
    assert_eq!((&instance["state"], &instance["canceled"]), (&json!("Running"), &json!("EnergySaver")));
    assert_eq!((&instance["asked_for_ns"], &instance["noticed_after_ns"]), (&seconds(1), &Value::Null));
    assert_eq!((&instance["age_ns"], &instance["remaining_ns"]), (&seconds(3), &seconds(28)));
    let holder = &instance["holders"][0];
    assert_eq!((&holder["kind"], &holder["label"]), (&json!("deferral"), &json!("the test")));
    assert_eq!((&holder["language"], &holder["note"]), (&json!("Rust"), &json!("part 3 of 7")));
    assert_eq!(holder["site_language"], json!("Rust"));
    assert!(holder["file"].as_str().is_some_and(|file| file.ends_with("common/mod.rs")), "{holder}");
    assert!(holder["line"].as_u64().is_some_and(|line| line > 0), "{holder}");
    assert_eq!((&holder["age_ns"], &holder["asked_ns"]), (&seconds(3), &seconds(1)));
    assert_eq!(json["stragglers"][0]["given_up_for_ns"], seconds(3));
    assert_eq!(json["conditions"][1], json!({"name": "power", "on": false}));
    assert_eq!((&json["totals"]["running"], &json["totals"]["pending"]), (&json!(1), &json!(1)));
    staying.leave.open();
}

#[test]
fn names_that_json_has_to_escape_come_back_as_they_were() {
    // H3
    let host = manual_host();
    let name = "quote \" and \\ and 世界";
    register(&host, name, |_| Ok(()));
    assert_eq!(parsed(&host.snapshot())["tasks"][0]["name"], json!(name));
}

#[test]
fn a_task_tells_of_itself() {
    // H3
    let host = manual_host();
    let failing = TaskBuilder::new("clock").trigger(Trigger::every(SECOND * 10)).max_failures(1);
    let clock = put(&host, failing.run(|_| Err(TaskError::new("on purpose"))));
    run(&clock);
    clock.suspend(None);
    advance(&host, SECOND);
    let snapshot = host.snapshot();
    let task = &snapshot.tasks[0];
    assert_eq!((task.failures, task.disabled, task.suspended, task.registered), (1, true, true, true));
    assert_eq!((task.fires_in, &*task.trigger), (Some(SECOND * 9), "every 10s"));
    assert_eq!(task.explanation, clock.explain());
}

#[test]
fn an_unregistered_task_stays_until_its_last_instance_has_finished() {
    // H3
    let host = narrow_host();
    let task = Deferring::new(&host, "sync");
    let deferral = task.start();
    free_the_worker(&host);
    task.task.unregister(false).expect("it is registered");
    let listed = host.snapshot();
    assert_eq!((listed.tasks.len(), listed.tasks[0].registered), (1, false));
    deferral.complete();
    assert_eq!(host.snapshot().tasks.len(), 0);
}

#[test]
fn it_can_be_read() {
    // H3
    let (host, _sync, _deferral, staying) = scene();
    host.suspend(None);
    let text = host.snapshot().to_string();
    for line in [
        "host open, suspended: 2 tasks, 1 pending, 1 running, 1 holders, 1 stragglers",
        "  condition network: on",
        "  task photos/sync: 1 running, 1 pending.",
        "canceled with EnergySaver 1.0s ago",
        "      held by deferral \"the test\" from core/tests/common/mod.rs",
        "  straggler: the entry point of stuck",
    ] {
        assert!(text.contains(line), "{text:?} does not say {line:?}");
    }
    staying.leave.open();
}

#[test]
fn a_closed_host_still_has_one() {
    // H3, H2
    let host = manual_host();
    register(&host, "sync", |_| Ok(()));
    host.set_condition("network", true).expect("the name is not empty");
    host.shutdown(SECOND).expect("this is no callback");
    let snapshot = host.snapshot();
    assert_eq!((snapshot.state, snapshot.tasks.len(), snapshot.conditions.len()), (HostState::Closed, 0, 1));
}

#[test]
fn nothing_has_to_move_for_it() {
    // H3: while the only worker is inside of an entry point and the events are inside of a handler
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let (entered, leave) = (Latch::default(), Latch::default());
    let (mark, gate) = (entered.clone(), leave.clone());
    keep(staying.task.on_progress(move |_| {
        mark.open();
        gate.wait();
    }));
    staying.start().set_progress(1);
    entered.wait();
    let (tell, told) = mpsc::channel();
    let looker = host.clone();
    thread::spawn(move || tell.send((looker.snapshot().totals, looker.holders().len())));
    let (totals, holders) = told.recv_timeout(LONG).expect("it comes although nothing moves");
    assert_eq!((totals.running, totals.holders, holders), (1, 1, 0));
    leave.open();
    staying.leave.open();
}

/// What is true of every snapshot, whatever happens meanwhile.
fn is_sound(snapshot: &Snapshot) {
    let listed = || snapshot.tasks.iter().flat_map(|task| &task.instances);
    let in_state = |state| listed().filter(|instance| instance.state == state).count();
    let totals = snapshot.totals;
    assert_eq!((totals.running, totals.pending), (in_state(State::Running), in_state(State::Pending)));
    assert_eq!(totals.holders, listed().map(|instance| instance.holders.len()).sum::<usize>());
    for instance in listed() {
        // A Running instance is one that is held, and a Pending one is not.
        assert_eq!(instance.state == State::Running, !instance.holders.is_empty(), "{instance}");
        assert_eq!(instance.state == State::Running, instance.running_for.is_some(), "{instance}");
        assert_eq!(instance.canceled.is_some(), instance.asked_for.is_some(), "{instance}");
    }
}

#[test]
fn each_instance_is_consistent_while_everything_moves() {
    // H3
    let host = Host::builder().workers(2).build().expect("two workers are enough");
    let builder = TaskBuilder::new("move").condition("on").when_busy(WhenBusy::Coalesce);
    let task = Deferring::described(&host, builder);
    let (is_over, mover) = (&AtomicBool::new(false), host.clone());
    thread::scope(|scope| {
        scope.spawn(move || {
            while !is_over.load(Ordering::Relaxed) {
                let _ = task.task.fire(backstay::Details::none());
                mover.set_condition("on", true).expect("the name is not empty");
                if let Some(deferral) = task.has_started() {
                    deferral.instance().cancel(CancelReason::Abort);
                    deferral.complete();
                }
                mover.set_condition("on", false).expect("the name is not empty");
            }
        });
        for _ in 0..2000 {
            is_sound(&host.snapshot());
        }
        is_over.store(true, Ordering::Relaxed);
    });
    host.begin_shutdown(Duration::ZERO);
    until(|| host.state() == HostState::Closed);
}
