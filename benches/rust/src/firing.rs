//! P4 and P5: from the firing to the delivery of Completed, many at once and one at a time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::Thread;
use std::time::Instant;

use backstay::{Details, Host, Task, TaskBuilder};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Work, each};

pub const WORKS: &[(&str, Work)] = &[
    ("fire", fire),
    ("fire_unheard", fire_unheard),
    ("fire_async", fire_async),
    ("tokio_spawn", tokio_spawn),
    ("tokio_spawn_bare", tokio_spawn_bare),
    ("plain_queue", plain_queue),
    ("rayon_spawn", rayon_spawn),
    ("threadpool_execute", threadpool_execute),
    ("round_trip", round_trip),
    ("tokio_round_trip", tokio_round_trip),
    ("thread_round_trip", thread_round_trip),
];

/// Counts down to the last piece, which wakes the thread that made this.
pub struct Countdown {
    left: AtomicU64,
    waiting: Thread,
}

impl Countdown {
    pub fn new(pieces: u64) -> Arc<Self> {
        Arc::new(Self { left: AtomicU64::new(pieces), waiting: std::thread::current() })
    }

    pub fn one(&self) {
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.waiting.unpark();
        }
    }

    /// Only on the thread that made it.
    pub fn wait(&self) {
        while self.left.load(Ordering::Acquire) > 0 {
            std::thread::park();
        }
    }
}

pub fn open() -> Host {
    Host::builder().workers(2).build().expect("two workers are fine")
}

pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_time()
        .build()
        .expect("threads are to be had")
}

fn empty(host: &Host) -> Task {
    TaskBuilder::new("empty").run(|_| Ok(())).register(host).expect("the name is free")
}

/// Fires once and waits, so that the threads are there.
pub fn warm_up(host: &Host, task: &Task) {
    for _ in 0..64 {
        task.fire(Details::none()).expect("the host is open").wait(None).expect("it ends");
    }
    host.flush(None).expect("from outside of the host");
}

/// P4: until the handler of Completed has been told of the last one.
fn fire(size: u64) -> f64 {
    let host = open();
    until_told(&host, &empty(&host), size)
}

fn until_told(host: &Host, task: &Task, size: u64) -> f64 {
    warm_up(host, task);
    let countdown = Countdown::new(size);
    let told = Arc::clone(&countdown);
    let _subscription = task.on_completed(move |_| told.one());
    let begun = Instant::now();
    for _ in 0..size {
        task.fire(Details::none()).expect("the host is open");
    }
    countdown.wait();
    each(begun, size)
}

/// The same when nobody listens: until the last has finished.
fn fire_unheard(size: u64) -> f64 {
    let host = open();
    let countdown = Countdown::new(size + 64);
    let done = Arc::clone(&countdown);
    let run = move |_: &backstay::Instance| {
        done.one();
        Ok(())
    };
    let task = TaskBuilder::new("counted").run(run).register(&host).expect("the name is free");
    warm_up(&host, &task);
    let begun = Instant::now();
    for _ in 0..size {
        task.fire(Details::none()).expect("the host is open");
    }
    countdown.wait();
    each(begun, size)
}

fn fire_async(size: u64) -> f64 {
    let host = open();
    let task = TaskBuilder::new("empty").run_async(|_| async { Ok(()) }).register(&host);
    until_told(&host, &task.expect("the name is free"), size)
}

/// What comes nearest to an instance in tokio: a task that is tracked and can be cancelled by itself.
fn tokio_spawn(size: u64) -> f64 {
    let runtime = runtime();
    let (tracker, root) = (TaskTracker::new(), CancellationToken::new());
    runtime.block_on(runtime.spawn(async {})).expect("it ends");
    let begun = Instant::now();
    for _ in 0..size {
        let token = root.child_token();
        runtime.spawn(tracker.track_future(async move { drop(token) }));
    }
    tracker.close();
    runtime.block_on(tracker.wait());
    each(begun, size)
}

fn tokio_spawn_bare(size: u64) -> f64 {
    let runtime = runtime();
    runtime.block_on(runtime.spawn(async {})).expect("it ends");
    let countdown = Countdown::new(size);
    let begun = Instant::now();
    for _ in 0..size {
        let done = Arc::clone(&countdown);
        runtime.spawn(async move { done.one() });
    }
    countdown.wait();
    each(begun, size)
}

type Job = Box<dyn FnOnce() + Send>;

/// The least that hands work to threads: a locked queue, a condition variable, two consumers.
fn plain_queue(size: u64) -> f64 {
    let shared = Arc::new((Mutex::new((VecDeque::<Job>::new(), false)), Condvar::new()));
    let consumers = [(); 2].map(|()| {
        let shared = Arc::clone(&shared);
        std::thread::spawn(move || {
            let (queue, pushed) = &*shared;
            let mut guard = queue.lock().expect("nobody panics");
            loop {
                if let Some(job) = guard.0.pop_front() {
                    drop(guard);
                    job();
                    guard = queue.lock().expect("nobody panics");
                } else if guard.1 {
                    return;
                } else {
                    guard = pushed.wait(guard).expect("nobody panics");
                }
            }
        })
    });
    let countdown = Countdown::new(size);
    let begun = Instant::now();
    for _ in 0..size {
        let done = Arc::clone(&countdown);
        shared.0.lock().expect("nobody panics").0.push_back(Box::new(move || done.one()));
        shared.1.notify_one();
    }
    countdown.wait();
    let cost = each(begun, size);
    shared.0.lock().expect("nobody panics").1 = true;
    shared.1.notify_all();
    for consumer in consumers {
        consumer.join().expect("nobody panics");
    }
    cost
}

fn rayon_spawn(size: u64) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().expect("threads are to be had");
    let countdown = Countdown::new(size);
    let begun = Instant::now();
    for _ in 0..size {
        let done = Arc::clone(&countdown);
        pool.spawn(move || done.one());
    }
    countdown.wait();
    each(begun, size)
}

fn threadpool_execute(size: u64) -> f64 {
    let pool = threadpool::ThreadPool::new(2);
    let countdown = Countdown::new(size);
    let begun = Instant::now();
    for _ in 0..size {
        let done = Arc::clone(&countdown);
        pool.execute(move || done.one());
    }
    countdown.wait();
    each(begun, size)
}

/// P5: this thread is none of the host's.
fn round_trip(size: u64) -> f64 {
    let host = open();
    let task = empty(&host);
    warm_up(&host, &task);
    let begun = Instant::now();
    for _ in 0..size {
        task.fire(Details::none()).expect("the host is open").wait(None).expect("it ends");
    }
    each(begun, size)
}

fn tokio_round_trip(size: u64) -> f64 {
    let runtime = runtime();
    runtime.block_on(runtime.spawn(async {})).expect("it ends");
    let (send, receive) = mpsc::channel();
    let begun = Instant::now();
    for _ in 0..size {
        let send = send.clone();
        runtime.handle().spawn(async move {
            let _ = send.send(());
        });
        receive.recv().expect("it is sent");
    }
    each(begun, size)
}

fn thread_round_trip(size: u64) -> f64 {
    let begun = Instant::now();
    for _ in 0..size {
        std::thread::spawn(|| {}).join().expect("nobody panics");
    }
    each(begun, size)
}
