//! A page of the sample: registers one task, and shows its status and progress.

use std::sync::Arc;

use backstay::{Completion, Error, Instance, Subscription, Task, Uuid};
use parking_lot::Mutex;

use crate::configuration::{App, RegisterError, Registration};
use crate::system::{System, told};

/// A page that is open.
pub(crate) struct Page {
    app: Arc<App>,
    wanted: Registration,
    shown: Mutex<Option<(Uuid, u32)>>,
    subscriptions: Mutex<Vec<Subscription>>,
}

impl Page {
    /// Finds the task if it is registered already, and attaches to it anew.
    pub(crate) fn open(app: &Arc<App>, wanted: &Registration) -> Arc<Self> {
        let (shown, subscriptions) = (Mutex::default(), Mutex::default());
        let page = Arc::new(Self { app: Arc::clone(app), wanted: wanted.clone(), shown, subscriptions });
        if let Some(task) = app.find(wanted) {
            page.attach(&task);
        }
        page.show_status();
        page
    }

    /// The button Register.
    pub(crate) fn register(self: &Arc<Self>) -> Result<Task, RegisterError> {
        let task = self.app.register(&self.wanted)?;
        self.attach(&task);
        self.show_status();
        self.system().say("Progress: none");
        Ok(task)
    }

    /// The button Unregister.
    pub(crate) fn unregister(&self) -> Result<(), Error> {
        self.app.unregister(&self.wanted)?;
        self.show_status();
        self.system().settle()
    }

    /// The button Signal, of the page with the application trigger.
    pub(crate) fn signal(&self) -> Result<(), Error> {
        let result = self.app.signal(&self.wanted)?;
        self.system().say(format!("Signal result: {result}"));
        self.system().settle()
    }

    fn attach(self: &Arc<Self>, task: &Task) {
        // Handlers are called on a thread of the host, and what they have to show is posted to that of the page. They
        // know it weakly, since otherwise it would never be left.
        let page = Arc::downgrade(self);
        let on_progress = task.on_progress(move |now| {
            let Some(page) = page.upgrade() else { return };
            let instance = now.instance.clone();
            Arc::clone(page.system()).post(move || page.show_progress(&instance));
        });
        let page = Arc::downgrade(self);
        let on_completed = task.on_completed(move |done| {
            let Some(page) = page.upgrade() else { return };
            let done = done.clone();
            Arc::clone(page.system()).post(move || page.show_completed(&done));
        });
        self.subscriptions.lock().extend([on_progress, on_completed]);
    }

    fn show_progress(&self, instance: &Instance) {
        // Values that come faster than they are told are told as one (E3): what is shown is where it is now.
        let now = (instance.id(), instance.progress());
        if self.shown.lock().replace(now) != Some(now) {
            self.system().say(format!("Progress: {}%", now.1));
        }
    }

    fn show_completed(&self, done: &Completion) {
        self.system().say(told(done));
        self.show_status();
    }

    fn show_status(&self) {
        self.system().say(self.app.status(&self.wanted));
    }

    fn system(&self) -> &Arc<System> {
        &self.app.system
    }
}

/// The page is left: its handlers go, the task stays (B91).
impl Drop for Page {
    fn drop(&mut self) {
        self.subscriptions.get_mut().iter().for_each(Subscription::cancel);
    }
}
