//! The way of a firing: refused, merged, waiting or started (F1–F6).
//!
//! Who fires holds no lock of ours when it comes here and none when it leaves; a firing by the clock comes from the
//! timer's thread, the others from the caller's.

use std::sync::Arc;
use std::time::Duration;

use crate::sync::MutexGuard;

use crate::definition::Definition;
use crate::details::Details;
use crate::error::Error;
use crate::event::EventKind;
use crate::home::{Event, Home};
use crate::instance::{Instance, Place};
use crate::policy::WhenBusy;
use crate::reason::CancelReason;
use crate::registry::{Admitted, Line, Registry};
use crate::scheduler::{Due, Scheduler};
use crate::state::HostState;
use crate::trigger::{FireAnswer, Trigger, WaitingFor};

impl Scheduler {
    /// Fires a task: makes an instance or joins the one that is Pending. What is left in `details` is for the caller to
    /// drop: those of before when the firing was merged, its own when it was refused.
    pub(crate) fn fire(
        self: &Arc<Self>,
        definition: &Arc<Definition>,
        details: &mut Details,
    ) -> Result<(Instance, FireAnswer), Error> {
        self.refuse_forked()?;
        let made = || Instance::new(Arc::clone(definition));
        // As a rule it is needed, and then it is better made before the lock than under it.
        let mut spare = (definition.says.when_busy() != WhenBusy::Coalesce).then(made);
        let (instance, answer, replaced) = loop {
            let mut registry = self.registry.lock();
            match registry.admit(definition)? {
                Admitted::New => {
                    let replaced = registry.replaced_by_a_new_one(definition);
                    let instance = spare.take().unwrap_or_else(made);
                    let (instance, answer) = self.enlist(&mut registry, definition, instance, details)?;
                    break (instance, answer, replaced);
                }
                Admitted::Into(pending) => {
                    drop(registry);
                    if pending.merge(details) {
                        return Ok((pending, FireAnswer::Merged));
                    }
                    // It started or ended in the meantime, so the next look finds something else.
                }
            }
        };
        for instance in &replaced {
            instance.cancel(CancelReason::Abort);
        }
        if !replaced.is_empty() {
            // The timer may have fired, and it never runs what users leave behind to be dropped.
            self.post(Event::Drop(Box::new(replaced)));
        }
        self.hand_out();
        Ok((instance, answer))
    }

    /// Lists a new instance, and hands it to the pool if it may start.
    fn enlist(
        &self,
        registry: &mut MutexGuard<'_, Registry>,
        definition: &Arc<Definition>,
        mut instance: Instance,
        details: &mut Details,
    ) -> Result<(Instance, FireAnswer), Error> {
        let unmet = registry.unmet(&definition.says);
        let Some(line) = registry.line(definition) else { return Err(definition.unregistered()) };
        let waits = match unmet.is_empty() {
            false => Some(WaitingFor::Conditions(unmet.clone())),
            true if !registry.lets_start(line) => Some(WaitingFor::Suspended),
            true if !line.has_room() => Some(WaitingFor::Busy),
            true => None,
        };
        if waits.is_none() {
            // Last of the checks: a refused or waiting firing starts no thread (H1).
            self.pool
                .ready()
                .map_err(|error| Error::OutOfMemory { what: format!("no worker thread: {error}") })?;
        }
        let number = registry.next_number();
        let Some(line) = registry.line_mut(definition) else { return Err(definition.unregistered()) };
        let place = Place::new(definition.place(), line.living.vacant_key(), number);
        instance.settle(place, std::mem::take(details));
        instance.tell(EventKind::Fired, |_| {});
        if !unmet.is_empty() {
            instance.tell(EventKind::Waits, |event| event.conditions = unmet);
        }
        let answer = if let Some(what) = waits {
            line.insert(instance.clone(), true);
            FireAnswer::Waiting(what)
        } else {
            line.insert(instance.clone(), false);
            let is_free = self.pool.submit(instance.start_job());
            if is_free { FireAnswer::Started } else { FireAnswer::Waiting(WaitingFor::Worker) }
        };
        registry.count_in(definition);
        Ok((instance, answer))
    }

    /// Fires every task that is bound to the event; how many took it (F6).
    pub(crate) fn raise(self: &Arc<Self>, event: &str, details: Details) -> Result<usize, Error> {
        self.refuse_forked()?;
        let bound = {
            let registry = self.registry.lock();
            registry.refuse_unless_open()?;
            registry.lines_where(|line| {
                let is_bound = matches!(&line.says().trigger, Trigger::Event(name) if **name == *event);
                is_bound && line.definition.counts.is_registered()
            })
        };
        let taken =
            bound.iter().filter_map(|definition| self.fire_unasked(definition, details.clone())).count();
        // The caller's own reference goes here, under no lock: what it names is the user's.
        drop(details);
        Ok(taken)
    }

