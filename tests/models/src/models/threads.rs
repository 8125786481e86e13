//! The count of a host's threads, which a shutdown waits for (H1).
//!
//! Modelled: threads that start, end and start others, and one that waits for them. Not modelled: a thread that cannot
//! be had, and one that panics, since a panic ends the model.

use std::sync::Arc;

use super::{Note, never, over, prove};
use crate::threads::Threads;

/// H1: the wait is over when the last thread has ended, and not before; it needs no deadline for that.
pub fn who_waits_for_the_last_thread_sees_what_all_of_them_did() {
    prove(|| {
        let threads = Threads::default();
        let notes = Arc::new([Note::default(), Note::default()]);
        for index in 0..2 {
            let notes = Arc::clone(&notes);
            threads.start("counted", move || notes[index].write()).expect("a model has threads");
        }
        assert!(threads.wait(0, never()));
        assert!(notes.iter().all(Note::is_seen));
    });
}

/// A thread that a thread started is waited for as well, since it was counted before the first one ended.
pub fn a_thread_that_another_one_started_is_not_missed() {
    prove(|| {
        let (threads, note) = (Threads::default(), Arc::new(Note::default()));
        let (inner, inner_note) = (threads.clone(), Arc::clone(&note));
        let body = move || {
            inner.start("second", move || inner_note.write()).expect("a model has threads");
        };
        threads.start("first", body).expect("a model has threads");
        assert!(threads.wait(0, never()));
        assert!(note.is_seen());
    });
}

/// Law 2: when the time is over the answer is still true of the count.
pub fn a_wait_whose_time_is_over_says_the_truth() {
    prove(|| {
        let (threads, note) = (Threads::default(), Arc::new(Note::default()));
        let its_note = Arc::clone(&note);
        threads.start("counted", move || its_note.write()).expect("a model has threads");
        if threads.wait(0, over()) {
            assert!(note.is_seen());
        }
    });
}
