//! What has happened to every instance so far: the host's events, with marks of the steps by hand between them.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use backstay::{EventKind, Host, Instance, InstanceEvent, Uuid};
use parking_lot::{Condvar, Mutex};

/// How long an expectation waits, by the machine's clock.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// How soon a waiting expectation looks again when no event comes: not everything that it looks at is an event.
const GLANCE: Duration = Duration::from_millis(2);

/// The traces of all instances of one host.
#[derive(Default)]
pub(crate) struct Traces {
    seen: Mutex<Seen>,
    changed: Condvar,
}

#[derive(Default)]
struct Seen {
    /// Every instance, in the order of firing.
    instances: Vec<Instance>,
    entries: HashMap<Uuid, Vec<String>>,
    /// How many entries there are, by which a wait knows that nothing has come since it looked.
    count: usize,
}

impl Traces {
    /// Writes down every event of the host from now on.
    pub(crate) fn watch(self: &Arc<Self>, host: &Host) {
        let traces = Arc::clone(self);
        // Dropping the subscription leaves the handler attached until the host ends (E4).
        let _subscription = host.on_event(move |event| traces.tell(event));
    }

    fn tell(&self, event: &InstanceEvent) {
        let Some(entry) = entry(event) else { return };
        let mut seen = self.seen.lock();
        if event.kind == EventKind::Fired {
            seen.instances.push(event.instance.clone());
        }
        seen.add(event.instance_id, entry);
        self.changed.notify_all();
    }

    /// Writes down a step that is about to be carried out.
    pub(crate) fn mark(&self, instance: &Instance, step: &str) {
        self.seen.lock().add(instance.id(), format!("<{step}>"));
    }

    /// The trace of one instance so far.
    pub(crate) fn of(&self, instance: &Instance) -> Vec<String> {
        self.seen.lock().entries.get(&instance.id()).cloned().unwrap_or_default()
    }

    /// Every instance so far, in the order of firing.
    pub(crate) fn instances(&self) -> Vec<Instance> {
        self.seen.lock().instances.clone()
    }

    /// Every instance that was told to have started.
    pub(crate) fn started(&self) -> Vec<Uuid> {
        let seen = self.seen.lock();
        let has_started =
            |(_, entries): &(&Uuid, &Vec<String>)| entries.iter().any(|entry| entry == "started");
        seen.entries.iter().filter(has_started).map(|(id, _)| *id).collect()
    }

    /// Looks until there is something to see, at every event and every few milliseconds, for at most [`PATIENCE`].
    pub(crate) fn wait_for<T>(&self, look: impl Fn() -> Option<T>) -> Option<T> {
        let until = Instant::now() + PATIENCE;
        loop {
            let before = self.seen.lock().count;
            let found = look();
            if found.is_some() || Instant::now() >= until {
                return found;
            }
            let mut seen = self.seen.lock();
            if seen.count == before {
                self.changed.wait_for(&mut seen, GLANCE);
            }
        }
    }
}

impl Seen {
    fn add(&mut self, id: Uuid, entry: String) {
        self.entries.entry(id).or_default().push(entry);
        self.count += 1;
    }
}

/// The word of an event; none for progress, whose events may be merged (E3).
fn entry(event: &InstanceEvent) -> Option<String> {
    let with = |word: &str, what: Option<String>| format!("{word}:{}", what.unwrap_or_default());
    Some(match event.kind {
        EventKind::Fired => "fired".to_owned(),
        EventKind::Waits => format!("waits:{}", event.conditions.join(",")),
        EventKind::Started => "started".to_owned(),
        EventKind::Suspended => "suspended".to_owned(),
        EventKind::Resumed => "resumed".to_owned(),
        EventKind::Canceled => with("canceled", event.reason.map(|reason| reason.to_string())),
        EventKind::Overdue => with("overdue", event.label.as_deref().map(ToOwned::to_owned)),
        EventKind::Completed => with("completed", event.outcome.map(|outcome| outcome.to_string())),
        _ => return None,
    })
}
