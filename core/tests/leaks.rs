//! When a host has ended, nothing of it is left: no thread, no instance, nothing that users gave it (H1, H2, H8).
//!
//! Everything that a test hands to a host holds a reference to one token; at the end the test has the last one. The
//! tests take turns, since they count the threads of the process.
#![cfg(target_os = "linux")]

mod common;
mod tokens;

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use backstay::{CancelReason, Deferral, Details, Host, HostBuilder, IfExists, Instance, OnShutdown};
use backstay::{Task, TaskBuilder, TaskError, Trigger, WhenBusy};
use common::{LONG, Latch, Staying, end_of, flush, keep, until};
use parking_lot::Mutex;
use tokens::{ALONE, Token, expect_nothing_left, hold, holding, start};

/// What a user keeps beyond the end of the host.
type Kept = Box<dyn Any>;

/// Opens hosts, lets `shape` use them, and ends them in every way.
fn leaves_nothing(shape: impl Fn(&Host, &Token) -> Kept) {
    let manual = || Host::builder().workers(2).manual_clock();
    let real = || Host::builder().workers(2).grace(Duration::from_millis(1));
    let handed = || lent(manual());
    let builders: [&dyn Fn() -> HostBuilder; 3] = [&manual, &real, &handed];
    let closings: [fn(Host); 3] = [
        drop,
        |host| drop(host.shutdown(Duration::ZERO).expect("this is no callback")),
        |host| {
            drop(host.begin_drain(LONG));
            drop(host.begin_shutdown(Duration::ZERO));
        },
    ];
    let _alone = ALONE.lock();
    for builder in builders {
        for close in closings {
            let token = Token::default();
            let held = Arc::clone(&token);
            let log = move |_: &str| {
                hold(&held);
            };
            let host = builder().log(log).build().expect("two workers are enough");
            let held = Arc::clone(&token);
            keep(host.on_event(move |_| {
                hold(&held);
            }));
            let kept = shape(&host, &token);
            close(host);
            drop(kept);
            expect_nothing_left(&token);
        }
    }
}

/// The same with threads of the application, which end with the executor that the host has.
fn lent(builder: HostBuilder) -> HostBuilder {
    let (jobs, queue) = std::sync::mpsc::channel::<common::Job>();
    let queue = Arc::new(Mutex::new(queue));
    for _ in 0..2 {
        let queue = Arc::clone(&queue);
        let next = move || queue.lock().recv().ok();
        // Named like those of the host, so that they are counted: an executor that is not dropped would keep them.
        let thread = std::thread::Builder::new().name("backstay-lent".to_owned());
        thread.spawn(move || std::iter::from_fn(next).for_each(|job| job())).expect("a thread can be had");
    }
    builder.executor(move |job| drop(jobs.send(job)))
}

/// A task whose entry point holds the token, with handlers that do.
fn watched(host: &Host, token: &Token, builder: TaskBuilder) -> Task {
    let task = builder.register(host).expect("the name is new");
    let (a, b) = (Arc::clone(token), Arc::clone(token));
    keep(task.on_completed(move |_| drop(Arc::clone(&a))));
    keep(task.on_progress(move |_| drop(Arc::clone(&b))));
    task
}

/// An async entry point that holds the token, and whose future does.
fn holding_async<F>(
    token: &Token,
    name: &str,
    run: impl Fn(Instance) -> F + Send + Sync + 'static,
) -> TaskBuilder
where
    F: Future<Output = ()> + Send + 'static,
{
    let held = Arc::clone(token);
    TaskBuilder::new(name).run_async(move |instance| {
        let (held, future) = (Arc::clone(&held), run(instance));
        async move {
            future.await;
            drop(held);
            Ok(())
        }
    })
}

fn nothing() -> Kept {
    Box::new(())
}

#[test]
fn of_an_idle_host() {
    leaves_nothing(|_, _| nothing());
}

#[test]
fn of_a_used_host() {
    leaves_nothing(|host, token| {
        let task = watched(
            host,
            token,
            holding(token, "used", |instance| {
                instance.set_progress(1);
                instance.get_deferral("inside")?.complete();
                Ok(())
            }),
        );
        let instances: Vec<_> = (0..10).map(|_| start(&task, token)).collect();
        for instance in &instances {
            end_of(instance);
        }
        Box::new((task, host.downgrade()))
    });
}

#[test]
fn of_tasks_that_know_their_host_and_themselves() {
    // H2: what entry points capture does not count.
    leaves_nothing(|host, token| {
        let (own, weak) = (Arc::new(Mutex::new(None::<Task>)), host.downgrade());
        let known = Arc::clone(&own);
        let task = watched(
            host,
            token,
            holding(token, "knows", move |_| {
                let _ = (&known, &weak);
                Ok(())
            }),
        );
        *own.lock() = Some(task.clone());
        let (inner, weak) = (task.clone(), host.downgrade());
        keep(task.on_completed(move |_| {
            let _ = (&inner, &weak);
        }));
        end_of(&start(&task, token));
        nothing()
    });
}

