//! The list of who holds an instance.
//!
//! Invariants:
//!
//! 1. A deferral is pending exactly while its key is in the list; there is no second flag that could disagree (L4).
//! 2. A key is never valid again once it was removed: the index may be reused, the number beside it is not.
//! 3. The list is read in the order of taking.
//!
//! The list knows no lock; the instance guards it with its own, and every operation is short and runs no user code.

use std::borrow::Cow;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use slab::Slab;

use crate::clock::Moment;
use crate::holder::{Holder, HolderKind, Language, Site};
use crate::stack::Stack;
use crate::timer::Key;

/// One entry of the list: a holder with moments instead of durations.
///
/// In this order no two words that are written at once lie across two lines of the cache, wherever it stands at a multiple of
/// 16: as it does in `More`, and as things are in an instance.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Entry {
    label: Cow<'static, str>,
    number: u64,
    site: Site,
    /// By the coarse clock.
    since: Moment,
    /// The key of when it falls due to be reported as overdue, in two: there may be a million entries, and like this it
    /// takes no more room than its number.
    alarm: Option<NonZeroU64>,
    alarm_place: u32,
    language: Language,
    rare: Option<Box<Rare>>,
}

/// What few deferrals have; the others are smaller without room for it.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    stack: Option<Stack>,
    note: Option<Arc<str>>,
    noticed: Option<Moment>,
    overdue: bool,
}

/// At which moment a holder is reported, and when its instance was asked to stop.
#[derive(Clone, Copy)]
pub(crate) struct Report {
    pub(crate) now: Moment,
    pub(crate) asked: Option<Moment>,
}

impl Report {
    pub(crate) fn asked_for(self) -> Option<Duration> {
        self.asked.map(|asked| self.now.since(asked))
    }

    pub(crate) fn noticed_after(self, noticed: Option<Moment>) -> Option<Duration> {
        Some(noticed?.since(self.asked?))
    }
}

impl Entry {
    /// A deferral that is held since that moment of the coarse clock. It gets its number when it is listed.
    ///
    /// Made before the lock of the list is taken: what was just written piece by piece is slow to move.
    pub(crate) fn new(label: Cow<'static, str>, site: Site, since: Moment) -> Self {
        Self {
            number: 0,
            language: site.language,
            label,
            site,
            since,
            alarm: None,
            alarm_place: 0,
            rare: None,
        }
    }

    /// The entry as it is reported.
    pub(crate) fn at(&self, report: Report) -> Holder {
        let rare = self.rare.as_deref();
        Holder {
            kind: HolderKind::Deferral,
            label: self.label.clone(),
            language: self.language,
            site: self.site.clone(),
            age: report.now.since(self.since),
            note: rare.and_then(|rare| rare.note.clone()),
            asked: report.asked_for(),
            noticed_after: report.noticed_after(rare.and_then(|rare| rare.noticed)),
            overdue: rare.is_some_and(|rare| rare.overdue),
            stack: rare.and_then(|rare| rare.stack.clone()),
        }
    }

    /// Before it ends where it stands.
    fn leave(&mut self) -> Left {
        Left { alarm: self.alarm(), rare: self.rare.take() }
    }

    pub(crate) fn label(&self) -> &Cow<'static, str> {
        &self.label
    }

    pub(crate) fn since(&self) -> Moment {
        self.since
    }

    /// The first look counts (C9).
    pub(crate) fn notice(&mut self, now: Moment) {
        self.rare().noticed.get_or_insert(now);
    }

    /// Gives back the note before, so that it is dropped outside of the lock.
    pub(crate) fn set_note(&mut self, note: Option<Arc<str>>) -> Option<Arc<str>> {
        std::mem::replace(&mut self.rare().note, note)
    }

    pub(crate) fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    pub(crate) fn set_stack(&mut self, stack: Stack) {
        self.rare().stack = Some(stack);
    }

    /// Whether it was not overdue before.
    pub(crate) fn set_overdue(&mut self) -> bool {
        self.alarm = None;
        !std::mem::replace(&mut self.rare().overdue, true)
    }

    /// When it falls due to be reported as overdue; gives back what was armed before.
    pub(crate) fn set_alarm(&mut self, alarm: Option<Key>) -> Option<Key> {
        let before = self.alarm();
        self.alarm = alarm.map(|key| key.number);
        self.alarm_place = alarm.map_or(0, |key| key.place);
        before
    }

    /// What is armed for it.
    pub(crate) fn alarm(&self) -> Option<Key> {
        Some(Key { number: self.alarm?, place: self.alarm_place })
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }
}

