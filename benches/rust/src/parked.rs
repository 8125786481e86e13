//! Instances that are Running because somebody holds them: what most works need before they begin.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use backstay::{Deferral, Details, Host, Instance, Task, TaskBuilder};

/// A host with two workers and a task whose instances are parked on one named deferral each, or end at once.
pub struct Parked {
    pub host: Host,
    pub task: Task,
    /// Whether what is fired now is parked.
    parks: Arc<AtomicBool>,
    held: Arc<Mutex<Vec<Deferral>>>,
}

impl Parked {
    pub fn new(settings: impl FnOnce(TaskBuilder) -> TaskBuilder) -> Self {
        let host = Host::builder().workers(2).build().expect("two workers are fine");
        let held = Arc::new(Mutex::new(Vec::new()));
        let parks = Arc::new(AtomicBool::new(false));
        let (keeps, is_parked) = (Arc::clone(&held), Arc::clone(&parks));
        let builder = TaskBuilder::new("parked").run(move |instance| {
            if is_parked.load(Ordering::Relaxed) {
                let deferral = instance.get_deferral("upload")?;
                keeps.lock().expect("nobody panics").push(deferral);
            }
            Ok(())
        });
        let task = settings(builder).register(&host).expect("the name is free");
        Self { host, task, parks, held }
    }

    /// Parks as many more, and gives the last one.
    pub fn park(&self, instances: u64) -> Instance {
        let mut last = None;
        self.parks.store(true, Ordering::Relaxed);
        let goal = self.held.lock().expect("nobody panics").len() + instances as usize;
        for _ in 0..instances {
            last = Some(self.task.fire(Details::none()).expect("the host is open"));
        }
        while self.held.lock().expect("nobody panics").len() < goal {
            std::thread::yield_now();
        }
        self.parks.store(false, Ordering::Relaxed);
        last.expect("at least one")
    }

    /// Lets all go, and waits until they have finished.
    pub fn release(&self) {
        let held = std::mem::take(&mut *self.held.lock().expect("nobody panics"));
        held.iter().for_each(|deferral| {
            deferral.complete();
        });
        drop(held);
        self.host.flush(None).expect("from outside of the host");
    }

    /// Looks at every deferral that is held.
    pub fn each(&self, mut look: impl FnMut(&Deferral)) {
        self.held.lock().expect("nobody panics").iter().for_each(&mut look);
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.release();
        self.host.shutdown(std::time::Duration::from_secs(60)).expect("from outside of the host");
    }
}
