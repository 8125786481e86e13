//! What becomes of an instance, and of its worker, when the grace is over (C6).

mod common;

use backstay::{
    CancelReason, Deferral, Error, EventKind, HolderKind, Host, OnShutdown, Outcome, State, TaskBuilder,
};
use common::{
    Deferring, DropBell, GRACE, Journal, LONG, Latch, SECOND, Staying, TICK, advance, end_of, fire, flush,
    free_the_worker, just_before, keep, manual_host, narrow_host, register, until, waker,
};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;
use std::task::Context;
use std::time::Duration;

#[test]
fn it_is_abandoned_when_its_grace_is_over_and_not_before() {
    // C6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    advance(&host, GRACE);
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE.saturating_sub(Duration::from_nanos(1)));
    assert_eq!(deferral.instance().state(), State::Running);
    advance(&host, Duration::from_nanos(1));
    let completion = end_of(deferral.instance());
    assert_eq!(completion.outcome, Outcome::Abandoned);
    assert_eq!(completion.ran_for, GRACE * 2);
}

#[test]
fn without_a_cancellation_nothing_is_abandoned() {
    // C6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    advance(&host, GRACE * 100);
    assert_eq!(deferral.instance().state(), State::Running);
}

#[test]
fn the_grace_of_the_task_goes_before_that_of_the_host() {
    // C6
    let host = Host::builder().workers(2).grace(GRACE * 3).manual_clock().build().expect("two workers");
    assert_eq!(host.grace(), GRACE * 3);
    let leave = Latch::default();
    let (enter, entered) = mpsc::channel();
    let gate = leave.clone();
    let own = TaskBuilder::new("own").grace(GRACE).run(move |_| {
        enter.send(())?;
        gate.wait();
        Ok(())
    });
    let own = own.register(&host).expect("the name is new");
    let with_own = fire(&own);
    entered.recv_timeout(LONG).expect("the entry point is entered");
    let with_default = Deferring::new(&host, "default").start();
    with_own.cancel(CancelReason::Abort);
    with_default.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    let states = (with_own.state(), with_default.instance().state());
    assert_eq!(states, (State::Finished, State::Running));
    advance(&host, GRACE * 2);
    assert_eq!(with_default.instance().state(), State::Finished);
    leave.open();
}

#[test]
fn of_many_that_are_cancelled_together_each_has_its_own_grace() {
    // C6
    let host = manual_host();
    let many = Deferring::new(&host, "many");
    let brief = Deferring::described(&host, TaskBuilder::new("brief").grace(SECOND));
    let spared =
        Deferring::described(&host, TaskBuilder::new("spared").on_shutdown(OnShutdown::Finish)).start();
    let asked_before = many.start();
    let crowd: Vec<_> = (0..300).map(|_| many.start()).collect();
    let briefs: Vec<_> = (0..200).map(|_| brief.start()).collect();
    let alive = |of: &[Deferral]| of.iter().filter(|one| one.instance().state() == State::Running).count();

    asked_before.instance().cancel(CancelReason::Abort);
    advance(&host, SECOND);
    host.begin_shutdown(GRACE * 100);
    crowd[7].complete();
    advance(&host, just_before(SECOND));
    assert_eq!((alive(&crowd), alive(&briefs)), (299, 200));
    advance(&host, TICK);
    assert_eq!((alive(&crowd), alive(&briefs)), (299, 0), "the shorter grace is over");
    spared.instance().cancel(CancelReason::Abort);
    advance(&host, just_before(SECOND * 3));
    assert_eq!(asked_before.instance().state(), State::Running);
    advance(&host, TICK);
    assert_eq!(asked_before.instance().state(), State::Finished, "it was asked a second earlier");
    assert_eq!(alive(&crowd), 299);
    advance(&host, SECOND);
    assert_eq!(alive(&crowd), 0);
    assert_eq!(spared.instance().state(), State::Running, "it was asked a second later");
    advance(&host, SECOND);
    let outcomes =
        |of: &[Deferral], outcome| of.iter().filter(|one| end_of(one.instance()).outcome == outcome).count();
    assert_eq!(end_of(spared.instance()).outcome, Outcome::Abandoned);
    assert_eq!((outcomes(&crowd, Outcome::Abandoned), outcomes(&crowd, Outcome::Canceled)), (299, 1));
    assert_eq!(outcomes(&briefs, Outcome::Abandoned), 200);
}

#[test]
fn many_without_a_grace_are_abandoned_at_once() {
    // C6: also those who are asked when the grace of the first is over
    let host = Host::builder().workers(2).grace(Duration::ZERO).build().expect("two workers are enough");
    let many = Deferring::new(&host, "many");
    let crowd: Vec<_> = (0..500).map(|_| many.start()).collect();
    // Who is woken by the cancellation of the first keeps that of the others back until the first is abandoned.
    let first = crowd[0].instance().clone();
    let mut canceled = first.cancellation().canceled();
    let wakes = waker(move || until(|| first.state() == State::Finished));
    assert!(Pin::new(&mut canceled).poll(&mut Context::from_waker(&wakes)).is_pending());
    many.task.unregister(true).expect("it is registered");
    for deferral in &crowd {
        assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
    }
}