/// Names one pending deferral of one instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct HolderKey {
    pub(crate) number: u64,
    pub(crate) index: u32,
}

/// The pending deferrals of one instance.
///
/// Most instances have one at a time, which stands here, or one for long and then another one now and then, which stands
/// beside it. Those two are written and ended where they stand: to move one would be a tenth of what a hold costs.
#[derive(Debug, Default)]
pub(crate) struct Holders {
    first: Option<Entry>,
    more: Option<Box<More>>,
    taken: u64,
}

/// What is taken beside the first. Laid out so that the second is written in pieces of which none lies across two pages
/// of memory: that would cost as much as a lock.
#[derive(Debug, Default)]
#[repr(C, align(16))]
struct More {
    second: Option<Entry>,
    rest: Slab<Entry>,
}

/// What is left of an entry that was removed.
pub(crate) struct Left {
    /// What is armed for it.
    pub(crate) alarm: Option<Key>,
    /// What is to be dropped under no lock.
    pub(crate) rare: Option<Box<Rare>>,
}

/// Room for so many deferrals beside the first two is kept when they are gone.
const ROOM_KEPT: usize = 16;

impl Holders {
    /// One deferral more. There are fewer than 2²⁴ (`Lifecycle::hold`).
    #[inline]
    pub(crate) fn insert(&mut self, entry: Entry) -> HolderKey {
        let number = self.taken;
        self.taken += 1;
        if self.first.is_none() {
            self.first.insert(entry).number = number;
            return HolderKey { number, index: 0 };
        }
        let more = self.more.get_or_insert_default();
        if more.second.is_none() {
            more.second.insert(entry).number = number;
            return HolderKey { number, index: 1 };
        }
        more.insert(entry, number)
    }

    /// Removes a pending deferral; `None` when it was removed before (invariant 1). Its texts are freed here, which is none of
    /// the user's code; what may be long to drop is left.
    #[expect(
        clippy::inline_always,
        reason = "most leave nothing, and then nothing is given back through memory"
    )]
    #[inline(always)]
    pub(crate) fn remove(&mut self, key: HolderKey) -> Option<Left> {
        let place = match key.index {
            0 => &mut self.first,
            1 => &mut self.more.as_mut()?.second,
            _ => return self.more.as_mut()?.remove(key),
        };
        let left = place.as_mut().filter(|entry| entry.number == key.number)?.leave();
        *place = None;
        Some(left)
    }

    pub(crate) fn get(&self, key: HolderKey) -> Option<&Entry> {
        let entry = match key.index {
            0 => self.first.as_ref()?,
            1 => self.more.as_ref()?.second.as_ref()?,
            index => self.more.as_ref()?.rest.get(index as usize - 2)?,
        };
        Some(entry).filter(|entry| entry.number == key.number)
    }

    pub(crate) fn get_mut(&mut self, key: HolderKey) -> Option<&mut Entry> {
        let entry = match key.index {
            0 => self.first.as_mut()?,
            1 => self.more.as_mut()?.second.as_mut()?,
            index => self.more.as_mut()?.rest.get_mut(index as usize - 2)?,
        };
        Some(entry).filter(|entry| entry.number == key.number)
    }

    pub(crate) fn listing(&self, report: Report) -> Vec<Holder> {
        self.listing_behind(None, report)
    }

    /// The same behind the entry point, if that holds as well.
    pub(crate) fn listing_behind(&self, entry_point: Option<Holder>, report: Report) -> Vec<Holder> {
        let Some(more) = self.more.as_ref().filter(|more| !more.is_empty()) else {
            // As a rule; there may be a million instances to list.
            let first = self.first.as_ref().map(|entry| entry.at(report));
            let mut all =
                Vec::with_capacity(usize::from(entry_point.is_some()) + usize::from(first.is_some()));
            all.extend(entry_point.into_iter().chain(first));
            return all;
        };
        let rest = more.rest.iter().map(|(_, entry)| entry);
        let mut entries: Vec<&Entry> = self.first.iter().chain(&more.second).chain(rest).collect();
        entries.sort_unstable_by_key(|entry| entry.number);
        entry_point.into_iter().chain(entries.into_iter().map(|entry| entry.at(report))).collect()
    }
}

