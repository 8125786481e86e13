//! The word of one instance: every transition against every other that may come at the same time.
//!
//! Modelled: the word, and the lock that its pen is kept under, as an instance's is under its record's. Readers take no
//! lock. Not modelled: who publishes the end.

use std::sync::Arc;

use loom::thread;

use super::{Note, join, prove};
use crate::lifecycle::{Cancel, Hold, LetGo, Lifecycle, Pen};
use crate::reason::CancelReason;
use crate::state::State;
use crate::sync::Mutex;

/// A word and its pen.
#[derive(Default)]
struct Word {
    word: Lifecycle,
    pen: Mutex<Pen>,
}

impl Word {
    #[track_caller]
    fn start(&self) -> bool {
        self.word.start(&mut self.pen.lock())
    }

    #[track_caller]
    fn hold(&self) -> Hold {
        self.word.hold(&mut self.pen.lock())
    }

    #[track_caller]
    fn let_go(&self) -> LetGo {
        self.word.let_go(&mut self.pen.lock())
    }

    #[track_caller]
    fn cancel(&self, reason: CancelReason) -> Cancel {
        self.word.cancel(&mut self.pen.lock(), reason)
    }

    #[track_caller]
    fn abandon(&self) -> bool {
        self.word.abandon(&mut self.pen.lock())
    }

    fn state(&self) -> State {
        self.word.state()
    }

    fn canceled(&self) -> Option<CancelReason> {
        self.word.canceled()
    }

    fn is_abandoned(&self) -> bool {
        self.word.is_abandoned()
    }
}

/// A word that is Running, with this many holds.
fn running(holds: usize) -> Arc<Word> {
    let word = Word::default();
    assert!(word.start());
    for _ in 1..holds {
        assert_eq!(word.hold(), Hold::Taken);
    }
    Arc::new(word)
}

/// L1, invariant 2: of the holds that go at the same time, exactly one is the last.
pub fn last_two_holds_race_and_one_finishes() {
    prove(|| {
        let word = running(2);
        let other = Arc::clone(&word);
        let other = thread::spawn(move || other.let_go());
        let mine = word.let_go();
        let other = join(other);
        assert!(matches!((mine, other), (LetGo::Last, LetGo::Held) | (LetGo::Held, LetGo::Last)));
        assert_eq!(word.state(), State::Finished);
    });
}

/// L1, C2, invariants 1 to 3: a cancellation in between takes no hold and ends nothing that is held.
pub fn complete_races_cancel_finishes_once() {
    prove(|| {
        let word = running(2);
        let (deferral, canceller) = (Arc::clone(&word), Arc::clone(&word));
        let deferral = thread::spawn(move || deferral.let_go());
        let canceller = thread::spawn(move || canceller.cancel(CancelReason::Abort));
        let entry_point = word.let_go();
        let last = [join(deferral), entry_point].iter().filter(|gone| **gone == LetGo::Last).count();
        assert_eq!(last, 1);
        let reason = match join(canceller) {
            Cancel::First => Some(CancelReason::Abort),
            Cancel::NoChange => None,
            Cancel::FirstAndLast => panic!("it was running"),
        };
        assert_eq!(word.canceled(), reason);
        assert_eq!(word.state(), State::Finished);
    });
}

/// L3: a deferral is taken while a hold is left, and then the instance is not finished, or it is refused.
pub fn get_deferral_races_the_last_completion_holds_or_is_refused() {
    prove(|| {
        let word = running(1);
        let entry_point = Arc::clone(&word);
        let entry_point = thread::spawn(move || entry_point.let_go());
        match word.hold() {
            Hold::Taken => {
                assert_eq!(word.state(), State::Running);
                assert_eq!(join(entry_point), LetGo::Held);
                assert_eq!(word.let_go(), LetGo::Last);
            }
            Hold::NotRunning => assert_eq!(join(entry_point), LetGo::Last),
            Hold::TooMany => panic!("there is one"),
        }
    });
}

/// C5: what is cancelled before it started never starts; what started is not finished by its cancellation.
pub fn start_races_cancel_either_runs_or_never_starts() {
    prove(|| {
        let word = Arc::new(Word::default());
        let worker = Arc::clone(&word);
        let worker = thread::spawn(move || worker.start().then(|| worker.let_go()));
        let canceled = word.cancel(CancelReason::Abort);
        match join(worker) {
            None => assert_eq!(canceled, Cancel::FirstAndLast),
            Some(gone) => {
                assert_eq!(gone, LetGo::Last);
                assert_ne!(canceled, Cancel::FirstAndLast);
            }
        }
        assert_eq!(word.state(), State::Finished);
    });
}

