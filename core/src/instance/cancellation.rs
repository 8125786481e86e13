//! The cancellation of one instance, to be handed to code that needs to know nothing else of it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, Instant as Time};

use super::watching::Watch;
use super::{Instance, Record};
use crate::error::Error;
use crate::reason::CancelReason;
use crate::state::State;

/// Whether, and why, one instance was asked to stop: a token to hand on, to look at, to wait for or to await.
///
/// Clones name the same cancellation and may be used from any thread. To look at it is to notice it (C9).
///
/// ```
/// # use std::time::Duration;
/// # use backstay::{CancelReason, Details, Host, TaskBuilder};
/// # let host = Host::new();
/// let wait = TaskBuilder::new("wait")
///     .run(|instance| {
///         // Stands still until somebody asks it to stop, or for a minute.
///         let _ = instance.cancellation().wait(Some(Duration::from_secs(60)));
///         Ok(())
///     })
///     .register(&host)?;
/// let instance = wait.fire(Details::none())?;
/// instance.cancel(CancelReason::Abort);
/// instance.wait(Some(Duration::from_secs(10)))?.check()?;
/// # Ok::<(), backstay::Error>(())
/// ```
#[derive(Clone)]
pub struct Cancellation(Instance);

impl Instance {
    /// A token that tells whether the instance was asked to stop, for code that needs to know nothing else of it.
    pub fn cancellation(&self) -> Cancellation {
        Cancellation(self.clone())
    }
}

impl Cancellation {
    /// Whether the instance was asked to stop; true for every thread as soon as `cancel` returned (C3).
    pub fn is_canceled(&self) -> bool {
        self.reason().is_some()
    }

    /// Why it was asked to stop, if it was.
    pub fn reason(&self) -> Option<CancelReason> {
        self.0.canceled()
    }

    /// Waits for the cancellation, by the machine's clock; `None` as a timeout waits as long as it takes. Gives the
    /// reason, or `None` when the instance finished without one, after which there will be none.
    ///
    /// # Errors
    /// [`Error::TimedOut`]; [`Error::Forked`].
    pub fn wait(&self, timeout: Option<Duration>) -> Result<Option<CancelReason>, Error> {
        let inner = &self.0.0;
        inner.definition.home.refuse_forked()?;
        // A deadline that cannot be represented is no deadline (law 2).
        let until = timeout.and_then(|timeout| Time::now().checked_add(timeout));
        let mut record = inner.record.lock();
        loop {
            if let Some(decided) = decided(&self.0, &record) {
                return Ok(decided);
            }
            match until {
                None => inner.changed.wait(&mut record),
                Some(until) if inner.changed.wait_until(&mut record, until).timed_out() => {
                    let after = timeout.unwrap_or_default();
                    let too_early = Error::TimedOut { what: "the cancellation", after };
                    return decided(&self.0, &record).ok_or(too_early);
                }
                Some(_) => {}
            }
        }
    }

    /// The future of the cancellation: the reason, or `None` when the instance finishes without one.
    pub fn canceled(&self) -> Canceled {
        Canceled(Watch::new(self.0.clone(), decided))
    }
}

/// Whether it is known if the instance is cancelled, and if so why.
#[expect(clippy::option_option, reason = "whether it is decided, and what was decided, are two questions")]
fn decided(instance: &Instance, _: &Record) -> Option<Option<CancelReason>> {
    match instance.canceled() {
        None if instance.0.word.state() != State::Finished => None,
        decided => Some(decided),
    }
}

/// The future of a cancellation; see [`Cancellation::canceled`].
#[must_use = "a future does nothing until it is awaited"]
pub struct Canceled(Watch<Option<CancelReason>>);

impl Future for Canceled {
    type Output = Option<CancelReason>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context)
    }
}

impl fmt::Debug for Cancellation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cancellation({:?})", self.0)
    }
}

impl fmt::Debug for Canceled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canceled(…)")
    }
}
