//! Ends of all kinds race with beginnings of all kinds: what was accepted ends once, and nothing is alive after the
//! close (L2, F5, G1, G3, H2, H7).

mod common;

use backstay::{
    CancelReason, Details, Error, EventKind, Host, HostState, IfExists, Outcome, Status, Task, TaskBuilder,
    Trigger, Uuid, WhenBusy,
};
use common::{
    Deferring, Job, Journal, LONG, Latch, end_of, events, fire, flush, handed_host, keep, put, register,
    run_all, until, waker,
};
use std::collections::HashSet;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;

fn real_host() -> Host {
    Host::builder().workers(3).grace(LONG * 100).build().expect("three workers are enough")
}

/// The firings and the ends that the host tells from now on.
fn life(host: &Host) -> Journal<(EventKind, Uuid)> {
    events(host, |event| {
        let counts = matches!(event.kind, EventKind::Fired | EventKind::Completed);
        counts.then_some((event.kind, event.instance_id))
    })
}

/// Everything that was fired has ended, once.
fn assert_all_ended(host: &Host, life: &Journal<(EventKind, Uuid)>) {
    flush(host);
    let of = |kind| life.read().into_iter().filter(move |told| told.0 == kind).map(|told| told.1);
    let (fired, ended): (Vec<_>, Vec<_>) =
        (of(EventKind::Fired).collect(), of(EventKind::Completed).collect());
    assert_eq!(fired.len(), ended.len());
    assert_eq!(fired.into_iter().collect::<HashSet<_>>(), ended.into_iter().collect());
    let totals = host.snapshot().totals;
    assert_eq!((totals.running, totals.pending), (0, 0));
}

/// Fires a few times and waits for the last one, so that no more is fired than can be kept up with.
fn fire_some(task: &Task) -> Result<(), Error> {
    (0..3).try_for_each(|_| task.fire(Details::none()).map(drop))?;
    end_of(&task.fire(Details::none())?);
    Ok(())
}

/// Fires until that is refused; how it was refused.
fn fire_on(task: &Task) -> Status {
    loop {
        if let Err(error) = fire_some(task) {
            return error.status();
        }
    }
}

#[test]
fn firing_unregistering_and_shutting_down() {
    // L2, G3, H2
    let policies = [WhenBusy::Parallel, WhenBusy::Queue, WhenBusy::Coalesce, WhenBusy::Replace];
    for round in 0..60_usize {
        let host = real_host();
        let life = life(&host);
        let builder = TaskBuilder::new("race").when_busy(policies[round % 4]).run(|_| Ok(()));
        let task = put(&host, builder);
        let statuses = thread::scope(|scope| {
            let firing = [0, 1].map(|_| scope.spawn(|| fire_on(&task)));
            (0..round / 4).for_each(|_| drop(end_of(&fire(&task))));
            scope.spawn(|| task.unregister(round.is_multiple_of(2)));
            scope.spawn(|| host.begin_shutdown(LONG));
            firing.map(|firing| firing.join().expect("it is refused in the end"))
        });
        assert!(statuses.iter().all(|status| matches!(status, Status::Unregistered | Status::Closed)));
        assert_eq!(host.shutdown(LONG).expect("this is no callback").state, HostState::Closed);
        assert_all_ended(&host, &life);
        assert_eq!((task.running(), task.pending(), task.is_registered()), (0, 0, false));
    }
}

#[test]
fn replacing_a_task_while_it_is_fired() {
    // G1, G3
    let host = real_host();
    let life = life(&host);
    let new = |rule| TaskBuilder::new("race").if_exists(rule).run(|_| Ok(()));
    put(&host, new(IfExists::Fail));
    thread::scope(|scope| {
        let replacing = [IfExists::Replace, IfExists::ReplaceAndCancel].map(|rule| {
            let host = &host;
            scope.spawn(move || (0..200).for_each(|_| drop(put(host, new(rule)))))
        });
        while !replacing.iter().all(thread::ScopedJoinHandle::is_finished) {
            let task = host.task("race").expect("the name is never free");
            let status = fire_some(&task).err().map(|error| error.status());
            assert!(matches!(status, None | Some(Status::Unregistered)), "{status:?}");
        }
    });
    assert_eq!(host.tasks().len(), 1);
    let report = host.drain(LONG).expect("this is no callback");
    assert_eq!(report.state, HostState::Closed, "{report}");
    assert_all_ended(&host, &life);
}

#[test]
fn a_one_shot_that_is_fired_by_hand_all_the_time() {
    // F5
    for _ in 0..50 {
        let host = real_host();
        let life = life(&host);
        let once = TaskBuilder::new("once").trigger(Trigger::after(Duration::from_micros(500)));
        let once = put(&host, once.when_busy(WhenBusy::Parallel).run(|_| Ok(())));
        assert_eq!(fire_on(&once), Status::Unregistered, "in the end it has had its shot");
        let report = host.drain(LONG).expect("this is no callback");
        assert_eq!(report.state, HostState::Closed, "{report}");
        assert_all_ended(&host, &life);
    }
}

