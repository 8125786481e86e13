//! What can stand behind a handle.

use std::sync::Arc;

use backstay::{Host, Subscription, Task};

use crate::deferral::DeferralObject;
use crate::instance::InstanceObject;
use crate::job::JobObject;

/// What stands in a slot.
pub(crate) enum Held {
    Host(Host),
    Task(Task),
    Instance(InstanceObject),
    Deferral(DeferralObject),
    Subscription(Arc<Subscription>),
    Job(JobObject),
}

/// A type that can stand behind a handle.
pub(crate) trait Object: Sized {
    /// The type's number in a handle; never 0, so that no handle is 0.
    const TYPE: u8;
    fn hold(self) -> Held;
    fn held(held: &Held) -> Option<&Self>;
    fn held_mut(held: &mut Held) -> Option<&mut Self>;
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
            fn held_mut(held: &mut Held) -> Option<&mut Self> {
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
object!(DeferralObject, Deferral, 0xB4);
object!(Arc<Subscription>, Subscription, 0xB5);
object!(JobObject, Job, 0xB6);

/// The numbers of all types.
pub(super) const TYPES: std::ops::RangeInclusive<u8> = 0xB1..=0xB6;
