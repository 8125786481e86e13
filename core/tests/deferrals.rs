//! How deferrals end, and who is told of those that nobody completed (L4, L5).

mod common;

use backstay::{CancelReason, HolderKind, Language, Outcome, Status};
use common::{
    Deferring, GRACE, LONG, advance, end_of, flush, free_the_worker, keep, narrow_host, register, run,
};
use parking_lot::Mutex;
use std::sync::{Arc, mpsc};

#[test]
fn every_later_completion_is_answered_with_already_completed() {
    // L4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    assert_eq!(deferral.complete(), Status::Ok);
    assert_eq!(deferral.complete(), Status::AlreadyCompleted);
    assert_eq!(deferral.fail("too late".parse::<u32>().expect_err("no number")), Status::AlreadyCompleted);
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Succeeded, "a late failure changes nothing");
    assert_eq!(deferral.complete(), Status::AlreadyCompleted, "also after the finish");
}

#[test]
fn one_that_failed_is_completed() {
    // L4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    assert_eq!(deferral.fail(backstay::TaskError::new("broken")), Status::Ok);
    assert_eq!(deferral.complete(), Status::AlreadyCompleted);
}

#[test]
fn after_an_abandonment_the_answer_is_not_running_once() {
    // L4, for both ways of ending one
    let host = narrow_host();
    let first = Deferring::new(&host, "defer").start();
    let instance = first.instance().clone();
    let second = instance.get_deferral("second").expect("the first holds it");
    instance.cancel(CancelReason::Abort);
    advance(&host, GRACE);
    assert_eq!(end_of(&instance).outcome, Outcome::Abandoned);
    assert_eq!(first.complete(), Status::NotRunning);
    assert_eq!(first.complete(), Status::AlreadyCompleted);
    assert_eq!(second.fail(backstay::TaskError::new("too late")), Status::NotRunning);
    assert_eq!(second.complete(), Status::AlreadyCompleted);
    assert_eq!(end_of(&instance).error, None, "what comes after the end has no effect");
}

#[test]
fn any_thread_may_complete_it() {
    // L4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    let answer = std::thread::spawn(move || deferral.complete()).join().expect("nothing panics");
    assert_eq!(answer, Status::Ok);
    end_of(&instance);
}

#[test]
fn a_canceled_handler_may_complete_it() {
    // L4: inside any callback
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    let own = Mutex::new(Some(deferral));
    keep(instance.on_canceled(move |_| {
        own.lock().take().expect("the handler is called once").complete();
    }));
    instance.cancel(CancelReason::Abort);
    assert_eq!(end_of(&instance).outcome, Outcome::Canceled);
}

#[test]
fn one_that_is_dropped_counts_as_completed_and_is_listed() {
    // L5
    let host = narrow_host();
    let first = Deferring::new(&host, "defer").start();
    let instance = first.instance().clone();
    let (line, second) = (line!(), instance.get_deferral("forgotten").expect("the first holds it"));
    first.complete();
    drop(second);
    let completion = end_of(&instance);
    assert_eq!(completion.outcome, Outcome::Succeeded);
    let [dropped] = &completion.dropped[..] else { panic!("one was dropped: {:?}", completion.dropped) };
    assert_eq!((dropped.kind, &*dropped.label), (HolderKind::Deferral, "forgotten"));
    assert_eq!((dropped.site.language, &*dropped.site.file), (Language::Rust, file!()));
    assert_eq!(dropped.site.line, line, "the line of the taking");
}

#[test]
fn one_that_was_completed_is_not_listed_when_it_is_dropped() {
    // L5
    let host = narrow_host();
    let first = Deferring::new(&host, "defer").start();
    let instance = first.instance().clone();
    let second = instance.get_deferral("second").expect("the first holds it");
    second.complete();
    drop(second);
    first.complete();
    assert_eq!(end_of(&instance).dropped, []);
}

#[test]
fn one_that_is_lost_in_a_panic_is_listed() {
    // L5, L7
    let host = narrow_host();
    let task = register(&host, "panic", |instance| {
        let _deferral = instance.get_deferral("lost")?;
        panic!("on purpose")
    });
    let completion = run(&task);
    assert_eq!(completion.outcome, Outcome::Failed);
    assert_eq!(completion.dropped.len(), 1);
}

#[test]
fn a_pending_one_tells_who_holds() {
    // L5: the same words that stand on the completion when it is dropped
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    advance(&host, GRACE);
    let holder = deferral.holder().expect("it is pending");
    assert_eq!((&*holder.label, holder.age), ("the test", GRACE));
    assert_eq!(deferral.instance().holders(), [holder]);
    deferral.complete();
    assert_eq!(deferral.holder(), None);
    assert_eq!(deferral.instance().holders(), []);
}

#[test]
fn completing_never_waits_for_a_handler() {
    // L4: Completed is being handled while this thread comes back from complete.
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    let (come_back, is_back) = mpsc::channel();
    let is_back = Arc::new(Mutex::new(is_back));
    let (tell, told) = mpsc::channel();
    keep(deferring.task.on_completed(move |_| {
        tell.send(is_back.lock().recv_timeout(LONG).is_ok()).expect("the test listens");
    }));
    let deferral = deferring.start();
    free_the_worker(&host);
    deferral.complete();
    come_back.send(()).expect("the handler waits");
    assert_eq!(told.recv_timeout(LONG * 2), Ok(true));
    flush(&host);
}

#[test]
fn one_that_is_handed_across_names_who_has_it_and_where_it_was_taken() {
    // H4
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let before = deferral.holder().expect("it is pending");
    assert_eq!((before.language, before.site.language), (Language::Rust, Language::Rust));
    assert!(!before.to_string().contains("handed"), "{before}");
    assert_eq!(deferral.set_language(Language::Python), Status::Ok);
    let holder = deferral.holder().expect("it is pending");
    assert_eq!((holder.language, &holder.site), (Language::Python, &before.site));
    assert!(holder.to_string().contains(&format!("{}, handed to Python, for ", holder.site)), "{holder}");
    // Back home, nothing is left to say of it.
    deferral.set_language(Language::Rust);
    assert_eq!(deferral.holder(), Some(before));
    deferral.complete();
    assert_eq!(deferral.set_language(Language::C), Status::AlreadyCompleted);
}

#[test]
fn one_that_is_handed_over_is_its_new_owner_s_to_drop() {
    // L5
    let host = narrow_host();
    let deferral = Deferring::new(&host, "defer").start();
    let instance = deferral.instance().clone();
    let owner = deferral.hand_over();
    drop(deferral.hand_over());
    assert_eq!(deferral.holder(), owner.holder());
    drop(deferral);
    assert_eq!(instance.holders().len(), 1, "it has one owner");
    drop(owner);
    assert_eq!(end_of(&instance).dropped.len(), 1);
}

#[test]
fn one_that_is_handed_over_is_completed_by_either() {
    // L4
    let host = narrow_host();
    let deferring = Deferring::new(&host, "defer");
    for is_the_owner in [true, false] {
        let deferral = deferring.start();
        let owner = deferral.hand_over();
        let (first, second) = if is_the_owner { (&owner, &deferral) } else { (&deferral, &owner) };
        assert_eq!((first.complete(), second.complete()), (Status::Ok, Status::AlreadyCompleted));
        assert_eq!(end_of(deferral.instance()).dropped, []);
    }
}
