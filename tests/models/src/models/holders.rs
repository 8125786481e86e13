//! The list of holders under a lock, beside the word, as an instance has them.
//!
//! Modelled: `Guarded` is the few lines of the instance that take, complete and abandon, over the list and the word of
//! core. Not modelled: what else the record has, such as errors and alarms.

use std::sync::Arc;

use loom::thread;

use super::{join, prove};
use crate::clock::{Clock, Moment};
use crate::holder::Site;
use crate::holders::{Entry, HolderKey, Holders, Report};
use crate::lifecycle::{Hold, LetGo, Lifecycle, Pen};
use crate::reason::CancelReason;
use crate::sync::Mutex;

/// The answers of L4.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Answer {
    Ok,
    AlreadyCompleted,
    NotRunning,
}

#[derive(Default)]
struct Record {
    pen: Pen,
    holders: Holders,
}

struct Guarded {
    word: Lifecycle,
    record: Mutex<Record>,
    now: Moment,
}

impl Guarded {
    /// Running, and held by its entry point.
    fn running() -> Arc<Self> {
        let word = Lifecycle::default();
        let mut record = Record::default();
        assert!(word.start(&mut record.pen));
        Arc::new(Self { word, record: Mutex::new(record), now: Clock::manual().now() })
    }

    fn take(&self, label: &'static str) -> HolderKey {
        let mut record = self.record.lock();
        assert_eq!(self.word.hold(&mut record.pen), Hold::Taken);
        record.holders.insert(Entry::new(label.into(), Site::here(), self.now))
    }

    fn complete(&self, key: HolderKey) -> Answer {
        let mut record = self.record.lock();
        match record.holders.remove(key).map(|_| self.word.let_go(&mut record.pen)) {
            None => Answer::AlreadyCompleted,
            Some(LetGo::TooLate) => Answer::NotRunning,
            Some(LetGo::Held | LetGo::Last) => Answer::Ok,
        }
    }

    fn abandon(&self) -> bool {
        self.word.abandon(&mut self.record.lock().pen)
    }

    fn labels(&self) -> Vec<String> {
        let report = Report { now: self.now, asked: None };
        self.record
            .lock()
            .holders
            .listing(report)
            .into_iter()
            .map(|holder| holder.label.into_owned())
            .collect()
    }
}

/// L4, invariant 1.
pub fn complete_races_complete_one_is_ok_the_other_already_completed() {
    prove(|| {
        let instance = Guarded::running();
        let key = instance.take("a");
        let other = Arc::clone(&instance);
        let other = thread::spawn(move || other.complete(key));
        let mut answers = [instance.complete(key), join(other)];
        answers.sort();
        assert_eq!(answers, [Answer::Ok, Answer::AlreadyCompleted]);
        assert_eq!(
            instance.word.let_go(&mut instance.record.lock().pen),
            LetGo::Last,
            "one hold went, not two"
        );
    });
}

/// Invariant 2: a completion that comes late never ends the deferral that has taken the place.
pub fn complete_races_a_taking_in_the_same_place_and_ends_only_its_own() {
    prove(|| {
        let instance = Guarded::running();
        let key = instance.take("first");
        let completing = [(); 2].map(|()| {
            let instance = Arc::clone(&instance);
            thread::spawn(move || instance.complete(key))
        });
        let second = instance.take("second");
        let mut answers = completing.map(join);
        answers.sort();
        assert_eq!(answers, [Answer::Ok, Answer::AlreadyCompleted]);
        assert_eq!(instance.labels(), ["second"]);
        assert_eq!(instance.complete(second), Answer::Ok);
    });
}

/// L4, C6: a deferral that outlived an abandonment is told so, once.
pub fn abandon_races_complete_and_the_answer_tells_who_won() {
    prove(|| {
        let instance = Guarded::running();
        let key = instance.take("a");
        instance.word.cancel(&mut instance.record.lock().pen, CancelReason::Abort);
        let holder = Arc::clone(&instance);
        let holder = thread::spawn(move || (holder.complete(key), holder.complete(key)));
        assert!(instance.abandon(), "the entry point holds on");
        let (first, second) = join(holder);
        assert!(matches!(first, Answer::Ok | Answer::NotRunning));
        assert_eq!(second, Answer::AlreadyCompleted);
        assert!(instance.labels().is_empty());
    });
}

/// Invariant 3, H4: whoever comes and goes meanwhile, the list is in the order of taking and shows who stayed.
pub fn the_listing_races_completions_and_keeps_the_order_of_taking() {
    prove(|| {
        let instance = Guarded::running();
        let first = instance.take("first");
        instance.take("second");
        let other = Arc::clone(&instance);
        let other = thread::spawn(move || {
            other.complete(first);
            other.take("third");
        });
        let seen = instance.labels();
        let possible: [&[&str]; 3] = [&["first", "second"], &["second"], &["second", "third"]];
        assert!(possible.iter().any(|labels| *labels == seen), "{seen:?}");
        join(other);
        assert_eq!(instance.labels(), ["second", "third"]);
    });
}
