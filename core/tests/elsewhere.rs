//! Entry points whose work is done elsewhere: the stay holds the instance, and needs no worker to end.

mod common;

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use backstay::{Details, HolderKind, Host, Instance, Outcome, State, Stay, Task, TaskBuilder, TaskError};
use parking_lot::Mutex;

const SOON: Option<Duration> = Some(Duration::from_secs(10));

/// A task that hands its stays over.
fn handing_over(host: &Host) -> (Task, Receiver<Stay>) {
    let (sender, stays): (Sender<Stay>, _) = channel();
    let sender = Mutex::new(sender);
    let task = TaskBuilder::new("elsewhere")
        .grace(Duration::ZERO)
        .run_elsewhere(move |stay| sender.lock().send(stay).expect("the test waits for it"));
    (task.register(host).expect("the name is new and the host is open"), stays)
}

fn begun(host: &Host) -> (Instance, Stay) {
    let (task, stays) = handing_over(host);
    let instance = task.fire(Details::none()).expect("the host is open");
    (instance, stays.recv_timeout(Duration::from_secs(10)).expect("it was fired"))
}

#[test]
fn the_instance_is_held_by_its_entry_point_until_the_stay_is_over() {
    let host = Host::new();
    let (instance, stay) = begun(&host);
    assert_eq!((stay.instance(), instance.state()), (&instance, State::Running));
    assert_eq!(instance.holders(), [], "nobody had to take a deferral for it");
    stay.leave(Ok(()));
    assert_eq!(instance.wait(SOON).expect("it is over").outcome, Outcome::Succeeded);
}

#[test]
fn an_error_or_the_loss_of_the_stay_is_the_error_of_the_instance() {
    for (end, text) in [
        (Box::new(|stay: Stay| stay.leave(Err(TaskError::new("no")))) as Box<dyn Fn(Stay)>, "no"),
        (Box::new(drop), "the work was dropped before it was done"),
    ] {
        let host = Host::new();
        let (instance, stay) = begun(&host);
        end(stay);
        let done = instance.wait(SOON).expect("it is over");
        assert_eq!(done.error.as_ref().map(TaskError::text), Some(text));
    }
}

#[test]
fn a_panic_of_the_entry_point_is_its_error_whoever_has_the_stay() {
    let kept: Arc<Mutex<Option<Stay>>> = Arc::default();
    for keeps in [false, true] {
        let (host, place) = (Host::new(), Arc::clone(&kept));
        let task = TaskBuilder::new("panics").run_elsewhere(move |stay| {
            let stay = if keeps { place.lock().replace(stay) } else { Some(stay) };
            assert!(stay.is_none() && !keeps, "it panics");
        });
        let instance = task.register(&host).expect("open").fire(Details::none()).expect("open");
        let done = instance.wait(SOON).expect("it is over");
        assert_eq!(done.error.as_ref().map(TaskError::text), Some("it panics"));
        kept.lock().take();
        assert_eq!(done.outcome, Outcome::Failed);
    }
}

#[test]
fn an_abandoned_one_is_told_with_its_entry_point_and_may_leave_later() {
    let host = Host::new();
    let (instance, stay) = begun(&host);
    instance.cancel(backstay::CancelReason::Abort);
    let done = instance.wait(SOON).expect("its grace is over");
    assert_eq!(done.outcome, Outcome::Abandoned);
    assert_eq!(done.holders.iter().map(|holder| holder.kind).collect::<Vec<_>>(), [HolderKind::EntryPoint]);
    assert_eq!(host.stragglers(), 0, "it occupies no thread");
    stay.leave(Ok(()));
}

#[test]
fn it_ends_although_every_worker_is_occupied() {
    let host = Host::builder().workers(1).build().expect("one is enough");
    let (instance, stay) = begun(&host);
    let awaited = instance.clone();
    let waits = TaskBuilder::new("waits").run(move |_| {
        awaited.wait(SOON)?;
        Ok(())
    });
    let waiting = waits.register(&host).expect("open").fire(Details::none()).expect("open");
    while waiting.state() == State::Pending {
        std::thread::yield_now();
    }
    stay.leave(Ok(()));
    assert_eq!(waiting.wait(SOON).expect("it is over").outcome, Outcome::Succeeded);
}
