//! Handlers: attached by users, called by the events thread, detached for good.
//!
//! Invariants:
//!
//! 1. A handler is never called while a lock is held, neither ours nor the slot's (law 1).
//! 2. After a slot is detached no call begins; a call that has begun ends on its own.
//! 3. The handler, and with it the user's data, is dropped exactly once: by whoever detaches an idle slot, or by the
//!    call in flight when it returns. It is dropped outside of the lock, since that is user code too.
//! 4. Only [`Subscription::cancel`] waits, only for calls in flight, and never inside a callback: so two callbacks
//!    that cancel each other both return (E4).
//!
//! The slot's lock is taken alone, or under the lock of a list of handlers, and nothing is taken under it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::Error;
use crate::inside;
use crate::shield::shield_and_report;
use crate::sync::atomic::{AtomicBool, Ordering};
use crate::sync::{Condvar, Mutex};

type Handler<A> = Arc<dyn Fn(&A) + Send + Sync>;

/// Whom to tell when a handler, or the drop of what it captured, panics (E5).
pub(crate) type Report = Arc<dyn Fn(&str) + Send + Sync>;

/// Where one handler lives while it is attached.
pub(crate) struct Slot<A: ?Sized> {
    state: Mutex<SlotState<A>>,
    idle: Condvar,
    report: Report,
}

struct SlotState<A: ?Sized> {
    /// Gone once the slot is detached and no call is in flight.
    handler: Option<Handler<A>>,
    detached: bool,
    in_flight: usize,
}

impl<A: ?Sized> Slot<A> {
    fn new(handler: Handler<A>, report: Report) -> Self {
        let state = SlotState { handler: Some(handler), detached: false, in_flight: 0 };
        Self { state: Mutex::new(state), idle: Condvar::new(), report }
    }

    /// Calls the handler unless the slot is detached.
    pub(crate) fn call(&self, argument: &A) {
        let handler = {
            let mut state = self.state.lock();
            if state.detached {
                return;
            }
            let Some(handler) = state.handler.clone() else { return };
            state.in_flight += 1;
            handler
        };
        shield_and_report(|text| (self.report)(&format!("a handler failed: {text}")), || handler(argument));
        drop(handler);
        let last = {
            let mut state = self.state.lock();
            if state.detached && state.in_flight == 1 {
                // Still counted as in flight until the handler is dropped, so that a waiting cancel sees it gone.
                state.handler.take()
            } else {
                self.leave(&mut state);
                return;
            }
        };
        self.let_drop(last);
        self.leave(&mut self.state.lock());
    }

    fn leave(&self, state: &mut SlotState<A>) {
        state.in_flight -= 1;
        self.idle.notify_all();
    }

    /// No call begins any more; the handler is dropped here or by the call in flight (invariant 3).
    pub(crate) fn detach(&self) {
        let unused = {
            let mut state = self.state.lock();
            state.detached = true;
            if state.in_flight > 0 {
                return;
            }
            // Counted like a call until it is dropped, so that another cancel that waits sees it gone.
            state.in_flight = 1;
            state.handler.take()
        };
        self.let_drop(unused);
        self.leave(&mut self.state.lock());
    }

    fn let_drop(&self, handler: Option<Handler<A>>) {
        // Of no host in particular: a destructor that cancels the subscription again must not wait for itself.
        let _inside = (!inside::any()).then(|| inside::callback(0));
        let report = |text: &str| (self.report)(&format!("what a handler had captured panicked: {text}"));
        shield_and_report(report, move || drop(handler));
    }

    fn is_attached(&self) -> bool {
        !self.state.lock().detached
    }

    /// Waits until no call is in flight; false when `until` came first.
    fn wait_idle(&self, until: Option<Instant>) -> bool {
        let mut state = self.state.lock();
        while state.in_flight > 0 {
            match until {
                None => self.idle.wait(&mut state),
                Some(until) if self.idle.wait_until(&mut state, until).timed_out() => {
                    return state.in_flight == 0;
                }
                Some(_) => {}
            }
        }
        true
    }
}

