//! Handlers: attached, called, handed out and detached by several threads at once.
//!
//! Modelled: the slots and lists of core, called as the events threads call them, with handlers that note what happens
//! to them. The drop of what a handler captured is a step of its own, since it is user code. Not modelled: a handler
//! that panics.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use loom::thread;

use super::{Note, Tally, join, join_all, prove};
use crate::inside;
use crate::notify::{Handlers, Report, Subscription};
use crate::sync::Mutex;

/// What happened to one handler.
#[derive(Default)]
struct Watched {
    begun: Tally,
    running: Tally,
    dropped: Tally,
}

impl Watched {
    fn call(&self, what: impl FnOnce()) {
        self.begun.add_one();
        self.running.add_one();
        what();
        assert_eq!(self.dropped.count(), 0, "what it captured is gone during the call");
        self.running.take_one();
    }
}

/// What a handler captured.
struct Captured(Arc<Watched>);

impl Drop for Captured {
    fn drop(&mut self) {
        self.0.dropped.add_one();
    }
}

/// A failed assertion in a handler is caught as any panic of a handler, and told here.
fn fail() -> Report {
    Arc::new(|text| panic!("{text}"))
}

fn attach(handlers: &Handlers<()>, what: impl Fn() + Send + Sync + 'static) -> (Arc<Watched>, Subscription) {
    let watched = Arc::new(Watched::default());
    let captured = Captured(Arc::clone(&watched));
    (watched, handlers.attach(Arc::new(move |()| captured.0.call(&what)), fail()))
}

fn call_all(handlers: &Handlers<()>) {
    handlers.all().iter().for_each(|slot| slot.call(&()));
}

/// Invariant 3: dropped exactly once, by the call in flight or by who detaches, and never under a call.
pub fn detach_races_calls_and_drops_the_handler_once() {
    prove(|| {
        let handlers = Arc::new(Handlers::default());
        let (watched, _subscription) = attach(&handlers, || {});
        let calling = [(); 2].map(|()| {
            let handlers = Arc::clone(&handlers);
            thread::spawn(move || call_all(&handlers))
        });
        handlers.all()[0].detach();
        join_all(calling);
        assert_eq!(watched.dropped.count(), 1);
    });
}

/// E4, invariants 2 and 4: after `cancel` no call runs or begins, and what the handler captured is gone.
pub fn no_call_begins_after_cancel_returned() {
    prove(|| {
        let handlers = Arc::new(Handlers::default());
        let (watched, subscription) = attach(&handlers, || {});
        let calling = [(); 2].map(|()| {
            let handlers = Arc::clone(&handlers);
            thread::spawn(move || call_all(&handlers))
        });
        subscription.cancel();
        let begun = watched.begun.count();
        assert_eq!((watched.running.count(), watched.dropped.count()), (0, 1));
        join_all(calling);
        assert_eq!(watched.begun.count(), begun);
    });
}

/// E4, law 2: a cancel whose time is over does not say that it is done, and no call begins after it either.
pub fn a_cancel_whose_time_is_over_says_the_truth() {
    prove(|| {
        let handlers = Arc::new(Handlers::default());
        let (watched, subscription) = attach(&handlers, || {});
        let caller = Arc::clone(&handlers);
        let caller = thread::spawn(move || call_all(&caller));
        let is_done = subscription.cancel_within(Some(Duration::ZERO)).is_ok();
        if is_done {
            assert_eq!((watched.running.count(), watched.dropped.count()), (0, 1));
        }
        call_all(&handlers);
        join(caller);
        assert!(watched.begun.count() <= 1);
        assert_eq!(watched.dropped.count(), 1);
    });
}

/// E4, invariant 4: neither waits for the other, and both handlers are gone in the end.
pub fn two_callbacks_that_cancel_each_other_return() {
    prove(|| {
        let subscriptions: Arc<[OnceLock<Subscription>; 2]> = Arc::default();
        let both = [0, 1].map(|index: usize| {
            let (handlers, subscriptions) = (Handlers::default(), Arc::clone(&subscriptions));
            let (watched, own) = attach(&handlers, {
                let subscriptions = Arc::clone(&subscriptions);
                move || subscriptions[1 - index].get().expect("set before the calls").cancel()
            });
            subscriptions[index].set(own).expect("set once");
            (handlers, watched)
        });
        let calling = both.map(|(handlers, watched)| {
            let caller = thread::spawn(move || {
                let _inside = inside::callback(1);
                call_all(&handlers);
            });
            (caller, watched)
        });
        for (caller, watched) in calling {
            join(caller);
            assert!(watched.begun.count() <= 1);
            assert!(watched.dropped.count() <= 1);
        }
    });
}

