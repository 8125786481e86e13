//! What the steps of a scenario share with the runs of its tasks.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use backstay::{Instance, Task, Uuid};
use parking_lot::Mutex;

use crate::deferrals::Deferrals;
use crate::gates::Gates;
use crate::step::Act;
use crate::traces::Traces;
use crate::trouble::Trouble;

/// One playing scenario, as its runs see it.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) traces: Arc<Traces>,
    pub(crate) gates: Gates,
    pub(crate) deferrals: Deferrals,
    /// What the runs of each task do.
    scripts: Mutex<HashMap<String, Arc<[Act]>>>,
    /// The runs that know what they do.
    entered: Mutex<HashSet<Uuid>>,
    /// The task last registered under each name.
    tasks: Mutex<HashMap<String, Task>>,
    /// What a run was told to do and could not, since the file is wrong.
    mistakes: Mutex<Vec<String>>,
}

impl Stage {
    /// Says what the later runs of that task do. A run that was seen to have started is not a later one, so this waits
    /// until each of those has taken its script.
    pub(crate) fn set_script(&self, task: &str, acts: &[Act]) -> Result<(), Trouble> {
        let started = self.traces.started();
        let have_entered = || started.iter().all(|run| self.entered.lock().contains(run)).then_some(());
        let late = || Trouble::Wrong("expected every started run to enter, saw one that does not".to_owned());
        self.traces.wait_for(have_entered).ok_or_else(late)?;
        self.scripts.lock().insert(task.to_owned(), acts.into());
        Ok(())
    }

    /// What this run of that task does; nothing when no `run` said so.
    pub(crate) fn script(&self, task: &str, run: &Instance) -> Arc<[Act]> {
        let script = self.scripts.lock().get(task).cloned().unwrap_or_default();
        self.entered.lock().insert(run.id());
        script
    }

    pub(crate) fn set_task(&self, name: &str, task: Task) {
        self.tasks.lock().insert(name.to_owned(), task);
    }

    /// The task last registered under that name, also when it was unregistered since.
    pub(crate) fn task(&self, name: &str) -> Option<Task> {
        self.tasks.lock().get(name).cloned()
    }

    /// Remembers that the file asks a run for what cannot be.
    pub(crate) fn add_mistake(&self, mistake: Trouble) {
        self.mistakes.lock().push(mistake.into_message());
    }

    /// What a run could not do so far.
    pub(crate) fn mistake(&self) -> Option<String> {
        self.mistakes.lock().first().cloned()
    }
}
