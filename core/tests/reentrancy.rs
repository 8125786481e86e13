//! Everything may be called from inside everything, and what would wait for itself is refused (E2, E8, G4, L4).

mod common;

use backstay::{CancelReason, Status};
use common::caller::{Caller, REFUSED, answers, end, running, status};
use common::{LONG, fire, narrow_host, register};
use std::sync::mpsc;
use std::time::Duration;

#[test]
fn from_an_entry_point() {
    // E8, G4
    let host = narrow_host();
    let (give, callers) = mpsc::channel();
    let own_host = host.clone();
    let task = register(&host, "scene", move |instance| {
        let (caller, _, told) = Caller::new(&own_host, instance);
        give.send(told).expect("the test listens");
        caller.call_everything();
        Ok(())
    });
    fire(&task);
    let told = callers.recv_timeout(LONG).expect("the entry point is entered");
    assert_eq!(answers(&told), (REFUSED, Status::WouldDeadlock));
    end(&host);
}

#[test]
fn from_a_canceled_handler() {
    // E8
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    *own.lock() = Some(scene.instance().on_canceled(move |_| caller.call_everything()));
    scene.instance().cancel(CancelReason::Abort);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_a_progress_handler() {
    // E8
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    *own.lock() = Some(scene.instance().task().on_progress(move |_| caller.call_everything()));
    scene.instance().set_progress(1);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_a_completed_handler() {
    // E8
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    caller.deferral.complete();
    *own.lock() = Some(scene.instance().task().on_completed(move |_| caller.call_everything()));
    scene.complete();
    assert_eq!(answers(&told), (REFUSED, Status::Ok));
    end(&host);
}

#[test]
fn the_other_callbacks_of_the_host_are_refused_too_but_not_those_of_another_host() {
    // E8: refused is what would wait for this host only.
    let (host, other) = (narrow_host(), narrow_host());
    let (tell, told) = mpsc::channel();
    let (own_host, other_host) = (host.clone(), other.clone());
    let task = register(&host, "scene", move |_| {
        let own = status(own_host.flush(Some(LONG)));
        Ok(tell.send((own, status(other_host.shutdown(Duration::ZERO))))?)
    });
    fire(&task);
    assert_eq!(told.recv_timeout(LONG), Ok((Status::WouldDeadlock, Status::Ok)));
    end(&host);
}

#[test]
fn an_entry_point_may_wait_for_another_instance() {
    // E8
    let host = backstay::Host::builder().workers(2).manual_clock().build().expect("two are enough");
    let other = register(&host, "other", |_| Ok(()));
    let (tell, told) = mpsc::channel();
    let task = register(&host, "scene", move |_| Ok(tell.send(status(fire(&other).wait(Some(LONG))))?));
    fire(&task);
    assert_eq!(told.recv_timeout(LONG), Ok(Status::Ok));
    end(&host);
}
