//! The one atomic word that decides where an instance is in its life.
//!
//! ```text
//!    63            32 31      24 23               0
//!   ┌────────────────┬──────────┬──────────────────┐
//!   │ reason         │ flags    │ holds            │   holds = 1 for the entry point while it executes
//!   └────────────────┴──────────┴──────────────────┘           + 1 for every pending deferral
//! ```
//!
//! Invariants:
//!
//! 1. FINISHED is set by exactly one transition and never cleared; after it no transition changes the word.
//! 2. STARTED and not FINISHED means `holds > 0`: Running is nothing but being held. The transition that takes the
//!    last hold is the one that sets FINISHED.
//! 3. CANCELED and the reason are set together, once; the first reason stays (C2).
//! 4. ABANDONED is only set together with FINISHED, and only on a word that is CANCELED.
//!
//! Everybody may read the word at any time; whoever changes it has its [`Pen`], of which there is one, under the lock
//! that orders the changes. So a change is a load and a store, and nothing here waits. The store is a Release and what
//! readers load is an Acquire for two programs: a thread that sees Finished reads what every holder wrote before it
//! completed; a handler that sees the reason reads what the canceller wrote before it cancelled. Relaxed breaks both, and
//! `tests/models` has a program for each. That who lets go last, or is refused, sees what the others wrote is the doing of
//! the lock.

use crate::reason::CancelReason;
use crate::state::State;
use crate::sync::atomic::{AtomicU64, Ordering};

const HOLDS: u64 = (1 << 24) - 1;
const STARTED: u64 = 1 << 24;
const FINISHED: u64 = 1 << 25;
const CANCELED: u64 = 1 << 26;
const ABANDONED: u64 = 1 << 27;
const REASON_SHIFT: u32 = 32;

/// The word of one instance.
#[derive(Debug, Default)]
pub(crate) struct Lifecycle(AtomicU64);

/// What changes a word: one for each, kept under the lock that orders its changes.
#[derive(Debug, Default)]
pub(crate) struct Pen(());

/// What taking a hold did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Taken,
    /// Pending or Finished: there is nothing to hold (L3).
    NotRunning,
    /// 16,777,215 holds are pending.
    TooMany,
}

/// What letting a hold go did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LetGo {
    /// Others still hold.
    Held,
    /// It was the last: the instance is finished, and the caller publishes that.
    Last,
    /// The instance was abandoned before; nothing changed.
    TooLate,
}

/// What a cancellation did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    /// It is the first one, of a Running instance.
    First,
    /// It is the first one, of a Pending instance, which is finished by it (C5): the caller publishes that.
    FirstAndLast,
    /// The instance was cancelled or finished before; nothing changed (C2).
    NoChange,
}

impl Lifecycle {
    /// Pending → Running, with the entry point's hold. False when it was cancelled before it started (C5).
    pub(crate) fn start(&self, pen: &mut Pen) -> bool {
        self.change(pen, |word| (word & (STARTED | FINISHED) == 0).then_some((word | STARTED) + 1)).is_ok()
    }

    /// One hold more, while there is at least one.
    pub(crate) fn hold(&self, pen: &mut Pen) -> Hold {
        let changed = self.change(pen, |word| {
            (word & (STARTED | FINISHED) == STARTED && word & HOLDS < HOLDS).then_some(word + 1)
        });
        match changed {
            Ok(_) => Hold::Taken,
            Err(word) if word & (STARTED | FINISHED) == STARTED => Hold::TooMany,
            Err(_) => Hold::NotRunning,
        }
    }

    /// One hold less; the last one finishes (invariant 2).
    pub(crate) fn let_go(&self, pen: &mut Pen) -> LetGo {
        let changed = self.change(pen, |word| {
            // Who lets go has a hold, so the count is above 0 while the word is not FINISHED; after that it means nothing.
            (word & FINISHED == 0).then(|| if word & HOLDS == 1 { word | FINISHED } else { word - 1 })
        });
        match changed {
            Ok(before) if before & HOLDS == 1 => LetGo::Last,
            Ok(_) => LetGo::Held,
            Err(_) => LetGo::TooLate,
        }
    }

    /// Asks to stop, for this reason if it is the first (invariant 3).
    pub(crate) fn cancel(&self, pen: &mut Pen, reason: CancelReason) -> Cancel {
        let changed = self.change(pen, |word| {
            let pending = word & STARTED == 0;
            let asked = word | CANCELED | u64::from(reason.number()) << REASON_SHIFT;
            (word & (CANCELED | FINISHED) == 0).then_some(if pending { asked | FINISHED } else { asked })
        });
        match changed {
            Ok(before) if before & STARTED == 0 => Cancel::FirstAndLast,
            Ok(_) => Cancel::First,
            Err(_) => Cancel::NoChange,
        }
    }

