//! What time it is for a host: the machine's, or one that a test moves by hand (H5).

use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use coarsetime::Instant as CoarseInstant;

/// A moment of one host's clock: how many nanoseconds after the host was opened, and one more, so that one that may be
/// missing takes no more room. There may be millions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(NonZeroU64);

impl Moment {
    /// When the host was opened: no moment is earlier.
    pub(crate) const START: Moment = Moment(NonZeroU64::MIN);

    /// Later than every moment that comes: what is due then is never due.
    pub(crate) const NEVER: Moment = Moment(NonZeroU64::MAX);

    /// So long after the opening.
    fn after(nanos: u64) -> Moment {
        Moment(Self::START.0.saturating_add(nanos))
    }

    /// How long after the opening, in nanoseconds.
    fn nanos(self) -> u64 {
        self.0.get() - Self::START.0.get()
    }

    /// This moment and `by` more; one that cannot be represented is [`Moment::NEVER`].
    pub(crate) fn plus(self, by: Duration) -> Moment {
        Moment(self.0.saturating_add(nanos(by)))
    }

    /// The first moment after `now` of those that lie `period` apart from this one on; NEVER for no period.
    pub(crate) fn next_after(self, now: Moment, period: Duration) -> Moment {
        let period = nanos(period);
        let late = now.nanos().saturating_sub(self.nanos());
        let Some(overrun) = late.checked_div(period) else { return Moment::NEVER };
        Moment(self.0.saturating_add(period.saturating_mul(overrun.saturating_add(1))))
    }

    /// How long after `earlier` this moment is; nothing when it is not after it.
    pub(crate) fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.nanos().saturating_sub(earlier.nanos()))
    }
}

/// A moment that comes once, and that anybody may look for; 0 until then.
#[derive(Debug, Default)]
pub(crate) struct Once(AtomicU64);

impl Once {
    /// It has come, unless it has before. Relaxed: the moment is all there is to see.
    pub(crate) fn set(&self, now: Moment) {
        let _ = self.0.compare_exchange(0, now.0.get(), Ordering::Relaxed, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> Option<Moment> {
        NonZeroU64::new(self.0.load(Ordering::Relaxed)).map(Moment)
    }
}

/// Time that is counted with interruptions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stopwatch {
    counted: Duration,
    since: Option<Moment>,
}

impl Stopwatch {
    pub(crate) fn start(&mut self, now: Moment) {
        self.since.get_or_insert(now);
    }

    pub(crate) fn stop(&mut self, now: Moment) {
        self.counted = self.until(now);
        self.since = None;
    }

    /// What is counted if it is looked at now.
    pub(crate) fn until(&self, now: Moment) -> Duration {
        self.counted.saturating_add(self.since.map_or(Duration::ZERO, |since| now.since(since)))
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
        /// The same by the coarse clock, which was behind by less than a tick.
        coarse_origin: CoarseInstant,
    },
    /// A clock that stands still until it is moved.
    Manual(AtomicU64),
}

impl Clock {
    pub(crate) fn real() -> Self {
        Clock::Real { coarse_origin: CoarseInstant::now(), origin: Instant::now() }
    }

    pub(crate) fn manual() -> Self {
        Clock::Manual(AtomicU64::new(0))
    }

    pub(crate) fn is_manual(&self) -> bool {
        matches!(self, Clock::Manual(_))
    }

    pub(crate) fn now(&self) -> Moment {
        match self {
            Clock::Real { origin, .. } => Moment::after(nanos(origin.elapsed())),
            Clock::Manual(now) => Moment::after(now.load(Ordering::Relaxed)),
        }
    }

    /// What time it is to within a tick of the system, 4 ms as a rule and 16 at most, for a third of the price: good
    /// enough for how old something is.
    pub(crate) fn coarse(&self) -> Moment {
        match self {
            Clock::Real { coarse_origin, .. } => {
                let now = CoarseInstant::now_without_cache_update();
                Moment::after(now.duration_since(*coarse_origin).as_nanos())
            }
            Clock::Manual(_) => self.now(),
        }
    }

    /// Moves a manual clock on to `moment`; a clock never goes back.
    pub(crate) fn move_to(&self, moment: Moment) {
        if let Clock::Manual(now) = self {
            now.fetch_max(moment.nanos(), Ordering::Relaxed);
        }
    }

    /// When `moment` is on the machine's clock, for a wait; `None` when it never comes.
    pub(crate) fn instant_of(&self, moment: Moment) -> Option<Instant> {
        match self {
            Clock::Real { origin, .. } if moment != Moment::NEVER => {
                origin.checked_add(Duration::from_nanos(moment.nanos()))
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
    fn a_late_moment_is_followed_by_the_next_one_of_its_schedule() {
        let start = Clock::manual().now();
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        let ten = Duration::from_secs(10);
        assert_eq!(at(10).next_after(at(10), ten), at(20), "in time");
        assert_eq!(at(10).next_after(at(19), ten), at(20), "late");
        assert_eq!(at(10).next_after(at(20), ten), at(30), "late by a period");
        assert_eq!(at(10).next_after(at(47), ten), at(50), "late by several");
        assert_eq!(at(10).next_after(at(47), Duration::MAX), Moment::NEVER);
        assert_eq!(at(10).next_after(at(47), Duration::ZERO), Moment::NEVER);
    }

    #[test]
    fn a_stopwatch_counts_only_while_it_runs() {
        let start = Clock::manual().now();
        let at = |seconds| start.plus(Duration::from_secs(seconds));
        let mut watch = Stopwatch::default();
        assert_eq!(watch.until(at(5)), Duration::ZERO);
        watch.start(at(5));
        watch.start(at(6));
        assert_eq!(watch.until(at(7)), Duration::from_secs(2));
        watch.stop(at(8));
        assert_eq!(watch.until(at(20)), Duration::from_secs(3));
        watch.start(at(20));
        assert_eq!(watch.until(at(21)), Duration::from_secs(4));
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
