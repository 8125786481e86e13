//! What a host still does while it ends, and how it ends when nobody holds it (H1, H2).

mod common;

use backstay::{CancelReason, Details, Error, Host, HostState, Outcome, State, Status, TaskBuilder};
use common::{
    Deferring, DropBell, Journal, LONG, Staying, advance, end_of, fire, flush, free_the_worker, keep,
    manual_host, narrow_host, register, run,
};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn draining_and_closed_refuse_to_register_and_to_fire() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    for state in [HostState::Draining, HostState::Closed] {
        if state == HostState::Closed {
            deferral.complete();
            end_of(deferral.instance());
        }
        host.drain(Duration::ZERO).expect("this is no callback");
        assert_eq!(host.state(), state);
        let refused = Err(Error::Closed { state });
        assert_eq!(deferring.task.fire(Details::none()), refused.clone());
        assert_eq!(TaskBuilder::new("new").run(|_| Ok(())).register(&host).map(drop), refused.map(drop));
    }
}

#[test]
fn draining_refuses_nothing_else() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let first = deferring.start();
    host.drain(Duration::ZERO).expect("this is no callback");
    let second = first.instance().get_deferral("still allowed").expect("it is Running");
    second.instance().set_progress(7);
    assert_eq!(host.task("defer"), Some(deferring.task.clone()));
    assert_eq!((second.instance().progress(), second.instance().state()), (7, State::Running));
    assert_eq!(first.complete(), Status::Ok);
    advance(&host, LONG);
    assert_eq!(second.complete(), Status::Ok);
    assert_eq!(end_of(second.instance()).outcome, Outcome::Succeeded);
    flush(&host);
}

#[test]
fn closed_refuses_nothing_else() {
    // H2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    deferral.complete();
    end_of(deferral.instance());
    host.shutdown(Duration::ZERO).expect("this is no callback");
    advance(&host, LONG);
    flush(&host);
    assert_eq!(deferral.complete(), Status::AlreadyCompleted);
    assert_eq!(deferral.instance().state(), State::Finished);
    assert_eq!((deferring.task.name(), deferring.task.running()), ("defer", 0));
    assert!(!deferring.task.is_registered());
}

#[test]
fn dropping_a_clone_ends_nothing() {
    // H2
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    drop(host.clone());
    assert_eq!((host.state(), deferral.instance().canceled()), (HostState::Open, None));
}

#[test]
fn dropping_the_last_host_cancels_with_terminating_and_returns_at_once() {
    // H2: at once, although the deferral is still held and the grace is long.
    let host = Host::builder().grace(LONG * 1000).build().expect("the default number of workers is enough");
    let deferral = Deferring::new(&host, "defer").start();
    let (tell, told) = mpsc::channel();
    let dropping = std::thread::spawn(move || {
        drop(host);
        tell.send(()).expect("the test listens");
    });
    told.recv_timeout(LONG).expect("the drop returns");
    dropping.join().expect("nothing panics");
    assert_eq!(deferral.instance().canceled(), Some(CancelReason::Terminating));
    assert_eq!(deferral.instance().state(), State::Running, "it has the host's grace");
    assert_eq!(deferral.complete(), Status::Ok);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Canceled);
}

#[test]
fn after_the_last_host_was_dropped_the_grace_still_ends() {
    // H2: a grace that is over at once; nothing hangs on how fast.
    let host =
        Host::builder().grace(Duration::ZERO).build().expect("the default number of workers is enough");
    let deferral = Deferring::new(&host, "defer").start();
    drop(host);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}

#[test]
fn after_the_last_host_was_dropped_events_still_come() {
    // H2, L2
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let (tell, told) = mpsc::channel();
    keep(staying.task.on_completed(move |completion| {
        // Its end is what drops this handler.
        let _ = tell.send(completion.canceled);
    }));
    staying.start();
    drop(host);
    assert_eq!(told.recv_timeout(LONG), Ok(Some(CancelReason::Terminating)));
    staying.leave.open();
}

