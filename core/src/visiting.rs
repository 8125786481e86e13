//! Visiting very many instances.
//!
//! Instances are called under no lock of the host, so who has something to say to many of them lists their places under
//! the registry's lock and then looks each up again. Of a million none is in a cache, and to fetch one takes longer than most
//! of what is done with it; so that is done a few at a time: they are looked at first, all at once, and when their turn comes
//! they are still there.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use crate::definition::Definition;
use crate::home::{Event, Home};
use crate::instance::{Instance, Place};
use crate::reason::CancelReason;
use crate::scheduler::{Due, Graces, Scheduler};

/// So many instances are visited together.
const FEW: usize = 128;

impl Scheduler {
    /// Calls `visit` for each of these, in this order, that is still alive when its turn comes.
    pub(crate) fn visit(&self, places: &[Place], mut visit: impl FnMut(Instance)) {
        for few in places.chunks(FEW) {
            self.alive(few).into_iter().for_each(&mut visit);
        }
    }

    /// The same where nothing may be dropped that users may have a part in: the events thread does that (H8).
    pub(crate) fn visit_and_keep(&self, places: &[Place], mut visit: impl FnMut(&Instance)) {
        for few in places.chunks(FEW) {
            let alive = self.alive(few);
            alive.iter().for_each(&mut visit);
            if !alive.is_empty() {
                self.post(Event::Drop(Box::new(alive)));
            }
        }
    }

    /// Cancels what is wanted of these, a few at one moment. There is one alarm for the graces of these few, which is gone
    /// with the last of them.
    pub(crate) fn cancel_each(
        &self,
        places: &[Place],
        reason: CancelReason,
        is_wanted: impl Fn(&Instance) -> bool,
    ) {
        for few in places.chunks(FEW) {
            let mut alive = self.alive(few);
            alive.retain(&is_wanted);
            while let Some(first) = alive.first() {
                // As a rule all of them have the same.
                let definition = Arc::clone(first.definition());
                let grace = definition.grace();
                let is_same = |its: &Arc<Definition>| Arc::ptr_eq(its, &definition) || its.grace() == grace;
                let (same, others) = alive.into_iter().partition(|one| is_same(one.definition()));
                self.cancel_together(same, reason, grace);
                alive = others;
            }
        }
    }

    fn cancel_together(&self, instances: Vec<Instance>, reason: CancelReason, grace: Duration) {
        let now = self.clock.now();
        let places: Vec<Place> = instances.iter().map(Instance::place).collect();
        let graces = || Due::Graces(Box::new(Graces { places: places.clone(), left: places.len() }));
        // Before they are asked, so that whoever learns of that and moves a manual clock finds it armed.
        let over = now.plus(grace);
        let alarm = self.timer.arm(over, graces());
        for instance in instances {
            if !instance.cancel_at(reason, now, alarm)
                && let Some(alarm) = alarm
            {
                self.disarm(alarm);
            }
        }
        if over <= self.clock.now() {
            // It may have come before the last of them was asked.
            self.timer.arm(over, graces());
        }
    }

    /// Those of them that are alive. Also one that another thread is about to finish: who visits it waits for that.
    fn alive(&self, places: &[Place]) -> Vec<Instance> {
        let registry = self.registry.lock();
        let living: Vec<&Instance> = places.iter().filter_map(|place| registry.at(*place)).collect();
        // Nothing waits for what is only looked at, so they are fetched together; to take a reference waits for each.
        for instance in &living {
            black_box(instance.is_pending());
        }
        living.into_iter().cloned().collect()
    }
}
