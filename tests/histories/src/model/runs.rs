//! The workers, and what entry points do on them.
//!
//! A worker takes what was handed to it in the order of handing over (H1), and looks once more whether it may start
//! (F2, S1): if not, the instance waits again. An abandoned run does not count as a worker any more (C6).

use backstay::State;
use backstay_scenarios::step::Act;

use super::instance::{ErrorText, Place};
use super::life::End;
use super::{Id, Model};

/// Who can do something now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    /// A free worker, for which there is work.
    Worker,
    /// A run that is busy.
    Run(Id),
}

impl Model {
    /// Everybody who can move does, until all is at rest.
    pub(super) fn move_all(&mut self) {
        while !self.is_full() {
            let actors = self.actors();
            match self.either_way(actors).first() {
                None => return,
                Some(Actor::Worker) => self.take(),
                Some(Actor::Run(id)) => self.act(*id),
            }
        }
    }

    /// A step has done one thing, and others may be quick.
    pub(super) fn let_move(&mut self) {
        if self.schedule.is_eager {
            self.move_all();
        }
    }

    /// Free workers begin what was handed to them, and get no further (H5).
    pub(super) fn begin_all(&mut self) {
        while self.has_free_worker() && !self.queue.is_empty() {
            self.take();
        }
    }

    fn actors(&self) -> Vec<Actor> {
        let busy = self.ids().into_iter().filter(|id| self.at(*id).place == Place::Busy).map(Actor::Run);
        let worker = (self.has_free_worker() && !self.queue.is_empty()).then_some(Actor::Worker);
        busy.chain(worker).collect()
    }

    fn has_free_worker(&self) -> bool {
        let instances = self.tasks.iter().flat_map(|task| &task.instances);
        let occupied = instances.filter(|instance| instance.is_inside() && !instance.is_straggler()).count();
        occupied < self.options.workers.unwrap_or(usize::MAX)
    }

    /// Hands over everything that nothing keeps from starting but the want of a worker.
    pub(super) fn start_what_may(&mut self) {
        for task in self.either_way((0..self.tasks.len()).collect()) {
            while self.tasks[task].has_room() {
                let may =
                    |id: &Id| self.at(*id).is_pending() && !self.at(*id).is_handed && self.may_start(*id);
                let Some(id) = self.of_task(task).into_iter().find(may) else { break };
                self.at_mut(id).is_handed = true;
                self.queue.push_back(id);
            }
        }
    }

    fn may_start(&self, id: Id) -> bool {
        self.unmet(&self.tasks[id.0].says).is_empty() && !self.is_suspended(id)
    }

    /// A worker takes the first of the queue.
    fn take(&mut self) {
        let Some(id) = self.queue.pop_front() else { return };
        let may_start = self.may_start(id);
        let acts = self.scripts.get(&self.task_of(id)).cloned().unwrap_or_default();
        let now = self.now;
        let instance = self.at_mut(id);
        instance.is_handed = false;
        if !may_start {
            self.start_what_may();
            return;
        }
        instance.state = State::Running;
        instance.since = Some(now);
        instance.acts = acts;
        instance.acts.reverse();
        instance.tell("started");
        self.stir(id);
        self.fresh.push(id);
        // Going straight to a hold is no being busy: there is nothing that others could come before.
        if matches!(self.at(id).acts.as_slice(), [.., Act::Hold, Act::Progress(_)]) {
            self.act(id);
            self.act(id);
        } else {
            self.stirred = true;
        }
    }

    /// The next act of a busy run; the last of `acts` is next.
    fn act(&mut self, id: Id) {
        let instance = self.at_mut(id);
        if instance.acts.last() == Some(&Act::Checkpoint) && has_to_stay(instance) {
            instance.place = Place::AtCheckpoint;
            return;
        }
        let Some(act) = instance.acts.pop() else { return self.leave(id, None) };
        match act {
            Act::Defer(label) => {
                if self.defer(id, &label).is_err() {
                    self.leave(id, Some(ErrorText::Unknown));
                }
            }
            Act::Complete(label) => {
                // The answer is nobody's business (L4).
                let _ = self.end(id, &label, End::Well);
            }
            Act::Progress(progress) => self.at_mut(id).set_progress(progress),
            Act::Hold => self.at_mut(id).place = Place::AtHold,
            Act::Checkpoint => {}
            Act::Fail(text) => self.leave(id, Some(ErrorText::Known(text))),
            Act::Panic => self.leave(id, Some(ErrorText::Unknown)),
            Act::Return => self.leave(id, None),
            Act::Unregister => {
                if self.unregister(id.0, false).is_err() {
                    self.leave_refused(id);
                }
            }
            Act::Fire(name) => {
                if self.fire(self.called[&name], "").is_err() {
                    self.leave_refused(id);
                }
            }
        }
    }

    /// What was refused leaves the run as an error. While a deferral keeps the instance, nobody can see that it has been
    /// refused already, and a later step may be what makes it succeed.
    fn leave_refused(&mut self, id: Id) {
        self.is_blind |= self.at(id).is_living() && self.at(id).holders() > 0;
        self.leave(id, Some(ErrorText::Unknown));
    }

    /// Lets the hold pass at which the run stands.
    pub(super) fn go(&mut self, id: Id) {
        if self.at(id).is_at_hold() {
            self.stir(id);
        }
    }

    /// A checkpoint may have to be passed now.
    pub(super) fn wake(&mut self, id: Id) {
        if self.at(id).place == Place::AtCheckpoint && !has_to_stay(self.at(id)) {
            self.stir(id);
            self.stirred = true;
        }
    }

    fn stir(&mut self, id: Id) {
        self.at_mut(id).place = Place::Busy;
    }

    /// The instances of one registration, in the order of firing.
    pub(super) fn of_task(&self, task: usize) -> Vec<Id> {
        (0..self.tasks[task].instances.len()).map(|index| (task, index)).collect()
    }

    /// Things that have no order, in the order of the schedule.
    pub(super) fn either_way<T>(&self, things: Vec<T>) -> Vec<T> {
        self.schedule.order.of(things)
    }
}

/// Whether a checkpoint keeps the run (S1, S3).
fn has_to_stay(instance: &super::Instance) -> bool {
    instance.lasting.is_some() && instance.reason.is_none() && instance.is_running()
}