    /// Ends a cancelled instance although it is held (C6). False when it was finished already.
    pub(crate) fn abandon(&self, pen: &mut Pen) -> bool {
        self.change(pen, |word| {
            (word & (CANCELED | FINISHED) == CANCELED).then_some(word | FINISHED | ABANDONED)
        })
        .is_ok()
    }

    pub(crate) fn state(&self) -> State {
        match self.load() {
            word if word & FINISHED != 0 => State::Finished,
            word if word & STARTED != 0 => State::Running,
            _ => State::Pending,
        }
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.load() & ABANDONED != 0
    }

    /// Why the instance was asked to stop, if it was.
    pub(crate) fn canceled(&self) -> Option<CancelReason> {
        let word = self.load();
        // The low half of the shift is the reason, whole.
        let number = u32::try_from(word >> REASON_SHIFT).unwrap_or_default();
        if word & CANCELED == 0 { None } else { CancelReason::from_number(number) }
    }

    fn load(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    /// The word before the change, or the word that allowed none.
    fn change(&self, _pen: &mut Pen, next: impl FnOnce(u64) -> Option<u64>) -> Result<u64, u64> {
        // Relaxed: who has the pen has the lock that the last change was made under.
        let word = self.0.load(Ordering::Relaxed);
        let next = next(word).ok_or(word)?;
        self.0.store(next, Ordering::Release);
        Ok(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word with its pen.
    #[derive(Default)]
    struct Word(Lifecycle, Pen);

    impl Word {
        fn start(&mut self) -> bool {
            self.0.start(&mut self.1)
        }

        fn hold(&mut self) -> Hold {
            self.0.hold(&mut self.1)
        }

        fn let_go(&mut self) -> LetGo {
            self.0.let_go(&mut self.1)
        }

        fn cancel(&mut self, reason: CancelReason) -> Cancel {
            self.0.cancel(&mut self.1, reason)
        }

        fn abandon(&mut self) -> bool {
            self.0.abandon(&mut self.1)
        }
    }

    fn running() -> Word {
        let mut word = Word::default();
        assert!(word.start());
        word
    }

    #[test]
    fn the_last_hold_finishes_whichever_it_is() {
        let mut word = running();
        assert_eq!(word.hold(), Hold::Taken);
        assert_eq!(word.let_go(), LetGo::Held);
        assert_eq!(word.0.state(), State::Running);
        assert_eq!(word.let_go(), LetGo::Last);
        assert_eq!(word.0.state(), State::Finished);
    }

    #[test]
    fn nothing_can_be_held_before_the_start_or_after_the_end() {
        let mut word = Word::default();
        assert_eq!(word.0.state(), State::Pending);
        assert_eq!(word.hold(), Hold::NotRunning);
        assert!(word.start());
        assert!(!word.start(), "it starts once");
        assert_eq!(word.let_go(), LetGo::Last);
        assert_eq!(word.hold(), Hold::NotRunning);
    }

    #[test]
    fn a_canceled_pending_instance_never_starts() {
        let mut word = Word::default();
        assert_eq!(word.cancel(CancelReason::Abort), Cancel::FirstAndLast);
        assert!(!word.start());
        assert_eq!(word.0.state(), State::Finished);
    }

    #[test]
    fn the_first_reason_stays() {
        let mut word = running();
        assert_eq!(word.0.canceled(), None);
        assert_eq!(word.cancel(CancelReason::EnergySaver), Cancel::First);
        assert_eq!(word.cancel(CancelReason::Abort), Cancel::NoChange);
        assert_eq!(word.0.canceled(), Some(CancelReason::EnergySaver));
    }

    #[test]
    fn the_largest_own_reason_fits_beside_the_holds() {
        let mut word = running();
        let reason = CancelReason::from_number(u32::MAX).expect("64 and up are free");
        word.cancel(reason);
        assert_eq!(word.0.canceled(), Some(reason));
        assert_eq!(word.let_go(), LetGo::Last);
    }

    #[test]
    fn an_abandoned_instance_takes_no_late_completion() {
        let mut word = running();
        assert!(!word.abandon(), "nobody cancelled it");
        word.cancel(CancelReason::Terminating);
        assert!(!word.0.is_abandoned());
        assert!(word.abandon());
        assert!(!word.abandon());
        assert!(word.0.is_abandoned());
        assert_eq!(word.let_go(), LetGo::TooLate);
    }

    #[test]
    fn the_count_of_holds_has_an_end_and_says_so() {
        let mut word = Word(Lifecycle(AtomicU64::new(STARTED | HOLDS)), Pen::default());
        assert_eq!(word.hold(), Hold::TooMany);
        assert_eq!(word.let_go(), LetGo::Held);
        assert_eq!(word.hold(), Hold::Taken);
    }
}
