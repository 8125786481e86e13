//! A move of the clock that is made in slices: it can be left when a handler takes its time, and gone on with.

mod common;

use std::sync::mpsc;
use std::time::Duration;

use backstay::{Details, Error, EventKind, Host, TaskBuilder, Trigger};
use common::{LONG, SECOND, manual_host};

#[test]
fn a_slice_ends_while_a_handler_is_called_and_the_next_one_goes_on() {
    let host = manual_host();
    let task = TaskBuilder::new("tick").trigger(Trigger::every(SECOND)).run(|_| Ok(())).register(&host);
    task.expect("it is a good one");
    let (entered, enters) = mpsc::channel();
    let (leave, leaves) = mpsc::channel::<()>();
    let leaves = parking_lot::Mutex::new(leaves);
    let handler = host.on_event(move |event| {
        if event.kind == EventKind::Fired {
            let _ = entered.send(());
            let _ = leaves.lock().recv_timeout(LONG);
        }
    });

    let mut advance = host.begin_advance(2 * SECOND).expect("the clock is a manual one");
    assert_eq!(
        advance.go_on(Duration::from_millis(1)),
        Ok(false),
        "the handler of the first second is not back"
    );
    enters.recv_timeout(LONG).expect("it was called");
    leave.send(()).and_then(|()| leave.send(())).expect("it waits");
    while advance.go_on(Duration::from_millis(50)) == Ok(false) {}
    enters.recv_timeout(LONG).expect("the second second came as well");
    assert_eq!(advance.go_on(LONG), Ok(true), "and there it stays");
    assert!(enters.try_recv().is_err(), "two seconds are two firings");
    handler.cancel();
}

#[test]
fn one_that_is_dropped_leaves_the_clock_where_it_is() {
    let host = manual_host();
    let task = TaskBuilder::new("late").trigger(Trigger::after(SECOND)).run(|_| Ok(())).register(&host);
    let task = task.expect("it is a good one");
    drop(host.begin_advance(5 * SECOND));
    host.flush(Some(LONG)).expect("nothing stands in the way");
    assert!(task.is_registered(), "its second has not come");
    host.advance(SECOND).expect("nothing stands in the way");
    common::until(|| !task.is_registered());
}

#[test]
fn what_cannot_be_moved_is_refused_before_it_begins() {
    let host = Host::new();
    assert_eq!(host.begin_advance(SECOND).err(), Some(Error::NotManualClock));
    let host = manual_host();
    let (answer, answers) = mpsc::channel();
    let inside = host.downgrade();
    let run = move |_: &backstay::Instance| {
        let host = inside.upgrade().expect("the test has it");
        let _ = answer.send(host.begin_advance(SECOND).expect("it only begins").go_on(SECOND));
        Ok(())
    };
    let task = TaskBuilder::new("self").run(run).register(&host).expect("it is a good one");
    task.fire(Details::none()).expect("it takes firings");
    assert!(matches!(answers.recv_timeout(LONG), Ok(Err(Error::WouldDeadlock { .. }))));
}