#[test]
fn of_clock_triggers() {
    leaves_nothing(|host, token| {
        let hour = Duration::from_hours(1);
        watched(host, token, holding(token, "hourly", |_| Ok(())).trigger(Trigger::every(hour)));
        watched(host, token, holding(token, "later", |_| Ok(())).trigger(Trigger::after(hour)));
        let often = holding(token, "often", |_| Ok(())).trigger(Trigger::every(Duration::from_millis(1)));
        let (tell, told) = std::sync::mpsc::channel();
        keep(watched(host, token, often).on_completed(move |_| {
            // The test may have gone on without listening.
            let _ = tell.send(());
        }));
        // On a manual clock somebody else has to move it.
        let _ = host.advance(Duration::from_millis(3));
        told.recv_timeout(LONG).expect("its moment has come");
        nothing()
    });
}

#[test]
fn of_tasks_that_fire_once() {
    // F5
    leaves_nothing(|host, token| {
        let once = holding(token, "once", |_| Ok(())).trigger(Trigger::after(Duration::from_millis(1)));
        let task = watched(host, token, once);
        let _ = host.advance(Duration::from_millis(1));
        until(|| !task.is_registered());
        flush(host);
        Box::new(task)
    });
}

#[test]
fn of_what_waits_for_a_condition() {
    // F2
    leaves_nothing(|host, token| {
        let task = watched(host, token, holding(token, "gated", |_| Ok(())).condition("never"));
        let waiting: Vec<_> = (0..10).map(|_| start(&task, token)).collect();
        Box::new((waiting.into_iter().take(5).collect::<Vec<_>>(), task))
    });
}

#[test]
fn of_events_and_of_what_is_merged_replaced_and_refused() {
    // F4, F6
    leaves_nothing(|host, token| {
        let busy = [WhenBusy::Coalesce, WhenBusy::Queue, WhenBusy::Reject, WhenBusy::Replace];
        for when_busy in busy {
            let name = format!("{when_busy:?}");
            let holds = holding(token, &name, |instance| {
                let _ = instance.cancellation().wait(Some(Duration::from_millis(1)));
                Ok(())
            });
            let event =
                holds.group("busy").trigger(Trigger::event("now")).when_busy(when_busy).max_running(1);
            watched(host, token, event);
        }
        for _ in 0..5 {
            host.raise_event("now", Details::opaque(Arc::clone(token))).expect("the host is open");
        }
        Box::new(host.group("busy").tasks())
    });
}

#[test]
fn of_suspended_instances_at_a_checkpoint_and_before_the_start() {
    // S1
    leaves_nothing(|host, token| {
        let entered = Latch::default();
        let mark = entered.clone();
        let task = watched(
            host,
            token,
            holding(token, "stays", move |instance| {
                instance.suspend(None);
                mark.open();
                if instance.checkpoint() { Err(TaskError::canceled()) } else { Ok(()) }
            }),
        );
        start(&task, token);
        until(|| entered.is_open());
        task.suspend(None);
        let pending = start(&task, token);
        pending.suspend(None);
        let goes_on = watched(
            host,
            token,
            holding_async(token, "async stays", |instance| async move {
                instance.suspend(None);
                instance.checkpoint_async().await;
            }),
        );
        start(&goes_on, token);
        host.suspend(None);
        Box::new(pending)
    });
}

#[test]
fn of_an_abandoned_entry_point_and_handler_once_they_returned() {
    // C6, E9
    struct Opens(Latch);
    impl Drop for Opens {
        fn drop(&mut self) {
            self.0.open();
        }
    }
    leaves_nothing(|host, token| {
        let staying = Staying::new(host, "stays");
        let (entered, gate, held) = (Latch::default(), staying.leave.clone(), Arc::clone(token));
        let mark = entered.clone();
        let instance = staying.start_with(Details::opaque(Arc::clone(token)));
        keep(instance.on_canceled(move |_| {
            hold(&held);
            mark.open();
            gate.wait();
        }));
        instance.cancel(CancelReason::Abort);
        until(|| entered.is_open());
        // The host is shut down while both of them stay; they return when this is dropped.
        Box::new((instance, Opens(staying.leave.clone())))
    });
}

#[test]
fn of_deferrals_that_end_in_every_way_or_outlive_the_host() {
    // L5, H4
    leaves_nothing(|host, token| {
        let (give, deferrals) = std::sync::mpsc::channel::<Deferral>();
        let task = watched(
            host,
            token,
            holding(token, "defers", move |instance| Ok(give.send(instance.get_deferral("the test")?)?)),
        );
        for _ in 0..4 {
            start(&task, token);
        }
        let next = |_| deferrals.recv_timeout(LONG).expect("each of them defers");
        let held: Vec<_> = (0..4).map(next).collect();
        let note: Arc<str> = "a note that somebody may keep".into();
        let weak = Arc::downgrade(&note);
        for deferral in &held {
            deferral.set_note(Arc::clone(&note));
            deferral.set_overdue_after(Duration::from_hours(1));
        }
        drop(note);
        held[0].complete();
        held[1].fail(TaskError::new("on purpose"));
        let outliving: Vec<_> = held.into_iter().skip(3).collect();
        // That of the one that is still pending; a dropped one is in the completion until that was told.
        until(|| weak.strong_count() == 1);
        Box::new(outliving)
    });
}