#[test]
fn a_manual_clock_that_nobody_can_move_abandons_at_once() {
    // H2, H5: nobody is left who could reach the deadline.
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    drop(host);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}

#[test]
fn dropping_tasks_and_instances_ends_nothing() {
    // H2
    let host = manual_host();
    let deferring = Deferring::new(&host, "defer");
    let deferral = deferring.start();
    drop(deferring);
    flush(&host);
    let task = host.task("defer").expect("it is still registered");
    assert_eq!(task.running(), 1);
    deferral.complete();
    end_of(deferral.instance());
    let staying = Staying::new(&host, "stay");
    let (tell, told) = mpsc::channel();
    keep(staying.task.on_completed(move |completion| {
        tell.send(completion.outcome).expect("the test listens");
    }));
    drop(staying.start());
    staying.leave.open();
    assert_eq!(told.recv_timeout(LONG), Ok(Outcome::Succeeded));
}

#[test]
fn a_task_that_an_entry_point_captures_does_not_keep_the_host() {
    // H2
    let host = manual_host();
    let other = register(&host, "other", |_| Ok(()));
    let (bell, dropped) = DropBell::new();
    let captured = other.clone();
    register(&host, "own", move |_| {
        let _own = (&bell, &captured);
        Ok(())
    });
    drop(host);
    dropped.recv_timeout(LONG).expect("the closed host lets its entry points go");
    assert!(!other.is_registered());
}

#[test]
fn all_that_users_gave_is_destroyed_once_when_the_host_is_closed() {
    // H1, E4
    let host = manual_host();
    let (ring, dropped) = mpsc::channel();
    let bell = || {
        struct Bell(mpsc::Sender<()>);
        impl Drop for Bell {
            fn drop(&mut self) {
                self.0.send(()).expect("the test listens");
            }
        }
        Bell(ring.clone())
    };
    let (entry_point, progress, completed, details) = (bell(), bell(), bell(), bell());
    let task = register(&host, "own", move |_| {
        let _own = &entry_point;
        Ok(())
    });
    keep(task.on_progress(move |_| {
        let _own = &progress;
    }));
    keep(task.on_completed(move |_| {
        let _own = &completed;
    }));
    let instance = task.fire(Details::opaque(details)).expect("the host is open");
    end_of(&instance);
    drop(instance);
    host.shutdown(Duration::ZERO).expect("this is no callback");
    for _ in 0..4 {
        dropped.recv_timeout(LONG).expect("entry point, handlers and details go");
    }
    drop(ring);
    assert!(dropped.recv_timeout(LONG).is_err(), "destroyed twice");
}

#[test]
fn hosts_do_not_know_of_each_other() {
    // H2
    let (first, second) = (manual_host(), manual_host());
    let journal = Journal::new();
    for host in [&first, &second] {
        let seen = journal.clone();
        register(host, "same name", move |_| {
            seen.write(());
            Ok(())
        });
    }
    first.shutdown(Duration::ZERO).expect("this is no callback");
    run(&second.task("same name").expect("the other host is open"));
    assert_eq!(journal.read().len(), 1);
}

#[test]
fn a_host_needs_a_worker() {
    // H1
    let refused = Host::builder().workers(0).build().expect_err("nothing could run");
    assert_eq!(refused.status(), Status::InvalidArgument);
}

#[test]
fn no_more_entry_points_run_at_once_than_there_are_workers() {
    // H1
    let host = Host::builder().workers(2).manual_clock().build().expect("two workers are enough");
    let staying = Staying::new(&host, "stay");
    let (first, second) = (staying.start(), staying.start());
    let third = fire(&staying.task);
    assert_eq!((staying.task.running(), third.state()), (2, State::Pending));
    staying.leave.open();
    for instance in [first, second, third] {
        end_of(&instance);
    }
}

#[test]
fn a_worker_is_free_again_when_the_entry_point_has_returned() {
    // H1: deferrals hold instances, not workers.
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let held: Vec<_> = (0..10).map(|_| deferring.start()).collect();
    free_the_worker(&host);
    assert_eq!(deferring.task.running(), held.len());
}
