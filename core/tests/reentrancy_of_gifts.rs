//! The same from what a host was given to use: its executor, its log, its listeners, and details (E2, E8, H7).

mod common;

use backstay::{CancelReason, Details, Host, Status, TaskBuilder, Trigger, WhenBusy};
use common::{Job, LONG, SECOND, advance, fire, keep, narrow_host, put, register};
use std::sync::Arc;
use std::sync::mpsc;
use std::time::Duration;

use common::caller::{Caller, CallsWhenDropped, REFUSED, answers, end, running};
use parking_lot::Mutex;

/// Where a caller is put once there is a host for it.
type Place = Arc<Mutex<Option<Caller>>>;

fn call(place: &Place) {
    let caller = place.lock().take();
    if let Some(caller) = caller {
        caller.call_everything();
    }
}

#[test]
fn from_an_executor() {
    // H7: inside of a firing on a thread of the user, where nothing waits for itself
    let place = Place::default();
    let (own, (give, jobs)) = (Arc::clone(&place), mpsc::channel::<Job>());
    std::thread::spawn(move || jobs.iter().for_each(|job| job()));
    let executor = move |job: Job| {
        call(&own);
        // The test may be over.
        let _ = give.send(job);
    };
    let host = Host::builder().manual_clock().executor(executor).build().expect("an executor is enough");
    let scene = running(&host);
    let (caller, _own, told) = Caller::new(&host, scene.instance());
    *place.lock() = Some(caller);
    // Not refused, but it may come to nothing: what is called shuts the host down.
    let _ = register(&host, "other", |_| Ok(())).fire(Details::none());
    assert_eq!(answers(&told), ([Status::Ok; 5], Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_log() {
    // E5: on the events thread, which says what a handler threw
    let place = Place::default();
    let own = Arc::clone(&place);
    let builder = Host::builder().workers(1).manual_clock().log(move |_| call(&own));
    let host = builder.build().expect("one worker is enough");
    let scene = running(&host);
    let (caller, _own, told) = Caller::new(&host, scene.instance());
    *place.lock() = Some(caller);
    keep(scene.instance().task().on_progress(|_| panic!("on purpose")));
    scene.instance().set_progress(1);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_a_listener() {
    // E3, E8
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    *own.lock() = Some(host.on_event(move |_| caller.call_everything()));
    scene.instance().suspend(None);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_what_a_listener_captured() {
    // E4: when the host closes
    let host = narrow_host();
    let other = narrow_host();
    let scene = running(&other);
    let (caller, _own, told) = Caller::new(&other, scene.instance());
    let captured = CallsWhenDropped(caller);
    keep(host.on_event(move |_| {
        let _own = &captured;
    }));
    host.shutdown(Duration::ZERO).expect("this is no callback");
    assert_eq!(answers(&told), ([Status::Ok; 5], Status::TimedOut), "another host is not refused");
    end(&other);
}

fn merging(host: &Host) -> backstay::Task {
    let task = TaskBuilder::new("merge").trigger(Trigger::every(SECOND)).when_busy(WhenBusy::Coalesce);
    put(host, task.condition("never").run(|_| Ok(())))
}

#[test]
fn from_the_drop_of_details_that_a_firing_replaced() {
    // F4, E8: inside of the firing on a thread of the user
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _own, told) = Caller::new(&host, scene.instance());
    let task = merging(&host);
    task.fire(Details::opaque(CallsWhenDropped(caller))).expect("it waits");
    fire(&task);
    assert_eq!(answers(&told), ([Status::Ok; 5], Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_details_that_the_clock_replaced() {
    // F5, E8
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _own, told) = Caller::new(&host, scene.instance());
    let task = merging(&host);
    task.fire(Details::opaque(CallsWhenDropped(caller))).expect("it waits");
    advance(&host, SECOND);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_the_details_of_a_pending_instance() {
    // C5, E8: on the events thread or on that of the user, whichever has it last
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _own, told) = Caller::new(&host, scene.instance());
    let task = put(&host, TaskBuilder::new("wait").condition("never").run(|_| Ok(())));
    task.fire(Details::opaque(CallsWhenDropped(caller))).expect("it waits");
    task.unregister(false).expect("it is registered");
    let (refusable, wait) = answers(&told);
    assert!(refusable == REFUSED || refusable == [Status::Ok; 5], "{refusable:?}");
    assert_eq!(wait, Status::TimedOut);
    end(&host);
}

#[test]
fn the_timer_drops_nothing_of_users() {
    // H1: timers never wait for user code, and a drop is user code
    struct Names(mpsc::Sender<Option<String>>);
    impl Drop for Names {
        fn drop(&mut self) {
            // The test may be over.
            let _ = self.0.send(std::thread::current().name().map(ToOwned::to_owned));
        }
    }
    let host = Host::builder().workers(1).build().expect("one worker is enough");
    let task = TaskBuilder::new("merge").trigger(Trigger::every(Duration::from_millis(1))).condition("never");
    let task = put(&host, task.run(|_| Ok(())));
    let (tell, told) = mpsc::channel();
    let instance = task.fire(Details::opaque(Names(tell))).expect("it waits");
    let thread = told.recv_timeout(LONG).expect("the clock replaces the details");
    instance.cancel(CancelReason::Abort);
    assert_eq!(thread.as_deref(), Some("backstay-events"));
}
