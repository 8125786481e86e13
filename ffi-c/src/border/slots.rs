//! The slots in which objects stand that C has handles to. One word says which handle is good and who uses the object:
//!
//! ```text
//!    63           40 39    32 31              0
//!   ┌───────────────┬────────┬─────────────────┐   ended = how many handles of the slot have ended
//!   │ ended         │ type   │ users           │   type = that of the good handle; 0 when none is good
//!   └───────────────┴────────┴─────────────────┘   users = 1 for the good handle + 1 for each call that is inside
//! ```
//!
//! Invariants:
//!
//! 1. The object is there exactly while there are users, and while there are it neither moves nor changes hands: it is
//!    put in by who has reserved the slot, before the word has users, and taken out by who alone is left when no handle
//!    is good any more.
//! 2. Users come only while the handle that they name is good. So after its end they only get fewer, and who finds
//!    himself alone then stays alone.
//! 3. `ended` only grows, so a handle is good once and never again. A slot for which it is `LAST_GENERATION` is retired:
//!    it is never reserved again.
//! 4. No lock is held while an object is used or dropped, so nothing that happens behind a handle can deadlock here. And
//!    nobody waits: a change of the word is tried again only when another one was made.
//!
//! Who enters acquires what who filled has released, through whatever changes lie between, since each of them is one of
//! the same word. Who leaves releases, and who is alone acquires before taking the object out: else a use on another
//! thread could come after the end of the object.

use std::cell::UnsafeCell;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};

use backstay::Status;

use super::objects::{Held, Object};
use super::table;

/// In a test build slots retire after a few generations, so that every test sees them retire.
pub(super) const LAST_GENERATION: u32 = if cfg!(backstay_narrow_generations) { 7 } else { (1 << 24) - 1 };

const ENDED_SHIFT: u32 = 40;
const TYPE_SHIFT: u32 = 32;
const TYPE: u64 = 0xFF << TYPE_SHIFT;
const USERS: u64 = (1 << TYPE_SHIFT) - 1;

/// A slot has a cache line of its own, so that threads with different handles do not get in each other's way.
#[repr(align(64))]
pub(super) struct Slot {
    word: AtomicU64,
    /// Where it is in the table.
    index: u32,
    object: UnsafeCell<Option<Held>>,
}

// SAFETY: the word says who may touch the object (invariant 1), which is fit for all threads, as is checked below.
unsafe impl Sync for Slot {}

const _: () = {
    const fn is_fit_for_all_threads<T: Send + Sync>() {}
    is_fit_for_all_threads::<Held>();
};

/// A slot's word as it was at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word(u64);

impl Word {
    /// The word of a slot of which so many handles have ended, with a good handle of this type, or none with type 0.
    const fn new(ended: u32, kind: u8, users: u64) -> Self {
        Self((ended as u64) << ENDED_SHIFT | (kind as u64) << TYPE_SHIFT | users)
    }

    /// How many handles of the slot have ended.
    pub(super) fn ended(self) -> u32 {
        // 24 bits are left.
        u32::try_from(self.0 >> ENDED_SHIFT).unwrap_or_default()
    }

    /// Whether a handle is good now.
    pub(super) fn is_good(self) -> bool {
        self.0 & TYPE != 0
    }

    /// That of a slot whose good handle has this generation, which is not 0, and this type; without its users.
    pub(super) const fn of_good(generation: u32, kind: u8) -> Self {
        Self::new(generation - 1, kind, 0)
    }

    fn without_users(self) -> Self {
        Self(self.0 & !USERS)
    }

    /// Whether there is no good handle and one user.
    fn is_of_the_last(self) -> bool {
        self.0 & (TYPE | USERS) == 1
    }
}

impl Slot {
    /// One that was never used.
    pub(super) fn new(index: u32) -> Self {
        Self { word: AtomicU64::new(0), index, object: UnsafeCell::new(None) }
    }

