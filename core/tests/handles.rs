//! Handles of a host, and the ways to it that do not keep it open (H2).

mod common;

use backstay::{CancelReason, Host, HostState, Outcome};
use common::{
    Deferring, DropBell, LONG, Latch, Staying, end_of, fire, flush, keep, manual_host, register, run, until,
};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;

use parking_lot::Mutex;

#[test]
fn a_weak_handle_finds_the_host_while_it_has_a_handle() {
    // H2
    let host = manual_host();
    let weak = host.downgrade();
    let found = weak.upgrade().expect("the host has a handle");
    run(&register(&found, "work", |_| Ok(())));
    assert_eq!(host.tasks().len(), 1, "it is the same host");
    drop(host);
    assert_eq!(found.state(), HostState::Open, "what was found is a handle like any other");
    assert!(weak.clone().upgrade().is_some());
    drop(found);
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_weak_handle_does_not_keep_the_host_open() {
    // H2
    let host = manual_host();
    let weak = host.downgrade();
    let task = register(&host, "work", |_| Ok(()));
    drop(host);
    assert!(!task.is_registered(), "the host is closed");
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_weak_handle_that_is_captured_does_not_keep_the_host_open() {
    // H2: neither by an entry point nor by a handler, and what they captured goes
    let host = manual_host();
    let (weak, (bell, dropped)) = (host.downgrade(), DropBell::new());
    let (for_task, for_handler) = ((weak.clone(), Arc::new(bell)), weak.clone());
    let (captured, shared) = (for_task.0, for_task.1);
    let also = Arc::clone(&shared);
    let task = register(&host, "work", move |_| {
        let _own = (&captured, &shared);
        Ok(())
    });
    keep(task.on_completed(move |_| {
        let _own = (&for_handler, &also);
    }));
    drop(host);
    dropped.recv_timeout(LONG).expect("the host closed");
    assert!(weak.upgrade().is_none());
}

#[test]
fn a_handle_that_is_captured_keeps_the_host_open() {
    // H2: what the documents warn of
    let host = manual_host();
    let (weak, captured) = (host.downgrade(), host.clone());
    let task = register(&host, "work", move |_| {
        let _own = &captured;
        Ok(())
    });
    drop(host);
    let host = weak.upgrade().expect("the entry point has one");
    assert!(task.is_registered());
    task.unregister(false).expect("it is registered");
    flush(&host);
}

#[test]
fn an_instance_knows_its_host() {
    // H2
    let host = manual_host();
    let (tell, told) = mpsc::channel();
    let task = register(&host, "work", move |instance| {
        let host = instance.host().ok_or_else(|| backstay::TaskError::new("it is gone"))?;
        register(&host, "made inside", |_| Ok(()));
        Ok(tell.send(host.state())?)
    });
    run(&task);
    assert_eq!(told.recv_timeout(LONG), Ok(HostState::Open));
    assert!(host.task("made inside").is_some());
}

#[test]
fn an_instance_has_no_host_when_the_last_handle_is_gone() {
    // H2: and with what it is given nothing is taken back
    let host = Host::builder().grace(LONG * 100).build().expect("the defaults are enough");
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    assert!(instance.host().is_some());
    assert_eq!(instance.canceled(), None, "what was found and dropped was not the last");
    drop(host);
    assert_eq!(instance.canceled(), Some(CancelReason::Terminating));
    assert!(instance.host().is_none());
    deferral.complete();
    assert_eq!(end_of(&instance).outcome, Outcome::Canceled);
    assert!(instance.host().is_none());
}

#[test]
fn the_last_handle_may_go_inside_of_an_entry_point() {
    // H2, H8: it begins the shutdown and waits for nobody
    let host = Host::builder().grace(LONG * 100).build().expect("the defaults are enough");
    let place: Arc<Mutex<Option<Host>>> = Arc::default();
    let (given, (tell, told)) = (Arc::clone(&place), mpsc::channel());
    let got = Latch::default();
    let gate = got.clone();
    let task = register(&host, "end", move |instance| {
        gate.wait();
        drop(given.lock().take());
        Ok(tell.send(instance.canceled())?)
    });
    let instance = fire(&task);
    *place.lock() = Some(host);
    got.open();
    assert_eq!(told.recv_timeout(LONG), Ok(Some(CancelReason::Terminating)));
    assert_eq!(end_of(&instance).outcome, Outcome::Canceled);
}

#[test]
fn the_last_handle_may_go_inside_of_a_handler() {
    // H2, H8
    let host = Host::builder().grace(LONG * 100).build().expect("the defaults are enough");
    let place: Arc<Mutex<Option<Host>>> = Arc::default();
    let given = Arc::clone(&place);
    let task = register(&host, "quick", |_| Ok(()));
    let staying = Staying::new(&host, "stay");
    keep(task.on_completed(move |_| {
        until(|| given.lock().is_some());
        drop(given.lock().take());
    }));
    let held = staying.start();
    run(&task);
    *place.lock() = Some(host);
    let token = held.cancellation();
    assert_eq!(token.wait(Some(LONG)), Ok(Some(CancelReason::Terminating)));
    staying.leave.open();
    end_of(&held);
}

#[test]
fn of_all_the_handles_that_go_at_once_one_is_the_last() {
    // H2: whatever finds handles meanwhile, the host closes once and is not found after that
    for _ in 0..50 {
        let host = manual_host();
        let deferral = Deferring::new(&host, "defer").start();
        let (weak, instance) = (host.downgrade(), deferral.instance().clone());
        let start = Barrier::new(4);
        thread::scope(|scope| {
            for handle in [host.clone(), host] {
                scope.spawn(|| {
                    start.wait();
                    drop(handle);
                });
            }
            scope.spawn(|| {
                start.wait();
                while weak.upgrade().is_some() {}
            });
            scope.spawn(|| {
                start.wait();
                while instance.host().is_some() {}
            });
        });
        assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
        assert!(weak.upgrade().is_none());
    }
}
