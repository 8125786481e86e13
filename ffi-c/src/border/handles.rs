//! The table of handles: every 64-bit value that C passes is answered with a status.
//!
//! ```text
//!    63    56 55    48 47          24 23           0
//!   ┌────────┬────────┬──────────────┬──────────────┐
//!   │ type   │ salt   │ generation   │ index        │
//!   └────────┴────────┴──────────────┴──────────────┘
//! ```
//!
//! The index names a slot, the generation one of the handles that the slot has served, one after another. What a slot
//! is, and how it is used without a lock, stands in `slots`; where the slots are, in `table`.
//!
//! Invariants:
//!
//! 1. A handle is good from its giving to its end, and never again: no value is given twice.
//! 2. Resolving leaves the object in its slot, and ending takes it out when nobody uses it any more. It is dropped by
//!    who leaves it last, under no lock. So nothing that happens behind a handle can deadlock here.
//! 3. The table is never torn down, and its salt is its address: two copies of the library in one process almost
//!    always tell each other's handles apart. That is a diagnosis, not a guarantee.

use backstay::Status;

use super::objects::{Object, TYPES};
use super::slots::{Place, Slot, Used, Word};
use super::table::{self, salt};
use super::{Answer, write_out};

const INDEX_BITS: u32 = 24;
const FIELD: u64 = (1 << 24) - 1;

/// The parts of a handle.
#[derive(Clone, Copy)]
struct Parts {
    kind: u8,
    salt: u8,
    generation: u32,
    index: u32,
}

impl Parts {
    fn of(handle: u64) -> Self {
        let [.., salt, kind] = handle.to_le_bytes();
        // Both are masked to 24 bits.
        let field = |value: u64| u32::try_from(value & FIELD).unwrap_or_default();
        Self { kind, salt, generation: field(handle >> INDEX_BITS), index: field(handle) }
    }

    fn handle(self) -> u64 {
        u64::from(self.kind) << 56
            | u64::from(self.salt) << 48
            | u64::from(self.generation) << INDEX_BITS
            | u64::from(self.index)
    }
}