    /// Acquire: who finds himself alone has what all others did behind him (invariant 1).
    pub(super) fn word(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    /// Uses the object while this handle is good; the word that says otherwise.
    pub(super) fn enter<T: Object>(&'static self, good: Word) -> Result<Used<T>, Word> {
        // The users cannot overflow, as each is a call on a stack of its own.
        self.change(good, |word| Word(word.0 + 1))?;
        Ok(self.used())
    }

    /// Ends this handle, which makes its place among the users the caller's; the word that says otherwise.
    pub(super) fn end<T: Object>(&'static self, good: Word) -> Result<Used<T>, Word> {
        self.change(good, |word| Word::new(good.ended() + 1, 0, word.0 & USERS))?;
        Ok(self.used())
    }

    /// Changes the word as long as this handle is good.
    fn change(&self, good: Word, next: impl Fn(Word) -> Word) -> Result<(), Word> {
        let mut word = self.word.load(Ordering::Relaxed);
        while Word(word).without_users() == good {
            let next = next(Word(word)).0;
            // Acquire: who becomes a user sees the object. Relaxed when it fails, as the word is looked at again.
            match self.word.compare_exchange_weak(word, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Ok(()),
                Err(changed) => word = changed,
            }
        }
        Err(Word(word))
    }

    /// For who has become a user.
    fn used<T: Object>(&'static self) -> Used<T> {
        // SAFETY: the caller is a user, so the object is there, and shared references are all that there are to it
        // (invariant 1).
        let held = unsafe { &*self.object.get() };
        // The word had the type of the object, which who filled the slot wrote together with it.
        let object =
            held.as_ref().and_then(T::held).unwrap_or_else(|| unreachable!("the word names the type"));
        Used { slot: self, object: NonNull::from(object) }
    }

    /// Ends the object of a slot without a good handle, which is idle afterwards, or retired (invariant 3).
    ///
    /// # Safety
    /// The caller is the only user, has acquired what those before him released, and is none afterwards.
    #[inline(never)]
    unsafe fn clear(&'static self) {
        /// The slot is empty, also when the end of what was in it has panicked.
        struct Emptied(&'static Slot);
        impl Drop for Emptied {
            fn drop(&mut self) {
                let ended = Word(self.0.word.load(Ordering::Relaxed)).ended();
                // Whoever gets the slot next is told of it by a list of idle slots, which orders the rest.
                self.0.word.store(Word::new(ended, 0, 0).0, Ordering::Relaxed);
                if ended < LAST_GENERATION {
                    table::put_back(self.0);
                }
            }
        }
        let _emptied = Emptied(self);
        // SAFETY: nobody else uses it, and nobody can begin to (invariant 2).
        unsafe { *self.object.get() = None };
    }
}

/// An object in use: it stays where it is for as long as this is there, whatever becomes of its handle.
pub(crate) struct Used<T> {
    slot: &'static Slot,
    /// In the slot.
    object: NonNull<T>,
}

impl<T: Object> Used<T> {
    /// The object for oneself, when its handle has ended and nobody else uses it.
    pub(crate) fn get_mut(&mut self) -> Option<&mut T> {
        if !self.slot.word().is_of_the_last() {
            return None;
        }
        // SAFETY: the last user, by a load that acquires, and it lends itself out for as long as the answer is there.
        let held = unsafe { &mut *self.slot.object.get() };
        let object = held.as_mut().and_then(T::held_mut)?;
        // What was derived from a shared reference is good no more.
        self.object = NonNull::from(&mut *object);
        Some(object)
    }
}

impl<T> Deref for Used<T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: in the slot, where it stays while this user is there (invariant 1).
        unsafe { self.object.as_ref() }
    }
}

impl<T> Drop for Used<T> {
    #[inline]
    fn drop(&mut self) {
        // Who is alone after the end of the handle stays so, and need not change the word to find out.
        let is_last = self.slot.word().is_of_the_last()
            || Word(self.slot.word.fetch_sub(1, Ordering::AcqRel)).is_of_the_last();
        if is_last {
            // SAFETY: the last user, as was seen by a load or a change that acquires.
            unsafe { self.slot.clear() };
        }
    }
}

