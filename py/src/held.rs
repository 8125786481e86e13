//! The deferrals that Python has, as its objects keep them.
//!
//! Python's exit ends the hosts that Python opened, and with them what they wait for. In hosts of others it has to end
//! each deferral by itself, so those stand in a list. Before Python was given its first handle it knows no such host, and
//! most programs never are.

use std::sync::{Arc, Weak};

use backstay::{Deferral, Holder, State};
use pyo3::prelude::*;
use slab::Slab;

use crate::handle;
use crate::lock::Mutex;
use crate::mine::Mine;

/// Where one is, until it is given away.
///
/// Shared, since C may have more handles of it.
pub(crate) type Place = Mine<Mutex<Option<Arc<Deferral>>>>;

/// The place of an object's own, or one in the list below, where it stands under a number.
pub(crate) enum Held {
    Alone(Place),
    Listed(Arc<Place>, usize),
}

/// Only ever locked by a thread that is attached and stays so, as the lists of `exit`.
static LIST: Mutex<Slab<Weak<Place>>> = Mutex::new(Slab::new());

impl Held {
    pub(crate) fn new(deferral: Arc<Deferral>) -> Self {
        let place = Mine::new(Mutex::new(Some(deferral)));
        if !handle::was_given() {
            return Self::Alone(place);
        }
        let place = Arc::new(place);
        let number = LIST.lock().insert(Arc::downgrade(&place));
        Self::Listed(place, number)
    }

    pub(crate) fn place(&self) -> &Place {
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
    let held = places.iter().filter_map(|place| place.here()?.lock().take()).collect::<Vec<_>>();
    // Those of instances that were abandoned have been told with these.
    let is_alive = |deferral: &Arc<Deferral>| deferral.instance().state() != State::Finished;
    py.detach(|| held.into_iter().filter(is_alive).filter_map(|deferral| deferral.holder()).collect())
}
