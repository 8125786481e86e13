//! What is registered, what is alive, and what may start: the data behind a host's one lock.
//!
//! Invariants:
//!
//! 1. An instance is in the `living` of its task's line from its firing until it is finished; who fires and who closes
//!    agree on that under the lock. So a close sees every instance whose firing was accepted.
//! 2. A living instance is in `waiting` (something keeps it from starting), or it is *out*: handed to the pool, or
//!    started. So a task is busy with what is out. What is out starts without this lock, and its own word says whether it
//!    has.
//! 3. Whenever a line may start something, nothing in `waiting` is left that could be started. Whoever changes what
//!    that depends on (a condition, a level, a policy's room) calls [`Registry::start_what_may`].
//! 4. `Counts::free` is false whenever something might keep an instance of the task from starting, so that a worker that
//!    finds it true need not ask here. Whoever makes it false visits every living instance afterwards, under the lock of its
//!    record: one that has started in between is found Running then.
//! 5. A line is there until its task is unregistered and has no living instance; its place may then be another's, so
//!    who comes with an old definition is told that there is no line.
//!
//! The lock comes after that of an instance's record and before those of the queues. So nothing here locks an instance:
//! lists are copied, the lock is let go, then the instances are called.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use slab::Slab;

use crate::clock::Moment;
use crate::definition::{Definition, Description};
use crate::error::Error;
use crate::home::Job;
use crate::instance::{Instance, Place};
use crate::policy::OnShutdown;
use crate::pool::Pool;
use crate::shutdown::{Ending, Tally};
use crate::state::{HostState, Outcome};
use crate::straggler::Occupied;
use crate::suspension::Level;
use crate::timer::Key;

/// Everything that a host knows of its tasks.
pub(crate) struct Registry {
    pub(crate) state: HostState,
    /// How far a shutdown is, if there is one (H2).
    pub(crate) shutdown: Shutdown,
    /// The drain or shutdown that was begun last.
    pub(crate) ending: Option<Ending>,
    pub(crate) lines: Slab<Line>,
    /// The registered names, by group; tasks without a group are in the group without a name (G1, G5).
    names: BTreeMap<Arc<str>, BTreeMap<Arc<str>, usize>>,
    pub(crate) conditions: BTreeMap<Arc<str>, bool>,
    pub(crate) level: Level,
    /// How many instances are alive, and how many of them a shutdown waits for.
    pub(crate) alive: usize,
    pub(crate) waited_for: usize,
    /// Counts firings and registrations, for their order.
    numbers: u64,
    /// What has finished since the host began to drain.
    pub(crate) tally: Tally,
}

/// How far a shutdown is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Shutdown {
    /// There is none.
    None,
    /// It has begun: of what is Pending, only what is to finish starts.
    Begun,
    /// Its deadline is over, or nothing is left that it waits for: nothing starts, and what is left is abandoned once.
    Over,
}

/// One task and its instances.
pub(crate) struct Line {
    pub(crate) definition: Arc<Definition>,
    /// Orders tasks by their registration.
    pub(crate) number: u64,
    /// With the number of its firing beside each, so that who lists them need not look into them.
    pub(crate) living: Slab<(u64, Instance)>,
    /// By the number of the firing, so that what waits longest is first.
    pub(crate) waiting: BTreeMap<u64, Instance>,
    /// How many living ones do not wait (invariant 2).
    out: usize,
    /// The instance that was fired last by a task that has one Pending at most.
    pub(crate) newest: Option<Place>,
    pub(crate) level: Level,
    /// It was taken off the host by hand: what is Pending is being cancelled and does not start any more (G3).
    pub(crate) taken_off: bool,
    /// How many times in a row it has failed, and whether that disabled it (G6).
    pub(crate) failures: u32,
    pub(crate) disabled: bool,
    /// When its clock fires it next.
    pub(crate) due: Option<(Moment, Option<Key>)>,
    /// The number of the instance that a clock made which fires once: the task ends with it (F5).
    pub(crate) shot: Option<u64>,
    /// Why a clock or an event fired it in vain the last time (F1).
    pub(crate) refused: Option<Box<Error>>,
}

