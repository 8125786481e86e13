//! Wakers are user code: they may call everything, and what they throw harms nobody (law 1, E5).

mod common;

use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Wake, Waker};
use std::thread;

use backstay::{CancelReason, Completion, Finished, Host, Outcome, State, Status, TaskBuilder, WhenBusy};
use common::caller::{Answers, Caller, REFUSED, answers, end, running};
use common::{
    GRACE, Job, Journal, advance, end_of, fire, flush, handed_host, narrow_host, put, register, run_all,
};
use parking_lot::Mutex;

/// Which of its own code a waker calls everything in.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Clone,
    Wake,
    Drop,
}

/// What a waker stands for whose every move is code of ours.
struct Talker {
    place: Place,
    caller: Caller,
}

impl Talker {
    fn at(&self, place: Place) {
        if self.place == place {
            self.caller.call_everything();
        }
    }
}

/// The waker of a talker. `Wake` leaves the cloning and the dropping to `Arc`, so the table is written by hand.
fn waker(talker: Talker) -> Waker {
    /// Takes one reference over for as long as `use_it` runs.
    fn borrow<R>(data: *const (), use_it: impl FnOnce(&Arc<Talker>) -> R) -> R {
        // SAFETY: every waker was made below from `Arc::into_raw`, and its reference is there until its drop or wake.
        let talker = std::mem::ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Talker>()) });
        use_it(&talker)
    }

    fn clone(data: *const ()) -> RawWaker {
        borrow(data, |talker| {
            talker.at(Place::Clone);
            RawWaker::new(Arc::into_raw(Arc::clone(talker)).cast(), &TABLE)
        })
    }

    fn wake_by_ref(data: *const ()) {
        borrow(data, |talker| talker.at(Place::Wake));
    }

    fn drop_in_place(data: *const ()) {
        // SAFETY: a waker is woken or dropped once, and with it goes the reference that it was made from.
        let talker = unsafe { Arc::from_raw(data.cast::<Talker>()) };
        talker.at(Place::Drop);
    }

    fn wake(data: *const ()) {
        wake_by_ref(data);
        drop_in_place(data);
    }

    static TABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_in_place);
    // SAFETY: the functions of the table follow the contract of `RawWakerVTable`; a talker may be used by any thread.
    unsafe { Waker::from_raw(RawWaker::new(Arc::into_raw(Arc::new(talker)).cast(), &TABLE)) }
}

/// A host with a held instance whose end a future waits for, and the waker that is about to talk.
struct Scene {
    host: Host,
    held: backstay::Deferral,
    end: Pin<Box<Finished>>,
    waker: Waker,
    told: Receiver<Answers>,
}

impl Scene {
    fn new(place: Place) -> Self {
        Self::prepared(place, |_| {})
    }

    fn prepared(place: Place, prepare: impl FnOnce(&Caller)) -> Self {
        let host = narrow_host();
        let held = running(&host);
        let (caller, _, told) = Caller::new(&host, held.instance());
        prepare(&caller);
        let end = Box::pin(held.instance().finished());
        Self { host, held, end, waker: waker(Talker { place, caller }), told }
    }

    fn poll(&mut self) -> Poll<Arc<Completion>> {
        self.end.as_mut().poll(&mut Context::from_waker(&self.waker))
    }

    /// Does something with it on a thread of its own, so that a hang is an answer that does not come.
    fn play(self, play: impl FnOnce(Self) + Send + 'static) -> ([Status; 5], Status) {
        let (host, told) = (self.host.clone(), self.told);
        // The scene has an ear of its own that nobody speaks to.
        let scene = Self { told: mpsc::channel().1, ..self };
        let playing = thread::spawn(move || play(scene));
        let answered = answers(&told);
        playing.join().expect("nothing panics");
        end(&host);
        answered
    }
}

/// What is answered where nothing would wait for itself, while the instance is still held.
const ALLOWED: ([Status; 5], Status) = ([Status::Ok; 5], Status::TimedOut);

#[test]
fn everything_from_the_clone() {
    let answered = Scene::new(Place::Clone).play(|mut scene| {
        let Poll::Ready(done) = scene.poll() else { panic!("the clone has ended the instance") };
        assert_eq!(done.outcome, Outcome::Abandoned);
    });
    assert_eq!(answered, ALLOWED);
}

