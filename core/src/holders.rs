//! Who holds an instance, since when, and from which line.
//!
//! Invariants:
//!
//! 1. A deferral is pending exactly while its key is in the list; there is no second flag that could disagree (L4).
//! 2. A key is never valid again once it was removed: the index may be reused, the number beside it is not.
//! 3. The list is read in the order of taking.
//!
//! The list knows no lock; the instance guards it with its own, and every operation is short and runs no user code.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::time::Duration;

use slab::Slab;

use crate::clock::Moment;

/// The language of the code that took a deferral or registered an entry point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum Language {
    /// Rust.
    Rust = 0,
    /// C.
    C = 1,
    /// C++.
    Cpp = 2,
    /// Python.
    Python = 3,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "Rust",
            Language::C => "C",
            Language::Cpp => "C++",
            Language::Python => "Python",
        })
    }
}

/// A line of source code, in any language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The language of the file.
    pub language: Language,
    /// The file, as the compiler or interpreter names it; empty when unknown.
    pub file: Cow<'static, str>,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
}

impl Site {
    /// The line that calls this.
    #[track_caller]
    pub fn here() -> Self {
        let caller = Location::caller();
        Self { language: Language::Rust, file: Cow::Borrowed(caller.file()), line: caller.line() }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.is_empty(), self.line) {
            (true, _) => write!(f, "{}", self.language),
            (false, 0) => write!(f, "{} ({})", self.file, self.language),
            (false, line) => write!(f, "{}:{line} ({})", self.file, self.language),
        }
    }
}

/// What kind of hold a holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum HolderKind {
    /// A pending deferral.
    Deferral = 0,
    /// The entry point, which still executes.
    EntryPoint = 1,
}

/// Who holds an instance (H4), as it was at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// A deferral, or the entry point itself.
    pub kind: HolderKind,
    /// The label that the deferral was taken with; empty when it has none.
    pub label: Cow<'static, str>,
    /// Where the deferral was taken; for an entry point, where it was registered.
    pub site: Site,
    /// How long it has held, by the host's clock.
    pub age: Duration,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.label.is_empty()) {
            (HolderKind::EntryPoint, _) => f.write_str("the entry point")?,
            (HolderKind::Deferral, true) => f.write_str("a deferral without a label")?,
            (HolderKind::Deferral, false) => write!(f, "deferral {:?}", self.label)?,
        }
        write!(f, " from {}, for {:.1?}", self.site, self.age)
    }
}

/// One entry of the list: a holder with the moment instead of the age.
#[derive(Debug)]
pub(crate) struct Entry {
    number: u64,
    label: Cow<'static, str>,
    site: Site,
    since: Moment,
}

impl Entry {
    pub(crate) fn at(&self, now: Moment) -> Holder {
        Holder {
            kind: HolderKind::Deferral,
            label: self.label.clone(),
            site: self.site.clone(),
            age: now.since(self.since),
        }
    }
}

/// Names one pending deferral of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HolderKey {
    index: usize,
    number: u64,
}

/// The pending deferrals of one instance.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    entries: Slab<Entry>,
    taken: u64,
}

impl Holders {
    pub(crate) fn insert(&mut self, label: Cow<'static, str>, site: Site, since: Moment) -> HolderKey {
        let number = self.taken;
        self.taken += 1;
        HolderKey { index: self.entries.insert(Entry { number, label, site, since }), number }
    }

    /// The entry of a pending deferral; `None` when it was removed before (invariant 1).
    pub(crate) fn remove(&mut self, key: HolderKey) -> Option<Entry> {
        self.get(key)?;
        Some(self.entries.remove(key.index))
    }

    pub(crate) fn get(&self, key: HolderKey) -> Option<&Entry> {
        self.entries.get(key.index).filter(|entry| entry.number == key.number)
    }

    pub(crate) fn listing(&self, now: Moment) -> Vec<Holder> {
        let mut entries: Vec<&Entry> = self.entries.iter().map(|(_, entry)| entry).collect();
        entries.sort_unstable_by_key(|entry| entry.number);
        entries.into_iter().map(|entry| entry.at(now)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn labels(holders: &Holders, now: Moment) -> Vec<Cow<'static, str>> {
        holders.listing(now).into_iter().map(|holder| holder.label).collect()
    }

    #[test]
    fn a_removed_key_stays_invalid_when_its_place_is_taken_again() {
        let now = Clock::manual().now();
        let mut holders = Holders::default();
        let first = holders.insert("first".into(), Site::here(), now);
        assert!(holders.remove(first).is_some());
        let second = holders.insert("second".into(), Site::here(), now);
        assert_eq!(first.index, second.index, "the place is reused");
        assert!(holders.remove(first).is_none());
        assert_eq!(labels(&holders, now), ["second"]);
    }

    #[test]
    fn the_listing_is_in_the_order_of_taking_and_tells_the_age() {
        let now = Clock::manual().now();
        let mut holders = Holders::default();
        let a = holders.insert("a".into(), Site::here(), now);
        holders.insert("b".into(), Site::here(), now);
        holders.remove(a);
        holders.insert("c".into(), Site::here(), now.plus(Duration::from_secs(1)));
        let later = now.plus(Duration::from_secs(4));
        assert_eq!(labels(&holders, later), ["b", "c"]);
        assert_eq!(holders.listing(later)[1].age, Duration::from_secs(3));
    }
}
