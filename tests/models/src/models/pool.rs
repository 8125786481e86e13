//! The workers: several that submit, replace, wait and close against workers that come, run, idle and go.
//!
//! Modelled: the pool of core with the threads that it starts; a job is a number, and a job that is stuck waits for
//! something that only the next job does. Not modelled: what a job runs, and a worker that cannot be started. The
//! executor has models of its own.

use std::sync::{Arc, OnceLock, Weak};

use loom::thread;

use super::{Log, Tally, join, never, over, prove, prove_within};
use crate::pool::{Phase, Pool, Ticket};
use crate::surround::Surround;
use crate::threads::Threads;

type Workers = Pool<usize, &'static str>;

/// What a job may use while it runs.
struct Run<'a> {
    job: usize,
    ticket: Ticket,
    pool: &'a Workers,
    begun: &'a Log<usize>,
}

struct Host {
    pool: Arc<Workers>,
    threads: Threads,
    begun: Arc<Log<usize>>,
    /// By the number of the job; set before it is logged.
    tickets: Arc<[OnceLock<Ticket>; 3]>,
}

impl Host {
    fn new(limit: usize, job: impl Fn(&Run<'_>) + Send + Sync + 'static) -> Self {
        let (threads, begun, tickets) = (Threads::default(), Arc::<Log<usize>>::default(), Arc::default());
        let own: Arc<OnceLock<Weak<Workers>>> = Arc::default();
        let run = {
            let (begun, own) = (Arc::clone(&begun), Arc::clone(&own));
            let tickets: Arc<[OnceLock<Ticket>; 3]> = Arc::clone(&tickets);
            move |number: usize, ticket: Ticket| {
                tickets[number].set(ticket).expect("a job runs once");
                begun.add(number);
                let pool = own.get().and_then(Weak::upgrade).expect("a model keeps its pool");
                job(&Run { job: number, ticket, pool: &pool, begun: &begun });
            }
        };
        let pool = Arc::new(Pool::new(limit, None, threads.clone(), Surround::default(), run, |_| {
            panic!("there is no executor")
        }));
        own.set(Arc::downgrade(&pool)).expect("set once");
        Self { pool, threads, begun, tickets }
    }

    fn quick(limit: usize) -> Self {
        Self::new(limit, |_| {})
    }

    fn submit(&self, job: usize) -> bool {
        submit(&self.pool, job)
    }

    fn submit_aside(&self, job: usize) -> thread::JoinHandle<bool> {
        let pool = Arc::clone(&self.pool);
        thread::spawn(move || submit(&pool, job))
    }

    /// The ticket of a job, once it has begun.
    fn ticket(&self, job: usize) -> Ticket {
        self.begun.wait_for(&job);
        *self.tickets[job].get().expect("set when it began")
    }

    /// Closes the pool and waits for its workers, which proves that none is left behind. Gives the jobs that ran.
    fn end(&self) -> Vec<usize> {
        self.pool.close();
        assert!(self.threads.wait(0, never()));
        assert!(self.pool.stragglers().is_empty());
        self.begun.sorted()
    }
}

fn submit(pool: &Workers, job: usize) -> bool {
    let is_free = pool.submit(job);
    pool.hand_out();
    is_free
}

/// H1, invariants 1 and 2: whatever the worker is doing when a job comes, the job is run, and no two at once.
pub fn submit_races_an_idling_worker_runs_every_job_once() {
    prove(|| {
        let busy = Tally::default();
        let host = Host::new(1, move |_| {
            assert_eq!(busy.add_one(), 0, "the limit is one");
            busy.take_one();
        });
        host.submit(0);
        let other = host.submit_aside(1);
        host.submit(2);
        join(other);
        assert_eq!(host.end(), [0, 1, 2]);
    });
}

/// Invariant 1: jobs begin in the order in which they were submitted.
pub fn jobs_of_one_worker_begin_in_order() {
    prove(|| {
        let host = Host::quick(1);
        for job in 0..3 {
            host.submit(job);
        }
        assert_eq!(host.end(), [0, 1, 2]);
        assert_eq!(host.begun.all(), [0, 1, 2]);
    });
}

/// F1, H1: the answer "a worker is free for it" is a promise, also when all other workers get stuck.
pub fn a_job_that_was_promised_a_worker_gets_one() {
    prove_within(2, || {
        let host = Host::new(2, |run| {
            if run.job == 1 {
                run.begun.wait_for(&2);
            }
        });
        host.submit(0);
        host.submit(1);
        if host.submit(2) {
            host.begun.wait_for(&2);
        }
        assert_eq!(host.end(), [0, 1, 2]);
    });
}

/// Invariant 4: around the close a job is run or let fall, as a whole, and every worker ends.
pub fn close_races_submit_and_leaves_no_worker() {
    prove(|| {
        let host = Host::quick(2);
        host.submit(0);
        let other = host.submit_aside(1);
        let ran = host.end();
        let promised = join(other);
        assert!(ran == [0, 1] || ran == [0] && !promised, "{ran:?}");
    });
}

/// C6, invariant 3: the worker is given up or comes back, and in both cases there is one for the next job.
pub fn replace_races_the_return_of_the_job() {
    prove_within(2, || {
        let host = Host::quick(1);
        host.submit(0);
        let other = host.submit_aside(1);
        host.pool.replace(host.ticket(0), "stuck");
        host.submit(2);
        join(other);
        assert_eq!(host.end(), [0, 1, 2]);
    });
}

/// C6, invariant 3: what is submitted behind a stuck job is run by another worker, which is the only one that counts.
pub fn a_job_behind_a_stuck_one_runs_when_its_worker_is_replaced() {
    prove_within(2, || {
        let host = Host::new(1, |run| {
            if run.job == 0 {
                run.begun.wait_for(&1);
            }
        });
        host.submit(0);
        let other = host.submit_aside(1);
        host.pool.replace(host.ticket(0), "stuck");
        join(other);
        assert_eq!(host.end(), [0, 1]);
    });
}

/// Invariant 3: a replacement that comes when the job has returned does not give up the worker's next job.
pub fn a_late_replacement_never_hits_the_next_job() {
    prove(|| {
        let others = Tally::default();
        let host = Host::new(1, move |run| {
            // The first job may be a straggler beside them, but these two share the one worker that counts.
            if run.job > 0 {
                assert_eq!(others.add_one(), 0, "a second worker counts");
                others.take_one();
            }
        });
        for job in 0..3 {
            host.submit(job);
        }
        host.pool.replace(host.ticket(0), "stuck");
        assert_eq!(host.end(), [0, 1, 2]);
    });
}

/// H5: who waits for the starts goes on when every job that a free worker can take has entered, and not before.
pub fn wait_entered_returns_when_what_a_worker_can_take_has_entered() {
    prove(|| {
        let left = Arc::new(Tally::default());
        let its_left = Arc::clone(&left);
        let host = Host::new(1, move |run| {
            run.pool.mark(run.ticket, Phase::Entered);
            run.pool.mark(run.ticket, Phase::Leaving);
            its_left.add_one();
        });
        host.submit(0);
        host.submit(1);
        // Once the first job is done its worker is free for the second one.
        let expected = left.count().min(1);
        assert!(host.pool.wait_entered(never()));
        assert!(host.begun.has(&expected));
        host.end();
    });
}

/// H5: the starts are waited for, not the jobs: what has entered user code may stay there.
pub fn wait_entered_returns_although_the_job_goes_on() {
    const WAITED: usize = 10;
    prove(|| {
        let host = Host::new(1, |run| {
            run.pool.mark(run.ticket, Phase::Entered);
            run.begun.wait_for(&WAITED);
        });
        host.submit(0);
        assert!(host.pool.wait_entered(never()));
        host.begun.add(WAITED);
        assert_eq!(host.end(), [0, WAITED]);
        assert_eq!(host.begun.all(), [0, WAITED], "it had entered");
    });
}

/// Law 2: when the time is over the answer is still true.
pub fn a_wait_for_the_starts_whose_time_is_over_says_the_truth() {
    prove(|| {
        let host = Host::new(1, |run| run.pool.mark(run.ticket, Phase::Entered));
        host.submit(0);
        if host.pool.wait_entered(over()) {
            assert!(host.begun.has(&0));
        }
        host.end();
    });
}

/// A worker that was made ready and finds the pool closed is not waited for any longer.
pub fn close_races_wait_entered_which_returns() {
    prove(|| {
        let host = Host::quick(1);
        host.pool.ready().expect("a model has threads");
        let pool = Arc::clone(&host.pool);
        let waiting = thread::spawn(move || pool.wait_entered(never()));
        host.end();
        assert!(join(waiting));
    });
}

/// C6, H5: a job that is given up before it was marked is not waited for any longer.
pub fn replace_races_wait_entered_which_returns() {
    const GIVEN_UP: usize = 10;
    const WAITED: usize = 11;
    prove_within(2, || {
        let host = Host::new(1, |run| {
            run.begun.wait_for(&GIVEN_UP);
            run.pool.mark(run.ticket, Phase::Entered);
            run.begun.wait_for(&WAITED);
        });
        host.submit(0);
        let (pool, begun) = (Arc::clone(&host.pool), Arc::clone(&host.begun));
        let waiting = thread::spawn(move || {
            assert!(pool.wait_entered(never()));
            begun.add(WAITED);
        });
        host.pool.replace(host.ticket(0), "stuck");
        host.begun.add(GIVEN_UP);
        join(waiting);
        host.end();
    });
}