/// The handlers of one kind that are attached to one task or instance.
pub(crate) struct Handlers<A: ?Sized> {
    slots: Mutex<List<A>>,
    /// Set by the first attaching: who has nothing to tell anybody need not lock. Relaxed, since it only saves work.
    ever_attached: AtomicBool,
}

/// In the order of attaching. Shared, so that to call all of them costs a count, however many they are; it is copied
/// when it changes while somebody calls them.
type List<A> = Arc<VecDeque<Arc<Slot<A>>>>;

impl<A: ?Sized> Default for Handlers<A> {
    fn default() -> Self {
        Self { slots: Mutex::default(), ever_attached: AtomicBool::new(false) }
    }
}

impl<A: ?Sized + 'static> Handlers<A> {
    pub(crate) fn attach(&self, handler: Handler<A>, report: Report) -> Subscription {
        let slot = Arc::new(Slot::new(handler, report));
        self.ever_attached.store(true, Ordering::Relaxed);
        let mut list = self.slots.lock();
        let slots = Arc::make_mut(&mut list);
        // Swept only when the list would grow, so that attaching many costs each of them little.
        if slots.len() == slots.capacity() {
            slots.retain(|slot| slot.is_attached());
        }
        slots.push_back(Arc::clone(&slot));
        Subscription { slot: Some(slot) }
    }

    /// Whether nobody has ever listened.
    pub(crate) fn are_none(&self) -> bool {
        !self.ever_attached.load(Ordering::Relaxed)
    }

    /// The handlers of this moment, to be called outside of the list's lock.
    pub(crate) fn all(&self) -> List<A> {
        Arc::clone(&self.slots.lock())
    }

    /// The handler that was attached first, which leaves the list.
    pub(crate) fn take_first(&self) -> Option<Arc<Slot<A>>> {
        let mut list = self.slots.lock();
        // An empty list is not copied to find nothing in it.
        if list.is_empty() { None } else { Arc::make_mut(&mut list).pop_front() }
    }

    /// The handlers of this moment, which leave the list.
    pub(crate) fn take(&self) -> List<A> {
        std::mem::take(&mut *self.slots.lock())
    }
}

/// One attached handler.
///
/// Dropping a subscription leaves its handler attached until the task or instance ends; only
/// [`cancel`](Subscription::cancel) detaches it (E4).
#[must_use = "without the subscription the handler stays attached until its task or instance ends (E4)"]
pub struct Subscription {
    slot: Option<Arc<dyn Detach>>,
}

impl Subscription {
    /// The subscription of a handler that was never attached, since what it listens to is over.
    pub(crate) fn ended() -> Self {
        Self { slot: None }
    }

    /// Detaches the handler: afterwards it is not called any more, and what it captured is dropped.
    ///
    /// Waits for a call in flight as long as that takes; inside any backstay callback it never waits, and then a call
    /// in flight may still be running when this returns (E4).
    pub fn cancel(&self) {
        // Without a timeout it does not fail.
        let _ = self.cancel_within(None);
    }

    /// The same, waiting at most `timeout` by the machine's clock; `None` waits as long as it takes.
    ///
    /// # Errors
    /// [`Error::TimedOut`] when a call is still in flight. The handler is detached all the same; to wait again, call it
    /// again.
    pub fn cancel_within(&self, timeout: Option<Duration>) -> Result<(), Error> {
        // A deadline that cannot be represented is no deadline (law 2).
        let until = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        let is_idle = self.slot.as_ref().is_none_or(|slot| slot.cancel(until));
        let too_early =
            || Error::TimedOut { what: "the end of the call in flight", after: timeout.unwrap_or_default() };
        is_idle.then_some(()).ok_or_else(too_early)
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match &self.slot {
            Some(slot) if slot.is_attached() => "attached",
            _ => "detached",
        };
        write!(f, "Subscription({state})")
    }
}

/// A slot whose argument type does not matter.
trait Detach: Send + Sync {
    /// Detaches; false when a call in flight was waited for in vain.
    fn cancel(&self, until: Option<Instant>) -> bool;
    fn is_attached(&self) -> bool;
}

impl<A: ?Sized> Detach for Slot<A> {
    fn cancel(&self, until: Option<Instant>) -> bool {
        self.detach();
        inside::any() || self.wait_idle(until)
    }

