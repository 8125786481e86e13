//! Many threads fire, allow and forbid at once: no policy is broken, and nothing that was accepted is lost (F2, F4, S1).

mod common;

use backstay::{Details, FireAnswer, Host, Instance, Outcome, Task, TaskBuilder, Uuid, WhenBusy};
use common::{Journal, LONG, end_all, end_of, fire, flush, keep, put, until};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use parking_lot::Mutex;

const THREADS: usize = 4;
const FIRINGS: usize = 250;

/// How many are inside at once, and the most that ever were.
#[derive(Clone, Default)]
struct Crowd(Arc<(AtomicUsize, AtomicUsize)>);

impl Crowd {
    fn visit(&self, stay: impl FnOnce()) {
        let (now, most) = &*self.0;
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        stay();
        now.fetch_sub(1, Ordering::SeqCst);
    }

    fn most(&self) -> usize {
        self.0.1.load(Ordering::SeqCst)
    }
}

fn real_host() -> Host {
    Host::builder().workers(4).grace(LONG * 100).build().expect("four workers are enough")
}

/// Which instances have a Completed, each as often as it came.
fn completed(task: &Task) -> Journal<(Uuid, Outcome)> {
    let journal = Journal::new();
    let seen = journal.clone();
    keep(task.on_completed(move |completion| seen.write((completion.instance_id, completion.outcome))));
    journal
}

/// Fires from all threads at once; what each firing became, in the order of each thread.
fn storm(task: &Task) -> Vec<(String, Instance, FireAnswer)> {
    let fired = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..THREADS {
            let fired = &fired;
            scope.spawn(move || {
                for firing in 0..FIRINGS {
                    let text = format!("{number}/{firing}");
                    let (instance, answer) =
                        task.fire_with_answer(Details::text(text.clone())).expect("it is not refused");
                    fired.lock().push((text, instance, answer));
                }
            });
        }
    });
    fired.into_inner()
}

#[test]
fn coalesced_firings_lose_nothing_and_at_most_one_is_pending() {
    // F4
    let host = real_host();
    let (crowd, ran) = (Crowd::default(), Journal::new());
    let (visited, seen) = (crowd.clone(), ran.clone());
    let task = TaskBuilder::new("merge").when_busy(WhenBusy::Coalesce).run(move |instance| {
        visited.visit(|| seen.write((instance.id(), instance.details().as_text().map(ToOwned::to_owned))));
        Ok(())
    });
    let task = put(&host, task);
    let completed = completed(&task);
    let (watched, is_over) = (task.clone(), Arc::new(AtomicBool::new(false)));
    let ends = Arc::clone(&is_over);
    let watching = thread::spawn(move || {
        while !ends.load(Ordering::Relaxed) {
            let pending = watched.pending();
            assert!(pending <= 1, "{pending} are pending");
        }
    });
    let fired = storm(&task);
    let last = task.fire(Details::text("last")).expect("it is not refused");
    end_of(&last);
    is_over.store(true, Ordering::Relaxed);
    watching.join().expect("at most one was pending");
    flush(&host);
    assert_eq!(crowd.most(), 1);
    let ran: HashMap<_, _> = ran.read().into_iter().collect();
    assert_eq!(ran[&last.id()].as_deref(), Some("last"), "the latest details win");
    let mut offered: HashMap<Uuid, HashSet<String>> = HashMap::new();
    for (text, instance, _) in &fired {
        offered.entry(instance.id()).or_default().insert(text.clone());
    }
    offered.entry(last.id()).or_default().insert("last".to_owned());
    let begun = fired.iter().filter(|(_, _, answer)| *answer != FireAnswer::Merged).count();
    assert!((begun..=begun + 1).contains(&offered.len()), "each was made by one firing");
    assert_eq!(completed.read().len(), offered.len(), "one Completed for each");
    for (id, offers) in offered {
        let text = ran[&id].as_deref().expect("all have details");
        assert!(offers.contains(text), "it ran with {text}, which was not fired into it");
    }
}

#[test]
fn replaced_ones_all_end_and_the_last_one_stays() {
    // F4: the new one begins only when the old one has finished, whoever fires meanwhile
    let host = real_host();
    let crowd = Crowd::default();
    let visited = crowd.clone();
    let task = TaskBuilder::new("replace").when_busy(WhenBusy::Replace).run(move |instance| {
        visited.visit(|| drop(instance.cancellation().wait(Some(LONG))));
        Ok(())
    });
    let task = put(&host, task);
    let completed = completed(&task);
    let fired = storm(&task);
    until(|| (task.running(), task.pending()) == (1, 0));
    let left: Vec<_> = fired.iter().filter(|(_, instance, _)| instance.completion().is_none()).collect();
    let [(_, last, _)] = left[..] else { panic!("{} are left", left.len()) };
    assert_eq!(last.canceled(), None);
    flush(&host);
    assert_eq!(completed.read().len(), fired.len() - 1, "one Completed for each of the others");
    assert!(completed.read().iter().all(|(_, outcome)| *outcome == Outcome::Canceled));
    last.cancel(backstay::CancelReason::Abort);
    end_of(last);
    assert_eq!(crowd.most(), 1);
}

