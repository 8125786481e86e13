//! Where the slots are, and which of them are idle.
//!
//! Slots come in segments, which are made when they are needed, never moved and never freed: a slot is found by two
//! loads, and stays where it is.
//!
//! Invariants:
//!
//! 1. A slot that was made is reserved or filled, or retired, or idle in one list: that of a thread or that of all. The
//!    threads have a few each, so that handles which come and go on a thread cost no lock.
//! 2. The lock is held for the lists alone: nothing is called or dropped under it, and no other lock taken.
//! 3. A thread that ends gives back what it has. In a child made by fork it leaves it alone, since another thread, which
//!    the child has not, may have held the lock (H6).

use std::cell::Cell;
use std::sync::OnceLock;

use parking_lot::Mutex;

use super::guard::is_forked;
use super::slots::Slot;

/// As many slots as a handle has room for: 24 bits.
const MOST_SLOTS: u32 = 1 << 24;
const SEGMENT: usize = 1 << 10;

static SEGMENTS: [OnceLock<Box<[Slot; SEGMENT]>>; MOST_SLOTS as usize / SEGMENT] =
    [const { OnceLock::new() }; MOST_SLOTS as usize / SEGMENT];

/// What is idle and belongs to no thread, and how many slots were made.
struct Idle {
    slots: Vec<&'static Slot>,
    made: u32,
}

static IDLE: Mutex<Idle> = Mutex::new(Idle { slots: Vec::new(), made: 0 });

/// How many idle slots a thread keeps for itself. Half of them go at once when there are too many or too few.
const KEPT: usize = 16;

/// The idle slots of one thread, which are given back when it ends.
struct Own {
    slots: [Cell<Option<&'static Slot>>; KEPT],
    count: Cell<usize>,
}

thread_local! {
    static OWN: Own = const { Own { slots: [const { Cell::new(None) }; KEPT], count: Cell::new(0) } };
}

/// The table's mark: its address, folded to a byte.
pub(super) fn salt() -> u8 {
    let address = (&raw const IDLE).addr() as u64;
    let mixed = (address >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed.to_le_bytes()[7]
}

/// The slot of this index, if its segment was made.
pub(super) fn slot(index: u32) -> Option<&'static Slot> {
    let index = index as usize;
    SEGMENTS.get(index / SEGMENT)?.get()?.get(index % SEGMENT)
}

/// An idle slot, which is the caller's from now on; none when there are no more, or no memory for more.
pub(super) fn take_idle() -> Option<&'static Slot> {
    // A thread that is about to end has no list of its own any more.
    OWN.try_with(Own::take).unwrap_or_else(|_| IDLE.lock().take())
}

/// Makes a slot idle that was the caller's.
pub(super) fn put_back(slot: &'static Slot) {
    if OWN.try_with(|own| own.put(slot)).is_err() {
        IDLE.lock().slots.push(slot);
    }
}

impl Own {
    fn take(&self) -> Option<&'static Slot> {
        match self.count.get().checked_sub(1) {
            Some(last) => {
                self.count.set(last);
                self.slots[last].get()
            }
            None => self.fetch(),
        }
    }

    /// One from the list of all, and some to keep.
    #[cold]
    fn fetch(&self) -> Option<&'static Slot> {
        let mut idle = IDLE.lock();
        let taken = idle.take();
        let left = idle.slots.len().saturating_sub(KEPT / 2);
        for (own, slot) in self.slots.iter().zip(idle.slots.drain(left..)) {
            own.set(Some(slot));
            self.count.set(self.count.get() + 1);
        }
        taken
    }

    fn put(&self, slot: &'static Slot) {
        if self.count.get() == KEPT {
            self.give_back(KEPT / 2);
        }
        self.slots[self.count.get()].set(Some(slot));
        self.count.set(self.count.get() + 1);
    }

    /// Keeps so many, and gives the others to all.
    #[cold]
    fn give_back(&self, keep: usize) {
        let others = self.slots[keep..self.count.get()].iter().filter_map(Cell::get);
        IDLE.lock().slots.extend(others);
        self.count.set(keep);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if !is_forked() {
            self.give_back(0);
        }
    }
}

impl Idle {
    /// One of the list, or a new one.
    fn take(&mut self) -> Option<&'static Slot> {
        self.slots.pop().or_else(|| self.make())
    }

    fn make(&mut self) -> Option<&'static Slot> {
        let index = self.made;
        let segment = SEGMENTS.get(index as usize / SEGMENT)?;
        if segment.get().is_none() {
            let mut slots = Vec::new();
            slots.try_reserve_exact(SEGMENT).ok()?;
            slots.extend((index..).take(SEGMENT).map(Slot::new));
            // Made under the lock, so nobody else has made it meanwhile.
            let _ = segment.set(slots.into_boxed_slice().try_into().ok()?);
        }
        let made = slot(index)?;
        self.made += 1;
        Some(made)
    }
}

/// How many handles are good: counted when somebody asks, so that nobody else has to count.
pub(crate) fn live() -> u64 {
    /// When handles come and go in all of them, the answer is only near to what it was while they were counted.
    const TRIES: usize = 64;
    let mut census = Census::take();
    for _ in 0..TRIES {
        let next = Census::take();
        // The changes of each slot only grow. So when their sum is the same there were none, and what was counted was so
        // at the moment between the two. (The loads acquire, so none of the second comes before one of the first.)
        if next.changes == census.changes {
            break;
        }
        census = next;
    }
    census.good
}

#[derive(Default)]
struct Census {
    good: u64,
    /// How often a handle became good or ended.
    changes: u64,
}

impl Census {
    fn take() -> Self {
        let made = IDLE.lock().made;
        let mut census = Self::default();
        for word in (0..made).filter_map(slot).map(Slot::word) {
            census.good += u64::from(word.is_good());
            census.changes += 2 * u64::from(word.ended()) + u64::from(word.is_good());
        }
        census
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::border::Place;

    #[test]
    fn what_a_thread_kept_is_there_for_others_when_it_has_ended() {
        let made = || IDLE.lock().made;
        let before = made();
        for _ in 0..1000 {
            let thread = std::thread::spawn(|| {
                let places: Vec<_> =
                    (0..KEPT + 4).map(|_| Place::reserve().expect("there is room")).collect();
                drop(places);
            });
            thread.join().expect("it does not panic");
        }
        // The other tests may have made some meanwhile.
        assert!(made() - before < 2000);
    }
}