impl More {
    fn insert(&mut self, entry: Entry, number: u64) -> HolderKey {
        let vacant = self.rest.vacant_entry();
        let index = vacant.key() + 2;
        vacant.insert(entry).number = number;
        // Holds are counted with 24 bits.
        HolderKey { number, index: u32::try_from(index).unwrap_or(u32::MAX) }
    }

    fn remove(&mut self, key: HolderKey) -> Option<Left> {
        let index = key.index as usize - 2;
        self.rest.get(index).filter(|entry| entry.number == key.number)?;
        let left = self.rest.remove(index).leave();
        if self.rest.is_empty() && self.rest.capacity() > ROOM_KEPT {
            // A crowd that is gone leaves nothing behind.
            self.rest = Slab::new();
        }
        Some(left)
    }

    fn is_empty(&self) -> bool {
        self.second.is_none() && self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;

    fn labels(holders: &Holders, now: Moment) -> Vec<Cow<'static, str>> {
        holders.listing(Report { now, asked: None }).into_iter().map(|holder| holder.label).collect()
    }

    /// The first, the second, and what stands beside them are each kept in a way of their own.
    #[test]
    fn a_removed_key_stays_invalid_when_its_place_is_taken_again() {
        let now = Clock::manual().now();
        let mut holders = Holders::default();
        let mut keys =
            ["a", "b", "c", "d"].map(|label| holders.insert(Entry::new(label.into(), Site::here(), now)));
        for key in &mut keys {
            let gone = *key;
            assert!(holders.remove(gone).is_some());
            *key = holders.insert(Entry::new("again".into(), Site::here(), now));
            assert_eq!(gone.index, key.index, "the place is reused");
            assert!(holders.remove(gone).is_none() && holders.get(gone).is_none());
            assert!(holders.get_mut(gone).is_none() && holders.get(*key).is_some());
        }
        assert_eq!(labels(&holders, now), ["again"; 4]);
        assert!(keys.iter().rev().all(|key| holders.remove(*key).is_some()));
        assert!(labels(&holders, now).is_empty());
    }

    #[test]
    fn a_crowd_that_is_gone_leaves_no_room_behind() {
        let now = Clock::manual().now();
        let mut holders = Holders::default();
        let room = |holders: &Holders| holders.more.as_ref().map_or(0, |more| more.rest.capacity());
        let keys: Vec<_> =
            (0..1000).map(|_| holders.insert(Entry::new("one of many".into(), Site::here(), now))).collect();
        assert!(room(&holders) >= 998);
        assert!(keys.iter().all(|key| holders.remove(*key).is_some()));
        assert!(room(&holders) <= ROOM_KEPT);
    }

    #[test]
    fn the_listing_is_in_the_order_of_taking_and_tells_the_age() {
        let now = Clock::manual().now();
        let mut holders = Holders::default();
        let a = holders.insert(Entry::new("a".into(), Site::here(), now));
        holders.insert(Entry::new("b".into(), Site::here(), now));
        holders.remove(a);
        holders.insert(Entry::new("c".into(), Site::here(), now.plus(Duration::from_secs(1))));
        let later = now.plus(Duration::from_secs(4));
        assert_eq!(labels(&holders, later), ["b", "c"]);
        assert_eq!(holders.listing(Report { now: later, asked: None })[1].age, Duration::from_secs(3));
    }
}
