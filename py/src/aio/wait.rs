//! One thing that a coroutine waits for: a future of the core, polled by the coroutine's loop.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use backstay::{CancelReason, Cancellation, Completion, DrainReport, Error, Host, Instance};
use pyo3::exceptions::{PyMemoryError, PyRuntimeError};
use pyo3::prelude::*;

use super::bell::Bell;
use super::channel::{Says, channel};
use crate::errors::raise;
use crate::lock::Mutex;
use crate::mine::Mine;
use crate::{results, told, words};

/// What comes of it.
enum Answer {
    Finished(Arc<Completion>),
    Checked(bool),
    Canceled(Option<CancelReason>),
    Asked(Option<CancelReason>),
    Ended(Option<Result<DrainReport, Error>>),
}

type Future = Pin<Box<dyn std::future::Future<Output = Answer> + Send>>;

#[pyclass(frozen, module = "backstay._lib", name = "_Wait")]
pub(crate) struct Wait {
    /// Gone while it is polled, and when it is over.
    future: Mine<Mutex<Option<Future>>>,
}

impl Wait {
    fn new(future: impl std::future::Future<Output = Answer> + Send + 'static) -> Self {
        Self { future: Mine::new(Mutex::new(Some(Box::pin(future)))) }
    }

    /// For the end of an instance: gives its Completion.
    pub(crate) fn finished(instance: &Instance) -> Self {
        let finished = instance.finished();
        Self::new(async { Answer::Finished(finished.await) })
    }

    /// For the end of a suspension: gives whether the instance is cancelled.
    pub(crate) fn checkpoint(instance: &Instance) -> Self {
        let checkpoint = instance.checkpoint_async();
        Self::new(async { Answer::Checked(checkpoint.await) })
    }

    /// For a cancellation: gives the reason, or None when the instance finished without one.
    pub(crate) fn canceled(cancellation: &Cancellation) -> Self {
        let canceled = cancellation.canceled();
        Self::new(async { Answer::Canceled(canceled.await) })
    }

    /// The same for what is said to the coroutine of the instance: gives a text with the reason.
    pub(super) fn asked(instance: &Instance) -> Self {
        let canceled = instance.cancellation().canceled();
        Self::new(async { Answer::Asked(canceled.await) })
    }
}

type Ended = Says<Result<DrainReport, Error>>;

/// The coroutines that wait for the end of one host.
///
/// The core can only be waited for by a thread: one for all of them, there while somebody waits or the host has not
/// ended. It is one of ours, not of a loop's executor: that would be joined when the interpreter exits, before our own
/// exit hook ends the host.
#[derive(Clone, Default)]
pub(crate) struct Ends(Arc<Mutex<Option<Vec<Ended>>>>);

impl Ends {
    /// One more that waits: gives the report of whoever ends the host.
    pub(crate) fn wait(&self, host: &Host) -> PyResult<Wait> {
        let (says, hears) = channel();
        let begins = {
            let mut place = self.0.lock();
            let waiting = place.get_or_insert_default();
            let begins = waiting.is_empty();
            waiting.retain(|says| !says.is_alone());
            waiting.push(says);
            begins
        };
        if begins {
            let (ends, host) = (self.clone(), host.clone());
            let waits = move || {
                let report = host.wait(None);
                // Taken out of the lock before anybody is woken.
                let waiting = ends.0.lock().take();
                waiting.into_iter().flatten().for_each(|says| says.say(report.clone()));
            };
            let thread = std::thread::Builder::new().name("backstay-ended".to_owned()).spawn(waits);
            if let Err(problem) = thread {
                *self.0.lock() = None;
                return Err(PyMemoryError::new_err(problem.to_string()));
            }
        }
        Ok(Wait::new(async { Answer::Ended(hears.await) }))
    }
}

#[pymethods]
impl Wait {
    /// The answer, in a tuple. None when there is none yet: then the bell rings with the token when it is time to ask
    /// again. Without a bell it just does not ring.
    #[pyo3(signature = (bell=None, token=0))]
    fn poll<'py>(
        &self,
        py: Python<'py>,
        bell: Option<&Bell>,
        token: u64,
    ) -> PyResult<Option<(Bound<'py, PyAny>,)>> {
        let place = self.future.get(py)?;
        // Polled outside of the lock. A second coroutine that polls it meanwhile, or afterwards, finds nothing.
        let Some(mut future) = place.lock().take() else {
            return Err(PyRuntimeError::new_err("this was awaited before; make a new one for each await"));
        };
        let waker = bell.map_or_else(|| Waker::noop().clone(), |bell| bell.waker(token));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(answer) => Ok(Some((to_python(py, answer)?,))),
            Poll::Pending => {
                *place.lock() = Some(future);
                Ok(None)
            }
        }
    }

    /// Nobody waits any more.
    fn forget(&self) {
        if let Some(place) = self.future.here() {
            let future = place.lock().take();
            drop(future);
        }
    }
}

fn to_python(py: Python<'_>, answer: Answer) -> PyResult<Bound<'_, PyAny>> {
    match answer {
        Answer::Finished(completion) => told::completion(py, completion),
        Answer::Checked(canceled) => Ok(canceled.into_pyobject(py)?.to_owned().into_any()),
        Answer::Canceled(reason) => words::reason(py, reason),
        Answer::Asked(reason) => {
            let text = reason.map(|reason| format!("the instance was asked to stop: {reason}"));
            Ok(text.into_pyobject(py)?)
        }
        Answer::Ended(Some(Ok(report))) => results::drain_report(py, &report),
        Answer::Ended(Some(Err(error))) => Err(raise(py, &error)),
        Answer::Ended(None) => Err(PyRuntimeError::new_err("the thread that waited for the host has died")),
    }
}