/// E4: a handler that cancels itself does not wait for itself; who cancels it from outside waits for it.
pub fn cancel_races_a_handler_that_cancels_itself() {
    prove(|| {
        let handlers = Handlers::default();
        let own: Arc<OnceLock<Subscription>> = Arc::default();
        let (watched, subscription) = attach(&handlers, {
            let own = Arc::clone(&own);
            move || own.get().expect("set before the call").cancel()
        });
        own.set(subscription).expect("set once");
        let caller = thread::spawn(move || {
            let _inside = inside::callback(1);
            call_all(&handlers);
        });
        own.get().expect("set above").cancel();
        assert_eq!((watched.running.count(), watched.dropped.count()), (0, 1));
        join(caller);
    });
}

/// E4: of two that cancel, also the one who finds it done returns only when what the handler captured is gone.
pub fn cancel_races_cancel_and_both_return_after_the_drop() {
    prove(|| {
        let handlers = Handlers::default();
        let (watched, subscription) = attach(&handlers, || {});
        let subscription = Arc::new(subscription);
        let (other, watched_there) = (Arc::clone(&subscription), Arc::clone(&watched));
        let other = thread::spawn(move || {
            other.cancel();
            assert_eq!(watched_there.dropped.count(), 1);
        });
        subscription.cancel();
        assert_eq!(watched.dropped.count(), 1);
        join(other);
    });
}

/// E4: the drop of what a handler captured is user code, and may cancel what it belongs to without waiting for itself.
pub fn cancel_races_a_call_and_the_drop_cancels_as_well() {
    struct Cancels(Arc<OnceLock<Subscription>>);
    impl Drop for Cancels {
        fn drop(&mut self) {
            self.0.get().expect("set before the call").cancel();
        }
    }
    prove(|| {
        let handlers = Handlers::default();
        let own: Arc<OnceLock<Subscription>> = Arc::default();
        let captured = Cancels(Arc::clone(&own));
        let (watched, subscription) = attach(&handlers, move || {
            let _ = &captured;
        });
        own.set(subscription).expect("set once");
        let caller = thread::spawn(move || {
            let _inside = inside::callback(1);
            call_all(&handlers);
        });
        own.get().expect("set above").cancel();
        assert_eq!((watched.running.count(), watched.dropped.count()), (0, 1));
        join(caller);
    });
}

/// C3: the events thread that was given up and the one that goes on hand a Canceled handler out once.
pub fn two_threads_that_take_handlers_call_each_once() {
    prove(|| {
        let handlers = Arc::new(Handlers::default());
        let attached = [(); 2].map(|()| attach(&handlers, || {}).0);
        let taking = [(); 2].map(|()| {
            let handlers = Arc::clone(&handlers);
            thread::spawn(move || {
                while let Some(slot) = handlers.take_first() {
                    slot.call(&());
                    slot.detach();
                }
            })
        });
        join_all(taking);
        for watched in attached {
            assert_eq!((watched.begun.count(), watched.dropped.count()), (1, 1));
        }
    });
}

/// The sweep of an attaching takes out who is detached, and nobody else.
pub fn attach_races_attach_and_the_sweep_loses_nobody() {
    prove(|| {
        let handlers = Arc::new(Handlers::default());
        // As many as there is room for, so that the next attaching sweeps.
        let (_, gone) = attach(&handlers, || {});
        let mut attached: Vec<_> = (0..3).map(|_| attach(&handlers, || {}).0).collect();
        let (other, canceller) = (Arc::clone(&handlers), thread::spawn(move || gone.cancel()));
        let other = thread::spawn(move || attach(&other, || {}).0);
        attached.push(attach(&handlers, || {}).0);
        attached.push(join(other));
        join(canceller);
        call_all(&handlers);
        assert!(attached.iter().all(|watched| watched.begun.count() == 1));
    });
}

/// Why a Relaxed flag is enough: who posts without a look at the list knows of the attaching by other means, here the
/// lock of the record, and then sees the flag.
pub fn attach_races_cancel_under_one_lock_and_the_handler_is_told() {
    prove(|| {
        let (handlers, record) = (Arc::new(Handlers::default()), Arc::new(Mutex::new(false)));
        let told = Arc::new(Note::default());
        let (its_handlers, its_record, its_told) =
            (Arc::clone(&handlers), Arc::clone(&record), Arc::clone(&told));
        let attaching = thread::spawn(move || {
            let is_canceled = its_record.lock();
            let (watched, _) = attach(&its_handlers, || {});
            if *is_canceled {
                its_told.write();
            }
            watched
        });
        let post = {
            let mut is_canceled = record.lock();
            *is_canceled = true;
            !handlers.are_none()
        };
        let watched = join(attaching);
        let attached_later = told.is_seen();
        assert_eq!(post, !attached_later, "C4: it is told by exactly one of the two");
        if post {
            call_all(&handlers);
            assert_eq!(watched.begun.count(), 1);
        }
    });
}
