//! The workers of one host: threads that run entry points, or an executor that the application brings (H7).
//!
//! Invariants:
//!
//! 1. A job is run once, by a worker, outside of the lock; jobs begin in the order in which they were submitted.
//! 2. There are at most `limit` workers that count. A worker is started only when a job is submitted and no worker is
//!    idle (H1); at most one is woken for a job.
//! 3. Every job has a ticket, never used twice. `replace(ticket)` while the job runs turns its worker into a straggler:
//!    it no longer counts, another one may be started in its place, and it ends when its job returns (C6). For a job
//!    that has returned it changes nothing, so a late replacement never hits the worker's next job.
//! 4. After `close` the workers end when the queue is empty; stragglers end when user code lets them.
//! 5. With an executor there are no workers. A submitted job is *owed*: `hand_out`, which runs under no lock, asks the
//!    executor once for each job that is owed. What the executor drops instead of running it is refused, not lost.
//! 6. A worker that is to be woken is woken by `hand_out`, too, and not under the locks that a job is submitted under: to
//!    wake a thread takes longer than all that happens under them. Whoever comes to `hand_out` next wakes it.
//!
//! The lock is taken alone or under those of instance and host; nothing is taken under it but the count of
//! threads, when one is started; `run` holds nothing.

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::Arc;

use slab::Slab;

use crate::shield::shield;
use crate::surround::Surround;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Condvar, LOOKS, Mutex, MutexGuard, thread};
use crate::threads::Threads;

/// Names one run of one job: where it stands among those that run, and a number that no other one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket {
    place: usize,
    number: u64,
}

/// Takes a job and runs it later, on a thread of its own.
pub(crate) type Executor = Arc<dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync>;

/// The workers of one host. `J` is a job, `S` what a straggler is listed as.
pub(crate) struct Pool<J, S> {
    shared: Arc<Shared<J, S>>,
    threads: Threads,
    executor: Option<Executor>,
}

/// How far a job is, as far as `wait_entered` needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// A worker has it and has not entered user code.
    Taken,
    /// User code runs.
    Entered,
    /// User code is done; the worker is about to look for another job.
    Leaving,
}

struct Shared<J, S> {
    state: Mutex<State<J, S>>,
    /// Whether a worker counts; set under the lock. Who looks without it may be late, as it may with it: the lock is let
    /// go before the job comes.
    has_workers: AtomicBool,
    /// Workers that were called and are not woken yet (invariant 6); raised under the lock.
    unwoken: AtomicUsize,
    submitted: Condvar,
    /// Notified when a job has entered, or has nothing to enter.
    moved: Condvar,
    surround: Surround,
    run: Box<dyn Fn(J, Ticket) + Send + Sync>,
    refuse: Box<dyn Fn(J) + Send + Sync>,
}

struct State<J, S> {
    queue: VecDeque<J>,
    limit: usize,
    /// Workers that count, idle or not.
    workers: usize,
    /// Workers that wait for a job and have not been notified.
    idle: usize,
    /// Workers that were notified or started, or found nothing and let others run, and are about to look into the queue.
    coming: usize,
    /// Notifications for idle workers that none has taken yet: who comes back without one waits on.
    called: usize,
    /// Jobs that the executor has not been asked to run yet (invariant 5).
    owed: usize,
    /// Whether a thread is asking it, which goes on until nothing is owed.
    is_asking: bool,
    tickets: u64,
    running: Slab<(u64, Phase)>,
    stragglers: HashMap<Ticket, S>,
    closed: bool,
}

