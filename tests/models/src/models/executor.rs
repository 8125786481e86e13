//! The pool on an executor of the application (H7): jobs that are owed, asked for, run or let fall.
//!
//! Modelled: the pool of core on an executor that keeps what it is given until the model runs or drops it. Not
//! modelled: an executor that panics.

use std::sync::{Arc, OnceLock, Weak};

use loom::thread;

use super::{Log, join, join_all, prove};
use crate::pool::{Executor, Pool, Ticket};
use crate::surround::Surround;
use crate::sync::Mutex;
use crate::threads::Threads;

type OnExecutor = Pool<usize, &'static str>;
type Asked = Box<dyn FnOnce() + Send>;

struct Host {
    pool: Arc<OnExecutor>,
    asked: Arc<Mutex<Vec<Asked>>>,
    ran: Arc<Log<usize>>,
    refused: Arc<Log<usize>>,
    tickets: Arc<Mutex<Vec<Ticket>>>,
}

impl Host {
    fn new() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (ran, refused) = (Arc::new(Log::default()), Arc::new(Log::default()));
        let tickets = Arc::new(Mutex::new(Vec::new()));
        let executor: Executor = {
            let asked = Arc::clone(&asked);
            Arc::new(move |job| asked.lock().push(job))
        };
        let (run, refuse) = (Arc::clone(&ran), Arc::clone(&refused));
        let taken = Arc::clone(&tickets);
        let run = move |job, ticket| {
            taken.lock().push(ticket);
            run.add(job);
        };
        let pool = Pool::new(0, Some(executor), Threads::default(), Surround::default(), run, move |job| {
            refuse.add(job);
        });
        Self { pool: Arc::new(pool), asked, ran, refused, tickets }
    }

    fn submit_aside(&self, job: usize) -> thread::JoinHandle<()> {
        let pool = Arc::clone(&self.pool);
        thread::spawn(move || {
            assert!(pool.submit(job));
            pool.hand_out();
        })
    }

    fn next_asked(&self) -> Option<Asked> {
        self.asked.lock().pop()
    }
}

/// H7, invariant 5: the executor is asked exactly once for each job, whoever hands out.
pub fn hand_out_races_hand_out_and_asks_once_for_each_job() {
    prove(|| {
        let host = Host::new();
        let others = [host.submit_aside(1), host.submit_aside(2)];
        host.pool.hand_out();
        join_all(others);
        assert_eq!(host.asked.lock().len(), 2);
        while let Some(asked) = host.next_asked() {
            asked();
        }
        assert_eq!(host.ran.sorted(), [1, 2]);
        assert!(host.refused.all().is_empty());
    });
}

/// H7, invariant 5: a job that the executor lets fall is refused, the others run, and none is both or neither.
pub fn running_races_letting_fall_and_each_job_has_one_end() {
    prove(|| {
        let host = Host::new();
        for job in 0..3 {
            host.pool.submit(job);
        }
        host.pool.hand_out();
        let (mut one, two, three) = (host.next_asked(), host.next_asked(), host.next_asked());
        let running = thread::spawn(move || two.map(|run| run()));
        let falling = thread::spawn(move || drop(three));
        if let Some(run) = one.take() {
            run();
        }
        join(running);
        join(falling);
        let mut ended = host.ran.all();
        assert_eq!(ended.len(), 2);
        ended.extend(host.refused.all());
        ended.sort_unstable();
        assert_eq!(ended, [0, 1, 2]);
    });
}

/// H7, invariant 5: what a refusal submits is asked for by the loop that is asking already, and nothing stays owed when
/// everybody has handed out.
pub fn a_refusal_that_submits_races_a_submit_and_nothing_stays_owed() {
    prove(|| {
        let refused = Arc::new(Log::default());
        let own: Arc<OnceLock<Weak<OnExecutor>>> = Arc::default();
        let refuse = {
            let (refused, own) = (Arc::clone(&refused), Arc::clone(&own));
            move |job| {
                refused.add(job);
                if job == 0 {
                    let pool = own.get().and_then(Weak::upgrade).expect("a model keeps its pool");
                    pool.submit(1);
                    pool.hand_out();
                }
            }
        };
        let executor: Executor = Arc::new(drop);
        let run = |_, _| panic!("the executor runs nothing");
        let pool =
            Arc::new(Pool::new(0, Some(executor), Threads::default(), Surround::default(), run, refuse));
        own.set(Arc::downgrade(&pool)).expect("set once");
        let other = Arc::clone(&pool);
        let other = thread::spawn(move || {
            other.submit(2);
            other.hand_out();
        });
        pool.submit(0);
        pool.hand_out();
        join(other);
        assert_eq!(refused.sorted(), [0, 1, 2]);
    });
}

/// C6, H7: a job of an executor that is given up is a straggler until it returns, and then no more.
pub fn replace_races_the_return_of_a_job_and_no_straggler_stays() {
    prove(|| {
        let host = Host::new();
        host.pool.submit(1);
        host.pool.hand_out();
        let asked = host.next_asked().expect("it was asked");
        let running = thread::spawn(asked);
        let ticket = host.tickets.lock().first().copied();
        if let Some(ticket) = ticket {
            host.pool.replace(ticket, "stuck");
        }
        join(running);
        assert!(host.pool.stragglers().is_empty());
        assert_eq!(host.ran.all(), [1]);
    });
}

/// After the close a job is let fall by the pool itself; what was submitted before is still run.
pub fn close_races_submit_and_what_was_taken_is_run() {
    prove(|| {
        let host = Host::new();
        let pool = Arc::clone(&host.pool);
        let other = thread::spawn(move || {
            let taken = pool.submit(1);
            pool.hand_out();
            taken
        });
        host.pool.close();
        let taken = join(other);
        assert!(!host.pool.submit(2), "it is closed");
        while let Some(asked) = host.next_asked() {
            asked();
        }
        assert_eq!(host.ran.all().len(), usize::from(taken));
        assert!(host.refused.all().is_empty());
    });
}