/// What the end of an instance leaves to be done for its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing: the task goes on as it is.
    Goes,
    /// Something waits that may start now, or the task may have ended with it.
    MayFollow,
}

/// Where a firing goes.
pub(crate) enum Admitted {
    /// It is merged with this one, if that is still Pending.
    Into(Instance),
    /// It makes an instance of its own.
    New,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self {
            state: HostState::Open,
            shutdown: Shutdown::None,
            ending: None,
            lines: Slab::new(),
            names: BTreeMap::new(),
            conditions: BTreeMap::new(),
            level: Level::default(),
            alive: 0,
            waited_for: 0,
            numbers: 0,
            tally: Tally::default(),
        }
    }

    pub(crate) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// The line of this definition, while there is one (invariant 5).
    pub(crate) fn line(&self, definition: &Definition) -> Option<&Line> {
        let line = self.lines.get(definition.place())?;
        std::ptr::eq(&raw const *line.definition, definition).then_some(line)
    }

    pub(crate) fn line_mut(&mut self, definition: &Definition) -> Option<&mut Line> {
        let line = self.lines.get_mut(definition.place())?;
        std::ptr::eq(&raw const *line.definition, definition).then_some(line)
    }

    /// The task that is registered under this name in this group; `""` is no group.
    pub(crate) fn find(&self, group: &str, name: &str) -> Option<&Line> {
        self.lines.get(*self.names.get(group)?.get(name)?)
    }

    /// The tasks of this group in the order of their names; `""` is no group.
    pub(crate) fn in_group(&self, group: &str) -> Vec<Arc<Definition>> {
        let places = self.names.get(group).into_iter().flat_map(BTreeMap::values);
        places.filter_map(|place| self.lines.get(*place)).map(|line| Arc::clone(&line.definition)).collect()
    }

    pub(crate) fn groups(&self) -> Vec<Arc<str>> {
        self.names.keys().filter(|group| !group.is_empty()).cloned().collect()
    }

    /// Puts a task on the list; its name is free.
    pub(crate) fn insert(&mut self, definition: &Arc<Definition>) -> &mut Line {
        let says = &definition.says;
        let group = says.group.clone().unwrap_or_default();
        let place = self.lines.vacant_key();
        self.names.entry(group).or_default().insert(Arc::clone(&says.name), place);
        definition.set_place(place);
        definition.counts.registered.store(true, Ordering::Relaxed);
        let number = self.next_number();
        let line = Line {
            definition: Arc::clone(definition),
            number,
            living: Slab::new(),
            waiting: BTreeMap::new(),
            out: 0,
            newest: None,
            level: Level::default(),
            taken_off: false,
            failures: 0,
            disabled: false,
            due: None,
            shot: None,
            refused: None,
        };
        self.lines.insert(line);
        self.note_free(definition);
        &mut self.lines[place]
    }

    /// Frees the name of a registered task. Gives back when its clock would have fired it.
    pub(crate) fn take_name(&mut self, definition: &Definition) -> Option<Key> {
        let says = &definition.says;
        let group: &str = says.group.as_deref().unwrap_or_default();
        definition.counts.registered.store(false, Ordering::Relaxed);
        if let Some(names) = self.names.get_mut(group) {
            names.remove(&says.name);
            if names.is_empty() {
                self.names.remove(group);
            }
        }
        self.line_mut(definition)?.due.take()?.1
    }

    /// Every living instance, in the order of firing.
    pub(crate) fn living(&self) -> Vec<Place> {
        in_order(self.lines.iter().flat_map(|(_, line)| line.all()))
    }

    /// The instance at this place, while it is alive.
    pub(crate) fn at(&self, place: Place) -> Option<&Instance> {
        self.lines.get(place.line as usize)?.at(place)
    }

    /// From now on nothing is registered or fired (H2).
    pub(crate) fn refuse_new(&mut self) {
        if self.state == HostState::Open {
            self.state = HostState::Draining;
        }
    }

    pub(crate) fn refuse_unless_open(&self) -> Result<(), Error> {
        match self.state {
            HostState::Open => Ok(()),
            state => Err(Error::Closed { state }),
        }
    }

    /// Which of the task's conditions do not hold, in its order (F2). A condition that was never set does not hold.
    pub(crate) fn unmet(&self, says: &Description) -> Vec<Arc<str>> {
        let holds = |name: &Arc<str>| self.conditions.get(name).copied().unwrap_or_default();
        says.conditions.iter().filter(|name| !holds(name)).cloned().collect()
    }

    /// Whether nothing but a busy task could keep an instance of this line from starting.
    ///
    /// What is Pending and about to be cancelled does not start: neither of a task that was taken off, nor in a shutdown.
    /// That is decided here, under the lock, since the cancelling itself comes after it, one by one.
    pub(crate) fn lets_start(&self, line: &Line) -> bool {
        let says = &line.definition.says;
        let is_to_end = match self.shutdown {
            Shutdown::None => line.taken_off,
            Shutdown::Begun => line.taken_off || says.on_shutdown != OnShutdown::Finish,
            Shutdown::Over => true,
        };
        let conditions_hold =
            says.conditions.iter().all(|name| self.conditions.get(name).copied().unwrap_or_default());
        !is_to_end && conditions_hold && !self.level.with(line.level).is_suspended()
    }

    /// Changes how far the host as a whole is suspended.
    pub(crate) fn change_level(&mut self, change: impl FnOnce(&mut Level)) {
        change(&mut self.level);
        self.note_all_free();
    }

    /// Changes how far one task is suspended; false when there is no such task any more.
    pub(crate) fn change_level_of(
        &mut self,
        definition: &Definition,
        change: impl FnOnce(&mut Level),
    ) -> bool {
        let Some(line) = self.line_mut(definition) else { return false };
        change(&mut line.level);
        self.note_free(definition);
        true
    }

    /// A shutdown is as far as that, or farther.
    pub(crate) fn raise_shutdown(&mut self, shutdown: Shutdown) {
        self.shutdown = self.shutdown.max(shutdown);
        self.note_all_free();
    }

    /// What is Pending of a registered task is about to be cancelled (G3); gives back what is alive of it.
    pub(crate) fn take_off(&mut self, definition: &Definition) -> Vec<Place> {
        let Some(line) = self.line_mut(definition) else { return Vec::new() };
        line.taken_off = true;
        let alive = line.in_order();
        self.note_free(definition);
        alive
    }

    fn note_all_free(&self) {
        self.lines.iter().for_each(|(_, line)| self.note_free(&line.definition));
    }

    /// Notes whether instances of this task may start unasked (invariant 4).
    fn note_free(&self, definition: &Definition) {
        let free = self
            .line(definition)
            .is_some_and(|line| line.says().conditions.is_empty() && self.lets_start(line));
        definition.counts.free.store(free, Ordering::Relaxed);
    }

    /// Hands the pool everything of this line that may start (invariant 3).
    pub(crate) fn start_what_may(&mut self, definition: &Definition, pool: &Pool<Job, Occupied>) {
        let Some(line) = self.line(definition) else { return };
        if line.waiting.is_empty() || !self.lets_start(line) {
            return;
        }
        let Some(line) = self.line_mut(definition) else { return };
        while line.has_room() {
            let free = line.waiting.iter().find(|(_, instance)| !instance.is_held_back());
            let Some(number) = free.map(|(number, _)| *number) else { return };
            let Some(instance) = line.waiting.remove(&number) else { return };
            line.out += 1;
            pool.submit(instance.start_job());
        }
    }

    /// Whether there is a shutdown and all that is alive is what it does not wait for (H2).
    pub(crate) fn only_left_are_alive(&self) -> bool {
        self.shutdown == Shutdown::Begun && self.alive > 0 && self.waited_for == 0
    }

    /// One instance more.
    pub(crate) fn count_in(&mut self, definition: &Definition) {
        self.alive += 1;
        self.waited_for += usize::from(definition.says.on_shutdown != OnShutdown::Leave);
    }

    /// One instance less; whether anything else follows from that.
    pub(crate) fn remove(&mut self, instance: &Instance, has_started: bool, outcome: Outcome) -> Rest {
        let definition = instance.definition();
        self.alive -= 1;
        self.waited_for -= usize::from(definition.says.on_shutdown != OnShutdown::Leave);
        // A living instance has a line (invariant 1).
        let Some(line) = self.line_mut(definition) else { return Rest::Goes };
        line.remove(instance.place(), has_started);
        line.count_outcome(outcome);
        let may_follow =
            !line.waiting.is_empty() || line.shot.is_some() || !definition.counts.is_registered();
        if may_follow { Rest::MayFollow } else { Rest::Goes }
    }
}