impl<J: Send + 'static, S: Clone + Send + 'static> Pool<J, S> {
    /// `run` executes one job; `refuse` is given a job that the executor let fall. Neither unwinds.
    pub(crate) fn new(
        limit: usize,
        executor: Option<Executor>,
        threads: Threads,
        surround: Surround,
        run: impl Fn(J, Ticket) + Send + Sync + 'static,
        refuse: impl Fn(J) + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            queue: VecDeque::new(),
            limit,
            workers: 0,
            idle: 0,
            coming: 0,
            called: 0,
            owed: 0,
            is_asking: false,
            tickets: 0,
            running: Slab::new(),
            stragglers: HashMap::new(),
            closed: false,
        };
        let shared = Shared {
            state: Mutex::new(state),
            has_workers: AtomicBool::new(false),
            unwoken: AtomicUsize::default(),
            submitted: Condvar::new(),
            moved: Condvar::new(),
            surround,
            run: Box::new(run),
            refuse: Box::new(refuse),
        };
        Self { shared: Arc::new(shared), threads, executor }
    }

    /// Makes sure that a worker exists, so that a job submitted next is not stranded.
    pub(crate) fn ready(&self) -> io::Result<()> {
        if self.executor.is_some() || self.shared.has_workers.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut state = self.shared.state.lock();
        if state.workers == 0 && !state.closed { self.start_worker(&mut state) } else { Ok(()) }
    }

    /// Puts a job at the end of the queue; whether a worker is free for it. After the close the job is dropped.
    ///
    /// `hand_out` is to be called as soon as no lock is held.
    pub(crate) fn submit(&self, job: J) -> bool {
        let mut state = self.shared.state.lock();
        if state.closed {
            drop(state);
            return false;
        }
        state.queue.push_back(job);
        if self.executor.is_some() {
            state.owed += 1;
            return true;
        }
        if state.queue.len() <= state.coming {
            return true;
        }
        if state.idle > 0 {
            state.idle -= 1;
            state.coming += 1;
            state.called += 1;
            // Release: whoever wakes it has seen the call.
            self.shared.unwoken.fetch_add(1, Ordering::Release);
            return true;
        }
        // A failure leaves the job to the workers that there are.
        state.workers < state.limit && self.start_worker(&mut state).is_ok()
    }

    /// Wakes the workers that are called for what was submitted (invariant 6), or asks the executor for every job that is
    /// owed; that runs user code, so it is called under no lock (invariant 5).
    ///
    /// Whoever finds another thread, or itself, asking already leaves it to that loop: so a backlog that an executor drops,
    /// each refusal starting the next job, takes no more stack than one.
    pub(crate) fn hand_out(&self) {
        let Some(executor) = &self.executor else { return self.shared.wake() };
        if std::mem::replace(&mut self.shared.state.lock().is_asking, true) {
            return;
        }
        while self.shared.take_owed() {
            let asked = Asked(Some(Arc::clone(&self.shared)));
            // An executor that panics has dropped the job, which is thereby refused; there is nobody else to tell.
            let _ = shield(|| executor(Box::new(move || asked.run())));
        }
    }

    /// Gives up the worker that still runs this job; another one may take its place (invariant 3). Threads of an
    /// executor are not replaced.
    pub(crate) fn replace(&self, ticket: Ticket, who: S) {
        let mut state = self.shared.state.lock();
        if !state.remove(ticket) {
            return;
        }
        state.stragglers.insert(ticket, who);
        self.shared.moved.notify_all();
        if self.executor.is_some() {
            return;
        }
        state.workers -= 1;
        self.shared.has_workers.store(state.workers > 0, Ordering::Relaxed);
        if !state.queue.is_empty() && !state.closed {
            // On failure the next job that is submitted tries again.
            let _ = self.start_worker(&mut state);
        }
    }

    /// The threads that user code still occupies although their instances are gone.
    pub(crate) fn stragglers(&self) -> Vec<S> {
        self.shared.state.lock().stragglers.values().cloned().collect()
    }

    /// Notes how far a job is; only who waits with `wait_entered` needs to be told.
    pub(crate) fn mark(&self, ticket: Ticket, phase: Phase) {
        let mut state = self.shared.state.lock();
        if let Some((_, now)) = state.running.get_mut(ticket.place).filter(|run| run.0 == ticket.number) {
            *now = phase;
            self.shared.moved.notify_all();
        }
    }

    /// Waits until every job that a free worker can take has entered; false when `until` came first. An executor is
    /// not waited for: its threads may be the one that asks.
    pub(crate) fn wait_entered(&self, until: std::time::Instant) -> bool {
        let mut state = self.shared.state.lock();
        while self.executor.is_none() && !state.has_entered() {
            if self.shared.moved.wait_until(&mut state, until).timed_out() {
                return state.has_entered();
            }
        }
        true
    }

    /// The workers end as soon as they have nothing to do.
    pub(crate) fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.submitted.notify_all();
    }

    fn start_worker(&self, state: &mut State<J, S>) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        self.threads.start_surrounded("backstay-worker", move || shared.work())?;
        state.workers += 1;
        state.coming += 1;
        self.shared.has_workers.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl<J, S> Shared<J, S> {
    fn wake(&self) {
        if self.unwoken.load(Ordering::Relaxed) > 0 {
            for _ in 0..self.unwoken.swap(0, Ordering::Acquire) {
                self.submitted.notify_one();
            }
        }
    }

    fn work(&self) {
        let mut state = self.state.lock();
        state.arrive();
        while let Some(first) = self.next(state) {
            let mut counts = true;
            let mut next = Some(first);
            self.surround.stretch(&mut || {
                let Some((job, ticket)) = next.take() else { return false };
                (self.run)(job, ticket);
                let mut state = self.state.lock();
                counts = state.is_back(ticket);
                if counts {
                    next = state.take();
                    // It comes back to the queue when it has left what surrounds it.
                    state.coming += usize::from(next.is_none());
                }
                self.moved.notify_all();
                next.is_some()
            });
            if !counts {
                return;
            }
            state = self.state.lock();
            state.arrive();
        }
    }

    /// Takes the lock along from who arrives or is back, so that who waits for jobs to enter never sees a worker that
    /// has done so and has not looked into the queue.
    fn next<'a>(&'a self, mut state: MutexGuard<'a, State<J, S>>) -> Option<(J, Ticket)> {
        let mut looks = LOOKS;
        loop {
            if let Some(next) = state.take() {
                return Some(next);
            }
            if state.closed {
                state.workers -= 1;
                self.has_workers.store(state.workers > 0, Ordering::Relaxed);
                self.moved.notify_all();
                return None;
            }
            if looks > 0 {
                looks -= 1;
                state.coming += 1;
                drop(state);
                thread::yield_now();
                state = self.state.lock();
                state.arrive();
                continue;
            }
            looks = LOOKS;
            state.idle += 1;
            // Who waits for jobs to enter may have waited for this worker to find nothing.
            self.moved.notify_all();
            // Idle until a job is submitted or the pool is closed; both notify, so there is no deadline to take.
            while state.called == 0 && !state.closed {
                self.submitted.wait(&mut state);
            }
            state.called = state.called.saturating_sub(1);
            // Who submits has counted the worker over from idle to coming; after a close nobody counts any more.
            state.arrive();
        }
    }

    /// One job that is owed; when there is none, nobody is asking any more.
    fn take_owed(&self) -> bool {
        let mut state = self.state.lock();
        let left = state.owed.checked_sub(1);
        state.owed = left.unwrap_or_default();
        state.is_asking = left.is_some();
        state.is_asking
    }
}

