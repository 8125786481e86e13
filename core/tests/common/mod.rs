//! What the tests share. Nothing here sleeps: tests wait for latches and channels, with a bound that only a hang
//! reaches.
#![allow(dead_code, reason = "each test file uses its own part of this")]

pub(crate) mod caller;

use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Wake, Waker};
use std::time::{Duration, Instant as Moment};

use backstay::{Completion, Deferral, Details, Host, Instance, InstanceEvent, Subscription};
use backstay::{Task, TaskBuilder, TaskError};
use parking_lot::{Condvar, Mutex};

/// The bound of every wait: long enough that reaching it means that nothing comes.
pub(crate) const LONG: Duration = Duration::from_secs(10);

/// The default grace, which hosts of tests keep unless they say otherwise (C6).
pub(crate) const GRACE: Duration = Duration::from_secs(5);

pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// The least that a clock can move.
pub(crate) const TICK: Duration = Duration::from_nanos(1);

/// The last moment before that.
pub(crate) fn just_before(moment: Duration) -> Duration {
    moment.saturating_sub(TICK)
}

/// Waits for the end of all of them.
pub(crate) fn end_all<'a>(instances: impl IntoIterator<Item = &'a Instance>) {
    for instance in instances {
        end_of(instance);
    }
}

/// What an executor is given.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// A host whose time stands still.
pub(crate) fn manual_host() -> Host {
    Host::builder().workers(4).manual_clock().build().expect("four workers are enough")
}

/// The same with one worker, on which an instance starts only when the entry point before it has returned.
pub(crate) fn narrow_host() -> Host {
    Host::builder().workers(1).manual_clock().build().expect("one worker is enough")
}

/// A host whose jobs run when the test runs them, and they.
pub(crate) fn handed_host() -> (Host, Receiver<Job>) {
    let (give, jobs) = mpsc::channel();
    // The test may be over while the host still ends.
    let builder = Host::builder().manual_clock().executor(move |job| drop(give.send(job)));
    (builder.build().expect("an executor is enough"), jobs)
}

/// Runs the jobs that there are, and those that they cause; how many it were.
pub(crate) fn run_all(jobs: &Receiver<Job>) -> usize {
    jobs.try_iter().map(|job| job()).count()
}

pub(crate) fn register(
    host: &Host,
    name: &str,
    run: impl Fn(&Instance) -> Result<(), TaskError> + Send + Sync + 'static,
) -> Task {
    put(host, TaskBuilder::new(name).run(run))
}

/// Registers what the builder describes.
pub(crate) fn put(host: &Host, builder: TaskBuilder) -> Task {
    builder.register(host).expect("the name is new and the host is open")
}

pub(crate) fn fire(task: &Task) -> Instance {
    task.fire(Details::none()).expect("the task is registered and its host is open")
}

/// Waits for the end of the instance.
pub(crate) fn end_of(instance: &Instance) -> Arc<Completion> {
    instance.wait(Some(LONG)).expect("the instance ends")
}

/// Fires the task and waits for the end.
pub(crate) fn run(task: &Task) -> Arc<Completion> {
    end_of(&fire(task))
}

pub(crate) fn flush(host: &Host) {
    host.flush(Some(LONG)).expect("all handlers return");
}

pub(crate) fn advance(host: &Host, by: Duration) {
    host.advance(by).expect("the clock is a manual one and all handlers return");
}

/// When this returns, every entry point that had been entered on this [`narrow_host`] has returned.
pub(crate) fn free_the_worker(host: &Host) {
    let probe = register(host, "probe", |_| Ok(()));
    run(&probe);
    probe.unregister(false).expect("it was registered two lines above");
}

/// Waits for something that nobody tells, by looking again and again.
pub(crate) fn until(what: impl Fn() -> bool) {
    let limit = Moment::now() + LONG;
    while !what() {
        assert!(Moment::now() < limit, "what the test waits for never came");
        std::thread::yield_now();
    }
}

/// What the host tells from now on, as `write` puts it.
pub(crate) fn events<T: Clone + Send + 'static>(
    host: &Host,
    write: impl Fn(&InstanceEvent) -> Option<T> + Send + Sync + 'static,
) -> Journal<T> {
    let journal = Journal::new();
    let seen = journal.clone();
    keep(host.on_event(move |event| write(event).into_iter().for_each(|entry| seen.write(entry))));
    journal
}