#[test]
fn a_clock_that_ticks_into_the_close() {
    // F5, H2
    for round in 0..40_u32 {
        let host = real_host();
        let life = life(&host);
        for (name, period) in [("fast", 50), ("slow", 130)] {
            let task = TaskBuilder::new(name).trigger(Trigger::every(Duration::from_micros(period)));
            put(&host, task.when_busy(WhenBusy::Parallel).run(|_| Ok(())));
        }
        until(|| life.len() >= 2 * usize::try_from(round).expect("it is small"));
        host.shutdown(LONG).expect("this is no callback");
        let told = life.len();
        assert_all_ended(&host, &life);
        assert_eq!(life.len(), told, "nothing was fired after the report");
    }
}

#[test]
fn handlers_that_register_and_fire_the_next_one() {
    // G4, E1: each end begins the next
    const LENGTH: usize = 300;
    fn begin(host: &Host, number: usize, done: &mpsc::Sender<()>) {
        let task = register(host, &format!("link {number}"), |_| Ok(()));
        let (own, weak, done) = (task.clone(), host.downgrade(), done.clone());
        keep(task.on_completed(move |completion| {
            assert_eq!(completion.outcome, Outcome::Succeeded);
            own.unregister(false).expect("nobody else does");
            match weak.upgrade() {
                Some(host) if number < LENGTH => begin(&host, number + 1, &done),
                // The test may have failed already.
                _ => drop(done.send(())),
            }
        }));
        fire(&task);
    }
    let host = real_host();
    let (done, is_done) = mpsc::channel();
    begin(&host, 1, &done);
    is_done.recv_timeout(LONG).expect("the chain comes to its end");
    flush(&host);
    assert_eq!(host.snapshot().tasks.len(), 0);
}

#[test]
fn an_executor_of_several_threads_that_drops_some_jobs() {
    // H7
    let (give, jobs) = mpsc::channel::<Job>();
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..2 {
        let jobs = Arc::clone(&jobs);
        thread::spawn(move || {
            loop {
                let job = jobs.lock().recv();
                let Ok(job) = job else { return };
                job();
            }
        });
    }
    let calls = AtomicUsize::new(0);
    let executor = move |job: Job| {
        if !calls.fetch_add(1, Ordering::Relaxed).is_multiple_of(3) {
            // The host may be the last to end.
            let _ = give.send(job);
        }
    };
    let host = Host::builder().executor(executor).log(|_| ()).build().expect("an executor is enough");
    let life = life(&host);
    let tasks = [WhenBusy::Parallel, WhenBusy::Queue]
        .map(|policy| put(&host, TaskBuilder::new(format!("{policy:?}")).when_busy(policy).run(|_| Ok(()))));
    let fired: Vec<_> = (0..500_usize).map(|number| fire(&tasks[number % 2])).collect();
    for instance in fired {
        let end = end_of(&instance);
        let expected = match end.canceled {
            Some(reason) => (reason, end.outcome) == (CancelReason::ResourceRevocation, Outcome::Canceled),
            None => end.outcome == Outcome::Succeeded,
        };
        assert!(expected, "{end:?}");
    }
    assert_all_ended(&host, &life);
}

#[test]
fn what_was_pending_when_its_task_was_unregistered_never_starts() {
    // G3. The first one stops the moment that it is asked to, before the call has come to the second one.
    let (host, jobs) = handed_host();
    let queue = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    fire(&queue.task);
    run_all(&jobs);
    let first = queue.wait_started();
    let second = fire(&queue.task);
    let (cancellation, jobs) = (first.instance().cancellation(), Mutex::new(jobs));
    let reacts = waker(move || {
        first.complete();
        run_all(&jobs.lock());
    });
    let mut canceled = pin!(cancellation.canceled());
    assert_eq!(canceled.as_mut().poll(&mut Context::from_waker(&reacts)), Poll::Pending);
    queue.task.unregister(true).expect("it is registered");
    assert!(queue.has_started().is_none(), "the second one was entered");
    assert_eq!(end_of(&second).outcome, Outcome::Canceled);
}

#[test]
fn a_handler_that_begins_when_the_grace_ends_is_passed_over_as_well() {
    // E9: whenever between the handlers the instance is abandoned, Completed comes
    for _ in 0..20 {
        let host = Host::builder().workers(1).grace(Duration::ZERO).log(|_| ()).build();
        let host = host.expect("one worker is enough");
        let task = Deferring::new(&host, "defer");
        let (tell, told) = mpsc::channel();
        keep(task.task.on_completed(move |completion| {
            // The test may have failed already.
            let _ = tell.send(completion.outcome);
        }));
        let (deferral, stuck) = (task.start(), Latch::default());
        let gate = stuck.clone();
        keep(deferral.instance().on_canceled(move |_| gate.wait()));
        deferral.instance().cancel(CancelReason::Abort);
        let came = told.recv_timeout(LONG);
        stuck.open();
        assert_eq!(came, Ok(Outcome::Abandoned), "the handler keeps Completed back");
    }
}
