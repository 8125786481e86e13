//! The deferrals that steps and runs have taken, by their instance and label.

use std::collections::HashMap;
use std::sync::Arc;

use backstay::{Deferral, Error, Instance, Status, Uuid};
use parking_lot::Mutex;

/// The deferrals of all instances.
#[derive(Default)]
pub(crate) struct Deferrals(Mutex<HashMap<(Uuid, String), Vec<Kept>>>);

enum Kept {
    Here(Arc<Deferral>),
    /// It was dropped, so there is nothing left to ask.
    Dropped,
}

impl Deferrals {
    /// Takes a deferral and keeps it. Both under the lock: who has seen the holder finds the deferral.
    pub(crate) fn take(&self, instance: &Instance, label: &str) -> Result<(), Error> {
        let mut kept = self.0.lock();
        let deferral = instance.get_deferral(label.to_owned())?;
        kept.entry((instance.id(), label.to_owned())).or_default().push(Kept::Here(Arc::new(deferral)));
        Ok(())
    }

    /// Ends a deferral by `end`; `None` when nobody has taken one of that label.
    ///
    /// Of several with one label it is the first that is still pending, else the last one.
    pub(crate) fn end(
        &self,
        instance: &Instance,
        label: &str,
        end: impl Fn(&Deferral) -> Status,
    ) -> Option<Status> {
        let deferral = {
            let kept = self.0.lock();
            let kept = kept.get(&(instance.id(), label.to_owned()))?;
            match &kept[chosen(kept)?] {
                Kept::Here(deferral) => Arc::clone(deferral),
                // A dropped deferral counts as completed (L5), and the file asks about a completed one (L4).
                Kept::Dropped => return Some(Status::AlreadyCompleted),
            }
        };
        Some(end(&deferral))
    }

    /// Drops a deferral without a word; `None` when nobody has taken one of that label.
    pub(crate) fn drop(&self, instance: &Instance, label: &str) -> Option<()> {
        let dropped = {
            let mut kept = self.0.lock();
            let kept = kept.get_mut(&(instance.id(), label.to_owned()))?;
            let index = chosen(kept)?;
            std::mem::replace(&mut kept[index], Kept::Dropped)
        };
        drop(dropped);
        Some(())
    }
}

/// The index of the one that a step means.
fn chosen(kept: &[Kept]) -> Option<usize> {
    let is_pending = |kept: &Kept| matches!(kept, Kept::Here(deferral) if deferral.holder().is_some());
    kept.iter().position(is_pending).or(kept.len().checked_sub(1))
}
