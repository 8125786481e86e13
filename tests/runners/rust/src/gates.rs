//! Where runs stand at a `hold` until a `go` lets them pass.

use std::collections::HashMap;

use backstay::Uuid;
use parking_lot::{Condvar, Mutex};

use crate::traces::PATIENCE;

/// The holds of all runs.
#[derive(Default)]
pub(crate) struct Gates {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The runs that stand, each with whether it may pass.
    standing: HashMap<Uuid, bool>,
    /// Nobody has to stand any more.
    released: bool,
}

impl Gates {
    /// Stands until the run may pass. By the author's intent this is user code that does not look at its
    /// cancellation, so nothing but `go` and the end of the file ends it.
    pub(crate) fn stand(&self, run: Uuid) {
        let mut state = self.state.lock();
        state.standing.insert(run, false);
        self.changed.notify_all();
        while !state.released && state.standing.get(&run) == Some(&false) {
            self.changed.wait(&mut state);
        }
        state.standing.remove(&run);
    }

    /// Waits until the run stands; false when it does not come.
    pub(crate) fn wait_for(&self, run: Uuid) -> bool {
        let mut state = self.state.lock();
        let comes = |state: &mut State| state.standing.get(&run) != Some(&false);
        !self.changed.wait_while_for(&mut state, comes, PATIENCE).timed_out()
    }

    /// Lets the run pass the hold at which it stands.
    pub(crate) fn let_pass(&self, run: Uuid) {
        self.state.lock().standing.insert(run, true);
        self.changed.notify_all();
    }

    /// Lets everybody pass, now and later.
    pub(crate) fn release(&self) {
        self.state.lock().released = true;
        self.changed.notify_all();
    }
}