/// A slot that is reserved for one new handle; it is idle again when that is not made.
pub(crate) struct Place(&'static Slot);

impl Place {
    /// `OUT_OF_MEMORY` when there is no room for another handle.
    pub(crate) fn reserve() -> Result<Self, Status> {
        table::take_idle().map(Self).ok_or(Status::OutOfMemory)
    }

    /// Puts the object into the slot: the index and the generation of its handle, which is good from now on.
    pub(super) fn fill<T: Object>(self, object: T) -> (u32, u32) {
        let slot = ManuallyDrop::new(self).0;
        // SAFETY: reserved, so it has no users, and nobody else may touch it (invariant 1).
        unsafe { *slot.object.get() = Some(object.hold()) };
        let ended = Word(slot.word.load(Ordering::Relaxed)).ended();
        // Release: who enters sees the object.
        slot.word.store(Word::new(ended, T::TYPE, 1).0, Ordering::Release);
        (slot.index, ended + 1)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        table::put_back(self.0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use backstay::{Host, HostState};

    use super::*;

    fn fill() -> (&'static Slot, Word) {
        let place = Place::reserve().expect("there is room");
        let slot = place.0;
        place.fill(Host::new());
        (slot, slot.word().without_users())
    }

    fn enter(slot: &'static Slot, good: Word) -> Option<Used<Host>> {
        slot.enter(good).ok()
    }

    fn end(slot: &'static Slot, good: Word) -> Option<Used<Host>> {
        slot.end(good).ok()
    }

    #[test]
    fn an_object_in_use_outlives_its_handle() {
        let (slot, good) = fill();
        let host = enter(slot, good).expect("it is good");
        drop(end(slot, good).expect("it is good"));
        assert!(enter(slot, good).is_none() && end(slot, good).is_none());
        assert_eq!(host.state(), HostState::Open);
        assert_eq!(slot.word(), Word::new(good.ended() + 1, 0, 1));
        drop(host);
        assert_eq!(slot.word(), Word::new(good.ended() + 1, 0, 0));
    }

    #[test]
    fn who_is_alone_has_the_object_for_himself() {
        let (slot, good) = fill();
        let mut host = enter(slot, good).expect("it is good");
        assert!(host.get_mut().is_none(), "the handle has not ended");
        let mut ended = end(slot, good).expect("it is good");
        assert!(ended.get_mut().is_none() && host.get_mut().is_none(), "both use it");
        drop(host);
        assert_eq!(ended.get_mut().expect("nobody else uses it").state(), HostState::Open);
        assert_eq!(ended.state(), HostState::Open);
        drop(ended);
        assert_eq!(slot.word(), Word::new(good.ended() + 1, 0, 0));
    }

    #[test]
    fn one_thread_ends_a_handle_that_others_use() {
        const THREADS: usize = 4;
        for _ in 0..500 {
            let (slot, good) = fill();
            let start = Barrier::new(THREADS);
            let race = || {
                start.wait();
                let open = enter(slot, good).map(|host| host.state());
                assert!(open.is_none_or(|state| state == HostState::Open));
                end(slot, good).is_some()
            };
            let ended = std::thread::scope(|scope| {
                let threads = [(); THREADS].map(|()| scope.spawn(race));
                threads.map(|thread| thread.join().expect("nobody panics"))
            });
            assert_eq!(ended.into_iter().filter(|ended| *ended).count(), 1);
            assert!(!slot.word().is_good());
        }
    }

    #[test]
    fn a_slot_retires_when_its_generations_are_used_up() {
        let place = Place::reserve().expect("there is room");
        let slot = place.0;
        slot.word.store(Word::new(LAST_GENERATION - 1, 0, 0).0, Ordering::Relaxed);
        assert_eq!(place.fill(Host::new()), (slot.index, LAST_GENERATION));
        drop(end(slot, Word::of_good(LAST_GENERATION, Host::TYPE)).expect("it is good"));
        let others: Vec<_> = (0..64).map(|_| Place::reserve().expect("there is room")).collect();
        assert!(others.iter().all(|place| place.0.index != slot.index), "the slot is not offered again");
    }

    #[test]
    fn a_slot_fills_one_cache_line() {
        assert_eq!(size_of::<Slot>(), 64);
    }
}