/// Does this again and again until the storm is over.
fn meddle<'scope>(
    scope: &'scope thread::Scope<'scope, '_>,
    over: &'scope AtomicBool,
    what: impl Fn() + Send + 'scope,
) {
    scope.spawn(move || {
        while !over.load(Ordering::Relaxed) {
            what();
        }
    });
}

#[test]
fn whatever_keeps_them_back_meanwhile_all_run_once_and_never_too_many_at_once() {
    // F2, F4, S1: no wake-up is lost
    let host = real_host();
    let (crowd, ran) = (Crowd::default(), Arc::new(AtomicUsize::new(0)));
    let (visited, count) = (crowd.clone(), Arc::clone(&ran));
    let task = TaskBuilder::new("crowd").when_busy(WhenBusy::Parallel).max_running(2).condition("on");
    let task = task.run(move |_| {
        visited.visit(|| {
            count.fetch_add(1, Ordering::SeqCst);
        });
        Ok(())
    });
    let task = put(&host, task);
    let completed = completed(&task);
    let over = AtomicBool::new(false);
    let fired = thread::scope(|scope| {
        meddle(scope, &over, || {
            host.set_condition("on", true).expect("the name is not empty");
            host.set_condition("on", false).expect("the name is not empty");
        });
        meddle(scope, &over, || {
            host.suspend(None);
            host.resume();
        });
        meddle(scope, &over, || {
            task.suspend(None);
            task.resume();
        });
        let fired = storm(&task);
        for (_, instance, _) in &fired {
            instance.suspend(None);
            instance.resume();
        }
        over.store(true, Ordering::Relaxed);
        fired
    });
    host.set_condition("on", true).expect("the name is not empty");
    assert!(fired.iter().all(|(_, instance, _)| end_of(instance).outcome == Outcome::Succeeded));
    flush(&host);
    assert!(crowd.most() <= 2, "{} at once", crowd.most());
    assert_eq!((ran.load(Ordering::SeqCst), completed.read().len()), (fired.len(), fired.len()));
    assert_eq!((task.running(), task.pending(), host.is_suspended()), (0, 0, false));
}

#[test]
fn a_queue_keeps_its_order_whatever_keeps_it_back() {
    // F4, F2, S1
    let host = real_host();
    let order = Journal::new();
    let seen = order.clone();
    let task = TaskBuilder::new("queue").when_busy(WhenBusy::Queue).condition("on").run(move |instance| {
        seen.write(instance.id());
        Ok(())
    });
    let task = put(&host, task);
    let over = AtomicBool::new(false);
    let fired: Vec<_> = thread::scope(|scope| {
        meddle(scope, &over, || {
            host.set_condition("on", true).expect("the name is not empty");
            host.set_condition("on", false).expect("the name is not empty");
        });
        meddle(scope, &over, || {
            host.suspend(None);
            host.resume();
        });
        let fired = (0..THREADS * FIRINGS).map(|_| fire(&task)).collect();
        over.store(true, Ordering::Relaxed);
        fired
    });
    host.set_condition("on", true).expect("the name is not empty");
    end_all(&fired);
    assert_eq!(order.read(), fired.iter().map(Instance::id).collect::<Vec<_>>());
}

#[test]
fn what_begins_while_everything_is_suspended_knows_it() {
    // S1: when suspend has returned, an entry point on its way in is Running and suspended
    let host = real_host();
    // Odd while the host is suspended.
    let turn = Arc::new(AtomicUsize::new(0));
    let (seen_turn, missed) = (Arc::clone(&turn), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&missed);
    let task = TaskBuilder::new("look").run(move |instance| {
        let before = seen_turn.load(Ordering::SeqCst);
        let is_suspended = instance.is_suspended();
        let lasted = before % 2 == 1 && seen_turn.load(Ordering::SeqCst) == before;
        count.fetch_add(usize::from(lasted && !is_suspended), Ordering::SeqCst);
        Ok(())
    });
    let task = put(&host, task);
    let over = AtomicBool::new(false);
    let fired = thread::scope(|scope| {
        meddle(scope, &over, || {
            host.suspend(None);
            turn.fetch_add(1, Ordering::SeqCst);
            thread::yield_now();
            turn.fetch_add(1, Ordering::SeqCst);
            host.resume();
        });
        let fired = storm(&task);
        over.store(true, Ordering::Relaxed);
        fired
    });
    end_all(fired.iter().map(|(_, instance, _)| instance));
    assert_eq!(missed.load(Ordering::SeqCst), 0);
}
