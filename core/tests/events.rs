//! Events, their order, and the threads that they come on (E1 to E3, E5 to E7, E9).

mod common;

use backstay::{CancelReason, Closing, Completion, Deferral, Details, DrainReport, Error, Host, HostBuilder};
use backstay::{Instance, Outcome, Progress, State, Subscription, Task, TaskBuilder, TaskError};
use common::{
    Deferring, Journal, LONG, Latch, Staying, advance, end_of, fire, flush, free_the_worker, keep,
    manual_host, narrow_host, register, run,
};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn everything_may_go_to_any_thread() {
    // E1: this test goes red by not compiling.
    fn goes_anywhere<T: Send + Sync + 'static>() {}
    goes_anywhere::<(Host, HostBuilder, Task, TaskBuilder, Instance, Deferral, Subscription)>();
    goes_anywhere::<(Details, Closing, Completion, DrainReport, Progress, Error, TaskError)>();
}

#[test]
fn a_handler_never_runs_on_the_thread_that_caused_the_event() {
    // E2
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let threads = Journal::new();
    let note = {
        let threads = threads.clone();
        move || threads.write(std::thread::current().id())
    };
    let (canceled, progress, completed) = (note.clone(), note.clone(), note);
    let deferral = deferring.start();
    // From here on this thread causes all that happens.
    free_the_worker(&host);
    keep(deferral.instance().on_canceled(move |_| canceled()));
    keep(deferring.task.on_progress(move |_| progress()));
    keep(deferring.task.on_completed(move |_| completed()));
    deferral.instance().set_progress(1);
    deferral.instance().cancel(CancelReason::Abort);
    deferral.complete();
    flush(&host);
    let threads = threads.read();
    assert_eq!(threads.len(), 3);
    assert!(threads.iter().all(|id| *id != std::thread::current().id()));
}

#[test]
fn events_of_an_instance_come_in_order() {
    // E3
    let host = manual_host();
    let deferring = Deferring::new(&host, "defer");
    let journal = Journal::new();
    let (canceled, progress, completed) = (journal.clone(), journal.clone(), journal.clone());
    keep(deferring.task.on_progress(move |told| progress.write(format!("progress {}", told.progress))));
    keep(deferring.task.on_completed(move |_| completed.write("completed".to_owned())));
    let deferral = deferring.start();
    keep(deferral.instance().on_canceled(move |_| canceled.write("canceled".to_owned())));
    deferral.instance().set_progress(1);
    flush(&host);
    deferral.instance().cancel(CancelReason::Abort);
    deferral.instance().set_progress(2);
    deferral.complete();
    end_of(deferral.instance());
    flush(&host);
    assert_eq!(journal.read(), ["progress 1", "canceled", "progress 2", "completed"]);
}

#[test]
fn progress_that_comes_fast_ends_with_the_latest_value() {
    // E3
    let host = manual_host();
    let values = Journal::new();
    let seen = values.clone();
    let task = register(&host, "fast", |instance| {
        (1..=10_000).for_each(|value| instance.set_progress(value));
        Ok(())
    });
    keep(task.on_progress(move |told| seen.write(told.progress)));
    run(&task);
    flush(&host);
    let values = values.read();
    assert_eq!(values.last(), Some(&10_000));
    assert!(values.is_sorted(), "never back to an older value: {values:?}");
}

#[test]
fn nothing_comes_after_completed() {
    // E3: all of these are caused after the end, while the events are kept waiting.
    let host = manual_host();
    let deferring = Deferring::new(&host, "defer");
    let (journal, door) = (Journal::new(), Latch::default());
    let (canceled, progress, completed) = (journal.clone(), journal.clone(), journal.clone());
    let gate = door.clone();
    let deferral = deferring.start();
    let instance = deferral.instance();
    keep(deferring.task.on_progress(move |told| {
        gate.wait();
        progress.write(told.progress);
    }));
    keep(deferring.task.on_completed(move |_| completed.write(1000)));
    keep(instance.on_canceled(move |_| canceled.write(2000)));
    instance.set_progress(1);
    deferral.complete();
    end_of(instance);
    instance.set_progress(2);
    instance.cancel(CancelReason::Abort);
    door.open();
    flush(&host);
    assert_eq!(journal.read(), [1, 1000]);
}

#[test]
fn a_handler_that_panics_is_logged_and_harms_nobody_else() {
    // E5
    let log = Journal::new();
    let lines = log.clone();
    let host = Host::builder().manual_clock().log(move |line| lines.write(line.to_owned()));
    let host = host.build().expect("the default number of workers is enough");
    let task = register(&host, "quiet", |_| Ok(()));
    let journal = Journal::new();
    let seen = journal.clone();
    keep(task.on_completed(|_| panic!("the handler is broken")));
    keep(task.on_completed(move |_| seen.write(())));
    run(&task);
    run(&task);
    flush(&host);
    assert_eq!(journal.read().len(), 2, "the other handler is called for both");
    let log = log.read();
    assert_eq!(log.len(), 2, "one line each time: {log:?}");
    assert!(log[0].contains("the handler is broken"), "{log:?}");
}

