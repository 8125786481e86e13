//! How the events thread calls handlers: one event at a time, under no lock, while it is this thread's turn.

use std::sync::Arc;

use crate::event::{EventKind, InstanceEvent};
use crate::events::Turn;
use crate::home::Event;
use crate::instance::Progress;
use crate::notify::{Handlers, Report};
use crate::shield::shield;
use crate::state::State;
use crate::straggler::Occupied;

/// Those who listen to the events of all instances of a host.
pub(crate) type Listeners = Arc<Handlers<InstanceEvent>>;

/// Calls the handlers of one event.
pub(crate) fn deliver(event: Event, turn: &Turn<'_, Event, Occupied>, listeners: &Listeners, log: &Report) {
    match event {
        Event::Tell(event) => tell(listeners, &*event, turn),
        Event::Canceled(instance) => {
            // The code of the instance notices when one of its handlers is called, not before (C9).
            let reason = instance.reason();
            while !turn.is_over()
                && let Some(slot) = instance.take_canceled_handler()
            {
                let patience = instance.before_canceled_handler();
                if let Some(reason) = &reason {
                    turn.call(|| slot.call(reason));
                }
                if let Some(key) = patience {
                    instance.home().disarm(key);
                }
                // It is called at most once, so what it captured can go now (E4).
                slot.detach();
            }
        }
        Event::Progress(instance) => {
            if let Some(value) = instance.take_progress() {
                let progress = Progress { instance: instance.clone(), progress: value };
                tell(&instance.definition().on_progress, &progress, turn);
                if !listeners.are_none() {
                    let event = InstanceEvent {
                        progress: Some(value),
                        ..InstanceEvent::new(EventKind::Progress, &instance)
                    };
                    tell(listeners, &event, turn);
                }
            }
        }
        Event::Completed(instance, completion) => {
            instance.set_told();
            while let Some(slot) = instance.take_canceled_handler() {
                slot.detach();
            }
            while let Some(slot) = instance.take_completed_handler() {
                // One that is stuck keeps the others from being called, never from being dropped.
                turn.call(|| slot.call(&completion));
                slot.detach();
            }
            tell(&instance.definition().on_completed, &*completion, turn);
            if !listeners.are_none() {
                let event = InstanceEvent {
                    reason: completion.canceled,
                    outcome: Some(completion.outcome),
                    progress: Some(completion.progress),
                    ..InstanceEvent::new(EventKind::Completed, &instance)
                };
                tell(listeners, &event, turn);
            }
            debug_assert_eq!(instance.state(), State::Finished, "Completed is told of what is finished (L2)");
        }
        Event::Log(text) => log(&text),
        Event::Drop(something) => drop(something),
        Event::TaskEnded(definition) => {
            end(&definition.on_progress);
            end(&definition.on_completed);
            drop(definition.take_entry_point());
        }
        Event::HostEnded => end(listeners),
    }
}

fn tell<A: 'static>(handlers: &Handlers<A>, what: &A, turn: &Turn<'_, Event, Occupied>) {
    if handlers.are_none() {
        return;
    }
    for slot in &*handlers.all() {
        if !turn.call(|| slot.call(what)) {
            return;
        }
    }
}

/// Nothing is told any more: what the handlers captured goes.
fn end<A: 'static>(handlers: &Handlers<A>) {
    handlers.take().iter().for_each(|slot| slot.detach());
}

/// One line for the log. The log is user code as well: what it throws is dropped, since there is nobody left to tell.
pub(crate) fn say(log: &(dyn Fn(&str) + Send + Sync), text: &str) {
    let line = text.lines().collect::<Vec<_>>().join(" | ");
    let _ = shield(|| log(&line));
}
