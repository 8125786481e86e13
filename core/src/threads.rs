//! The threads that a host has started, counted, so that a shutdown can show that none is left (H1).
//!
//! Threads are never joined: a destructor may run on any of them (H8). A thread counts itself out as its last act.

use std::io;
use std::sync::Arc;
use std::time::Instant;

use crate::sync::{Condvar, Mutex, thread};

/// The count of one host's threads.
#[derive(Clone, Default)]
pub(crate) struct Threads(Arc<Count>);

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
    /// Starts a thread that is counted until it ends.
    pub(crate) fn start(&self, name: &str, body: impl FnOnce() + Send + 'static) -> io::Result<()> {
        *self.0.running.lock() += 1;
        let counted = Counted(Arc::clone(&self.0));
        thread::Builder::new().name(name.to_owned()).spawn(move || {
            let _counted = counted;
            body();
        })?;
        Ok(())
    }

    /// Waits until at most `left` threads are running; false when `until` came first.
    pub(crate) fn wait(&self, left: usize, until: Instant) -> bool {
        let mut running = self.0.running.lock();
        while *running > left {
            if self.0.one_ended.wait_until(&mut running, until).timed_out() {
                return *running <= left;
            }
        }
        true
    }

    #[cfg(test)]
    pub(crate) fn running(&self) -> usize {
        *self.0.running.lock()
    }
}