impl<J, S> State<J, S> {
    fn take(&mut self) -> Option<(J, Ticket)> {
        let job = self.queue.pop_front()?;
        let number = self.tickets;
        self.tickets += 1;
        let place = self.running.insert((number, Phase::Taken));
        Some((job, Ticket { place, number }))
    }

    /// Takes a run off the list; false when it is off already.
    fn remove(&mut self, ticket: Ticket) -> bool {
        let is_there = self.running.get(ticket.place).is_some_and(|run| run.0 == ticket.number);
        if is_there {
            self.running.remove(ticket.place);
        }
        is_there
    }

    /// A worker that was notified or started looks into the queue now.
    fn arrive(&mut self) {
        self.coming = self.coming.saturating_sub(1);
    }

    /// Whether the worker of this job still counts, now that the job has returned.
    fn is_back(&mut self, ticket: Ticket) -> bool {
        let counts = self.remove(ticket);
        if !counts {
            self.stragglers.remove(&ticket);
        }
        counts
    }

    /// Whether every job that a free worker can take has entered.
    fn has_entered(&self) -> bool {
        let waits = !self.queue.is_empty();
        let is_settled = |phase: &Phase| match phase {
            Phase::Taken => false,
            Phase::Entered => true,
            Phase::Leaving => !waits,
        };
        self.coming == 0 && self.running.iter().all(|(_, (_, phase))| is_settled(phase))
    }
}

/// One job that the executor was asked to run. Dropped without having run, it refuses the job.
struct Asked<J, S>(Option<Arc<Shared<J, S>>>);

