//! What time it is for a host: the machine's, or one that a test moves by hand (H5).

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A moment of one host's clock, in nanoseconds since the host was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(u64);

impl Moment {
    /// Later than every moment that comes: what is due then is never due.
    pub(crate) const NEVER: Moment = Moment(u64::MAX);

    /// This moment and `by` more; one that cannot be represented is [`Moment::NEVER`].
    pub(crate) fn plus(self, by: Duration) -> Moment {
        Moment(self.0.saturating_add(nanos(by)))
    }

    /// How long after `earlier` this moment is; nothing when it is not after it.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Where a host takes its time from.
#[derive(Debug)]
pub(crate) enum Clock {
    /// The machine's monotonic clock.
    Real {
        /// When the host was opened.
        origin: Instant,
    },
    /// A clock that stands still until it is moved.
    Manual(AtomicU64),
}

impl Clock {
    pub(crate) fn real() -> Self {
        Clock::Real { origin: Instant::now() }
    }

    pub(crate) fn manual() -> Self {
        Clock::Manual(AtomicU64::new(0))
    }

    pub(crate) fn is_manual(&self) -> bool {
        matches!(self, Clock::Manual(_))
    }

    pub(crate) fn now(&self) -> Moment {
        match self {
            Clock::Real { origin } => Moment(nanos(origin.elapsed())),
            Clock::Manual(now) => Moment(now.load(Ordering::Relaxed)),
        }
    }

    /// Moves a manual clock on to `moment`; a clock never goes back.
    pub(crate) fn move_to(&self, moment: Moment) {
        if let Clock::Manual(now) = self {
            now.fetch_max(moment.0, Ordering::Relaxed);
        }
    }

    /// When `moment` is on the machine's clock, for a wait; `None` when it never comes.
    pub(crate) fn instant_of(&self, moment: Moment) -> Option<Instant> {
        match self {
            Clock::Real { origin } if moment != Moment::NEVER => {
                origin.checked_add(Duration::from_nanos(moment.0))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_that_cannot_be_represented_never_comes() {
        let clock = Clock::real();
        assert_eq!(clock.now().plus(Duration::MAX), Moment::NEVER);
        assert_eq!(clock.instant_of(Moment::NEVER), None);
    }

    #[test]
    fn a_manual_clock_stands_still_and_never_goes_back() {
        let clock = Clock::manual();
        let start = clock.now();
        clock.move_to(start.plus(Duration::from_secs(5)));
        clock.move_to(start);
        assert_eq!(clock.now().since(start), Duration::from_secs(5));
    }
}
