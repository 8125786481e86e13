//! Async entry points (L8).

mod common;

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::RecvTimeoutError;
use std::task::{Poll, Waker};

use backstay::{
    CancelReason, Details, Error, HolderKind, Host, Instance, Outcome, State, Task, TaskBuilder, TaskError,
};
use common::{
    GRACE, LONG, advance, end_of, fire, flush, free_the_worker, manual_host, narrow_host, run, until,
};
use parking_lot::Mutex;

/// A door that futures wait at: what an async event source is, in its smallest form.
#[derive(Clone, Default)]
struct Door(Arc<Mutex<(bool, Vec<Waker>)>>);

impl Door {
    async fn pass(&self) {
        poll_fn(|context| {
            let mut state = self.0.lock();
            if state.0 {
                return Poll::Ready(());
            }
            state.1.push(context.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn open(&self) {
        let wakers = {
            let mut state = self.0.lock();
            state.0 = true;
            std::mem::take(&mut state.1)
        };
        wakers.into_iter().for_each(Waker::wake);
    }

    /// How often a future came here and was sent away.
    fn waiting(&self) -> usize {
        self.0.lock().1.len()
    }
}

fn register<F>(host: &Host, run: impl Fn(Instance) -> F + Send + Sync + 'static) -> Task
where
    F: Future<Output = Result<(), TaskError>> + Send + 'static,
{
    TaskBuilder::new("async").run_async(run).register(host).expect("the name is new and the host is open")
}

/// A task whose instances wait at the door, and one of them that does.
fn waiting_at(host: &Host, door: &Door) -> Instance {
    let inside = door.clone();
    let task = register(host, move |_| {
        let door = inside.clone();
        async move {
            door.pass().await;
            Ok(())
        }
    });
    let instance = fire(&task);
    until(|| door.waiting() == 1);
    instance
}

#[test]
fn the_future_holds_the_instance_until_it_is_done() {
    let (host, door) = (narrow_host(), Door::default());
    let instance = waiting_at(&host, &door);
    assert_eq!(instance.state(), State::Running);
    assert_eq!(instance.holders(), [], "nobody took a deferral");
    door.open();
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn a_future_that_waits_occupies_no_worker() {
    let (host, door) = (narrow_host(), Door::default());
    let first = waiting_at(&host, &door);
    let more: Vec<_> = (0..100).map(|_| fire(&first.task())).collect();
    until(|| door.waiting() == 101);
    free_the_worker(&host);
    door.open();
    assert!(more.iter().all(|instance| end_of(instance).outcome == Outcome::Succeeded));
}

#[test]
fn deferrals_are_waited_for_after_the_future() {
    let host = manual_host();
    let task = register(&host, |instance| async move {
        let deferral = instance.get_deferral("left behind")?;
        std::mem::forget(deferral);
        Ok(())
    });
    let instance = fire(&task);
    until(|| instance.holders().len() == 1);
    free_workers(&host);
    assert_eq!(instance.state(), State::Running);
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    let kinds: Vec<_> = end_of(&instance).holders.iter().map(|holder| holder.kind).collect();
    assert_eq!(kinds, [HolderKind::Deferral], "the entry point is done");
}

/// When this returns, every worker of a `manual_host` has run something else since.
fn free_workers(host: &Host) {
    let barrier = Arc::new(std::sync::Barrier::new(4));
    let meet = TaskBuilder::new("meet").run(move |_| {
        barrier.wait();
        Ok(())
    });
    let meet = meet.register(host).expect("the name is new");
    let instances: Vec<_> = (0..4).map(|_| fire(&meet)).collect();
    for instance in &instances {
        end_of(instance);
    }
}

#[test]
fn errors_and_panics_fail_the_instance() {
    let host = manual_host();
    let failing = register(&host, |instance| async move {
        match instance.details().as_text() {
            Some("panic") => panic!("in the future"),
            _ => Err(TaskError::new("of the future")),
        }
    });
    for (details, text) in [("fail", "of the future"), ("panic", "in the future")] {
        let done = end_of(&failing.fire(Details::text(details)).expect("it is registered"));
        assert_eq!(done.outcome, Outcome::Failed);
        assert_eq!(done.error.as_ref().map(TaskError::text), Some(text));
    }
}

#[test]
fn a_panic_before_the_future_fails_the_instance() {
    let host = manual_host();
    let task = register(&host, |instance| {
        assert!(!instance.details().is_none(), "no details");
        async { Ok(()) }
    });
    assert_eq!(run(&task).error.as_ref().map(TaskError::text), Some("no details"));
}

#[test]
fn a_wake_during_the_poll_is_not_lost() {
    let host = narrow_host();
    let polls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&polls);
    let task = register(&host, move |_| {
        let polls = Arc::clone(&counted);
        async move {
            poll_fn(|context| {
                context.waker().wake_by_ref();
                context.waker().wake_by_ref();
                if polls.fetch_add(1, Ordering::Relaxed) < 1000 { Poll::Pending } else { Poll::Ready(Ok(())) }
            })
            .await
        }
    });
    assert_eq!(run(&task).outcome, Outcome::Succeeded);
    assert_eq!(polls.load(Ordering::Relaxed), 1001, "two wakes in one poll are one more poll");
}

#[test]
fn a_future_that_always_wakes_itself_lets_others_run() {
    let (host, door) = (narrow_host(), Door::default());
    let seen = door.clone();
    let busy = register(&host, move |_| {
        let door = seen.clone();
        async move {
            poll_fn(|context| {
                context.waker().wake_by_ref();
                if door.0.lock().0 { Poll::Ready(Ok(())) } else { Poll::Pending }
            })
            .await
        }
    });
    let instance = fire(&busy);
    free_the_worker(&host);
    door.open();
    assert_eq!(end_of(&instance).outcome, Outcome::Succeeded);
}

#[test]
fn an_abandoned_future_is_named_and_dropped_once() {
    struct Counts(Arc<AtomicUsize>);
    impl Drop for Counts {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let (host, door) = (manual_host(), Door::default());
    let dropped = Arc::new(AtomicUsize::new(0));
    let (inside, count) = (door.clone(), Arc::clone(&dropped));
    let task = register(&host, move |_| {
        let (door, guard) = (inside.clone(), Counts(Arc::clone(&count)));
        async move {
            door.pass().await;
            drop(guard);
            Ok(())
        }
    });
    let instance = fire(&task);
    until(|| door.waiting() == 1);
    instance.cancel(CancelReason::Terminating);
    advance(&host, GRACE);
    let done = end_of(&instance);
    assert_eq!(done.outcome, Outcome::Abandoned);
    assert_eq!(done.holders.iter().map(|holder| holder.kind).collect::<Vec<_>>(), [HolderKind::EntryPoint]);
    assert!(done.holders[0].site.file.ends_with("asynchronous.rs"));
    flush(&host);
    assert_eq!(dropped.load(Ordering::Relaxed), 1);
    assert_eq!(host.stragglers(), 0, "it occupied no worker");
    door.open();
    free_workers(&host);
    assert_eq!(dropped.load(Ordering::Relaxed), 1, "the late wake found nothing");
}

#[test]
fn a_future_that_is_polled_while_it_is_abandoned_is_dropped_after_that() {
    let host = narrow_host();
    let (entered, is_entered) = std::sync::mpsc::channel();
    let (leave, may_leave) = std::sync::mpsc::channel::<()>();
    let (gone, is_gone) = std::sync::mpsc::channel::<()>();
    let parts = Mutex::new(Some((entered, may_leave, gone)));
    let task = register(&host, move |_| {
        let (entered, may_leave, gone) = parts.lock().take().expect("it is fired once");
        async move {
            let _gone = gone;
            poll_fn(move |context| {
                entered.send(context.waker().clone()).expect("the test listens");
                may_leave.recv().expect("the test lets it go");
                Poll::<()>::Pending
            })
            .await;
            Ok(())
        }
    });
    let instance = fire(&task);
    // Whoever keeps a waker does not keep the future.
    let _waker = is_entered.recv_timeout(LONG).expect("it is polled");
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
    assert_eq!(host.stragglers(), 1, "it still occupies its worker");
    leave.send(()).expect("the poll waits");
    assert_eq!(is_gone.recv_timeout(LONG), Err(RecvTimeoutError::Disconnected), "nothing is ever sent");
    until(|| host.stragglers() == 0);
}

#[test]
fn waiting_for_oneself_is_refused_in_the_future_too() {
    // E8
    let host = manual_host();
    let own = host.clone();
    let task = register(&host, move |instance| {
        let host = own.clone();
        async move {
            assert!(matches!(instance.wait(Some(LONG)), Err(Error::WouldDeadlock { .. })));
            assert!(matches!(host.flush(Some(LONG)), Err(Error::WouldDeadlock { .. })));
            Ok(())
        }
    });
    run(&task).check().expect("both were refused");
}
