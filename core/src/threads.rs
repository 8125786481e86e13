//! The threads that a host has started, counted, so that a shutdown can show that none is left (H1).
//!
//! Threads are never joined: a destructor may run on any of them (H8). A thread counts itself out as the last act that is
//! ours.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crate::sync::{Condvar, Mutex, thread};

/// The count of one host's threads, and what surrounds them.
#[derive(Clone, Default)]
pub(crate) struct Threads {
    count: Arc<Count>,
    around: Option<Arc<AroundLife>>,
}

/// Is given the body of a thread, and calls it once.
pub(crate) type AroundLife = dyn Fn(Box<dyn FnOnce() + Send>) + Send + Sync;

#[derive(Default)]
struct Count {
    running: Mutex<usize>,
    one_ended: Condvar,
}

/// Counts its thread out when dropped, however the thread ends.
struct Counted(Arc<Count>);

impl Drop for Counted {
    fn drop(&mut self) {
        *self.0.running.lock() -= 1;
        self.0.one_ended.notify_all();
    }
}

impl Threads {
    /// Threads of which those that may call the user's code are surrounded by what a binding does, if it does anything.
    pub(crate) fn within(around: Option<Arc<AroundLife>>) -> Self {
        Self { count: Arc::default(), around }
    }

    /// Starts a thread that may call the user's code, within what surrounds such threads; counted until it is left to
    /// that again, which may have something to do for which nobody waits.
    pub(crate) fn start_surrounded(
        &self,
        name: &str,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let body = self.counted(body);
        match self.around.clone() {
            Some(around) => spawn(name, move || around(Box::new(body))),
            None => spawn(name, body),
        }
    }

    /// Starts a thread that is counted until it ends, and surrounded by nothing.
    pub(crate) fn start(&self, name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        spawn(name, self.counted(body))
    }

    /// The body, counted from now on until it has returned, or is dropped because no thread could be had.
    fn counted(&self, body: impl FnOnce() + Send + 'static) -> impl FnOnce() + Send + 'static {
        *self.count.running.lock() += 1;
        let counted = Counted(Arc::clone(&self.count));
        move || {
            let _counted = counted;
            body();
        }
    }

    /// Waits until at most `left` threads are running; false when `until` came first.
    pub(crate) fn wait(&self, left: usize, until: Instant) -> bool {
        let mut running = self.count.running.lock();
        while *running > left {
            if self.count.one_ended.wait_until(&mut running, until).timed_out() {
                return *running <= left;
            }
        }
        true
    }

    #[cfg(test)]
    pub(crate) fn running(&self) -> usize {
        *self.count.running.lock()
    }
}

fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
    thread::Builder::new().name(name.to_owned()).spawn(body).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(10)
    }

    #[test]
    fn a_body_is_counted_out_before_what_surrounds_it_returns() {
        let (leave, may_leave) = mpsc::channel::<()>();
        let (told, is_told) = mpsc::channel();
        let (told, may_leave) = (Mutex::new(told), Mutex::new(may_leave));
        let threads = Threads::within(Some(Arc::new(move |body| {
            body();
            may_leave.lock().recv().expect("the test lets it go");
            told.lock().send(std::thread::current().name().map(ToOwned::to_owned)).expect("the test listens");
        })));
        let (entered, is_entered) = mpsc::channel();
        let body = move || entered.send(()).expect("the test listens");
        threads.start_surrounded("surrounded", body).expect("a thread can be had");
        is_entered.recv_timeout(Duration::from_secs(10)).expect("the body is called");
        assert!(threads.wait(0, soon()), "nobody waits for what the binding does afterwards");
        leave.send(()).expect("it waits");
        let name = is_told.recv_timeout(Duration::from_secs(10)).expect("it goes on");
        assert_eq!(name.as_deref(), Some("surrounded"));
    }

    #[test]
    fn a_body_that_no_thread_runs_is_counted_out() {
        // As one that is not called, since no thread can be had or the binding does not call it.
        let threads = Threads::within(Some(Arc::new(drop)));
        let body = threads.counted(|| unreachable!("nobody calls it"));
        assert_eq!(threads.running(), 1);
        drop(body);
        assert_eq!(threads.running(), 0);
        threads
            .start_surrounded("uncalled", || unreachable!("nobody calls it"))
            .expect("a thread can be had");
        assert!(threads.wait(0, soon()));
    }

    #[test]
    fn only_threads_that_call_users_are_surrounded() {
        let surrounded = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&surrounded);
        let threads = Threads::within(Some(Arc::new(move |body| {
            log.lock().push(std::thread::current().name().map(ToOwned::to_owned));
            body();
        })));
        threads.start("of the timer", || {}).expect("a thread can be had");
        threads.start_surrounded("of a worker", || {}).expect("a thread can be had");
        assert!(threads.wait(0, soon()));
        assert_eq!(*surrounded.lock(), [Some("of a worker".to_owned())]);
    }
}
