//! Visiting very many instances.
//!
//! Instances are called under no lock of the host, so who has something to say to many of them lists their places under
//! the registry's lock and then looks each up again. Of a million none is in a cache, and to fetch one takes longer than most
//! of what is done with it; so that is done a few at a time: they are looked at first, all at once, and when their turn comes
//! they are still there.

use std::hint::black_box;
use std::time::Duration;

use crate::clock::Moment;
use crate::home::{Event, Home};
use crate::instance::{Instance, Place};
use crate::reason::CancelReason;
use crate::scheduler::{Due, Scheduler};

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

    /// Cancels what is wanted of these, all at one moment. There is one alarm for the graces of many: few of them are
    /// still alive when it comes.
    pub(crate) fn cancel_each(
        &self,
        places: &[Place],
        reason: CancelReason,
        is_wanted: impl Fn(&Instance) -> bool,
    ) {
        if let [place] = places {
            let alone = self.alive(&[*place]);
            return alone.iter().filter(|instance| is_wanted(instance)).for_each(|one| one.cancel(reason));
        }
        for few in places.chunks(FEW) {
            let alive = self.alive(few);
            let now = self.clock.now();
            // Before they are asked, so that whoever learns of that and moves a manual clock finds it armed.
            self.arm_graces(&alive, now);
            for instance in alive {
                if is_wanted(&instance) {
                    instance.cancel_at(reason, now);
                }
            }
        }
    }

    fn arm_graces(&self, instances: &[Instance], now: Moment) {
        let mut by_grace: Vec<(Duration, Vec<Place>)> = Vec::new();
        for instance in instances {
            let grace = instance.definition().grace();
            match by_grace.iter_mut().find(|(its, _)| *its == grace) {
                Some((_, places)) => places.push(instance.place()),
                None => by_grace.push((grace, vec![instance.place()])),
            }
        }
        for (grace, places) in by_grace {
            self.timer.arm(now.plus(grace), Due::Graces(places));
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