#[test]
fn a_log_line_has_no_line_break() {
    // E5, as `HostBuilder::log` promises
    let log = Journal::new();
    let lines = log.clone();
    let host = Host::builder().manual_clock().log(move |line| lines.write(line.to_owned()));
    let host = host.build().expect("the default number of workers is enough");
    let task = register(&host, "quiet", |_| Ok(()));
    keep(task.on_completed(|_| panic!("first line\nsecond line")));
    run(&task);
    flush(&host);
    let log = log.read();
    assert_eq!(log.len(), 1);
    assert!(!log[0].contains('\n'), "{log:?}");
}

#[test]
fn a_log_that_panics_harms_nobody() {
    // E5
    let host = Host::builder().manual_clock().log(|_| panic!("the log is broken too"));
    let host = host.build().expect("the default number of workers is enough");
    let task = register(&host, "quiet", |_| Ok(()));
    keep(task.on_completed(|_| panic!("the handler is broken")));
    assert_eq!(run(&task).outcome, Outcome::Succeeded);
    flush(&host);
}

#[test]
fn progress_is_any_number_and_is_kept() {
    // E6
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    assert_eq!(instance.progress(), 0);
    for progress in [100, 7, u32::MAX] {
        instance.set_progress(progress);
        assert_eq!(instance.progress(), progress);
    }
    deferral.complete();
    assert_eq!(end_of(instance).progress, u32::MAX);
}

#[test]
fn progress_after_the_finish_is_ignored() {
    // E6
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    instance.set_progress(7);
    deferral.complete();
    end_of(instance);
    instance.set_progress(8);
    assert_eq!((instance.progress(), end_of(instance).progress), (7, 7));
}

#[test]
fn flush_waits_for_the_handlers_of_what_came_before_it() {
    // E7
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let (journal, door) = (Journal::new(), Latch::default());
    let (seen, gate) = (journal.clone(), door.clone());
    keep(task.on_completed(move |_| {
        gate.wait();
        seen.write(());
    }));
    run(&task);
    let early = host.flush(Some(Duration::ZERO));
    assert!(matches!(early, Err(Error::TimedOut { .. })), "{early:?}");
    door.open();
    flush(&host);
    assert_eq!(journal.read().len(), 1);
}

#[test]
fn advancing_a_manual_clock_waits_for_handlers_too() {
    // E7
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let (journal, door) = (Journal::new(), Latch::default());
    let (seen, gate) = (journal.clone(), door.clone());
    keep(task.on_completed(move |_| {
        gate.wait();
        seen.write(());
    }));
    run(&task);
    let (tell, told) = mpsc::channel();
    let (other, journal) = (host.clone(), journal.clone());
    let advancing = std::thread::spawn(move || {
        advance(&other, Duration::ZERO);
        tell.send(journal.read().len()).expect("the test listens");
    });
    assert!(told.try_recv().is_err(), "the handler has not returned");
    door.open();
    assert_eq!(told.recv_timeout(LONG), Ok(1));
    advancing.join().expect("nothing panics");
}

#[test]
fn wait_does_not_wait_for_handlers() {
    // E9
    let host = manual_host();
    let task = register(&host, "quiet", |_| Ok(()));
    let door = Latch::default();
    let gate = door.clone();
    keep(task.on_completed(move |_| gate.wait()));
    assert_eq!(run(&task).outcome, Outcome::Succeeded, "although its handler waits for us");
    door.open();
}

#[test]
fn completed_waits_for_canceled_handlers_only_until_the_grace_is_over() {
    // E9. The machine's clock, and a grace that is over at once; nothing hangs on how fast.
    let log = Journal::new();
    let lines = log.clone();
    let host = Host::builder().grace(Duration::ZERO).log(move |line| lines.write(line.to_owned()));
    let host = host.build().expect("the default number of workers is enough");
    let staying = Staying::new(&host, "stay");
    let (tell, told) = mpsc::channel();
    let stuck = Latch::default();
    let gate = stuck.clone();
    keep(staying.task.on_completed(move |completion| {
        // The test may have failed already.
        let _ = tell.send(completion.outcome);
    }));
    let instance = staying.start();
    keep(instance.on_canceled(move |_| gate.wait()));
    instance.cancel(CancelReason::Abort);
    assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
    let told = told.recv_timeout(LONG);
    stuck.open();
    staying.leave.open();
    assert_eq!(told, Ok(Outcome::Abandoned), "the handler that still runs keeps Completed back");
    flush(&host);
    assert_eq!(log.read().len(), 1, "and is logged");
}

#[test]
fn events_do_not_wait_for_a_worker() {
    // H1: the only worker is occupied, and the events come all the same.
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let running = staying.start();
    let pending = fire(&staying.task);
    let (tell, told) = mpsc::channel();
    keep(staying.task.on_completed(move |told| tell.send(told.instance_id).expect("the test listens")));
    pending.cancel(CancelReason::Abort);
    assert_eq!(told.recv_timeout(LONG), Ok(pending.id()));
    assert_eq!(running.state(), State::Running);
    staying.leave.open();
    end_of(&running);
    flush(&host);
}
