//! Where code that is asked to pause does so (S1, S3).

mod common;

use backstay::{CancelReason, Deferral, Error, Host, Instance, Outcome, TaskBuilder};
use common::{
    Deferring, GRACE, LONG, Latch, advance, end_of, fire, flush, free_the_worker, keep, manual_host,
    narrow_host, register, run, waker,
};
use std::pin::pin;
use std::sync::mpsc::{self, Receiver};
use std::task::{Context, Poll};
use std::time::Duration;

fn suspended(host: &Host) -> Deferral {
    let deferral = Deferring::new(host, "defer").start();
    deferral.instance().suspend(None);
    deferral
}

/// Whether a checkpoint would stay now.
fn stays(instance: &Instance) -> bool {
    matches!(instance.checkpoint_within(Some(Duration::ZERO)), Err(Error::TimedOut { .. }))
}

/// What the checkpoint of another thread answers, once it does.
fn at_checkpoint(instance: &Instance) -> Receiver<bool> {
    let (tell, told) = mpsc::channel();
    let (begun, instance) = (Latch::default(), instance.clone());
    let begins = begun.clone();
    std::thread::spawn(move || {
        begins.open();
        // The test may have failed already.
        let _ = tell.send(instance.checkpoint());
    });
    begun.wait();
    told
}

#[test]
fn it_is_passed_at_once_when_nothing_is_suspended() {
    // S1
    let host = manual_host();
    let (tell, told) = mpsc::channel();
    let task = register(&host, "pass", move |instance| Ok(tell.send(instance.checkpoint())?));
    run(&task);
    assert_eq!(told.try_recv(), Ok(false));
}

#[test]
fn it_stays_while_any_level_is_suspended() {
    // S1
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    for (suspend, resume) in [
        (&|| host.suspend(None), &|| host.resume()),
        (&|| task.suspend(None), &|| task.resume()),
        (&|| instance.suspend(None), &|| instance.resume()),
    ] as [(&dyn Fn(), &dyn Fn()); 3]
    {
        suspend();
        assert!(stays(instance));
        resume();
        assert!(!stays(instance));
    }
}