/// What is done with the slot of a good handle; otherwise what is wrong with the handle.
#[inline]
fn with<T: Object>(
    handle: u64,
    act: impl FnOnce(&'static Slot, Word) -> Result<Used<T>, Word>,
) -> Result<Used<T>, Status> {
    let Parts { kind, salt: mark, generation, index } = Parts::of(handle);
    let slot = table::slot(index);
    match slot.filter(|_| kind == T::TYPE && mark == salt() && generation != 0) {
        Some(slot) => {
            act(slot, Word::of_good(generation, kind)).map_err(|word| fault(handle, T::TYPE, Some(word)))
        }
        None => Err(fault(handle, T::TYPE, slot.map(Slot::word))),
    }
}

/// What is wrong with this handle as one to an object of that type, by the word of its slot if there is one.
#[cold]
fn fault(handle: u64, wanted: u8, word: Option<Word>) -> Status {
    let Parts { kind, salt: mark, generation, .. } = Parts::of(handle);
    let (ended, is_good) = word.map_or((0, false), |word| (word.ended(), word.is_good()));
    if !TYPES.contains(&kind) {
        Status::InvalidHandle
    } else if mark != salt() {
        Status::ForeignHandle
    } else if generation == 0 || generation > ended + u32::from(is_good) {
        // The slot has not given it.
        Status::InvalidHandle
    } else if kind != wanted {
        Status::WrongHandleType
    } else if generation > ended {
        // It would be the good one, were it of another type.
        Status::InvalidHandle
    } else {
        Status::StaleHandle
    }
}

/// A new handle to this object.
pub(crate) fn insert<T: Object>(object: T) -> Result<u64, Status> {
    Ok(Place::reserve()?.put(object))
}

impl Place {
    /// A new handle to this object.
    pub(crate) fn put<T: Object>(self, object: T) -> u64 {
        let (index, generation) = self.fill(object);
        Parts { kind: T::TYPE, salt: salt(), generation, index }.handle()
    }

    /// Gives C a new handle to this object.
    ///
    /// # Safety
    /// `out` is writable.
    pub(crate) unsafe fn give<T: Object, H: Handle>(self, object: T, out: *mut H) -> Answer {
        // SAFETY: passed on to the caller.
        unsafe { write_out(out, H::from_id(self.put(object))) }
    }
}

/// A handle as C sees it: a struct of one number, so that the compiler tells the types apart.
pub(crate) trait Handle {
    fn from_id(id: u64) -> Self;
}

macro_rules! handle {
    ($($type:ident),*) => {$(
        impl Handle for crate::$type {
            fn from_id(id: u64) -> Self {
                crate::$type { id }
            }
        }
    )*};
}

handle!(
    backstay_host,
    backstay_task,
    backstay_instance,
    backstay_deferral,
    backstay_subscription,
    backstay_job
);

/// Gives C a new handle to this object; a NULL `out` is told before one is made.
///
/// # Safety
/// `out` is NULL or writable.
pub(crate) unsafe fn give<T: Object, H: Handle>(object: T, out: *mut H) -> Answer {
    if out.is_null() {
        return Err(Status::InvalidArgument);
    }
    // SAFETY: not NULL, so writable.
    unsafe { Place::reserve()?.give(object, out) }
}

/// Gives C one more handle to the object behind a good one.
///
/// # Safety
/// `out` is NULL or writable.
pub(crate) unsafe fn dup<T: Object + Clone, H: Handle>(handle: u64, out: *mut H) -> Answer {
    let object = resolve::<T>(handle)?;
    // SAFETY: passed on to the caller.
    unsafe { give(T::clone(&object), out) }
}

/// Gives C handles to as many of these objects as it has room for; `count` gets how many there are.
///
/// # Safety
/// `buffer` has `capacity` elements or is NULL with none, `count` is NULL or writable.
pub(crate) unsafe fn give_all<T: Object, H: Handle>(
    objects: Vec<T>,
    buffer: *mut H,
    capacity: usize,
    count: *mut usize,
) -> Answer {
    if count.is_null() || buffer.is_null() && capacity != 0 {
        return Err(Status::InvalidArgument);
    }
    let found = objects.len();
    // Collected first: when handles run out, those that were made end with `made`, and C gets none.
    let made = objects.into_iter().take(capacity).map(Lent::new).collect::<Result<Vec<_>, _>>()?;
    for (index, lent) in made.into_iter().enumerate() {
        // SAFETY: `index` is below `capacity`.
        unsafe { write_out(buffer.add(index), H::from_id(lent.give_away())) }?;
    }
    // SAFETY: not NULL.
    unsafe { write_out(count, found) }
}

/// The object behind a good handle.
pub(crate) fn resolve<T: Object>(handle: u64) -> Result<Used<T>, Status> {
    with(handle, Slot::enter)
}

/// Ends a handle and gives its object out.
pub(crate) fn take<T: Object>(handle: u64) -> Result<Used<T>, Status> {
    with(handle, Slot::end)
}

/// Ends a handle; 0 is none, and releasing none is fine.
pub(crate) fn release<T: Object>(handle: u64) -> Result<(), Status> {
    if handle != 0 {
        drop(take::<T>(handle)?);
    }
    Ok(())
}

/// A handle that is lent to a callback and ends with it.
pub(crate) struct Lent<T: Object> {
    handle: u64,
    object: std::marker::PhantomData<T>,
}

impl<T: Object> Lent<T> {
    pub(crate) fn new(object: T) -> Result<Self, Status> {
        Ok(Self { handle: insert(object)?, object: std::marker::PhantomData })
    }

    pub(crate) fn handle(&self) -> u64 {
        self.handle
    }

    /// The object that is lent.
    pub(crate) fn object(&self) -> Result<Used<T>, Status> {
        resolve(self.handle)
    }

    /// It is C's own from now on.
    pub(crate) fn give_away(self) -> u64 {
        std::mem::ManuallyDrop::new(self).handle
    }
}

impl<T: Object> Drop for Lent<T> {
    fn drop(&mut self) {
        // Fails only when the callback released what it had borrowed; then there is nothing left to end.
        let _ = release::<T>(self.handle);
    }
}

#[cfg(test)]
mod tests {
    use backstay::{Host, Task};

    use super::*;
    use crate::border::slots::LAST_GENERATION;

    #[test]
    fn a_handle_is_good_once_and_never_again() {
        let first = insert(Host::new()).expect("there is room");
        assert!(resolve::<Host>(first).is_ok());
        assert!(release::<Host>(first).is_ok());
        assert_eq!(release::<Host>(first), Err(Status::StaleHandle));
        let second = insert(Host::new()).expect("there is room");
        assert_eq!(resolve::<Host>(first).err(), Some(Status::StaleHandle));
        assert!(release::<Host>(second).is_ok());
    }

    #[test]
    fn each_way_of_being_wrong_has_its_answer() {
        let host = insert(Host::new()).expect("there is room");
        let parts = Parts::of(host);
        let answer = |parts: Parts| resolve::<Host>(parts.handle()).err();
        assert_eq!(resolve::<Host>(0).err(), Some(Status::InvalidHandle));
        assert_eq!(resolve::<Task>(host).err(), Some(Status::WrongHandleType));
        assert_eq!(answer(Parts { kind: 1, ..parts }), Some(Status::InvalidHandle));
        assert_eq!(
            resolve::<Task>(Parts { kind: Task::TYPE, ..parts }.handle()).err(),
            Some(Status::InvalidHandle)
        );
        assert_eq!(answer(Parts { salt: !parts.salt, ..parts }), Some(Status::ForeignHandle));
        assert_eq!(answer(Parts { index: 0xFF_FFFF, ..parts }), Some(Status::InvalidHandle));
        assert_eq!(answer(Parts { generation: 0, ..parts }), Some(Status::InvalidHandle));
        assert_eq!(answer(Parts { generation: LAST_GENERATION, ..parts }), Some(Status::InvalidHandle));
        assert!(release::<Host>(host).is_ok());
        // The next one of this slot was not given yet.
        let next = Parts { generation: parts.generation + 1, ..parts };
        assert_eq!(answer(next), Some(Status::InvalidHandle));
        assert_eq!(resolve::<Task>(next.handle()).err(), Some(Status::InvalidHandle));
    }
}