impl<J, S> Asked<J, S> {
    fn run(mut self) {
        let Some(shared) = self.0.take() else { return };
        let next = shared.state.lock().take();
        if let Some((job, ticket)) = next {
            (shared.run)(job, ticket);
            shared.state.lock().is_back(ticket);
        }
    }
}

impl<J, S> Drop for Asked<J, S> {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        let next = shared.state.lock().queue.pop_front();
        if let Some(job) = next {
            (shared.refuse)(job);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, Receiver, Sender};
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(10);

    /// A pool whose jobs tell their ticket and wait to be let go.
    fn gated(limit: usize) -> (Pool<Receiver<()>, &'static str>, Receiver<Ticket>, Threads) {
        let (started, is_started) = mpsc::channel();
        let threads = Threads::default();
        let run = move |gate: Receiver<()>, ticket| {
            started.send(ticket).expect("the test listens");
            let _ = gate.recv();
        };
        let pool = Pool::new(limit, None, threads.clone(), Surround::default(), run, |_| {
            panic!("nobody lets a job fall")
        });
        (pool, is_started, threads)
    }

    fn submit(pool: &Pool<Receiver<()>, &'static str>) -> Sender<()> {
        let (open, gate) = mpsc::channel();
        pool.submit(gate);
        pool.hand_out();
        open
    }

    #[test]
    fn no_worker_before_the_first_job_and_none_after_the_close() {
        let (pool, started, threads) = gated(2);
        assert_eq!(threads.running(), 0);
        drop(submit(&pool));
        started.recv_timeout(LONG).expect("the job runs");
        pool.close();
        assert!(threads.wait(0, Instant::now() + LONG));
    }

    #[test]
    fn no_more_jobs_run_at_once_than_there_may_be_workers() {
        let (pool, started, threads) = gated(2);
        let gates: Vec<_> = (0..5).map(|_| submit(&pool)).collect();
        started.recv_timeout(LONG).expect("one");
        started.recv_timeout(LONG).expect("two");
        assert!(started.try_recv().is_err());
        assert_eq!(threads.running(), 2);
        drop(gates);
        assert_eq!(started.iter().take(3).count(), 3, "the others follow");
    }

    #[test]
    fn a_stuck_worker_is_replaced_and_ends_when_its_job_returns() {
        let (pool, started, threads) = gated(1);
        let stuck = submit(&pool);
        let ticket = started.recv_timeout(LONG).expect("the first job runs");
        let next = submit(&pool);
        assert!(started.try_recv().is_err(), "the only worker is occupied");
        pool.replace(ticket, "stuck");
        assert_eq!(pool.stragglers(), ["stuck"]);
        started.recv_timeout(LONG).expect("the second job got a worker of its own");
        drop(stuck);
        assert!(threads.wait(1, Instant::now() + LONG), "the straggler ended");
        assert!(pool.stragglers().is_empty());
        drop(next);
    }

    #[test]
    fn a_batch_wakes_nobody_while_all_are_awake_and_one_worker_when_it_sleeps() {
        let (pool, started, _threads) = gated(1);
        let stuck = submit(&pool);
        started.recv_timeout(LONG).expect("the first job runs");
        let next = submit(&pool);
        assert_eq!(pool.shared.state.lock().called, 0, "the only worker is awake");
        drop((stuck, next));
        started.recv_timeout(LONG).expect("the next one follows");
        let until = Instant::now() + LONG;
        while pool.shared.state.lock().idle == 0 {
            assert!(Instant::now() < until, "it sleeps when nothing is left");
            std::thread::yield_now();
        }
        let promised = (0..100).filter(|_| pool.submit(mpsc::channel().1)).count();
        assert_eq!((promised, pool.shared.unwoken.load(Ordering::Relaxed)), (1, 1));
        pool.hand_out();
        assert_eq!(started.iter().take(100).count(), 100);
    }

    #[test]
    fn a_late_replacement_does_not_hit_the_next_job() {
        let (pool, started, _threads) = gated(1);
        drop(submit(&pool));
        let first = started.recv_timeout(LONG).expect("the first job runs");
        let gate = submit(&pool);
        started.recv_timeout(LONG).expect("the second job runs, so the first has returned");
        pool.replace(first, "late");
        assert!(pool.stragglers().is_empty());
        drop(gate);
    }
}
