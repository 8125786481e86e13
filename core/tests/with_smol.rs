//! backstay beside smol: an executor that is a plain value polls our futures, our entry points await its timers and
//! channels, and the executor runs our jobs (L8, E9, S1, H7). Core itself knows nothing of it (`dependencies.rs`).

mod common;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use backstay::{CancelReason, Details, Host, Outcome, TaskBuilder, TaskError};
use common::{GRACE, LONG, caller::running, end_of, fire, free_the_worker, narrow_host, run};
use smol::future::{or, yield_now};
use smol::{Executor, Timer, block_on, channel};

/// The answer, unless it takes so long that it never comes.
async fn soon<T>(answer: impl Future<Output = T>) -> Option<T> {
    or(async { Some(answer.await) }, async {
        Timer::after(LONG).await;
        None
    })
    .await
}

#[test]
fn a_task_awaits_the_end() {
    let host = narrow_host();
    let deferral = running(&host);
    let (executor, instance) = (Executor::new(), deferral.instance().clone());
    let waiting = executor.spawn(async move { instance.finished().await.outcome });
    while executor.try_tick() {}
    assert!(!waiting.is_finished(), "it is held");
    assert!(!executor.try_tick(), "and nothing polls it meanwhile");
    deferral.complete();
    assert!(executor.try_tick(), "it was woken");
    assert_eq!(block_on(waiting), Outcome::Succeeded);
}

#[test]
fn a_race_takes_the_cancellation_or_the_work_whichever_comes_first() {
    let host = narrow_host();
    let deferral = running(&host);
    let cancellation = deferral.instance().cancellation();
    let (send, work) = channel::bounded::<u32>(1);
    let race = || or(async { Err(cancellation.canceled().await) }, async { Ok(work.recv().await) });
    block_on(async {
        send.send(1).await.expect("it is received below");
        assert_eq!(race().await, Ok(Ok(1)));
        deferral.instance().cancel(CancelReason::Terminating);
        assert_eq!(race().await, Err(Some(CancelReason::Terminating)));
    });
}

#[test]
fn a_checkpoint_is_passed_when_the_suspension_or_the_work_is_to_end() {
    // S1, S3
    let host = narrow_host();
    let deferral = running(&host);
    let instance = deferral.instance();
    let executor = Executor::new();
    for canceled in [false, true] {
        instance.suspend(None);
        let staying = executor.spawn(instance.checkpoint_async());
        while executor.try_tick() {}
        assert!(!staying.is_finished());
        if canceled {
            instance.cancel(CancelReason::Abort);
        } else {
            instance.resume();
        }
        assert!(executor.try_tick());
        assert_eq!(block_on(staying), canceled);
    }
}

#[test]
fn an_entry_point_awaits_timers_and_channels() {
    let host = narrow_host();
    let (ask, asked) = channel::bounded::<channel::Sender<u32>>(1);
    let task = TaskBuilder::new("asks").run_async(move |_| {
        let ask = ask.clone();
        async move {
            Timer::after(Duration::from_millis(1)).await;
            let (answer, answered) = channel::bounded(1);
            ask.send(answer).await?;
            match soon(answered.recv()).await {
                Some(answer) if answer? == 42 => Ok(()),
                _ => Err(TaskError::new("no answer")),
            }
        }
    });
    let instance = fire(&task.register(&host).expect("the name is new"));
    let answer = block_on(soon(asked.recv())).expect("the entry point asks").expect("and listens");
    free_the_worker(&host);
    answer.send_blocking(42).expect("the entry point listens");
    end_of(&instance).check().expect("the timer fell due and the answer came");
}

#[test]
fn an_executor_of_one_thread_runs_a_host_and_its_own_tasks() {
    // H7
    let executor: Arc<Executor<'static>> = Arc::default();
    let (stop, stopped) = channel::bounded::<()>(1);
    let driven = Arc::clone(&executor);
    let thread = thread::spawn(move || block_on(driven.run(stopped.recv())));
    let (own, lent) = (thread.thread().id(), Arc::clone(&executor));
    let host = Host::builder().executor(move |job| lent.spawn(async { job() }).detach()).manual_clock();
    let host = host.log(|_| ()).build().expect("it is a host");
    let here = move || {
        if thread::current().id() == own { Ok(()) } else { Err(TaskError::new("elsewhere")) }
    };
    let plain = TaskBuilder::new("plain").run(move |_| here());
    let plain = plain.register(&host).expect("the name is new");
    let inner = plain.clone();
    // Entry point, the instance that it waits for and the runtime's own future take turns on the one thread.
    let polled = TaskBuilder::new("polled").run_async(move |_| {
        let inner = inner.fire(Details::none());
        async move {
            yield_now().await;
            inner?.finished().await.check()?;
            here()
        }
    });
    run(&polled.register(&host).expect("the name is new")).check().expect("all of it ran on that thread");
    let first = fire(&plain);
    let awaited = executor.spawn(async move { first.finished().await.outcome });
    assert_eq!(block_on(soon(awaited)), Some(Outcome::Succeeded));

    stop.send_blocking(()).expect("the executor runs");
    thread.join().expect("nothing panics").expect("it was told to stop");
    // Nobody drives it any more: the job waits, and what it was to run can still be ended.
    let waiting = fire(&plain);
    let report = host.shutdown(GRACE).expect("this is no callback");
    assert_eq!((report.canceled, report.is_clean()), (1, true), "{report}");
    assert_eq!(end_of(&waiting).canceled, Some(CancelReason::Terminating));
}
