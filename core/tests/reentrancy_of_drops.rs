//! The same from destructors: dropping what a user gave is calling the user (E2, E4, E8).

mod common;

use backstay::{CancelReason, Details, Host, Instance, Status, Task};
use common::caller::{Caller, CallsWhenDropped, REFUSED, answers, end, running};
use common::{Latch, fire, narrow_host, register};

#[test]
fn from_the_drop_of_what_a_canceled_handler_captured() {
    // E8, E4: after its only call
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    let captured = CallsWhenDropped(caller);
    *own.lock() = Some(scene.instance().on_canceled(move |_| {
        let _own = &captured;
    }));
    scene.instance().cancel(CancelReason::Abort);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_what_the_handler_of_an_ended_task_captured() {
    // E8, E4
    let host = narrow_host();
    let scene = running(&host);
    let task = register(&host, "other", |_| Ok(()));
    let (caller, own, told) = Caller::new(&host, scene.instance());
    let captured = CallsWhenDropped(caller);
    *own.lock() = Some(task.on_completed(move |_| {
        let _own = &captured;
    }));
    task.unregister(false).expect("it is registered");
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_what_an_entry_point_captured() {
    // E8: on the events thread, which ends a task
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _, told) = Caller::new(&host, scene.instance());
    let captured = CallsWhenDropped(caller);
    let task = register(&host, "other", move |_| {
        let _own = &captured;
        Ok(())
    });
    task.unregister(false).expect("it is registered");
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

/// Leaves an instance of `task` to its worker alone, which then drops the last of it.
fn leave_to_its_worker(host: &Host, task: &Task, instance: Instance, leave: &Latch) {
    task.unregister(true).expect("it is registered");
    common::advance(host, common::GRACE);
    drop(instance);
    common::flush(host);
    leave.open();
}

#[test]
fn from_the_drop_of_what_an_abandoned_entry_point_captured() {
    // E8: on the straggling worker, which is the last to have it
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _, told) = Caller::new(&host, scene.instance());
    let captured = CallsWhenDropped(caller);
    let (entered, leave) = (Latch::default(), Latch::default());
    let (mark, gate) = (entered.clone(), leave.clone());
    let task = register(&host, "other", move |_| {
        let _own = &captured;
        mark.open();
        gate.wait();
        Ok(())
    });
    let instance = fire(&task);
    entered.wait();
    leave_to_its_worker(&host, &task, instance, &leave);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_the_details_of_an_abandoned_instance() {
    // E8: the same for what the firing carried
    let host = narrow_host();
    let scene = running(&host);
    let (caller, _, told) = Caller::new(&host, scene.instance());
    let staying = common::Staying::new(&host, "other");
    let instance = staying.start_with(Details::opaque(CallsWhenDropped(caller)));
    leave_to_its_worker(&host, &staying.task, instance, &staying.leave);
    assert_eq!(answers(&told), (REFUSED, Status::TimedOut));
    end(&host);
}

#[test]
fn from_the_drop_of_what_a_handler_captured_that_the_user_cancels() {
    // E4: inside `Subscription::cancel` on a thread of the user, where nothing would wait for itself
    let host = narrow_host();
    let scene = running(&host);
    let (caller, own, told) = Caller::new(&host, scene.instance());
    let captured = CallsWhenDropped(caller);
    let subscription = scene.instance().on_canceled(move |_| {
        let _own = &captured;
    });
    drop(own);
    let canceling = std::thread::spawn(move || subscription.cancel());
    assert_eq!(answers(&told).0, [Status::Ok; 5]);
    canceling.join().expect("nothing panics");
    end(&host);
}
