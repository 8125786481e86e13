//! The deferrals that Python has, as its objects keep them.
//!
//! Python's exit ends the hosts that Python opened, and with them what they wait for. In hosts of others it has to end
//! each deferral by itself, so those stand in a list. Before Python was given its first handle it knows no such host, and
//! most programs never are.

use std::sync::{Arc, OnceLock, Weak};

use backstay::{Deferral, Holder, State};
use pyo3::prelude::*;
use slab::Slab;

use crate::handle;
use crate::lock::Mutex;
use crate::mine::Mine;

/// Where one is, until it is given away.
pub(crate) struct Place {
    /// One that Python took itself. It stays here and nobody else has it, as long as there is no share: so most cost no
    /// lock, count or allocation beyond those of the core.
    taken: Option<Deferral>,
    /// Python's share of it, once others may have one, too: C may have more handles of it.
    share: OnceLock<Mutex<Option<Arc<Deferral>>>>,
}

impl Place {
    /// Calls `code` with the deferral, under no lock; `None` when it was given away. When that happens meanwhile, nobody can
    /// tell which came first.
    pub(crate) fn with<R>(&self, code: impl FnOnce(&Deferral) -> R) -> Option<R> {
        if let (None, Some(taken)) = (self.share.get(), &self.taken) {
            return Some(code(taken));
        }
        let share = self.share().lock().clone();
        share.map(|deferral| code(&deferral))
    }

    /// The deferral, which Python has not any more.
    pub(crate) fn take(&self) -> Option<Arc<Deferral>> {
        self.share().lock().take()
    }

    /// Python has it, after all.
    pub(crate) fn put_back(&self, deferral: Arc<Deferral>) {
        *self.share().lock() = Some(deferral);
    }

    fn share(&self) -> &Mutex<Option<Arc<Deferral>>> {
        self.share.get_or_init(|| Mutex::new(self.taken.as_ref().map(|taken| Arc::new(taken.hand_over()))))
    }
}

impl From<Deferral> for Place {
    #[inline]
    fn from(taken: Deferral) -> Self {
        Self { taken: Some(taken), share: OnceLock::new() }
    }
}

impl From<Arc<Deferral>> for Place {
    fn from(share: Arc<Deferral>) -> Self {
        Self { taken: None, share: OnceLock::from(Mutex::new(Some(share))) }
    }
}

/// The place of an object's own, or one in the list below, where it stands under a number.
pub(crate) enum Held {
    Alone(Mine<Place>),
    Listed(Arc<Mine<Place>>, usize),
}

/// Only ever locked by a thread that is attached and stays so, as the lists of `exit`.
static LIST: Mutex<Slab<Weak<Mine<Place>>>> = Mutex::new(Slab::new());

impl Held {
    #[inline]
    pub(crate) fn new(deferral: impl Into<Place>) -> Self {
        let place = Mine::new(deferral.into());
        if handle::was_given() { Self::listed(place) } else { Self::Alone(place) }
    }

    #[cold]
    fn listed(place: Mine<Place>) -> Self {
        let place = Arc::new(place);
        let number = LIST.lock().insert(Arc::downgrade(&place));
        Self::Listed(place, number)
    }

    pub(crate) fn place(&self) -> &Mine<Place> {
        match self {
            Self::Alone(place) => place,
            Self::Listed(place, _) => place,
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Self::Listed(_, number) = self {
            LIST.lock().try_remove(*number);
        }
    }
}

/// Python is about to end, and nobody will complete what it still has: that counts as dropped (L5). Who had what.
///
/// The objects may be there to the end: the host of another language keeps functions of Python, and these their modules.
pub(crate) fn drop_all(py: Python<'_>) -> Vec<Holder> {
    let places: Vec<_> = LIST.lock().iter().filter_map(|(_, place)| place.upgrade()).collect();
    let held = places.iter().filter_map(|place| place.here()?.take()).collect::<Vec<_>>();
    // Those of instances that were abandoned have been told with these.
    let is_alive = |deferral: &Arc<Deferral>| deferral.instance().state() != State::Finished;
    py.detach(|| held.into_iter().filter(is_alive).filter_map(|deferral| deferral.holder()).collect())
}
