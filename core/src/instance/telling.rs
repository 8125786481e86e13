//! What an instance tells: what is queued for the events thread, and what that asks when it comes to it (E3, E9).

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Instance, Record};
use crate::clock::Moment;
use crate::completion::Completion;
use crate::event::{EventKind, InstanceEvent};
use crate::home::Event;
use crate::notify::Slot;
use crate::reason::CancelReason;
use crate::state::State;
use crate::timer::Key;

/// How long, by the host's clock, a Canceled handler that is called after the grace was over keeps Completed back.
const PATIENCE: Duration = Duration::from_millis(100);

impl Instance {
    pub(super) fn post_canceled(&self) {
        if self.0.listening.get().is_some_and(|listening| !listening.on_canceled.are_none()) {
            self.0.definition.home.post(Event::Canceled(self.clone()));
        }
    }

    /// Whether the end of the instance concerns the events thread, also when nobody listens to its task or its host: it
    /// has handlers of its own, or something goes with it that users may have a part in and that no other thread should
    /// drop (H8).
    pub(super) fn is_heard(&self, record: &Record) -> bool {
        let leaves = record.details.is_opaque() || record.error.is_some() || record.rare.is_some();
        leaves || self.0.listening.get().is_some()
    }

    /// Tells those who listen to everything; `add` puts in what the kind has to say.
    pub(crate) fn tell(&self, kind: EventKind, add: impl FnOnce(&mut InstanceEvent)) {
        if self.0.definition.home.is_listened_to() {
            let mut event = Box::new(InstanceEvent::new(kind, self));
            add(&mut event);
            self.0.definition.home.post(Event::Tell(event));
        }
    }
}

/// What the events thread asks.
impl Instance {
    /// The next Canceled handler that has not been called yet; each is handed out once.
    pub(crate) fn take_canceled_handler(&self) -> Option<Arc<Slot<CancelReason>>> {
        self.0.listening.get()?.on_canceled.take_first()
    }

    /// The next Completed handler of its own; each is handed out once.
    pub(crate) fn take_completed_handler(&self) -> Option<Arc<Slot<Completion>>> {
        self.0.listening.get()?.on_completed.take_first()
    }

    /// A Canceled handler is about to be called: it tells the code of the instance (C9). If the instance is finished
    /// already, the handler has a moment before the events go on without it (E9).
    ///
    /// Gives back what is armed for that, to be disarmed when the handler has returned.
    pub(crate) fn before_canceled_handler(&self) -> Option<Key> {
        self.notice();
        if self.state() == State::Finished { self.arm_patience() } else { None }
    }

    /// The grace is over, and the events go on without a handler that keeps them back (E9). One that was hardly asked has
    /// a moment: with a grace of nothing it may just have been called, and would be told of the end before it is done.
    pub(super) fn pass_over_handler(&self, asked: Option<Moment>) {
        let home = &self.0.definition.home;
        if asked.is_some_and(|asked| home.now() < asked.plus(PATIENCE)) {
            home.give_up_handler_soon(self);
        } else {
            home.give_up_handler(self);
        }
    }

    /// A handler may keep the events back for a moment more, although the grace is over (E9).
    pub(crate) fn arm_patience(&self) -> Option<Key> {
        let until = self.0.definition.home.now().plus(PATIENCE);
        self.0.definition.home.arm_patience(until, self.downgrade())
    }

    /// The progress to tell, unless Completed was told already (E3).
    pub(crate) fn take_progress(&self) -> Option<u32> {
        self.0.progress_queued.swap(false, Ordering::AcqRel);
        // Only the events thread reads and writes `told`.
        (!self.0.told.load(Ordering::Relaxed)).then(|| self.progress())
    }

    pub(crate) fn set_told(&self) {
        self.0.told.store(true, Ordering::Relaxed);
    }
}
