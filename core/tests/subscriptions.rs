//! How long a handler stays attached, and when what it captured is destroyed (E4).

mod common;

use backstay::{CancelReason, Subscription};
use common::{
    Deferring, DropBell, Journal, LONG, Latch, end_of, fire, flush, keep, manual_host, register, run,
};
use parking_lot::Mutex;
use std::sync::{Arc, mpsc};

#[test]
fn dropping_the_subscription_leaves_the_handler_attached() {
    // E4
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let calls = Journal::new();
    let seen = calls.clone();
    drop(task.on_completed(move |_| seen.write(())));
    run(&task);
    flush(&host);
    assert_eq!(calls.read().len(), 1);
}

#[test]
fn after_cancel_no_call_comes_and_the_data_is_destroyed_once() {
    // E4
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let calls = Journal::new();
    let seen = calls.clone();
    let (bell, dropped) = DropBell::new();
    let subscription = task.on_completed(move |_| {
        let _own = &bell;
        seen.write(());
    });
    run(&task);
    flush(&host);
    subscription.cancel();
    assert_eq!(dropped.try_recv(), Ok(()), "destroyed when cancel returns");
    subscription.cancel();
    run(&task);
    flush(&host);
    assert_eq!(calls.read().len(), 1);
    assert!(dropped.try_recv().is_err(), "destroyed twice");
}

#[test]
fn cancel_waits_for_a_call_in_flight() {
    // E4
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let (enter, entered) = mpsc::channel();
    let (door, journal) = (Latch::default(), Journal::new());
    let (gate, seen) = (door.clone(), journal.clone());
    let subscription = task.on_completed(move |_| {
        enter.send(()).expect("the test listens");
        gate.wait();
        seen.write("returned");
    });
    run(&task);
    entered.recv_timeout(LONG).expect("the handler is called");
    let journal_after = journal.clone();
    let canceling = std::thread::spawn(move || {
        subscription.cancel();
        journal_after.write("canceled");
    });
    assert_eq!(journal.read(), [""; 0], "the handler has not returned");
    door.open();
    canceling.join().expect("nothing panics");
    assert_eq!(journal.read(), ["returned", "canceled"]);
}

#[test]
fn two_handlers_that_cancel_each_other_both_return() {
    // E4: the handler of one host waits in a callback of another one.
    let (first_host, second_host) = (manual_host(), manual_host());
    let hosts = [&first_host, &second_host];
    let others: Arc<Mutex<Vec<Subscription>>> = Arc::default();
    let both_are_in = Arc::new(std::sync::Barrier::new(2));
    let (tell, told) = mpsc::channel();
    let tasks = hosts.map(|host| {
        let task = register(host, "quiet", |_| Ok(()));
        let (others_now, both_are_in, tell) = (Arc::clone(&others), Arc::clone(&both_are_in), tell.clone());
        let subscription = task.on_completed(move |_| {
            both_are_in.wait();
            // In flight themselves, and so never idle while the other one waits.
            others_now.lock().iter().for_each(Subscription::cancel);
            both_are_in.wait();
            tell.send(()).expect("the test listens");
        });
        others.lock().push(subscription);
        task
    });
    for task in &tasks {
        fire(task);
    }
    for _ in &tasks {
        told.recv_timeout(LONG).expect("both handlers return");
    }
}

#[test]
fn a_cancel_inside_a_callback_still_guarantees_no_further_call() {
    // E4: the first handler detaches the second one of the same event.
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let second: Arc<Mutex<Option<Subscription>>> = Arc::default();
    let target = Arc::clone(&second);
    keep(task.on_completed(move |_| {
        if let Some(subscription) = target.lock().take() {
            subscription.cancel();
        }
    }));
    let calls = Journal::new();
    let seen = calls.clone();
    *second.lock() = Some(task.on_completed(move |_| seen.write(())));
    run(&task);
    flush(&host);
    assert_eq!(calls.read(), []);
}

#[test]
fn the_data_of_a_canceled_handler_goes_after_its_only_call() {
    // E4, C3
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (bell, dropped) = DropBell::new();
    keep(deferral.instance().on_canceled(move |_| {
        let _own = &bell;
    }));
    deferral.instance().cancel(CancelReason::Abort);
    flush(&host);
    assert_eq!(dropped.try_iter().count(), 1);
}

#[test]
fn the_data_of_a_handler_that_was_never_called_goes_with_its_instance() {
    // E4
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (bell, dropped) = DropBell::new();
    keep(deferral.instance().on_canceled(move |_| {
        let _own = &bell;
    }));
    flush(&host);
    assert_eq!(dropped.try_iter().count(), 0, "the instance runs");
    deferral.complete();
    end_of(deferral.instance());
    flush(&host);
    assert_eq!(dropped.try_iter().count(), 1);
}

#[test]
fn the_data_of_the_handlers_of_a_task_goes_when_the_task_has_ended() {
    // E4: unregistered, and without an instance
    let host = manual_host();
    let deferring = Deferring::new(&host, "defer");
    let (completed, completed_dropped) = DropBell::new();
    let (progress, progress_dropped) = DropBell::new();
    keep(deferring.task.on_completed(move |_| {
        let _own = &completed;
    }));
    keep(deferring.task.on_progress(move |_| {
        let _own = &progress;
    }));
    let dropped = || completed_dropped.try_iter().count() + progress_dropped.try_iter().count();
    let deferral = deferring.start();
    deferring.task.unregister(false).expect("it is registered");
    flush(&host);
    assert_eq!(dropped(), 0, "an instance is alive");
    deferral.complete();
    end_of(deferral.instance());
    flush(&host);
    assert_eq!(dropped(), 2);
}

#[test]
fn a_handler_for_a_task_that_has_ended_is_dropped_and_never_called() {
    // E4
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    task.unregister(false).expect("it is registered");
    let (bell, dropped) = DropBell::new();
    keep(task.on_completed(move |_| {
        let _own = &bell;
    }));
    assert_eq!(dropped.try_iter().count(), 1);
}

#[test]
fn data_that_panics_when_destroyed_harms_nobody() {
    // E5, E4
    struct Broken;
    impl Drop for Broken {
        fn drop(&mut self) {
            panic!("destroying is broken");
        }
    }
    let log = Journal::new();
    let lines = log.clone();
    let host = backstay::Host::builder().manual_clock().log(move |line| lines.write(line.to_owned()));
    let host = host.build().expect("the default number of workers is enough");
    let task = register(&host, "quiet", |_| Ok(()));
    let broken = Broken;
    keep(task.on_completed(move |_| {
        let _own = &broken;
    }));
    task.unregister(false).expect("it is registered");
    flush(&host);
    assert_eq!(log.read().len(), 1, "and it is logged");
    run(&register(&host, "next", |_| Ok(())));
}