#[test]
fn every_holder_is_listed_the_entry_point_first() {
    // C6
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    let instance = staying.start();
    advance(&host, GRACE);
    let _first = instance.get_deferral("first").expect("the entry point executes");
    let _second = instance.get_deferral("second").expect("the entry point executes");
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    let completion = end_of(&instance);
    let listed: Vec<_> = completion.holders.iter().map(|h| (h.kind, &*h.label, h.age)).collect();
    let deferral = HolderKind::Deferral;
    let entry_point = (HolderKind::EntryPoint, "", GRACE * 2);
    assert_eq!(listed, [entry_point, (deferral, "first", GRACE), (deferral, "second", GRACE)]);
    staying.leave.open();
}

#[test]
fn an_entry_point_that_has_returned_is_not_listed() {
    // C6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, GRACE);
    let kinds: Vec<_> = end_of(deferral.instance()).holders.iter().map(|holder| holder.kind).collect();
    assert_eq!(kinds, [HolderKind::Deferral]);
    assert_eq!(host.stragglers(), 0, "no thread is occupied");
}

#[test]
fn an_abandoned_instance_is_finished_for_everybody() {
    // C6
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    let refused = instance.get_deferral("too late").expect_err("it is finished although it is held");
    assert_eq!(refused, Error::NotRunning { state: State::Finished });
    assert_eq!((instance.holders(), instance.task().running()), (vec![], 0));
}

#[test]
fn the_return_of_an_abandoned_entry_point_has_no_effect() {
    // C6
    let host = narrow_host();
    let leave = Latch::default();
    let gate = leave.clone();
    let (enter, entered) = mpsc::channel();
    let task = register(&host, "late", move |_| {
        enter.send(())?;
        gate.wait();
        Err(backstay::TaskError::new("too late"))
    });
    let instance = fire(&task);
    entered.recv_timeout(LONG).expect("the entry point is entered");
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    leave.open();
    common::until(|| host.stragglers() == 0);
    assert_eq!(end_of(&instance).error, None);
}

#[test]
fn an_occupied_worker_is_replaced_and_listed_until_it_returns() {
    // C6, H1
    thread_local! {
        static END_OF_THREAD: RefCell<Option<DropBell>> = const { RefCell::new(None) };
    }
    let host = narrow_host();
    let leave = Latch::default();
    let gate = leave.clone();
    let (enter, entered) = mpsc::channel();
    let task = register(&host, "stuck", move |_| {
        let (bell, ended) = DropBell::new();
        END_OF_THREAD.set(Some(bell));
        enter.send(ended).expect("the test listens");
        gate.wait();
        Ok(())
    });
    let stuck = fire(&task);
    let ended = entered.recv_timeout(LONG).expect("the entry point is entered");
    let waiting = fire(&register(&host, "next", |_| Ok(())));
    stuck.cancel(CancelReason::Abort);
    assert_eq!((host.stragglers(), waiting.state()), (0, State::Pending));
    advance(&host, GRACE);
    assert_eq!(end_of(&waiting).outcome, Outcome::Succeeded, "there is only room for one worker that counts");
    assert_eq!(host.stragglers(), 1);
    leave.open();
    ended.recv_timeout(LONG).expect("the thread ends when user code lets it");
    assert_eq!(host.stragglers(), 0);
}

#[test]
fn a_host_works_on_with_as_many_workers_as_before() {
    // C6: neither does a straggler that comes back count twice
    let host = narrow_host();
    let staying = Staying::new(&host, "stay");
    for _ in 0..3 {
        staying.start().cancel(CancelReason::Abort);
        advance(&host, GRACE);
    }
    assert_eq!(host.stragglers(), 3);
    staying.leave.open();
    common::until(|| host.stragglers() == 0);
    let second = Staying::new(&host, "second");
    let running = second.start();
    let (tell, told) = mpsc::channel();
    let third = register(&host, "third", move |_| Ok(tell.send(())?));
    let pending = fire(&third);
    assert!(told.try_recv().is_err(), "a straggler that came back counts as a worker");
    assert_eq!((second.task.running(), third.pending()), (1, 1));
    second.leave.open();
    assert_eq!(end_of(&running).outcome, Outcome::Succeeded);
    assert_eq!(end_of(&pending).outcome, Outcome::Succeeded);
}

#[test]
fn without_a_grace_a_handler_that_was_just_called_is_done_before_completed() {
    // E9, L2: the grace of nothing is over at once, but the clock has not moved since the handler was called.
    let host = manual_host();
    let told = Journal::new();
    let (entered, leave) = (Latch::default(), Latch::default());
    let (journal, enter, may_leave) = (told.clone(), entered.clone(), leave.clone());
    keep(host.on_event(move |event| {
        if event.kind == EventKind::Canceled {
            enter.open();
            may_leave.wait();
        }
        journal.write(event.kind);
    }));
    let deferral = Deferring::new(&host, "t").start();
    flush(&host);
    let ending = host.begin_shutdown(Duration::ZERO);
    entered.wait();
    let canceler = std::thread::spawn(move || ending.wait(Some(LONG)));
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Abandoned);
    // Were it given up, Completed would be told now.
    let _ = host.flush(Some(Duration::from_millis(20)));
    leave.open();
    canceler.join().expect("it only waits").expect("a host ends");
    flush(&host);
    let kinds = [EventKind::Fired, EventKind::Started, EventKind::Canceled, EventKind::Completed];
    assert_eq!(told.read(), kinds);
}
