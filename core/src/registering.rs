//! What changes a registration, or what the starting of instances depends on: names, conditions, levels.
//!
//! All of it follows one pattern: change the registry under its lock and copy whom it concerns, let go, then call the
//! instances.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::sync::MutexGuard;

use crate::definition::Definition;
use crate::error::Error;
use crate::home::Home;
use crate::instance::Place;
use crate::policy::IfExists;
use crate::reason::CancelReason;
use crate::registry::{Line, Registry};
use crate::scheduler::Scheduler;
use crate::suspension::{Cause, Level};

impl Scheduler {
    /// Registers a task, or gives back the one that keeps its name (G1).
    pub(crate) fn register(
        self: &Arc<Self>,
        definition: &Arc<Definition>,
        if_exists: IfExists,
    ) -> Result<Arc<Definition>, Error> {
        self.refuse_forked()?;
        let mut replaced = Vec::new();
        {
            let mut registry = self.registry.lock();
            registry.refuse_unless_open()?;
            let says = &definition.says;
            let group: &str = says.group.as_deref().unwrap_or_default();
            let old = registry.find(group, &says.name).map(|line| Arc::clone(&line.definition));
            if let Some(old) = old {
                match if_exists {
                    IfExists::Fail => return Err(Error::NameTaken { name: says.to_string() }),
                    IfExists::Keep => return Ok(old),
                    IfExists::Replace | IfExists::ReplaceAndCancel => {
                        replaced = self.take_off(&mut registry, &old);
                    }
                }
            }
            self.arm_clock(registry.insert(definition));
        }
        self.cancel_taken_off(&replaced, if_exists == IfExists::ReplaceAndCancel);
        Ok(Arc::clone(definition))
    }

    /// The task's name is free when this returns. What waits is cancelled, and with `cancel` what runs as well (G3).
    pub(crate) fn unregister(&self, definition: &Arc<Definition>, cancel: bool) -> Result<(), Error> {
        let instances = {
            let mut registry = self.registry.lock();
            if !definition.counts.is_registered() {
                return Err(definition.unregistered());
            }
            self.take_off(&mut registry, definition)
        };
        self.cancel_taken_off(&instances, cancel);
        Ok(())
    }

    /// Frees the name of a registered task and stops its clock; gives back what is alive of it.
    fn take_off(&self, registry: &mut MutexGuard<'_, Registry>, definition: &Arc<Definition>) -> Vec<Place> {
        let alive = registry.take_off(definition);
        if let Some(key) = registry.take_name(definition) {
            self.timer.disarm(key);
        }
        self.end_line_if_over(registry, definition);
        alive
    }

    /// Sets a condition: what waits for it may start, or what needs it may be cancelled (F2, F3).
    pub(crate) fn set_condition(&self, name: &str, on: bool) {
        let losers = {
            let mut registry = self.registry.lock();
            if registry.conditions.insert(name.into(), on).unwrap_or_default() == on {
                return;
            }
            let concerned =
                registry.lines_where(|line| line.says().conditions.iter().any(|its| **its == *name));
            if on {
                for definition in concerned {
                    registry.start_what_may(&definition, &self.pool);
                }
                Vec::new()
            } else {
                // What runs at this moment, and not what starts when the condition has come back.
                let of = |definition: &Arc<Definition>| registry.line(definition).map(Line::running);
                let losing = concerned.iter().filter(|definition| definition.says.cancel_on_condition_loss);
                losing.filter_map(of).flatten().collect()
            }
        };
        self.cancel_each(&losers, CancelReason::ConditionLoss, |_| true);
        self.hand_out();
    }

    /// Suspends everything, for a cause if there is one (S1).
    pub(crate) fn suspend_all(&self, cause: Option<Cause>) {
        let living = {
            let mut registry = self.registry.lock();
            registry.change_level(|level| level.suspend(cause));
            registry.living()
        };
        self.visit(&living, |instance| instance.levels_changed());
    }

    pub(crate) fn resume_all(&self) {
        let living = {
            let mut registry = self.registry.lock();
            registry.change_level(Level::resume);
            for definition in registry.lines_where(|line| !line.waiting.is_empty()) {
                registry.start_what_may(&definition, &self.pool);
            }
            registry.living()
        };
        // Before the wakers of what goes on, as after every change that starts something.
        self.hand_out();
        self.visit(&living, |instance| instance.levels_changed());
    }

    /// Suspends one task, with all its instances.
    pub(crate) fn suspend_task(&self, definition: &Definition, cause: Option<Cause>) {
        let living = {
            let mut registry = self.registry.lock();
            if !registry.change_level_of(definition, |level| level.suspend(cause)) {
                return;
            }
            registry.line(definition).map(Line::in_order).unwrap_or_default()
        };
        self.visit(&living, |instance| instance.levels_changed());
    }

    pub(crate) fn resume_task(&self, definition: &Definition) {
        let living = {
            let mut registry = self.registry.lock();
            if !registry.change_level_of(definition, Level::resume) {
                return;
            }
            let living = registry.line(definition).map(Line::in_order).unwrap_or_default();
            registry.start_what_may(definition, &self.pool);
            living
        };
        // Before the wakers of what goes on, as after every change that starts something.
        self.hand_out();
        self.visit(&living, |instance| instance.levels_changed());
    }

    /// A task that was disabled after failures takes firings again (G6).
    pub(crate) fn enable(&self, definition: &Definition) -> Result<(), Error> {
        let mut registry = self.registry.lock();
        let Some(line) = registry.line_mut(definition).filter(|_| definition.counts.is_registered()) else {
            return Err(definition.unregistered());
        };
        line.disabled = false;
        line.failures = 0;
        Ok(())
    }

    /// Whether no handler is attached to the task any more, to be asked under the registry's lock.
    pub(crate) fn has_ended(definition: &Definition) -> bool {
        definition.counts.ended.load(Ordering::Relaxed)
    }

    /// What waits is cancelled in any case, what runs only if that was asked for (G3).
    fn cancel_taken_off(&self, places: &[Place], also_running: bool) {
        if also_running {
            self.cancel_each(places, CancelReason::Abort, |_| true);
        } else {
            self.visit(places, |instance| instance.cancel_if_pending(CancelReason::Abort));
        }
    }
}
