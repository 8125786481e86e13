//! Rust and C share what stands behind handles: each mistake is answered, and loses nothing.

use std::sync::Arc;
use std::sync::mpsc::channel;

use backstay::{Deferral, Details, Host, Instance, Language, Outcome, Status, Task, TaskBuilder};
use backstay_ffi::across::{Owned as _, Shared as _};
use backstay_ffi::{
    backstay_deferral, backstay_deferral_complete, backstay_deferral_dup, backstay_deferral_release,
    backstay_instance, backstay_instance_release, backstay_live_handles,
};

/// An instance that a deferral holds and nothing else.
fn held() -> (Host, Instance, Deferral) {
    let host = Host::builder().manual_clock().build().expect("a host with a manual clock");
    let (sender, receiver) = channel();
    let task = TaskBuilder::new("held")
        .run(move |instance| {
            sender.send(instance.get_deferral("here")?).expect("the test waits for it");
            Ok(())
        })
        .register(&host)
        .expect("nothing is wrong with it");
    let instance = task.fire(Details::none()).expect("the host is open");
    let deferral = receiver.recv().expect("the entry point sends it");
    (host, instance, deferral)
}

fn end_of(instance: &Instance) -> Arc<backstay::Completion> {
    instance.wait(None).expect("it ends")
}

// One test, since all of them count the same handles.
#[test]
fn objects_go_to_c_and_come_back() {
    shared_objects_are_the_same();
    a_deferral_has_one_owner_at_a_time();
    a_share_in_c_keeps_the_hold();
    mistakes_are_answered();
    assert_eq!(backstay_live_handles(), 0);
}

fn shared_objects_are_the_same() {
    let (host, instance, deferral) = held();
    let (lent_host, lent_task, lent) = (
        host.handle().expect("room"),
        instance.task().handle().expect("room"),
        instance.handle().expect("room"),
    );
    assert_eq!(Host::from_handle(lent_host.get()).as_ref(), Ok(&host));
    assert_eq!(Task::from_handle(lent_task.get()).expect("it is good").name(), "held");
    assert_eq!(Instance::from_handle(lent.get()).as_ref(), Ok(&instance));
    assert_eq!(lent.get().id, lent.id());
    let id = lent.get();
    drop(lent);
    assert_eq!(Instance::from_handle(id).expect_err("it is not good").status(), Status::StaleHandle);
    // One that was released by who borrowed it is gone, and nothing else is.
    let lent = instance.handle().expect("room");
    assert_eq!(backstay_instance_release(lent.get()), Status::Ok.number());
    drop(lent);
    deferral.complete();
    end_of(&instance);
}

fn a_deferral_has_one_owner_at_a_time() {
    let (_host, instance, deferral) = held();
    let site = deferral.holder().expect("it is pending").site;
    let given = deferral.detach().expect("room");
    let holder = instance.holders().remove(0);
    assert_eq!((holder.language, &holder.site), (Language::C, &site));
    let back = Deferral::from_handle(given).expect("it was given");
    let holder = back.holder().expect("it is pending");
    assert_eq!((holder.language, &holder.site), (Language::Rust, &site));
    // C has it no more, and whoever completes by the old handle is told what L4 says.
    assert_eq!(backstay_deferral_complete(given), Status::AlreadyCompleted.number());
    assert_eq!(backstay_deferral_release(given), Status::StaleHandle.number());
    let given = back.detach().expect("room");
    assert_eq!(backstay_deferral_complete(given), Status::Ok.number());
    assert_eq!(Deferral::from_handle(given).expect_err("it is not good").status(), Status::StaleHandle);
    assert_eq!(end_of(&instance).dropped, []);
}

fn a_share_in_c_keeps_the_hold() {
    let (_host, instance, deferral) = held();
    let given = deferral.detach().expect("room");
    let mut same = backstay_deferral { id: 0 };
    // SAFETY: `same` is writable.
    assert_eq!(unsafe { backstay_deferral_dup(given, &raw mut same) }, Status::Ok.number());
    let ours = Deferral::from_handle(given).expect("it was given");
    drop(ours);
    assert_eq!(instance.holders().len(), 1, "C has a share");
    let ours = Deferral::from_handle(same).expect("it is good");
    assert_eq!(Arc::strong_count(&ours), 1);
    drop(ours);
    let done = end_of(&instance);
    assert_eq!((done.outcome, done.dropped.len()), (Outcome::Succeeded, 1));
    assert_eq!(done.dropped[0].language, Language::Rust, "who had it last");
}

fn mistakes_are_answered() {
    let (_host, instance, deferral) = held();
    let lent = instance.handle().expect("room");
    let deferral_of =
        |id| Deferral::from_handle(backstay_deferral { id }).expect_err("it is not good").status();
    let instance_of =
        |id| Instance::from_handle(backstay_instance { id }).expect_err("it is not good").status();
    let given = deferral.detach().expect("room");
    assert_eq!(deferral_of(0), Status::InvalidHandle);
    assert_eq!(deferral_of(u64::MAX), Status::InvalidHandle);
    assert_eq!(deferral_of(lent.id()), Status::WrongHandleType);
    assert_eq!(deferral_of(given.id ^ 0xFF << 48), Status::ForeignHandle);
    assert_eq!(instance_of(given.id), Status::WrongHandleType);
    assert_eq!(instance_of(lent.id() ^ 0xFF << 48), Status::ForeignHandle);
    assert_eq!(backstay_deferral_complete(given), Status::Ok.number());
    end_of(&instance);
}
