//! Why a task is not starting anything now, in words (F1).

use std::sync::Arc;

use crate::definition::Definition;
use crate::home::Home;
use crate::registry::{Line, Registry};
use crate::scheduler::Scheduler;
use crate::state::HostState;
use crate::trigger::Trigger;

impl Scheduler {
    /// One line: the task, what there is of it, and each thing that keeps it from starting, as a sentence.
    pub(crate) fn explain(&self, definition: &Arc<Definition>) -> String {
        let registry = self.registry.lock();
        let Some(line) = registry.line(definition) else {
            return format!("{}: unregistered, and nothing of it is left.", definition.says);
        };
        let counts = &definition.counts;
        let mut says =
            vec![format!("{}: {} running, {} pending.", definition.says, counts.running(), counts.pending())];
        says.extend(registry.obstacles(line));
        if let Some((due, _)) = line.due.filter(|_| registry.state == HostState::Open) {
            says.push(format!("Its clock fires it next in {:?}.", due.since(self.now())));
        }
        if let Trigger::Event(name) = &line.says().trigger {
            says.push(format!("It is fired by the event {name:?}."));
        }
        if let Some(error) = &line.refused {
            says.push(format!("Its last firing by clock or event was refused: {error}."));
        }
        if says.len() == 1 && counts.pending() == 0 {
            says.push("Nothing keeps it; it waits to be fired.".to_owned());
        }
        says.join(" ")
    }
}

impl Registry {
    /// Everything that keeps the line from taking a firing or from starting an instance.
    fn obstacles(&self, line: &Line) -> Vec<String> {
        let says = line.says();
        let counts = &line.definition.counts;
        let mut found = Vec::new();
        let mut tell = |applies: bool, what: &dyn Fn() -> String| {
            if applies {
                found.push(what());
            }
        };
        tell(!counts.is_registered(), &|| "It is unregistered; what runs of it may finish.".to_owned());
        tell(self.state != HostState::Open, &|| {
            format!("The host is {}, and takes no firings.", self.state.to_string().to_lowercase())
        });
        tell(line.disabled, &|| {
            format!("It is disabled after {} failures in a row; enable it by hand.", line.failures)
        });
        tell(self.level.is_suspended(), &|| "The host is suspended.".to_owned());
        tell(line.level.is_suspended(), &|| "The task is suspended.".to_owned());
        let unmet = self.unmet(says);
        tell(!unmet.is_empty(), &|| format!("Not met: {}.", unmet.join(", ")));
        let held_back = line.waiting.values().filter(|instance| instance.is_held_back()).count();
        tell(held_back > 0, &|| format!("{held_back} of the pending are suspended by themselves."));
        tell(!line.has_room() && counts.running() > 0, &|| {
            format!("As many run as may at once, which is {}.", says.max_running())
        });
        tell(line.handed() > 0, &|| format!("{} wait for a worker.", line.handed()));
        found
    }
}