#[test]
fn an_entry_point_stays_there_and_goes_on_when_it_is_resumed() {
    // S1
    let host = manual_host();
    let (tell, told) = mpsc::channel();
    let task = register(&host, "stay", move |instance| {
        instance.suspend(None);
        tell.send(stays(instance))?;
        Ok(tell.send(instance.checkpoint())?)
    });
    let instance = fire(&task);
    assert_eq!(told.recv_timeout(LONG), Ok(true));
    assert!(told.try_recv().is_err());
    instance.resume();
    assert_eq!(told.recv_timeout(LONG), Ok(false));
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn a_resume_of_each_level_wakes_it() {
    // S1
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let (instance, task) = (deferral.instance(), deferral.instance().task());
    for (suspend, resume) in [
        (&|| host.suspend(None), &|| host.resume()),
        (&|| task.suspend(None), &|| task.resume()),
        (&|| instance.suspend(None), &|| instance.resume()),
    ] as [(&dyn Fn(), &dyn Fn()); 3]
    {
        suspend();
        let passed = at_checkpoint(instance);
        resume();
        assert_eq!(passed.recv_timeout(LONG), Ok(false));
    }
}

#[test]
fn cancelling_wakes_it_and_it_says_so() {
    // S3
    let host = manual_host();
    let deferral = suspended(&host);
    let passed = at_checkpoint(deferral.instance());
    deferral.instance().cancel(CancelReason::Abort);
    assert_eq!(passed.recv_timeout(LONG), Ok(true));
    assert!(deferral.instance().is_suspended(), "it still is");
    assert!(deferral.instance().checkpoint(), "and nothing stays there any more");
}

#[test]
fn the_end_of_the_instance_wakes_it() {
    // S3: a thread that went on without a deferral of its own
    let host = narrow_host();
    let deferral = suspended(&host);
    free_the_worker(&host);
    let passed = at_checkpoint(deferral.instance());
    deferral.complete();
    assert_eq!(passed.recv_timeout(LONG), Ok(false));
}

#[test]
fn every_thread_that_stays_is_woken() {
    // S3
    let host = manual_host();
    let deferral = suspended(&host);
    let passed: Vec<_> = (0..8).map(|_| at_checkpoint(deferral.instance())).collect();
    deferral.instance().resume();
    assert!(passed.iter().all(|passed| passed.recv_timeout(LONG) == Ok(false)));
}

#[test]
fn one_with_a_time_says_when_that_was_over() {
    // S1, law 2
    let host = manual_host();
    let deferral = suspended(&host);
    let early = deferral.instance().checkpoint_within(Some(Duration::from_millis(1)));
    assert!(matches!(early, Err(Error::TimedOut { .. })), "{early:?}");
    deferral.instance().cancel(CancelReason::Abort);
    assert_eq!(deferral.instance().checkpoint_within(Some(Duration::ZERO)), Ok(true));
    assert_eq!(deferral.instance().checkpoint_within(Some(Duration::MAX)), Ok(true));
}

#[test]
fn in_a_handler_nothing_stays() {
    // S1: the events would stand still with it
    let host = manual_host();
    let deferral = suspended(&host);
    let (tell, told) = mpsc::channel();
    let suspended = deferral.instance().clone();
    keep(deferral.instance().task().on_progress(move |_| {
        // The test may have failed already.
        let _ = tell.send((suspended.checkpoint(), suspended.is_suspended()));
    }));
    deferral.instance().set_progress(1);
    flush(&host);
    assert_eq!(told.try_recv(), Ok((false, true)));
}

#[test]
fn an_entry_point_that_does_not_look_is_not_stopped() {
    // S1: cooperative
    let host = manual_host();
    let task = register(&host, "deaf", |instance| {
        instance.suspend(None);
        Ok(())
    });
    assert_eq!(run(&task).outcome, Outcome::Succeeded);
}

#[test]
fn a_suspended_entry_point_that_is_cancelled_has_its_grace() {
    // S3, C6
    let host = manual_host();
    let deferral = suspended(&host);
    let passed = at_checkpoint(deferral.instance());
    host.begin_shutdown(GRACE * 2);
    assert_eq!(passed.recv_timeout(LONG), Ok(true));
    advance(&host, GRACE);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
}

#[test]
fn async_code_awaits_it() {
    // S1: and is woken by the resume and by the cancellation
    let host = manual_host();
    for cancels in [false, true] {
        let deferral = suspended(&host);
        let woken = Latch::default();
        let wakes = woken.clone();
        let by = waker(move || wakes.open());
        let mut future = pin!(deferral.instance().checkpoint_async());
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(&by)), Poll::Pending);
        assert!(!woken.is_open());
        if cancels {
            deferral.instance().cancel(CancelReason::Abort);
        } else {
            deferral.instance().resume();
        }
        assert!(woken.is_open());
        assert_eq!(future.as_mut().poll(&mut Context::from_waker(&by)), Poll::Ready(cancels));
        deferral.instance().task().unregister(false).expect("it is registered");
    }
}

#[test]
fn an_async_entry_point_that_awaits_it_occupies_no_worker() {
    // S1, L8
    let host = narrow_host();
    let paused = Latch::default();
    let mark = paused.clone();
    let task = TaskBuilder::new("async").run_async(move |instance| {
        let mark = mark.clone();
        async move {
            instance.suspend(None);
            mark.open();
            let canceled = instance.checkpoint_async().await;
            assert!(!canceled, "nobody asked it to stop");
            Ok(())
        }
    });
    let instance = fire(&common::put(&host, task));
    paused.wait();
    free_the_worker(&host);
    assert!(instance.is_suspended());
    instance.resume();
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}