#[test]
fn of_async_entry_points_that_nobody_wakes() {
    // L8
    leaves_nothing(|host, token| {
        let task = watched(host, token, holding_async(token, "never", |_| std::future::pending()));
        start(&task, token);
        let own_end = watched(
            host,
            token,
            holding_async(token, "own end", |instance| async move {
                instance.finished().await;
            }),
        );
        start(&own_end, token);
        let instance = start(&own_end, token);
        until(|| own_end.running() == 2);
        Box::new(instance)
    });
}

#[test]
fn of_async_entry_points_whose_wakers_outlive_them() {
    // L8: a late wake finds nothing.
    struct Late(Arc<Mutex<Vec<Waker>>>);
    impl Drop for Late {
        fn drop(&mut self) {
            std::mem::take(&mut *self.0.lock()).into_iter().for_each(Waker::wake);
        }
    }
    leaves_nothing(|host, token| {
        let wakers = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::clone(&wakers);
        let task = watched(
            host,
            token,
            holding_async(token, "woken late", move |_| {
                let left = Arc::clone(&left);
                std::future::poll_fn(move |context| {
                    left.lock().push(context.waker().clone());
                    std::task::Poll::Pending
                })
            }),
        );
        (0..10).for_each(|_| drop(start(&task, token)));
        until(|| wakers.lock().len() == 10);
        Box::new(Late(wakers))
    });
}

/// A task of some runtime: it owns its future, and its wakers own it.
struct Woken {
    _held: Token,
    future: Mutex<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        let Some(mut future) = self.future.lock().take() else { return };
        if future.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&self)))).is_pending() {
            *self.future.lock() = Some(future);
        }
    }
}

#[test]
fn of_futures_that_wait_for_the_end() {
    // E9: they own each other until then.
    leaves_nothing(|host, token| {
        let task = watched(host, token, holding(token, "awaited", |_| Ok(())).condition("never"));
        let instance = start(&task, token);
        let (end, asked) = (instance.finished(), instance.cancellation().canceled());
        let futures: [Pin<Box<dyn Future<Output = ()> + Send>>; 2] =
            [Box::pin(async { _ = end.await }), Box::pin(async { _ = asked.await })];
        for future in futures {
            let future = Mutex::new(Some(future));
            Arc::new(Woken { _held: Arc::clone(token), future }).wake();
        }
        nothing()
    });
}

#[test]
fn of_tasks_that_were_unregistered_replaced_kept_or_left() {
    // G1, G3, H2
    leaves_nothing(|host, token| {
        let gone = watched(host, token, holding(token, "gone", |_| Ok(())));
        end_of(&start(&gone, token));
        gone.unregister(true).expect("it is registered");
        let waits = || holding(token, "again", |_| Ok(())).condition("never").on_shutdown(OnShutdown::Leave);
        start(&watched(host, token, waits()), token);
        let replaced = [IfExists::Replace, IfExists::ReplaceAndCancel, IfExists::Keep];
        for if_exists in replaced {
            start(&watched(host, token, waits().if_exists(if_exists)), token);
        }
        waits().register(host).expect_err("the name is taken");
        Box::new(gone)
    });
}

#[test]
fn of_what_was_cancelled_behind_a_busy_worker() {
    // C5: it is over, however long the worker stays where it is.
    let _alone = ALONE.lock();
    let host = common::narrow_host();
    let staying = Staying::new(&host, "stays");
    staying.start();
    let (task, token) = (common::register(&host, "waits", |_| Ok(())), Token::default());
    for _ in 0..10 {
        start(&task, &token).cancel(CancelReason::Abort);
    }
    flush(&host);
    let left = Arc::strong_count(&token) - 1;
    staying.leave.open();
    assert_eq!(left, 0, "details of instances that are over");
}

#[test]
fn of_a_canceled_handler_that_was_called_after_the_end() {
    // H1: a thread that waits for nothing keeps the shutdown waiting.
    let _alone = ALONE.lock();
    let mut taken = [(); 21].map(|()| {
        let (host, token) = (Host::new(), Token::default());
        let task = holding(&token, "gated", |_| Ok(())).condition("never").register(&host);
        start(&task.expect("the name is new"), &token);
        let begun = std::time::Instant::now();
        host.shutdown(LONG).expect("this is no callback");
        begun.elapsed()
    });
    taken.sort_unstable();
    assert!(taken[10] < Duration::from_millis(50), "half of the shutdowns took at least {:?}", taken[10]);
}
