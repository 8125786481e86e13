//! Asked and noticed are two facts (C9).

mod common;

use backstay::{CancelReason, Deferral, Host, Instance};
use common::{
    Deferring, GRACE, SECOND, advance, end_of, flush, free_the_worker, keep, manual_host, narrow_host, waker,
};
use std::pin::pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// When the instance noticed, as a report says it.
fn noticed(host: &Host) -> Option<Duration> {
    let snapshot = host.snapshot();
    snapshot.tasks.iter().flat_map(|task| &task.instances).next().expect("it is alive").noticed_after
}

fn asked() -> (Host, Deferral) {
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    advance(&host, SECOND * 100);
    deferral.instance().cancel(CancelReason::Abort);
    (host, deferral)
}

#[test]
fn nobody_has_noticed_until_somebody_looks() {
    // C9
    let (host, deferral) = asked();
    advance(&host, SECOND);
    assert_eq!(noticed(&host), None);
    assert_eq!(deferral.instance().canceled(), Some(CancelReason::Abort));
    advance(&host, SECOND);
    assert_eq!(noticed(&host), Some(SECOND));
    let snapshot = host.snapshot();
    assert_eq!(snapshot.tasks[0].instances[0].asked_for, Some(SECOND * 2));
}

#[test]
fn the_first_look_counts() {
    // C9
    let (host, deferral) = asked();
    for _ in 0..3 {
        advance(&host, SECOND);
        let _ = (deferral.instance().canceled(), deferral.canceled());
    }
    assert_eq!(noticed(&host), Some(SECOND));
    let holder = deferral.holder().expect("it is pending");
    assert_eq!((holder.asked, holder.noticed_after), (Some(SECOND * 3), Some(SECOND)));
}

/// A way to look whether an instance was asked to stop.
type Look = (&'static str, fn(&Instance));

#[test]
fn every_way_of_looking_is_one() {
    // C9
    let looks: [Look; 7] = [
        ("canceled", |instance| assert!(instance.canceled().is_some())),
        ("checkpoint", |instance| assert!(instance.checkpoint())),
        ("is_canceled", |instance| assert!(instance.cancellation().is_canceled())),
        ("reason", |instance| assert!(instance.cancellation().reason().is_some())),
        ("wait", |instance| drop(instance.cancellation().wait(None))),
        ("future", |instance| {
            let token = instance.cancellation();
            let mut future = pin!(token.canceled());
            let polled = future.as_mut().poll(&mut Context::from_waker(&waker(|| ())));
            assert_eq!(polled, Poll::Ready(Some(CancelReason::Abort)));
        }),
        ("async checkpoint", |instance| {
            let mut future = pin!(instance.checkpoint_async());
            assert_eq!(future.as_mut().poll(&mut Context::from_waker(&waker(|| ()))), Poll::Ready(true));
        }),
    ];
    for (name, look) in looks {
        let (host, deferral) = asked();
        advance(&host, SECOND);
        look(deferral.instance());
        assert_eq!(noticed(&host), Some(SECOND), "{name}");
    }
}

#[test]
fn a_canceled_handler_that_is_called_has_noticed() {
    // C9
    let (host, deferral) = asked();
    advance(&host, SECOND);
    keep(deferral.instance().on_canceled(|_| ()));
    flush(&host);
    assert_eq!(noticed(&host), Some(SECOND));
}

#[test]
fn a_look_before_the_cancellation_is_none() {
    // C9
    let host = manual_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance();
    let _ = (instance.canceled(), instance.checkpoint(), instance.cancellation().is_canceled());
    assert_eq!(deferral.canceled(), None);
    advance(&host, SECOND);
    instance.cancel(CancelReason::Abort);
    assert_eq!(noticed(&host), None);
    assert_eq!(deferral.holder().and_then(|holder| holder.noticed_after), None);
}

#[test]
fn who_only_reports_does_not_notice() {
    // C9
    let (host, deferral) = asked();
    let _ = (host.snapshot(), host.holders(), format!("{host:?} {deferral:?} {:?}", deferral.instance()));
    let _ = (deferral.instance().state(), deferral.instance().holders(), deferral.holder());
    host.drain(Duration::ZERO).expect("this is no callback");
    keep(host.on_event(|_| ()));
    assert_eq!(noticed(&host), None);
}

#[test]
fn a_holder_that_looks_is_told_from_one_that_does_not() {
    // C9
    let (host, first) = asked();
    let second = first.instance().get_deferral("second").expect("it is Running");
    advance(&host, SECOND);
    assert_eq!(second.canceled(), Some(CancelReason::Abort));
    advance(&host, SECOND);
    let holders = first.instance().holders();
    let noticed_after: Vec<_> = holders.iter().map(|holder| holder.noticed_after).collect();
    assert_eq!(noticed_after, [None, Some(SECOND)]);
    assert_eq!(noticed(&host), Some(SECOND), "a holder is code of the instance");
    let texts: Vec<_> = holders.iter().map(ToString::to_string).collect();
    assert!(texts[0].ends_with("asked to stop 2.0s ago, has not noticed yet"), "{texts:?}");
    assert!(texts[1].ends_with("asked to stop 2.0s ago, noticed after 1.0s"), "{texts:?}");
}

#[test]
fn the_instance_looking_does_not_speak_for_its_holders() {
    // C9
    let (_host, deferral) = asked();
    let _ = deferral.instance().canceled();
    assert_eq!(deferral.holder().and_then(|holder| holder.noticed_after), None);
}

#[test]
fn the_completion_tells_it() {
    // C9
    let (host, deferral) = asked();
    advance(&host, SECOND);
    let _ = deferral.instance().canceled();
    advance(&host, SECOND);
    deferral.complete();
    assert_eq!(end_of(deferral.instance()).noticed_after, Some(SECOND));
    let (_other, unseen) = asked();
    unseen.complete();
    assert_eq!(end_of(unseen.instance()).noticed_after, None);
}

#[test]
fn an_abandoned_one_tells_who_of_its_holders_had_noticed() {
    // C9, C6
    let (host, deferral) = asked();
    let deaf = deferral.instance().get_deferral("deaf").expect("it is Running");
    advance(&host, SECOND);
    let _ = deferral.canceled();
    advance(&host, GRACE);
    let completion = end_of(deaf.instance());
    let noticed: Vec<_> = completion.holders.iter().map(|holder| holder.noticed_after).collect();
    assert_eq!(noticed, [Some(SECOND), None]);
    assert!(completion.check().expect_err("it was abandoned").to_string().contains("has not noticed yet"));
}

#[test]
fn a_holder_that_sleeps_until_the_cancellation_has_noticed_it() {
    // C9
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    free_the_worker(&host);
    assert!(matches!(deferral.wait_canceled(Some(Duration::ZERO)), Err(backstay::Error::TimedOut { .. })));
    deferral.instance().cancel(CancelReason::Abort);
    advance(&host, SECOND);
    assert_eq!(deferral.holder().expect("it is pending").noticed_after, None);
    assert_eq!(deferral.wait_canceled(None).expect("it is cancelled"), Some(CancelReason::Abort));
    assert_eq!(deferral.holder().expect("it is pending").noticed_after, Some(SECOND));
}
