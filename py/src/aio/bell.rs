//! The bell of an event loop: rung from any thread, without the interpreter.
//!
//! A waker of the core may be woken by any code that completes a deferral: by a thread of C that holds a lock which the
//! thread with the interpreter wants, or by a signal-like callback. So a waker writes down which wait it was for and makes
//! one end of a pair of sockets readable; the loop watches the other end as it watches any connection.
//!
//! Invariants:
//!
//! 1. Ringing never attaches, blocks or fails. Its lock is held only to add one number, or to take all.
//! 2. Who finds the list empty writes a byte after adding to it, and the loop reads all bytes before it takes the list. So
//!    whatever is in the list is taken, now or when that byte is read.
//! 3. At most one byte is on its way for each time the list is taken, so the sockets are never full.
//! 4. Whoever can ring keeps both ends open: nobody ever writes to a closed end, which would be a SIGPIPE.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::task::{Wake, Waker};

use crate::lock::Mutex;
use pyo3::prelude::*;

#[pyclass(frozen, module = "backstay._lib", name = "_Bell")]
pub(crate) struct Bell(Arc<Line>);

struct Line {
    /// The tokens that were rung since the loop last heard.
    rung: Mutex<Vec<u64>>,
    rings: UnixStream,
    heard: UnixStream,
}

/// What one wait rings with.
struct Pull {
    line: Arc<Line>,
    token: u64,
}

impl Bell {
    pub(crate) fn waker(&self, token: u64) -> Waker {
        Waker::from(Arc::new(Pull { line: Arc::clone(&self.0), token }))
    }
}

impl Wake for Pull {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let was_silent = {
            let mut rung = self.line.rung.lock();
            rung.push(self.token);
            rung.len() == 1
        };
        if was_silent {
            // It cannot be full or closed (3, 4), and is never interrupted, since it does not block.
            let _ = (&self.line.rings).write(&[1]);
        }
    }
}

#[pymethods]
impl Bell {
    #[new]
    fn new() -> PyResult<Self> {
        let (rings, heard) = UnixStream::pair()?;
        rings.set_nonblocking(true)?;
        heard.set_nonblocking(true)?;
        Ok(Self(Arc::new(Line { rung: Mutex::default(), rings, heard })))
    }

    /// What the loop watches: readable when somebody has rung.
    fn fileno(&self) -> RawFd {
        self.0.heard.as_raw_fd()
    }

    /// The tokens that were rung since the last call.
    fn hear(&self) -> Vec<u64> {
        let mut bytes = [0; 64];
        loop {
            match (&self.0.heard).read(&mut bytes) {
                Ok(1..) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
            }
        }
        std::mem::take(&mut *self.0.rung.lock())
    }
}
