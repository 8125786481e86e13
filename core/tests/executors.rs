//! Work on an executor that the application brings (H7).

mod common;

use backstay::{
    CancelReason, Details, FireAnswer, Host, HostState, Outcome, State, TaskBuilder, Trigger, WhenBusy,
};
use common::{
    Deferring, DropBell, GRACE, Job, Journal, LONG, Latch, SECOND, Staying, advance, end_of, fire, flush,
    handed_host, put, register, run, run_all,
};
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::Poll;
use std::thread;
use std::time::Duration;

#[test]
fn entry_points_run_there_and_nowhere_else() {
    // H7
    let (host, jobs) = handed_host();
    let threads = Journal::new();
    let seen = threads.clone();
    let task = register(&host, "where", move |_| {
        seen.write(thread::current().id());
        Ok(())
    });
    let (instance, answer) = task.fire_with_answer(Details::none()).expect("it is not refused");
    assert_eq!((answer, instance.state()), (FireAnswer::Started, State::Pending));
    (0..9).for_each(|_| drop(fire(&task)));
    assert_eq!(threads.read().len(), 0, "nobody has run the jobs");
    assert_eq!(run_all(&jobs), 10, "one job each");
    assert_eq!(threads.read(), [thread::current().id(); 10]);
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn jobs_begin_in_the_order_of_firing_whoever_runs_them_first() {
    // H7, F4
    let (host, jobs) = handed_host();
    let order = Journal::new();
    let seen = order.clone();
    let task = register(&host, "note", move |instance| {
        seen.write(instance.id());
        Ok(())
    });
    let fired: Vec<_> = (0..5).map(|_| fire(&task).id()).collect();
    let mut taken: Vec<Job> = jobs.try_iter().collect();
    taken.reverse();
    for job in taken {
        job();
    }
    assert_eq!(order.read(), fired);
}

#[test]
fn the_next_of_a_queue_is_handed_over_when_the_one_before_has_finished() {
    // H7, F4
    let (host, jobs) = handed_host();
    let queue = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    (0..3).for_each(|_| drop(fire(&queue.task)));
    for _ in 0..3 {
        assert_eq!(run_all(&jobs), 1);
        queue.wait_started().complete();
    }
    assert_eq!(run_all(&jobs), 0);
}

#[test]
fn whatever_lets_an_instance_start_hands_it_over() {
    // H7: a condition, a resume of each level, a clock, an event
    let (host, jobs) = handed_host();
    let builder = TaskBuilder::new("wait").condition("on").trigger(backstay::Trigger::event("go"));
    let task = put(&host, builder.when_busy(WhenBusy::Parallel).run(|_| Ok(())));
    fire(&task);
    assert_eq!(run_all(&jobs), 0);
    host.set_condition("on", true).expect("the name is not empty");
    assert_eq!(run_all(&jobs), 1);
    host.suspend(None);
    fire(&task);
    host.resume();
    assert_eq!(run_all(&jobs), 1);
    task.suspend(None);
    let instance = fire(&task);
    instance.suspend(None);
    task.resume();
    assert_eq!(run_all(&jobs), 0);
    instance.resume();
    assert_eq!(run_all(&jobs), 1);
    host.raise_event("go", Details::none()).expect("the host is open");
    assert_eq!(run_all(&jobs), 1);
    let clock = TaskBuilder::new("clock").trigger(Trigger::after(SECOND));
    put(&host, clock.run(|_| Ok(())));
    advance(&host, SECOND);
    assert_eq!(run_all(&jobs), 1);
}

#[test]
fn the_job_of_an_instance_that_was_cancelled_runs_nothing() {
    // H7, C5
    let (host, jobs) = handed_host();
    let entered = Latch::default();
    let mark = entered.clone();
    let task = register(&host, "work", move |_| {
        mark.open();
        Ok(())
    });
    fire(&task).cancel(CancelReason::Abort);
    let next = Deferring::new(&host, "next");
    fire(&next.task);
    assert_eq!(run_all(&jobs), 2);
    assert!(!entered.is_open());
    next.wait_started().complete();
}

/// A host whose executor does this with its first job and runs the others on threads, and what it says.
fn misled_host(first: fn(Job)) -> (Host, mpsc::Receiver<String>) {
    let (say, said) = mpsc::channel();
    let calls = AtomicUsize::new(0);
    let executor = move |job: Job| match calls.fetch_add(1, Ordering::Relaxed) {
        0 => first(job),
        _ => drop(thread::spawn(job)),
    };
    let builder = Host::builder().manual_clock().executor(executor).log(move |line| {
        // The test may be over.
        let _ = say.send(line.to_owned());
    });
    (builder.build().expect("an executor is enough"), said)
}

#[test]
fn a_job_that_is_dropped_cancels_its_instance() {
    // H7
    let (host, said) = misled_host(drop);
    let task = register(&host, "work", |_| Ok(()));
    let end = end_of(&fire(&task));
    assert_eq!((end.outcome, end.canceled), (Outcome::Canceled, Some(CancelReason::ResourceRevocation)));
    flush(&host);
    assert!(said.try_recv().is_ok_and(|line| line.contains("the executor dropped a job")));
    assert_eq!(run(&task).outcome, Outcome::Succeeded, "and the next one runs");
}

#[test]
fn an_executor_that_panics_has_dropped_its_job() {
    // H7: and whoever fires does not unwind
    let (host, _said) = misled_host(|_job| panic!("on purpose"));
    let task = register(&host, "work", |_| Ok(()));
    assert_eq!(end_of(&fire(&task)).canceled, Some(CancelReason::ResourceRevocation));
    assert_eq!(run(&task).outcome, Outcome::Succeeded);
}

#[test]
fn a_dropped_job_lets_the_next_of_a_queue_go() {
    // H7, F4
    let (host, jobs) = handed_host();
    let queue = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    let fired = [fire(&queue.task), fire(&queue.task)];
    drop(jobs.try_recv());
    assert_eq!(end_of(&fired[0]).canceled, Some(CancelReason::ResourceRevocation));
    assert_eq!(run_all(&jobs), 1);
    assert_eq!(*queue.wait_started().instance(), fired[1]);
}

#[test]
fn a_straggler_is_listed_and_not_replaced() {
    // H7, C6
    let (give, jobs) = mpsc::channel::<Job>();
    thread::spawn(move || jobs.iter().for_each(|job| job()));
    let builder = Host::builder().manual_clock().executor(move |job| drop(give.send(job)));
    let host = builder.build().expect("an executor is enough");
    let staying = Staying::new(&host, "stay");
    let stuck = staying.start();
    let waiting = fire(&register(&host, "next", |_| Ok(())));
    stuck.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(&stuck).outcome, Outcome::Abandoned);
    assert_eq!((host.stragglers(), waiting.state()), (1, State::Pending), "the only thread is occupied");
    staying.leave.open();
    assert_eq!(end_of(&waiting).outcome, Outcome::Succeeded);
    common::until(|| host.stragglers() == 0);
}

