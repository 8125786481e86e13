//! Objects of the core as handles of C, and back: for Rust code that shares them with other languages of its process.
//!
//! Hosts, tasks and instances are shared: a handle is lent, and who wants to keep the object takes one of its own.
//! Deferrals are owned: a handle gives the hold away, and who takes it over has it. So the same deferral, with one
//! identity, goes from Rust to C to Python and is completed anywhere; reports name who has it (H4).
//!
//! Handles are those of this copy of the library. One of another copy is answered with
//! [`Status::ForeignHandle`], and every other mistake with its own status; nothing is lost by any of them.
//!
//! ```
//! use backstay::{Deferral, Details, Host, Instance, Status, TaskBuilder};
//! use backstay_ffi::across::{Owned as _, Shared as _};
//!
//! let host = Host::new();
//! let encode = TaskBuilder::new("encode")
//!     .run(|instance| {
//!         // What C is given: an instance for the time of the call, and a deferral for good.
//!         let lent = instance.handle()?;
//!         let given = instance.get_deferral("the codec")?.detach()?;
//!         // What C gives back, on any thread, at any time.
//!         assert_eq!(Instance::from_handle(lent.get())?, *instance);
//!         let deferral = Deferral::from_handle(given)?;
//!         assert_eq!(deferral.complete(), Status::Ok);
//!         // Given away once.
//!         assert_eq!(Deferral::from_handle(given).unwrap_err().status(), Status::StaleHandle);
//!         Ok(())
//!     })
//!     .register(&host)?;
//! encode.fire(Details::none())?.wait(None)?.check()?;
//! # Ok::<(), backstay::Error>(())
//! ```

use std::fmt;
use std::sync::Arc;

use backstay::{Deferral, Host, Instance, Language, Status, Task};

use crate::border::interop::is_forked;
use crate::border::{insert, release, resolve, take};
use crate::deferral::DeferralObject;
use crate::instance::InstanceObject;
use crate::{backstay_deferral, backstay_host, backstay_instance, backstay_task};

/// A handle that is not good, or could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HandleError(Status);

impl HandleError {
    /// What is wrong: one of `InvalidHandle`, `StaleHandle`, `WrongHandleType`, `ForeignHandle`, `OutOfMemory` when
    /// handles ran out, and `Forked`.
    pub fn status(self) -> Status {
        self.0
    }
}

impl fmt::Display for HandleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.message())
    }
}

impl std::error::Error for HandleError {}

/// A handle that was lent out: good until this is dropped, never released by who borrowed it.
#[derive(Debug)]
pub struct Lent<H> {
    handle: H,
    id: u64,
    end: fn(u64) -> Result<(), Status>,
}

impl<H: Copy> Lent<H> {
    /// What C code is given.
    pub fn get(&self) -> H {
        self.handle
    }

    /// The same as a number.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl<H> Drop for Lent<H> {
    fn drop(&mut self) {
        // A child made by fork leaves its parent's handles alone. Otherwise it fails only when the borrower released
        // what it had borrowed; then there is nothing left to end.
        if !is_forked() {
            let _ = (self.end)(self.id);
        }
    }
}

/// What handles share: hosts, tasks, instances.
pub trait Shared: Sized + sealed::Sealed {
    /// The handle's type in C.
    type Handle: Copy;

    /// A handle to this object, good until the answer is dropped.
    ///
    /// # Errors
    /// `OutOfMemory`, `Forked`.
    fn handle(&self) -> Result<Lent<Self::Handle>, HandleError>;

    /// The object behind somebody else's handle, which stays theirs: what `dup` is in C.
    ///
    /// # Errors
    /// Those of [`HandleError::status`] but `OutOfMemory`.
    fn from_handle(handle: Self::Handle) -> Result<Self, HandleError>;
}

macro_rules! shared {
    ($type:ident, $handle:ident, $object:ty, $wrap:expr, $found:expr) => {
        impl sealed::Sealed for $type {}

        impl Shared for $type {
            type Handle = $handle;

            fn handle(&self) -> Result<Lent<$handle>, HandleError> {
                not_forked()?;
                let id = insert::<$object>($wrap(self.clone())).map_err(HandleError)?;
                Ok(Lent { handle: $handle { id }, id, end: release::<$object> })
            }

            fn from_handle(handle: $handle) -> Result<Self, HandleError> {
                not_forked()?;
                let object = resolve::<$object>(handle.id).map_err(HandleError)?;
                Ok($found(&object))
            }
        }
    };
}

shared!(Host, backstay_host, Host, |host| host, Host::clone);
shared!(Task, backstay_task, Task, |task| task, Task::clone);
shared!(Instance, backstay_instance, InstanceObject, InstanceObject::new, |object: &InstanceObject| {
    object.instance.clone()
});

/// What a handle owns: deferrals.
pub trait Owned: sealed::Sealed {
    /// Gives the hold away: the handle is the receiver's, who completes, fails or releases it. Until another language
    /// takes it over, reports name C as the holder.
    ///
    /// # Errors
    /// `OutOfMemory` and `Forked`, with the deferral.
    fn detach(self) -> Result<backstay_deferral, NotGiven>;

    /// Takes the hold over: the handle ends, and reports name Rust as the holder.
    ///
    /// Shared, because C may have made more handles of it (`backstay_deferral_dup`): the hold is dropped with the last
    /// of them all.
    ///
    /// # Errors
    /// Those of [`HandleError::status`] but `OutOfMemory`; `StaleHandle` also for one that was completed.
    fn from_handle(handle: backstay_deferral) -> Result<Arc<Deferral>, HandleError> {
        take_over(handle, Language::Rust)
    }
}

/// The same for a binding: takes the hold over for code of that language.
///
/// # Errors
/// Those of [`Owned::from_handle`].
pub fn take_over(handle: backstay_deferral, language: Language) -> Result<Arc<Deferral>, HandleError> {
    not_forked()?;
    let taken = take::<DeferralObject>(handle.id).map_err(HandleError)?;
    let deferral = taken.share();
    // One that has lost its instance meanwhile is no error: it answers as ever (L4).
    deferral.set_language(language);
    Ok(deferral)
}

impl sealed::Sealed for Deferral {}
impl sealed::Sealed for Arc<Deferral> {}

impl Owned for Deferral {
    fn detach(self) -> Result<backstay_deferral, NotGiven> {
        Arc::new(self).detach()
    }
}

impl Owned for Arc<Deferral> {
    fn detach(self) -> Result<backstay_deferral, NotGiven> {
        // The handle gets a share, so that ours is still there should there be no room.
        match not_forked().and_then(|()| insert(DeferralObject::from(Arc::clone(&self))).map_err(HandleError))
        {
            Err(error) => Err(NotGiven { error, deferral: self }),
            Ok(id) => {
                self.set_language(Language::C);
                Ok(backstay_deferral { id })
            }
        }
    }
}

/// A deferral that could not be given away, and is still its owner's.
#[derive(Debug)]
pub struct NotGiven {
    error: HandleError,
    deferral: Arc<Deferral>,
}

impl NotGiven {
    /// Why.
    pub fn status(&self) -> Status {
        self.error.status()
    }

    /// The deferral, with its hold.
    pub fn into_deferral(self) -> Arc<Deferral> {
        self.deferral
    }
}

impl fmt::Display for NotGiven {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for NotGiven {}

/// A child of fork must not touch locks that a thread of its parent may have held (H6).
fn not_forked() -> Result<(), HandleError> {
    if is_forked() { Err(HandleError(Status::Forked)) } else { Ok(()) }
}

mod sealed {
    pub trait Sealed {}
}
