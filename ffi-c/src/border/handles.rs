//! The table of handles: every 64-bit value that C passes is answered with a status.
//!
//! ```text
//!    63    56 55    48 47          24 23           0
//!   ┌────────┬────────┬──────────────┬──────────────┐
//!   │ type   │ salt   │ generation   │ index        │
//!   └────────┴────────┴──────────────┴──────────────┘
//! ```
//!
//! Invariants:
//!
//! 1. A handle is good while its slot holds an object and has the handle's generation. Ending it takes the object out
//!    and raises the generation, so a handle is good once and never again.
//! 2. A slot whose generation would wrap is retired: it is never used again.
//! 3. No object is dropped, and nothing is called, under the table's lock: resolving clones what the slot holds, ending
//!    takes it out, and the lock is let go first. So nothing that happens behind a handle can deadlock here.
//! 4. The table is never torn down, and its salt is its address: two copies of the library in one process almost
//!    always tell each other's handles apart. That is a diagnosis, not a guarantee.

use std::sync::Arc;

use backstay::{Deferral, Host, Status, Subscription, Task};
use parking_lot::RwLock;

use super::{Answer, write_out};
use crate::instance::InstanceObject;
use crate::job::JobObject;

const INDEX_BITS: u32 = 24;
const FIELD: u64 = (1 << 24) - 1;
/// In a test build slots retire after a few generations, so that every test sees them retire.
const LAST_GENERATION: u32 = if cfg!(backstay_narrow_generations) { 7 } else { (1 << 24) - 1 };

/// What a slot holds. Every variant is a handle of the core, so cloning one costs a count.
#[derive(Clone)]
pub(crate) enum Held {
    Host(Host),
    Task(Task),
    Instance(InstanceObject),
    Deferral(Arc<Deferral>),
    Subscription(Arc<Subscription>),
    Job(JobObject),
}

/// A type that can stand behind a handle.
pub(crate) trait Object: Sized {
    /// The type's number in a handle; never 0, so that no handle is 0.
    const TYPE: u8;
    fn hold(self) -> Held;
    fn held(held: &Held) -> Option<&Self>;
}

macro_rules! object {
    ($type:ty, $variant:ident, $number:literal) => {
        impl Object for $type {
            const TYPE: u8 = $number;
            fn hold(self) -> Held {
                Held::$variant(self)
            }
            fn held(held: &Held) -> Option<&Self> {
                match held {
                    Held::$variant(object) => Some(object),
                    _ => None,
                }
            }
        }
    };
}

object!(Host, Host, 0xB1);
object!(Task, Task, 0xB2);
object!(InstanceObject, Instance, 0xB3);
object!(Arc<Deferral>, Deferral, 0xB4);
object!(Arc<Subscription>, Subscription, 0xB5);
object!(JobObject, Job, 0xB6);

const TYPES: std::ops::RangeInclusive<u8> = 0xB1..=0xB6;

struct Table {
    slots: Vec<Slot>,
    free: Vec<u32>,
    live: u64,
}

struct Slot {
    generation: u32,
    held: Option<Held>,
}

static TABLE: RwLock<Table> = RwLock::new(Table { slots: Vec::new(), free: Vec::new(), live: 0 });

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

/// The table's address, folded to a byte.
fn salt() -> u8 {
    let address = (&raw const TABLE).addr() as u64;
    let mixed = (address >> 4).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed.to_le_bytes()[7]
}

impl Table {
    /// The slot of a good handle; otherwise what is wrong with it.
    fn find<T: Object>(&self, handle: u64) -> Result<(usize, &Slot), Status> {
        let parts = Parts::of(handle);
        if !TYPES.contains(&parts.kind) {
            return Err(Status::InvalidHandle);
        }
        if parts.salt != salt() {
            return Err(Status::ForeignHandle);
        }
        let index = parts.index as usize;
        let slot = self.slots.get(index).ok_or(Status::InvalidHandle)?;
        if parts.generation == 0 || parts.generation > slot.generation {
            return Err(Status::InvalidHandle);
        }
        if parts.kind != T::TYPE {
            return Err(Status::WrongHandleType);
        }
        match &slot.held {
            Some(held) if parts.generation == slot.generation => {
                T::held(held).map(|_| (index, slot)).ok_or(Status::InvalidHandle)
            }
            _ => Err(Status::StaleHandle),
        }
    }