/// C6, invariants 1 and 4: the instance is abandoned, or its last hold finishes it; the other one comes too late.
pub fn abandon_races_the_last_completion_one_wins() {
    prove(|| {
        let word = running(1);
        assert_eq!(word.cancel(CancelReason::Abort), Cancel::First);
        let holder = Arc::clone(&word);
        let holder = thread::spawn(move || holder.let_go());
        let abandoned = word.abandon();
        assert_eq!(join(holder), if abandoned { LetGo::TooLate } else { LetGo::Last });
        assert_eq!(word.is_abandoned(), abandoned);
        assert_eq!(word.state(), State::Finished);
    });
}

/// C2, invariant 3: one cancellation is the first, and its reason is the one that everybody sees, then and later.
pub fn cancel_races_cancel_and_the_first_reason_stays() {
    prove(|| {
        let word = running(1);
        let asking = [CancelReason::Terminating, CancelReason::Own(own(u32::MAX))].map(|reason| {
            let word = Arc::clone(&word);
            thread::spawn(move || (word.cancel(reason) == Cancel::First).then_some(reason))
        });
        let seen = word.canceled();
        let first: Vec<_> = asking.into_iter().filter_map(join).collect();
        assert_eq!(first.len(), 1);
        assert!(seen.is_none_or(|seen| seen == first[0]));
        assert_eq!(word.canceled(), Some(first[0]));
    });
}

fn own(number: u32) -> crate::reason::OwnReason {
    match CancelReason::own(number) {
        Some(CancelReason::Own(own)) => own,
        _ => panic!("64 and up are free"),
    }
}

/// The Release of `let_go` and the Acquire of `state`: neither the last holder's nor an earlier one's work is missed.
pub fn who_sees_finished_sees_what_every_holder_wrote() {
    prove(|| {
        let word = running(2);
        let notes = Arc::new([Note::default(), Note::default()]);
        for index in 0..2 {
            let (word, notes) = (Arc::clone(&word), Arc::clone(&notes));
            thread::spawn(move || {
                notes[index].write();
                word.let_go();
            });
        }
        if word.state() == State::Finished {
            assert!(notes.iter().all(Note::is_seen));
        }
    });
}

/// The lock of the pen: who finishes the instance publishes what all holders wrote.
pub fn who_lets_go_last_sees_what_the_other_holder_wrote() {
    prove(|| {
        let word = running(2);
        let note = Arc::new(Note::default());
        let (other, its_note) = (Arc::clone(&word), Arc::clone(&note));
        thread::spawn(move || {
            its_note.write();
            other.let_go();
        });
        if word.let_go() == LetGo::Last {
            assert!(note.is_seen());
        }
    });
}

/// The same for a hold that came and went before this one's change, which leaves no trace in the word.
pub fn who_lets_go_last_sees_what_a_hold_in_between_wrote() {
    prove(|| {
        let word = running(1);
        let note = Arc::new(Note::default());
        let (other, its_note) = (Arc::clone(&word), Arc::clone(&note));
        let other = thread::spawn(move || {
            (other.hold() == Hold::Taken).then(|| {
                its_note.write();
                other.let_go()
            })
        });
        let (mine, seen) = (word.let_go(), note.is_seen());
        if mine == LetGo::Last && join(other) == Some(LetGo::Held) {
            assert!(seen);
        }
    });
}

/// The same for a transition that is refused: who hears that it is over may read how it ended.
pub fn who_is_refused_a_hold_sees_what_the_last_holder_wrote() {
    prove(|| {
        let word = running(1);
        let note = Arc::new(Note::default());
        let (holder, its_note) = (Arc::clone(&word), Arc::clone(&note));
        thread::spawn(move || {
            its_note.write();
            holder.let_go();
        });
        if word.hold() == Hold::NotRunning {
            assert!(note.is_seen());
        }
    });
}

/// The Release of `cancel` and the Acquire of `canceled` (C3).
pub fn who_sees_the_reason_sees_what_the_canceller_wrote() {
    prove(|| {
        let word = running(1);
        let note = Arc::new(Note::default());
        let (canceller, its_note) = (Arc::clone(&word), Arc::clone(&note));
        thread::spawn(move || {
            its_note.write();
            canceller.cancel(CancelReason::Abort);
        });
        if word.canceled().is_some() {
            assert!(note.is_seen());
        }
    });
}