#[test]
fn everything_from_the_wake_by_a_cancellation() {
    let answered = Scene::new(Place::Wake).play(|mut scene| {
        assert!(scene.poll().is_pending());
        scene.held.instance().cancel(CancelReason::Abort);
        assert!(scene.poll().is_ready());
    });
    assert_eq!(answered, ALLOWED);
}

#[test]
fn everything_from_the_wake_by_the_last_deferral() {
    let scene = Scene::prepared(Place::Wake, |caller| _ = caller.deferral.complete());
    let answered = scene.play(|mut scene| {
        assert!(scene.poll().is_pending());
        assert_eq!(scene.held.complete(), Status::Ok);
        assert!(scene.poll().is_ready());
    });
    assert_eq!(answered, (ALLOWED.0, Status::Ok), "it is over, so its end is there");
}

#[test]
fn everything_from_the_drop_after_a_wake() {
    let answered = Scene::new(Place::Drop).play(|mut scene| {
        assert!(scene.poll().is_pending());
        scene.held.instance().cancel(CancelReason::Abort);
        assert!(scene.poll().is_ready());
    });
    assert_eq!(answered, ALLOWED);
}

#[test]
fn everything_from_the_wake_by_the_clock() {
    // E8: on a thread that hands out what is due, which is a callback of the host
    let answered = Scene::new(Place::Wake).play(|mut scene| {
        scene.held.instance().cancel(CancelReason::Abort);
        assert!(scene.poll().is_pending());
        advance(&scene.host, GRACE);
        assert!(scene.poll().is_ready());
    });
    assert_eq!(answered, (REFUSED, Status::Ok));
}

#[test]
fn everything_from_the_wake_by_a_worker() {
    // E8: the worker has left the entry point, whose own instance it therefore may wait for
    let scene = Scene::new(Place::Wake);
    let canceling = scene.held.instance().clone();
    let task = register(&scene.host, "cancels", move |_| {
        canceling.cancel(CancelReason::Abort);
        Ok(())
    });
    let answered = scene.play(move |mut scene| {
        assert!(scene.poll().is_pending());
        end_of(&fire(&task));
        flush(&scene.host);
    });
    assert_eq!(answered, (REFUSED, Status::TimedOut));
}

#[test]
fn everything_from_the_drop_with_the_future() {
    let answered = Scene::new(Place::Drop).play(|mut scene| {
        assert!(scene.poll().is_pending());
        drop(scene.end);
    });
    assert_eq!(answered, ALLOWED);
}

#[test]
fn everything_from_the_drop_for_another_waker() {
    let answered = Scene::new(Place::Drop).play(|mut scene| {
        assert!(scene.poll().is_pending());
        let other = scene.end.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(other.is_pending(), "it was looked at before the old waker was dropped");
        assert!(scene.poll().is_ready());
    });
    assert_eq!(answered, ALLOWED);
}

#[test]
fn everything_from_the_drop_of_a_waker_that_is_not_needed() {
    let answered = Scene::new(Place::Drop).play(|mut scene| {
        scene.held.instance().cancel(CancelReason::Abort);
        let mut asked = Box::pin(scene.held.instance().cancellation().canceled());
        let polled = asked.as_mut().poll(&mut Context::from_waker(&scene.waker));
        assert_eq!(polled, Poll::Ready(Some(CancelReason::Abort)));
        assert!(scene.poll().is_ready(), "the clone of the waker was dropped, which has ended the instance");
    });
    assert_eq!(answered, ALLOWED);
}

/// Polls its future again inside of the wake, as an executor without a queue does.
struct PollsInside {
    end: Mutex<Option<Pin<Box<Finished>>>>,
    polls: Journal<Option<Outcome>>,
}

impl PollsInside {
    fn poll(self: &Arc<Self>) {
        let waker = Waker::from(Arc::clone(self));
        let Some(mut end) = self.end.lock().take() else { return };
        match end.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(done) => self.polls.write(Some(done.outcome)),
            Poll::Pending => {
                *self.end.lock() = Some(end);
                self.polls.write(None);
            }
        }
    }
}

impl Wake for PollsInside {
    fn wake(self: Arc<Self>) {
        self.poll();
    }
}