    fn insert(&mut self, held: Held, kind: u8) -> Result<u64, Held> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.slots.len() as u64 > FIELD => return Err(held),
            None => {
                self.slots.push(Slot { generation: 1, held: None });
                // The length was checked against 24 bits above.
                u32::try_from(self.slots.len() - 1).unwrap_or_default()
            }
        };
        let slot = &mut self.slots[index as usize];
        slot.held = Some(held);
        self.live += 1;
        Ok(Parts { kind, salt: salt(), generation: slot.generation, index }.handle())
    }

    fn remove(&mut self, index: usize) -> Option<Held> {
        let slot = &mut self.slots[index];
        let held = slot.held.take();
        self.live -= 1;
        if slot.generation < LAST_GENERATION {
            slot.generation += 1;
            // Indices are made from 24 bits.
            self.free.push(u32::try_from(index).unwrap_or_default());
        }
        held
    }
}

/// A new handle to this object.
pub(crate) fn insert<T: Object>(object: T) -> Result<u64, Status> {
    let inserted = TABLE.write().insert(object.hold(), T::TYPE);
    // When there was no room, the object is dropped here, outside of the lock (invariant 3).
    inserted.map_err(|_| Status::OutOfMemory)
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
    unsafe { write_out(out, H::from_id(insert(object)?)) }
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

/// `OUT_OF_MEMORY` when there is no room for another handle: asked before something is made that would have to be
/// undone. Between asking and inserting, others may take the last place; then the object is dropped.
pub(crate) fn room() -> Result<(), Status> {
    let table = TABLE.read();
    let full = table.free.is_empty() && table.slots.len() as u64 > FIELD;
    if full { Err(Status::OutOfMemory) } else { Ok(()) }
}

/// The object behind a good handle.
pub(crate) fn resolve<T: Object + Clone>(handle: u64) -> Result<T, Status> {
    let table = TABLE.read();
    let (_, slot) = table.find::<T>(handle)?;
    slot.held.as_ref().and_then(T::held).cloned().ok_or(Status::StaleHandle)
}

/// Ends a handle and gives its object out.
pub(crate) fn take<T: Object>(handle: u64) -> Result<Held, Status> {
    let mut table = TABLE.write();
    let (index, _) = table.find::<T>(handle)?;
    table.remove(index).ok_or(Status::StaleHandle)
}

/// Ends a handle; 0 is none, and releasing none is fine.
pub(crate) fn release<T: Object>(handle: u64) -> Result<(), Status> {
    if handle != 0 {
        // Dropped after the lock was let go (invariant 3).
        drop(take::<T>(handle)?);
    }
    Ok(())
}

/// How many handles are good.
pub(crate) fn live() -> u64 {
    TABLE.read().live
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
    use super::*;

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
        assert_eq!(answer(Parts { salt: !parts.salt, ..parts }), Some(Status::ForeignHandle));
        assert_eq!(answer(Parts { index: 0xFF_FFFF, ..parts }), Some(Status::InvalidHandle));
        assert_eq!(answer(Parts { generation: LAST_GENERATION, ..parts }), Some(Status::InvalidHandle));
        assert!(release::<Host>(host).is_ok());
    }

    #[test]
    fn a_slot_retires_when_its_generations_are_used_up() {
        let mut table = Table { slots: Vec::new(), free: Vec::new(), live: 0 };
        table.slots.push(Slot { generation: LAST_GENERATION, held: None });
        table.free.push(0);
        assert!(table.insert(Held::Host(Host::new()), Host::TYPE).is_ok());
        assert!(table.remove(0).is_some());
        assert!(table.free.is_empty(), "the slot is not offered again");
    }
}
