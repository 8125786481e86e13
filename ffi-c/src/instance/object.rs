//! What stands behind a handle to an instance.

use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use backstay::{Completion, Details, Instance, Status};
use parking_lot::Mutex;

use super::backstay_instance;
use crate::border::{Used, resolve};
use crate::completion::{HolderLists, backstay_completion};
use crate::details::backstay_details;

/// An instance, and what the handle and its dups share.
pub(crate) struct InstanceObject {
    pub(crate) instance: Instance,
    /// Whether the handle descends from the one that was lent to an entry point.
    is_running: bool,
    /// Made when it is first needed, as most handles need none.
    shared: OnceLock<Arc<Mutex<Shared>>>,
}

#[derive(Default)]
struct Shared {
    /// The text of the error that the entry point will return with.
    error: Option<SaidError>,
    /// What C was given views of, which must live as long as the handle.
    details: Vec<Details>,
    lists: Option<Arc<HolderLists>>,
}

/// What was said of an error: its text, and the name of its type if it has one.
pub(crate) struct SaidError {
    pub(crate) text: String,
    pub(crate) type_name: Option<String>,
}

impl InstanceObject {
    pub(crate) fn new(instance: Instance) -> Self {
        Self { instance, is_running: false, shared: OnceLock::new() }
    }

    /// For the handle that is lent to an entry point.
    pub(crate) fn running(instance: Instance) -> Self {
        Self { is_running: true, ..Self::new(instance) }
    }

    fn shared(&self) -> &Arc<Mutex<Shared>> {
        self.shared.get_or_init(Arc::default)
    }

    pub(crate) fn set_error(&self, text: String, type_name: Option<String>) -> Result<(), Status> {
        if !self.is_running {
            return Err(Status::NotRunning);
        }
        self.shared().lock().error = Some(SaidError { text, type_name });
        Ok(())
    }

    pub(crate) fn take_error(&self) -> Option<SaidError> {
        self.shared.get()?.lock().error.take()
    }

    /// A view of the details, good until the handle and its dups have ended. They are kept here, since a later
    /// firing that is merged with a Pending instance replaces the instance's own (F4).
    pub(crate) fn view_details(&self) -> backstay_details {
        let details = self.instance.details();
        let view = backstay_details::of(&details);
        let mut shared = self.shared().lock();
        let is_kept = shared.details.last().is_some_and(|kept| backstay_details::of(kept).is_same(&view));
        if !is_kept && !details.is_none() {
            shared.details.push(details);
        }
        view
    }

    /// A view of the completion, good until the handle and its dups have ended; the texts live in the instance.
    pub(crate) fn view_completion(&self, completion: &Completion) -> backstay_completion {
        let mut shared = self.shared().lock();
        let lists = shared.lists.get_or_insert_with(|| Arc::new(HolderLists::of(completion)));
        backstay_completion::of(completion, lists)
    }
}

/// What another handle to the same instance has.
impl Clone for InstanceObject {
    fn clone(&self) -> Self {
        let shared = OnceLock::from(Arc::clone(self.shared()));
        Self { instance: self.instance.clone(), is_running: self.is_running, shared }
    }
}

/// The instance behind a good handle, in use.
pub(super) struct InUse(Used<InstanceObject>);

impl Deref for InUse {
    type Target = Instance;

    fn deref(&self) -> &Instance {
        &self.0.instance
    }
}

pub(super) fn instance_of(handle: backstay_instance) -> Result<InUse, Status> {
    resolve(handle.id).map(InUse)
}
