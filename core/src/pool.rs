//! The workers of one host: threads that run entry points.
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
//!
//! The lock is taken alone or under those of instance and host; nothing is taken under it, and `run` holds nothing.

use std::collections::{HashSet, VecDeque};
use std::io;
use std::sync::Arc;

use parking_lot::{Condvar, Mutex};

use crate::threads::Threads;

/// Names one run of one job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Ticket(u64);

/// The workers of one host.
pub(crate) struct Pool<J> {
    shared: Arc<Shared<J>>,
    threads: Threads,
}

struct Shared<J> {
    state: Mutex<State<J>>,
    submitted: Condvar,
    run: Box<dyn Fn(J, Ticket) + Send + Sync>,
}

struct State<J> {
    queue: VecDeque<J>,
    limit: usize,
    /// Workers that count, idle or not.
    workers: usize,
    /// Workers that wait for a job and have not been notified.
    idle: usize,
    /// Workers that were notified or started and have not looked into the queue yet.
    coming: usize,
    tickets: u64,
    running: HashSet<Ticket>,
    stragglers: HashSet<Ticket>,
    closed: bool,
}

impl<J: Send + 'static> Pool<J> {
    /// `run` executes one job; it does not unwind.
    pub(crate) fn new(
        limit: usize,
        threads: Threads,
        run: impl Fn(J, Ticket) + Send + Sync + 'static,
    ) -> Self {
        let state = State {
            queue: VecDeque::new(),
            limit,
            workers: 0,
            idle: 0,
            coming: 0,
            tickets: 0,
            running: HashSet::new(),
            stragglers: HashSet::new(),
            closed: false,
        };
        let shared = Shared { state: Mutex::new(state), submitted: Condvar::new(), run: Box::new(run) };
        Self { shared: Arc::new(shared), threads }
    }

    /// Makes sure that a worker exists, so that a job submitted next is not stranded.
    pub(crate) fn ready(&self) -> io::Result<()> {
        let mut state = self.shared.state.lock();
        if state.workers == 0 && !state.closed { self.start_worker(&mut state) } else { Ok(()) }
    }

    /// Puts a job at the end of the queue. After the close the job is dropped.
    pub(crate) fn submit(&self, job: J) {
        let mut state = self.shared.state.lock();
        if state.closed {
            drop(state);
            return;
        }
        state.queue.push_back(job);
        if state.queue.len() <= state.coming {
            return;
        }
        if state.idle > 0 {
            state.idle -= 1;
            state.coming += 1;
            self.shared.submitted.notify_one();
        } else if state.workers < state.limit {
            // A failure leaves the job to the workers that there are.
            let _ = self.start_worker(&mut state);
        }
    }

    /// Gives up the worker that still runs this job; another one may take its place (invariant 3).
    pub(crate) fn replace(&self, ticket: Ticket) {
        let mut state = self.shared.state.lock();
        if !state.running.remove(&ticket) {
            return;
        }
        state.stragglers.insert(ticket);
        state.workers -= 1;
        if !state.queue.is_empty() && !state.closed {
            // On failure the next job that is submitted tries again.
            let _ = self.start_worker(&mut state);
        }
    }

    /// How many threads user code still occupies although their instances are gone.
    pub(crate) fn stragglers(&self) -> usize {
        self.shared.state.lock().stragglers.len()
    }

    /// The workers end as soon as they have nothing to do.
    pub(crate) fn close(&self) {
        self.shared.state.lock().closed = true;
        self.shared.submitted.notify_all();
    }

    fn start_worker(&self, state: &mut State<J>) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        self.threads.start("backstay-worker", move || shared.work())?;
        state.workers += 1;
        state.coming += 1;
        Ok(())
    }
}

impl<J> Shared<J> {
    fn work(&self) {
        self.state.lock().arrive();
        while let Some((job, ticket)) = self.next() {
            (self.run)(job, ticket);
            if !self.state.lock().is_back(ticket) {
                return;
            }
        }
    }

    fn next(&self) -> Option<(J, Ticket)> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.queue.pop_front() {
                let ticket = Ticket(state.tickets);
                state.tickets += 1;
                state.running.insert(ticket);
                return Some((job, ticket));
            }
            if state.closed {
                state.workers -= 1;
                return None;
            }
            state.idle += 1;
            // Idle until a job is submitted or the pool is closed; both notify, so there is no deadline to take.
            self.submitted.wait(&mut state);
            // Who submits has counted the worker over from idle to coming; after a close nobody counts any more.
            state.arrive();
        }
    }
}

impl<J> State<J> {
    /// A worker that was notified or started looks into the queue now.
    fn arrive(&mut self) {
        self.coming = self.coming.saturating_sub(1);
    }

    /// Whether the worker of this job still counts, now that the job has returned.
    fn is_back(&mut self, ticket: Ticket) -> bool {
        self.stragglers.remove(&ticket);
        self.running.remove(&ticket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{self, Receiver, Sender};
    use std::time::{Duration, Instant};

    const LONG: Duration = Duration::from_secs(10);

    /// A pool whose jobs tell their ticket and wait to be let go.
    fn gated(limit: usize) -> (Pool<Receiver<()>>, Receiver<Ticket>, Threads) {
        let (started, is_started) = mpsc::channel();
        let threads = Threads::default();
        let pool = Pool::new(limit, threads.clone(), move |gate: Receiver<()>, ticket| {
            started.send(ticket).expect("the test listens");
            let _ = gate.recv();
        });
        (pool, is_started, threads)
    }

    fn submit(pool: &Pool<Receiver<()>>) -> Sender<()> {
        let (open, gate) = mpsc::channel();
        pool.submit(gate);
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
        pool.replace(ticket);
        assert_eq!(pool.stragglers(), 1);
        started.recv_timeout(LONG).expect("the second job got a worker of its own");
        drop(stuck);
        assert!(threads.wait(1, Instant::now() + LONG), "the straggler ended");
        assert_eq!(pool.stragglers(), 0);
        drop(next);
    }

    #[test]
    fn a_late_replacement_does_not_hit_the_next_job() {
        let (pool, started, _threads) = gated(1);
        drop(submit(&pool));
        let first = started.recv_timeout(LONG).expect("the first job runs");
        let gate = submit(&pool);
        started.recv_timeout(LONG).expect("the second job runs, so the first has returned");
        pool.replace(first);
        assert_eq!(pool.stragglers(), 0);
        drop(gate);
    }
}
