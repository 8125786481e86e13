//! The entry point of every task: it does the acts that the file wrote down for it.

use backstay::{Details, Instance, TaskError};

use crate::stage::Stage;
use crate::step::Act;
use crate::trouble::Trouble;

impl Stage {
    /// One run of the task called `task`.
    ///
    /// An act that the library refuses leaves the entry point by `?`, as code of an application would: the run is
    /// Failed with what the refusal says.
    pub(crate) fn enter(&self, task: &str, instance: &Instance) -> Result<(), TaskError> {
        for act in self.script(task, instance).iter() {
            match act {
                Act::Defer(label) => self.deferrals.take(instance, label)?,
                Act::Complete(label) => {
                    if self.deferrals.end(instance, label, backstay::Deferral::complete).is_none() {
                        self.add_mistake(Trouble::nobody("deferral", label));
                    }
                }
                Act::Progress(progress) => instance.set_progress(*progress),
                Act::Hold => self.gates.stand(instance.id()),
                Act::Checkpoint => {
                    // A cancelled run goes on with its next act; whether it then fails or returns is the file's say.
                    let _canceled = instance.checkpoint();
                }
                Act::Fail(text) => return Err(TaskError::new(text.as_str())),
                // Panics without the panic hook, which would write to the terminal of whoever plays the file.
                Act::Panic => std::panic::resume_unwind(Box::new("the run panicked on purpose")),
                Act::Unregister => instance.task().unregister(false)?,
                Act::Fire(name) => match self.task(name) {
                    Some(task) => {
                        task.fire(Details::none())?;
                    }
                    None => self.add_mistake(Trouble::nobody("task", name)),
                },
                Act::Return => return Ok(()),
            }
        }
        Ok(())
    }
}