/// A waker that calls this each time that it is woken.
pub(crate) fn waker(call: impl Fn() + Send + Sync + 'static) -> Waker {
    struct Calls<F>(F);
    impl<F: Fn() + Send + Sync> Wake for Calls<F> {
        fn wake(self: Arc<Self>) {
            (self.0)();
        }
    }
    Waker::from(Arc::new(Calls(call)))
}

/// Lets what is past the subscription be: the handler stays attached (E4).
pub(crate) fn keep(subscription: Subscription) {
    drop(subscription);
}

/// A door that is opened once.
#[derive(Clone, Default)]
pub(crate) struct Latch(Arc<(Mutex<bool>, Condvar)>);

impl Latch {
    pub(crate) fn open(&self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.0.0.lock()
    }

    /// Waits until it is open. The bound is above that of the test, which so fails first and says why.
    pub(crate) fn wait(&self) {
        let mut open = self.0.0.lock();
        self.0.1.wait_while_for(&mut open, |open| !*open, LONG * 2);
    }
}

/// What handlers saw, in order.
pub(crate) struct Journal<T>(Arc<Mutex<Vec<T>>>);

impl<T> Clone for Journal<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T: Clone> Journal<T> {
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }

    pub(crate) fn write(&self, entry: T) {
        self.0.lock().push(entry);
    }

    pub(crate) fn read(&self) -> Vec<T> {
        self.0.lock().clone()
    }

    /// How long it is by now, for those who look again and again.
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
    }
}

/// A task whose entry point says that it was entered and stays until it is let go.
pub(crate) struct Staying {
    pub(crate) task: Task,
    pub(crate) leave: Latch,
    entered: Receiver<()>,
}

impl Staying {
    pub(crate) fn new(host: &Host, name: &str) -> Self {
        Self::described(host, TaskBuilder::new(name))
    }

    /// The same for a task that says more than its name.
    pub(crate) fn described(host: &Host, builder: TaskBuilder) -> Self {
        let (enter, entered) = mpsc::channel();
        let leave = Latch::default();
        let gate = leave.clone();
        let run = move |_: &Instance| {
            // The test may have gone on without listening.
            let _ = enter.send(());
            gate.wait();
            Ok(())
        };
        Self { task: put(host, builder.run(run)), leave, entered }
    }

    /// An instance whose entry point executes.
    pub(crate) fn start(&self) -> Instance {
        self.start_with(Details::none())
    }

    pub(crate) fn start_with(&self, details: Details) -> Instance {
        let instance = self.task.fire(details).expect("the task is registered and its host is open");
        self.wait_entered();
        instance
    }

    /// Waits until one more instance is inside.
    pub(crate) fn wait_entered(&self) {
        self.entered.recv_timeout(LONG).expect("the entry point is entered");
    }
}

/// A task whose entry point takes a deferral, hands it to the test and returns.
pub(crate) struct Deferring {
    pub(crate) task: Task,
    deferrals: Receiver<Deferral>,
}

impl Deferring {
    pub(crate) fn new(host: &Host, name: &str) -> Self {
        Self::described(host, TaskBuilder::new(name))
    }

    /// The same for a task that says more than its name.
    pub(crate) fn described(host: &Host, builder: TaskBuilder) -> Self {
        let (give, deferrals) = mpsc::channel();
        let run = move |instance: &Instance| {
            let deferral = instance.get_deferral("the test")?;
            // The test may have gone on without listening.
            let _ = give.send(deferral);
            Ok(())
        };
        Self { task: put(host, builder.run(run)), deferrals }
    }

    /// The deferral of a Running instance, whose entry point has returned or does so soon.
    pub(crate) fn start(&self) -> Deferral {
        fire(&self.task);
        self.wait_started()
    }

    /// The deferral of one more instance that has started.
    pub(crate) fn wait_started(&self) -> Deferral {
        self.deferrals.recv_timeout(LONG).expect("the entry point takes a deferral")
    }

    /// The same if it has by now.
    pub(crate) fn has_started(&self) -> Option<Deferral> {
        self.deferrals.try_recv().ok()
    }
}

/// Rings each time that one is dropped; `let _own = &bell;` makes a closure own it.
pub(crate) struct DropBell(Sender<()>);

impl DropBell {
    pub(crate) fn new() -> (Self, Receiver<()>) {
        let (ring, bell) = mpsc::channel();
        (Self(ring), bell)
    }
}

impl Drop for DropBell {
    fn drop(&mut self) {
        // The test may have gone on without listening.
        let _ = self.0.send(());
    }
}
