//! Moving a manual clock, moment by moment (H5).
//!
//! Who moves it takes the place of the timer's thread. Between two moments nothing but the clock remembers how far it has
//! come, so a move can be left at any time and gone on with, by the same thread or another.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::clock::Moment;
use crate::error::Error;
use crate::home::Home;
use crate::scheduler::Scheduler;

/// How long, by the machine's clock, a move waits for the handlers and for the starts of one moment.
const STEP: Duration = Duration::from_secs(30);

/// A manual clock that is being moved: what [`Host::advance`](crate::Host::advance) waits for, for those who must look
/// at something else between two waits. Made by [`Host::begin_advance`](crate::Host::begin_advance).
///
/// Dropping it leaves the clock at the moment that it has reached.
pub struct Advance {
    scheduler: Arc<Scheduler>,
    goal: Moment,
    /// When the moment that is being waited for was reached.
    reached: Instant,
}

impl Advance {
    pub(crate) fn begin(scheduler: &Arc<Scheduler>, by: Duration) -> Self {
        let goal = scheduler.clock.now().plus(by);
        Self { scheduler: Arc::clone(scheduler), goal, reached: Instant::now() }
    }

    /// Goes on for about `slice` by the machine's clock; false when the goal was not reached in it: call it again.
    ///
    /// # Errors
    /// [`Error::WouldDeadlock`] from an entry point or callback of this host (E8). [`Error::TimedOut`] when a handler
    /// did not return within 30 seconds; the clock stays where it is. [`Error::Forked`].
    pub fn go_on(&mut self, slice: Duration) -> Result<bool, Error> {
        self.scheduler.refuse_forked()?;
        self.scheduler.refuse_inside("advance")?;
        let scheduler = Arc::clone(&self.scheduler);
        // A slice that cannot be represented is no slice (law 2); a moment may take no longer than it may in any case.
        let give_up = Instant::now().checked_add(slice);
        // What happened before, and what is due at the moment that was reached, is over before the clock moves.
        while self.settle(give_up)? {
            if let Some((at, due)) = scheduler.timer.next_due(self.goal) {
                scheduler.clock.move_to(at);
                scheduler.timer.fire(due);
                continue;
            }
            scheduler.clock.move_to(self.goal);
            // What was armed between the last look and the move is due now as well; afterwards all see the goal.
            match scheduler.timer.next_due(self.goal) {
                None => return self.settle(give_up),
                Some((_, due)) => scheduler.timer.fire(due),
            }
        }
        Ok(false)
    }

    /// Waits until what is due has started, as far as workers are free, and until the events were delivered; false when
    /// `give_up` came first.
    fn settle(&mut self, give_up: Option<Instant>) -> Result<bool, Error> {
        let last = self.reached + STEP;
        let until = give_up.map_or(last, |give_up| give_up.min(last));
        if self.scheduler.pool.wait_entered(until) && self.scheduler.events.flush(Some(until)) {
            self.reached = Instant::now();
            return Ok(true);
        }
        if until == last {
            return Err(Error::TimedOut { what: "the end of a step of the clock", after: STEP });
        }
        Ok(false)
    }
}

impl std::fmt::Debug for Advance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Advance(…)")
    }
}
