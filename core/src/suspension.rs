//! Suspending: how often, for which causes, and which of them an instance has felt.
//!
//! Invariants:
//!
//! 1. A *level* (an instance, a task, the host) is suspended while its `suspend` was called more often than its
//!    `resume`. A resume too many changes nothing.
//! 2. Whether an instance is suspended is not copied anywhere: it is the sum of its three levels, and `Suspensions`
//!    only remembers what was seen of that sum last, to tell a beginning from an end.
//! 3. One suspension counts once, however many causes take part; each cause counts once in it (S2).
//!
//! Plain data, guarded by the locks of those who have it.

/// Why something is suspended, when that is a resource that ran short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Cause {
    /// Processor time.
    Cpu = 1,
    /// Network traffic.
    Network = 2,
}

/// Which suspensions are counted by [`Instance::throttle_count`](crate::Instance::throttle_count) (S2). The numbers are
/// those of Windows' `BackgroundTaskThrottleCounter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum Counter {
    /// Those in which any named cause took part.
    All = 0,
    /// Those in which [`Cause::Cpu`] took part.
    Cpu = 1,
    /// Those in which [`Cause::Network`] took part.
    Network = 2,
}

/// One level: how often it is suspended, and for which causes since that began.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Level {
    depth: u32,
    causes: Causes,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Causes {
    cpu: bool,
    network: bool,
}

impl Level {
    pub(crate) fn suspend(&mut self, cause: Option<Cause>) {
        self.depth = self.depth.saturating_add(1);
        match cause {
            Some(Cause::Cpu) => self.causes.cpu = true,
            Some(Cause::Network) => self.causes.network = true,
            None => {}
        }
    }

    pub(crate) fn resume(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        if self.depth == 0 {
            self.causes = Causes::default();
        }
    }

    pub(crate) fn is_suspended(self) -> bool {
        self.depth > 0
    }

    /// Both levels at once (invariant 2).
    pub(crate) fn with(self, other: Level) -> Level {
        Level {
            depth: self.depth.saturating_add(other.depth),
            causes: Causes {
                cpu: self.causes.cpu || other.causes.cpu,
                network: self.causes.network || other.causes.network,
            },
        }
    }
}

/// What one instance has felt of it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Suspensions {
    /// The suspension that lasts, with the causes that took part so far.
    lasting: Option<Causes>,
    began: u32,
    cpu: u32,
    network: u32,
    any_cause: u32,
}

/// What a look at the levels showed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Began,
    Ended,
    None,
}

impl Suspensions {
    /// Compares the sum of the levels with what was seen last.
    pub(crate) fn see(&mut self, sum: Level) -> Change {
        let before = self.lasting;
        if !sum.is_suspended() {
            self.lasting = None;
            return if before.is_some() { Change::Ended } else { Change::None };
        }
        let felt = before.unwrap_or_default();
        self.began += u32::from(before.is_none());
        self.cpu += u32::from(sum.causes.cpu && !felt.cpu);
        self.network += u32::from(sum.causes.network && !felt.network);
        let now = Causes { cpu: felt.cpu || sum.causes.cpu, network: felt.network || sum.causes.network };
        self.any_cause += u32::from(felt == Causes::default() && now != Causes::default());
        self.lasting = Some(now);
        if before.is_none() { Change::Began } else { Change::None }
    }

    pub(crate) fn is_suspended(&self) -> bool {
        self.lasting.is_some()
    }

    pub(crate) fn began(&self) -> u32 {
        self.began
    }

    pub(crate) fn counted(&self, counter: Counter) -> u32 {
        match counter {
            Counter::All => self.any_cause,
            Counter::Cpu => self.cpu,
            Counter::Network => self.network,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspended_for(causes: &[Option<Cause>]) -> Level {
        let mut level = Level::default();
        for cause in causes {
            level.suspend(*cause);
        }
        level
    }

    #[test]
    fn a_level_needs_as_many_resumes_as_it_had_suspends() {
        let mut level = suspended_for(&[None, Some(Cause::Cpu)]);
        level.resume();
        assert!(level.is_suspended());
        level.resume();
        level.resume();
        assert!(!level.is_suspended(), "and one too many changes nothing");
        level.suspend(None);
        assert!(level.is_suspended());
    }

    #[test]
    fn a_suspension_counts_once_and_each_cause_once_in_it() {
        let mut seen = Suspensions::default();
        assert_eq!(seen.see(suspended_for(&[None])), Change::Began);
        assert_eq!(seen.counted(Counter::All), 0, "a suspension without a cause is none of the counters'");
        assert_eq!(seen.see(suspended_for(&[None, Some(Cause::Cpu)])), Change::None);
        assert_eq!(seen.see(suspended_for(&[Some(Cause::Cpu), Some(Cause::Network)])), Change::None);
        assert_eq!(seen.see(suspended_for(&[Some(Cause::Cpu), Some(Cause::Cpu)])), Change::None);
        assert_eq!(seen.began(), 1);
        assert_eq!(
            [Counter::All, Counter::Cpu, Counter::Network].map(|counter| seen.counted(counter)),
            [1, 1, 1]
        );
        assert_eq!(seen.see(Level::default()), Change::Ended);
        assert_eq!(seen.see(Level::default()), Change::None);
        assert_eq!(seen.see(suspended_for(&[Some(Cause::Network)])), Change::Began);
        assert_eq!(seen.began(), 2);
        assert_eq!(seen.counted(Counter::Network), 2);
        assert_eq!(seen.counted(Counter::Cpu), 1);
    }

    #[test]
    fn a_cause_that_left_and_came_back_in_one_suspension_counts_once() {
        for (cause, counter) in [(Cause::Cpu, Counter::Cpu), (Cause::Network, Counter::Network)] {
            let mut seen = Suspensions::default();
            for causes in [&[Some(cause)], &[None], &[Some(cause)]] {
                seen.see(suspended_for(causes));
            }
            assert_eq!((seen.counted(counter), seen.counted(Counter::All)), (1, 1));
        }
    }

    #[test]
    fn the_causes_of_a_level_last_as_long_as_its_suspension() {
        let mut level = suspended_for(&[Some(Cause::Cpu), None]);
        level.resume();
        let mut seen = Suspensions::default();
        seen.see(level);
        assert_eq!(seen.counted(Counter::Cpu), 1, "it is the same suspension");
        level.resume();
        seen.see(level);
        level.suspend(None);
        seen.see(level);
        assert_eq!(seen.counted(Counter::Cpu), 1, "this one has no cause");
    }

    #[test]
    fn levels_add_up_with_their_causes() {
        let sum = suspended_for(&[Some(Cause::Cpu)]).with(suspended_for(&[Some(Cause::Network)]));
        let mut seen = Suspensions::default();
        seen.see(sum);
        assert_eq!(seen.counted(Counter::All), 1);
        assert_eq!(seen.counted(Counter::Cpu) + seen.counted(Counter::Network), 2);
    }
}