    /// The moment of a clock trigger has come (F5).
    pub(crate) fn fire_by_clock(self: &Arc<Self>, definition: &Arc<Definition>) {
        let is_once = {
            let mut registry = self.registry.lock();
            let is_open = registry.state == HostState::Open;
            let Some(line) = registry.line_mut(definition) else { return };
            let Some((scheduled, _)) = line.due.take() else { return };
            if !is_open {
                return;
            }
            match definition.says.trigger {
                Trigger::Every(period) => {
                    let next = scheduled.next_after(self.clock.now(), period);
                    line.due = Some((next, self.timer.arm(next, Due::Firing(Arc::downgrade(definition)))));
                    false
                }
                _ => true,
            }
        };
        let fired = self.fire_unasked(definition, Details::none());
        if is_once {
            let mut registry = self.registry.lock();
            match (registry.line_mut(definition), &fired) {
                (Some(line), Some(instance)) if line.is_alive(instance) => {
                    line.shot = Some(instance.place().number);
                }
                // It has finished already, or was refused: there will be no other.
                _ => self.end_one_shot(&mut registry, definition),
            }
        }
        // The timer never runs what users leave behind to be dropped (timer, invariant 4).
        self.post(Event::Drop(Box::new(fired)));
    }

    /// Arms the clock of a task that has just been registered.
    pub(crate) fn arm_clock(self: &Arc<Self>, line: &mut Line) {
        let first: Duration = match line.says().trigger {
            Trigger::After(delay) => delay,
            Trigger::Every(period) => period,
            Trigger::Manual | Trigger::Event(_) => return,
        };
        let due = self.clock.now().plus(first);
        line.due = Some((due, self.timer.arm(due, Due::Firing(Arc::downgrade(&line.definition)))));
    }

    /// A firing that nobody is there to be told of: a refusal is kept for `explain` (F1).
    fn fire_unasked(self: &Arc<Self>, definition: &Arc<Definition>, details: Details) -> Option<Instance> {
        let mut details = details;
        let (instance, refused) = match self.fire(definition, &mut details) {
            Ok((instance, _)) => (Some(instance), None),
            Err(error) => (None, Some(Box::new(error))),
        };
        if !details.is_none() {
            // The timer may have fired, and it never runs what users leave behind to be dropped.
            self.post(Event::Drop(Box::new(details)));
        }
        if let Some(line) = self.registry.lock().line_mut(definition) {
            line.refused = refused;
        }
        instance
    }

    /// The instance of a clock that fires once has finished: the task unregisters itself, and what else there is of it
    /// goes on (F5).
    pub(crate) fn end_one_shot(&self, registry: &mut MutexGuard<'_, Registry>, definition: &Arc<Definition>) {
        if definition.counts.is_registered() {
            registry.take_name(definition);
            self.end_line_if_over(registry, definition);
        }
    }
}

impl Registry {
    /// Whether the task takes a firing, by its policy (F4, G6, H2).
    fn admit(&mut self, definition: &Arc<Definition>) -> Result<Admitted, Error> {
        self.refuse_unless_open()?;
        let Some(line) = self.line(definition).filter(|_| definition.counts.is_registered()) else {
            return Err(definition.unregistered());
        };
        let says = line.says();
        if line.disabled {
            return Err(Error::Disabled { task: says.to_string(), failures: line.failures });
        }
        let (running, pending) = (definition.counts.running(), definition.counts.pending());
        let is_full = match says.when_busy() {
            WhenBusy::Reject => line.living.len() >= says.max_running(),
            WhenBusy::Parallel | WhenBusy::Queue => pending >= says.max_pending,
            WhenBusy::Coalesce | WhenBusy::Replace => false,
        };
        if is_full {
            return Err(Error::CurrentlyRunning { task: says.to_string(), running, pending });
        }
        let merges = says.when_busy() == WhenBusy::Coalesce;
        let pending = line.pending().filter(|_| merges);
        Ok(pending.map_or(Admitted::New, |pending| Admitted::Into(pending.clone())))
    }

    /// What a new instance takes the place of (F4): everything Pending, and of what runs the oldest, as many as make
    /// room.
    fn replaced_by_a_new_one(&self, definition: &Arc<Definition>) -> Vec<Instance> {
        let Some(line) = self.line(definition) else { return Vec::new() };
        let says = line.says();
        if says.when_busy() != WhenBusy::Replace || line.living.len() < says.max_running() {
            return Vec::new();
        }
        let (mut replaced, running): (Vec<_>, Vec<_>) = line
            .in_order()
            .into_iter()
            .filter_map(|place| line.at(place).cloned())
            .partition(Instance::is_pending);
        let is_staying = |instance: &Instance| instance.reason().is_none();
        let staying = running.iter().filter(|instance| is_staying(instance)).count();
        let too_many = (staying + 1).saturating_sub(says.max_running());
        replaced.extend(running.into_iter().filter(is_staying).take(too_many));
        replaced
    }

    /// The definitions of some lines, in the order of registration.
    pub(crate) fn lines_where(&self, is_wanted: impl Fn(&Line) -> bool) -> Vec<Arc<Definition>> {
        let mut lines: Vec<&Line> =
            self.lines.iter().map(|(_, line)| line).filter(|line| is_wanted(line)).collect();
        lines.sort_unstable_by_key(|line| line.number);
        lines.into_iter().map(|line| Arc::clone(&line.definition)).collect()
    }
}

impl Definition {
    pub(crate) fn unregistered(&self) -> Error {
        Error::Unregistered { task: self.says.to_string() }
    }
}
