//! What stands behind a handle to a deferral.

use std::sync::Arc;

use backstay::{Deferral, Status};
use parking_lot::Mutex;

/// A deferral, which the handle and its dups share.
///
/// Most deferrals are taken and completed by one handle, and nothing else. So a deferral moves to where it can be shared
/// when that is first needed, and until then costs no allocation.
pub(crate) struct DeferralObject(Mutex<Kept>);

enum Kept {
    Alone(Deferral),
    /// Nothing is there only while it moves, under the lock.
    Shared(Option<Arc<Deferral>>),
}

impl Kept {
    fn deferral(&self) -> &Deferral {
        match self {
            Kept::Alone(deferral) => deferral,
            Kept::Shared(Some(deferral)) => deferral,
            Kept::Shared(None) => unreachable!("it moves under the lock"),
        }
    }
}

impl DeferralObject {
    pub(crate) fn new(deferral: Deferral) -> Self {
        Self(Mutex::new(Kept::Alone(deferral)))
    }

    /// Makes a call of the core under the lock of the object: only such as neither wait nor run code of the user.
    pub(crate) fn ask<R>(&self, call: impl FnOnce(&Deferral) -> R) -> R {
        call(self.0.lock().deferral())
    }

    /// The deferral, with one more owner.
    pub(crate) fn share(&self) -> Arc<Deferral> {
        let mut kept = self.0.lock();
        let shared = match std::mem::replace(&mut *kept, Kept::Shared(None)) {
            Kept::Alone(deferral) => Arc::new(deferral),
            Kept::Shared(deferral) => deferral.unwrap_or_else(|| unreachable!("it moves under the lock")),
        };
        *kept = Kept::Shared(Some(Arc::clone(&shared)));
        shared
    }

    /// Ends the hold; for who has the object to himself.
    pub(crate) fn end(&mut self, ending: impl FnOnce(&Deferral) -> Status) -> Status {
        ending(self.0.get_mut().deferral())
    }
}

impl From<Arc<Deferral>> for DeferralObject {
    fn from(deferral: Arc<Deferral>) -> Self {
        Self(Mutex::new(Kept::Shared(Some(deferral))))
    }
}

/// One more owner of the hold.
impl Clone for DeferralObject {
    fn clone(&self) -> Self {
        Self::from(self.share())
    }
}