#[test]
fn an_async_entry_point_is_a_job_for_each_poll() {
    // H7, L8
    let (host, jobs) = handed_host();
    let wakers: Arc<parking_lot::Mutex<Vec<std::task::Waker>>> = Arc::default();
    let left = Arc::clone(&wakers);
    let task = TaskBuilder::new("async").run_async(move |_| {
        let (left, mut polls) = (Arc::clone(&left), 0);
        poll_fn(move |context| {
            polls += 1;
            left.lock().push(context.waker().clone());
            if polls < 3 { Poll::Pending } else { Poll::Ready(Ok(())) }
        })
    });
    let instance = fire(&put(&host, task));
    for _ in 0..2 {
        assert_eq!(run_all(&jobs), 1);
        assert_eq!(run_all(&jobs), 0, "nobody has woken it");
        let waker = wakers.lock().pop().expect("it left one");
        waker.wake_by_ref();
        waker.wake();
    }
    assert_eq!((run_all(&jobs), end_of(&instance).outcome), (1, Outcome::Succeeded));
}

#[test]
fn a_poll_that_is_dropped_cancels_its_instance() {
    // H7, L8, C6
    let (host, jobs) = handed_host();
    let (bell, dropped) = DropBell::new();
    let bell = parking_lot::Mutex::new(Some(bell));
    let task = TaskBuilder::new("async").run_async(move |_| {
        let own = bell.lock().take();
        poll_fn(move |context| {
            let _own = &own;
            context.waker().wake_by_ref();
            Poll::Pending
        })
    });
    let instance = fire(&put(&host, task));
    jobs.try_recv().expect("it was handed over")();
    drop(jobs.try_recv().expect("it woke itself"));
    assert_eq!(instance.canceled(), Some(CancelReason::ResourceRevocation));
    advance(&host, GRACE);
    assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
    dropped.recv_timeout(LONG).expect("the future goes");
}

#[test]
fn a_host_closes_although_nobody_runs_its_jobs() {
    // H7, H2
    let (host, jobs) = handed_host();
    let pending = fire(&register(&host, "work", |_| Ok(())));
    let report = host.shutdown(Duration::ZERO).expect("this is no callback");
    assert_eq!((report.state, report.canceled, host.state()), (HostState::Closed, 1, HostState::Closed));
    assert_eq!(run_all(&jobs), 1, "a late job finds nothing to do");
    assert_eq!(end_of(&pending).outcome, Outcome::Canceled);
}

#[test]
fn what_the_executor_captured_goes_with_the_host() {
    // H7
    let (bell, dropped) = DropBell::new();
    let executor = move |job: Job| {
        let _own = &bell;
        drop(thread::spawn(job));
    };
    let host = Host::builder().executor(executor).build().expect("an executor is enough");
    run(&register(&host, "work", |_| Ok(())));
    host.shutdown(LONG).expect("this is no callback");
    drop(host);
    dropped.recv_timeout(LONG).expect("nobody will call it");
}

#[test]
fn one_that_lets_another_pass_has_it_handed_over() {
    // H7, S1: the first one was suspended after it had been handed over.
    let (host, jobs) = handed_host();
    let queue = Deferring::described(&host, TaskBuilder::new("queue").when_busy(WhenBusy::Queue));
    let (held_back, next) = (fire(&queue.task), fire(&queue.task));
    held_back.suspend(None);
    let job = jobs.try_recv().expect("the first was handed over");
    job();
    assert_eq!(run_all(&jobs), 1, "the second one may start, and nobody is asked to run it");
    assert_eq!(*queue.wait_started().instance(), next);
}

#[test]
fn a_shot_that_is_over_before_the_clock_looks_ends_its_task_as_well() {
    // F5: an executor whose other thread is done before the firing returns
    let run_elsewhere = |job: Job| {
        thread::spawn(job).join().expect("jobs do not unwind");
    };
    let host = Host::builder().manual_clock().executor(run_elsewhere).build().expect("the defaults are fine");
    let once = TaskBuilder::new("once").trigger(backstay::Trigger::after(SECOND)).run(|_| Ok(()));
    let once = once.register(&host).expect("the name is new");
    host.advance(SECOND).expect("no handler is stuck");
    assert!(!once.is_registered(), "{}", once.explain());
}