    fn is_attached(&self) -> bool {
        Slot::is_attached(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;

    fn nobody() -> Report {
        Arc::new(|text| panic!("nothing is to be reported, but: {text}"))
    }

    #[test]
    fn a_cancelled_handler_is_not_called_and_what_it_captured_is_dropped_once() {
        let handlers = Handlers::<u32>::default();
        let captured = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&captured);
        let subscription = handlers.attach(
            Arc::new(move |n| {
                seen.fetch_add(*n as usize, Ordering::Relaxed);
            }),
            nobody(),
        );
        handlers.all()[0].call(&5);
        subscription.cancel();
        subscription.cancel();
        handlers.all()[0].call(&5);
        assert_eq!(captured.load(Ordering::Relaxed), 5);
        assert_eq!(Arc::strong_count(&captured), 1);
    }

    #[test]
    fn cancel_waits_for_the_call_in_flight() {
        let handlers = Handlers::<u32>::default();
        let (entered, is_entered) = mpsc::channel();
        let (leave, may_leave) = mpsc::channel::<()>();
        let may_leave = Mutex::new(may_leave);
        let left = Arc::new(AtomicUsize::new(0));
        let leaving = Arc::clone(&left);
        let subscription = handlers.attach(
            Arc::new(move |_| {
                entered.send(()).expect("the test listens");
                may_leave.lock().recv().expect("the test lets it go");
                leaving.store(1, Ordering::SeqCst);
            }),
            nobody(),
        );
        let slot = Arc::clone(&handlers.all()[0]);
        let call = std::thread::spawn(move || slot.call(&0));
        is_entered.recv().expect("the handler runs");
        let too_early = subscription.cancel_within(Some(Duration::ZERO));
        assert!(matches!(too_early, Err(Error::TimedOut { .. })), "the call is in flight");
        let seen = Arc::clone(&left);
        let cancel = std::thread::spawn(move || {
            subscription.cancel();
            seen.load(Ordering::SeqCst)
        });
        leave.send(()).expect("the handler waits");
        assert_eq!(cancel.join().expect("cancel returns"), 1, "cancel came back before the call had ended");
        call.join().expect("the call returns");
    }

    #[test]
    fn a_handler_may_cancel_itself() {
        let handlers = Arc::new(Handlers::<u32>::default());
        let own = Arc::new(Mutex::new(None::<Subscription>));
        let mine = Arc::clone(&own);
        let subscription = handlers.attach(
            Arc::new(move |_| {
                mine.lock().take().expect("set before the call").cancel();
            }),
            nobody(),
        );
        *own.lock() = Some(subscription);
        let _inside = inside::callback(0);
        handlers.all()[0].call(&0);
        assert_eq!(Arc::strong_count(&own), 1, "the handler was dropped by the call in flight");
    }

    #[test]
    fn a_destructor_that_cancels_its_own_subscription_does_not_wait_for_itself() {
        struct Cancels(Arc<Mutex<Option<Subscription>>>);
        impl Drop for Cancels {
            fn drop(&mut self) {
                let own = self.0.lock().take();
                own.expect("it was put there").cancel();
            }
        }
        let handlers = Handlers::<u32>::default();
        let own = Arc::new(Mutex::new(None));
        let captured = Cancels(Arc::clone(&own));
        let subscription = handlers.attach(
            Arc::new(move |_| {
                let _ = &captured;
            }),
            nobody(),
        );
        let slot = Arc::clone(&handlers.all()[0]);
        *own.lock() = Some(subscription);
        slot.detach();
        assert!(own.lock().is_none(), "the destructor has run");
    }

    #[test]
    fn a_handler_that_panics_is_reported_and_stays() {
        let handlers = Handlers::<u32>::default();
        let reports = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&reports);
        let report: Report = Arc::new(move |text| told.lock().push(text.to_owned()));
        let _subscription = handlers.attach(Arc::new(|_| panic!("on purpose")), report);
        handlers.all()[0].call(&0);
        handlers.all()[0].call(&0);
        assert_eq!(*reports.lock(), ["a handler failed: on purpose", "a handler failed: on purpose"]);
    }
}