impl Line {
    pub(crate) fn says(&self) -> &Description {
        &self.definition.says
    }

    fn all(&self) -> impl Iterator<Item = Place> + '_ {
        let line = self.definition.place();
        self.living.iter().map(move |(index, (number, _))| Place::new(line, index, *number))
    }

    /// The living instances in the order of firing.
    pub(crate) fn in_order(&self) -> Vec<Place> {
        in_order(self.all())
    }

    /// The instance at this place, while it is alive.
    pub(crate) fn at(&self, place: Place) -> Option<&Instance> {
        let (number, instance) = self.living.get(place.index as usize)?;
        (*number == place.number).then_some(instance)
    }

    /// Whether fewer instances than may have started or are about to (F4).
    pub(crate) fn has_room(&self) -> bool {
        self.out < self.says().max_running()
    }

    /// A new instance, which waits, or is about to be handed to the pool.
    pub(crate) fn insert(&mut self, instance: Instance, waits: bool) {
        let place = instance.place();
        if waits {
            self.waiting.insert(place.number, instance.clone());
        } else {
            self.out += 1;
        }
        self.newest = Some(place);
        self.definition.counts.fired();
        self.living.insert((place.number, instance));
    }

    /// What was handed to the pool has to wait again, unless it has ended.
    pub(crate) fn take_back(&mut self, instance: &Instance) {
        if self.is_alive(instance) && self.waiting.insert(instance.place().number, instance.clone()).is_none()
        {
            self.out -= 1;
        }
    }

    /// One that has finished.
    fn remove(&mut self, place: Place, has_started: bool) {
        self.living.try_remove(place.index as usize);
        self.definition.counts.finished(has_started);
        if self.waiting.remove(&place.number).is_none() {
            self.out -= 1;
        }
    }

    /// How many were handed to the pool and have not started.
    pub(crate) fn handed(&self) -> usize {
        self.definition.counts.pending().saturating_sub(self.waiting.len())
    }

    /// What runs, in the order of firing.
    pub(crate) fn running(&self) -> Vec<Place> {
        in_order(self.all().filter(|place| self.at(*place).is_some_and(|instance| !instance.is_pending())))
    }

    pub(crate) fn is_alive(&self, instance: &Instance) -> bool {
        self.at(instance.place()).is_some()
    }

    /// The instance that a coalesced firing is merged with: that of the last firing that was not merged, unless it has
    /// started.
    pub(crate) fn pending(&self) -> Option<&Instance> {
        let newest = self.at(self.newest?)?;
        newest.is_pending().then_some(newest)
    }

    /// Counts failures in a row; enough of them disable the task (G6).
    fn count_outcome(&mut self, outcome: Outcome) {
        match outcome {
            // What still ran when the task was disabled does not change why it was.
            Outcome::Succeeded if self.disabled => {}
            Outcome::Succeeded => self.failures = 0,
            Outcome::Failed => {
                self.failures = self.failures.saturating_add(1);
                let limit = self.says().max_failures;
                self.disabled |= limit.is_some_and(|limit| self.failures >= limit);
            }
            // Somebody else ended it, so it says nothing about the task.
            Outcome::Canceled | Outcome::Abandoned => {}
        }
    }
}

fn in_order(places: impl Iterator<Item = Place>) -> Vec<Place> {
    let mut all: Vec<Place> = places.collect();
    all.sort_unstable_by_key(|place| place.number);
    all
}