#[test]
fn a_future_that_is_polled_inside_of_its_wake_sees_what_it_was_woken_for() {
    let host = narrow_host();
    let deferral = running(&host);
    let end = Mutex::new(Some(Box::pin(deferral.instance().finished())));
    let task = Arc::new(PollsInside { end, polls: Journal::new() });
    task.poll();
    deferral.instance().cancel(CancelReason::Abort);
    assert_eq!(task.polls.read(), [None, None], "asked, and not over yet");
    deferral.complete();
    assert_eq!(task.polls.read(), [None, None, Some(Outcome::Canceled)]);
    assert_eq!(Arc::strong_count(&task), 1, "no waker is left");
}

/// Panics when it is woken, if it is told to, and tells that it was.
struct Woken {
    number: usize,
    panics: bool,
    journal: Journal<usize>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.journal.write(self.number);
        assert!(!self.panics, "waker {} on purpose", self.number);
    }
}

#[test]
fn a_waker_that_panics_is_reported_and_the_others_are_woken() {
    // E5
    let (log, woken) = (Journal::new(), Journal::new());
    let written = log.clone();
    let host = Host::builder().workers(1).manual_clock().log(move |text| written.write(text.to_owned()));
    let host = host.build().expect("one worker is enough");
    let deferral = running(&host);
    let mut ends: Vec<_> = (0..5).map(|_| Box::pin(deferral.instance().finished())).collect();
    for (number, end) in ends.iter_mut().enumerate() {
        let waker = Waker::from(Arc::new(Woken { number, panics: number % 2 == 1, journal: woken.clone() }));
        assert!(end.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(deferral.complete(), Status::Ok, "who ends the instance hears nothing of it");
    let mut all = woken.read();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4]);
    assert_eq!(
        log.read(),
        ["a waker panicked: waker 1 on purpose", "a waker panicked: waker 3 on purpose"],
        "in the order of the waiting"
    );
    assert_eq!(end_of(deferral.instance()).outcome, Outcome::Succeeded);
    end(&host);
}

/// Panics when it is woken, and once more when it is dropped.
struct Bomb;

impl Wake for Bomb {
    fn wake(self: Arc<Self>) {
        panic!("first");
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("second");
    }
}

#[test]
fn a_waker_that_panics_twice_does_not_end_the_process() {
    // E5: a second panic while the first one unwinds would
    let log = Journal::new();
    let written = log.clone();
    let host = Host::builder().workers(1).manual_clock().log(move |text| written.write(text.to_owned()));
    let host = host.build().expect("one worker is enough");
    let deferral = running(&host);
    let mut finished = Box::pin(deferral.instance().finished());
    {
        let waker = Waker::from(Arc::new(Bomb));
        assert!(finished.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    assert_eq!(deferral.complete(), Status::Ok);
    assert_eq!(log.read(), ["a waker panicked: first", "a waker panicked: second"]);
    end(&host);
}

/// Takes, when it is woken, what was handed to the executor until then.
struct Takes {
    jobs: Mutex<Receiver<Job>>,
    taken: Mutex<Vec<Job>>,
}

impl Wake for Takes {
    fn wake(self: Arc<Self>) {
        self.taken.lock().extend(self.jobs.lock().try_iter());
    }
}

#[test]
fn what_a_change_starts_is_on_its_way_when_wakers_hear_of_the_change() {
    // H7: a waker that drains, or waits for the next instance, would wait for the call that it is inside of.
    let (host, jobs) = handed_host();
    let queue = TaskBuilder::new("queue").when_busy(WhenBusy::Queue).run_async(|_| std::future::pending());
    let queue = put(&host, queue);
    let first = fire(&queue);
    assert_eq!(run_all(&jobs), 1);
    let next = fire(&queue);
    let takes = Arc::new(Takes { jobs: Mutex::new(jobs), taken: Mutex::default() });
    let mut end = Box::pin(first.finished());
    first.cancel(CancelReason::Abort);
    assert!(end.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&takes)))).is_pending());
    advance(&host, GRACE);
    assert_eq!(end_of(&first).outcome, Outcome::Abandoned);
    assert_eq!(next.state(), State::Pending, "its turn has come, and nobody runs it yet");
    assert_eq!(takes.taken.lock().len(), 1);
}
