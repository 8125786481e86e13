//! backstay beside tokio: its tasks await ours, our entry points await its timers and channels, and its blocking pool
//! runs our jobs (L8, E9, S1, H7). Core itself knows nothing of it (`dependencies.rs`).

mod common;

use std::pin::pin;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use backstay::{CancelReason, Details, Host, HostState, Outcome, TaskBuilder, TaskError};
use common::{
    GRACE, LONG, advance, caller::running, end_of, fire, free_the_worker, manual_host, narrow_host, run,
};
use tokio::runtime::{Builder, Handle};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

/// Runs what does not take long on a runtime of one thread, which is this one.
fn here<F: Future>(work: F) -> F::Output {
    let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime can be had");
    runtime.block_on(async { timeout(LONG, work).await.expect("nothing hangs") })
}

#[test]
fn a_task_awaits_the_end() {
    let host = narrow_host();
    let deferral = running(&host);
    let instance = deferral.instance().clone();
    let outcome = here(async move {
        let waiting = tokio::spawn(async move { instance.finished().await.outcome });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished(), "it is held");
        deferral.complete();
        waiting.await.expect("nothing panics")
    });
    assert_eq!(outcome, Outcome::Succeeded);
}

#[test]
fn select_takes_the_cancellation_or_the_work_whichever_comes_first() {
    let host = narrow_host();
    let deferral = running(&host);
    let cancellation = deferral.instance().cancellation();
    let (_finish, mut work) = oneshot::channel::<u32>();
    here(async {
        let (more, mut parts) = mpsc::unbounded_channel();
        more.send(1).expect("it is received below");
        let first = tokio::select! {
            reason = cancellation.canceled() => Err(reason),
            part = parts.recv() => Ok(part),
        };
        assert_eq!(first, Ok(Some(1)));
        deferral.instance().cancel(CancelReason::Terminating);
        let second = tokio::select! {
            reason = cancellation.canceled() => Err(reason),
            work = &mut work => Ok(work),
        };
        assert_eq!(second, Err(Some(CancelReason::Terminating)));
    });
}

#[test]
fn a_checkpoint_is_passed_when_the_suspension_or_the_work_is_to_end() {
    // S1, S3
    let host = narrow_host();
    let deferral = running(&host);
    let instance = deferral.instance().clone();
    here(async {
        assert!(!instance.checkpoint_async().await, "it is not suspended, so nobody waits");
        for canceled in [false, true] {
            instance.suspend(None);
            let staying = tokio::spawn(instance.checkpoint_async());
            tokio::task::yield_now().await;
            assert!(!staying.is_finished());
            if canceled {
                instance.cancel(CancelReason::Abort);
            } else {
                instance.resume();
            }
            assert_eq!(staying.await.expect("nothing panics"), canceled);
        }
    });
}

#[test]
fn many_tasks_on_many_threads_await_one_instance() {
    let runtime =
        Builder::new_multi_thread().worker_threads(4).enable_time().build().expect("a runtime can be had");
    let host = narrow_host();
    let deferral = running(&host);
    let waiting: Vec<_> = (0..1000)
        .map(|number| {
            let instance = deferral.instance().clone();
            runtime.spawn(async move {
                // Half of them give up once, while the end may come.
                if number % 2 == 0 {
                    let _ = timeout(Duration::ZERO, instance.finished()).await;
                }
                instance.finished().await.outcome
            })
        })
        .collect();
    deferral.complete();
    for outcome in waiting {
        assert_eq!(here(outcome).expect("nothing panics"), Outcome::Succeeded);
    }
}

/// What needs tokio around it, on a thread that is not tokio's.
async fn within<F: Future>(runtime: Handle, work: F) -> F::Output {
    let mut work = pin!(work);
    std::future::poll_fn(move |context| {
        let _entered = runtime.enter();
        work.as_mut().poll(context)
    })
    .await
}

#[test]
fn an_entry_point_awaits_timers_and_channels_of_the_runtime() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime");
    let host = narrow_host();
    let (ask, mut asked) = mpsc::channel::<oneshot::Sender<u32>>(1);
    let handle = runtime.handle().clone();
    let task = TaskBuilder::new("asks").run_async(move |_| {
        let ask = ask.clone();
        within(handle.clone(), async move {
            sleep(Duration::from_millis(1)).await;
            assert!(timeout(Duration::from_millis(1), std::future::pending::<()>()).await.is_err());
            let (answer, answered) = oneshot::channel();
            ask.send(answer).await?;
            assert_eq!(timeout(LONG, answered).await??, 42);
            Ok(())
        })
    });
    let task = task.register(&host).expect("the name is new");
    let instance = fire(&task);
    let answer = here(asked.recv()).expect("the entry point asks");
    free_the_worker(&host);
    answer.send(42).expect("the entry point listens");
    end_of(&instance).check().expect("the timers fell due and the answer came");
}

#[test]
fn an_abandoned_entry_point_lets_go_of_its_timer() {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_time().build().expect("a runtime");
    let host = manual_host();
    let handle = runtime.handle().clone();
    let (tell, told) = std::sync::mpsc::channel();
    let task = TaskBuilder::new("sleeps").run_async(move |_| {
        let _entered = handle.enter();
        let (night, tell) = (sleep(Duration::from_hours(1)), tell.clone());
        async move {
            tell.send(())?;
            night.await;
            drop(tell);
            Ok(())
        }
    });
    let instance = fire(&task.register(&host).expect("the name is new"));
    told.recv_timeout(LONG).expect("the entry point is entered");
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
    instance.task().unregister(false).expect("it is registered");
    common::flush(&host);
    assert_eq!(told.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected), "the future is gone");
}

#[test]
fn the_blocking_pool_runs_the_jobs_of_a_host() {
    // H7
    let runtime =
        Builder::new_multi_thread().worker_threads(1).thread_name("lent").build().expect("a runtime");
    let lent = runtime.handle().clone();
    let host = Host::builder().executor(move |job| drop(lent.spawn_blocking(job))).manual_clock().log(|_| ());
    let host = host.build().expect("it is a host");
    let lent = || match std::thread::current().name() {
        Some("lent") => Ok(()),
        other => Err(TaskError::new(format!("on {other:?}"))),
    };
    let plain = TaskBuilder::new("plain").run(move |_| lent());
    let polled = TaskBuilder::new("polled").run_async(move |instance| async move {
        tokio::task::yield_now().await;
        instance.checkpoint_async().await;
        lent()
    });
    for task in [plain, polled] {
        let task = task.register(&host).expect("the name is new");
        run(&task).check().expect("it ran on a thread of the runtime");
    }
    // What the runtime does not run any more is told, not lost.
    drop(runtime);
    let refused = end_of(&host.task("plain").expect("it is registered").fire(Details::none()).expect("open"));
    assert_eq!(
        (refused.outcome, refused.canceled),
        (Outcome::Canceled, Some(CancelReason::ResourceRevocation))
    );
    assert_eq!(host.shutdown(GRACE).expect("this is no callback").state, HostState::Closed);
}
