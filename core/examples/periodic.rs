//! A task that comes every 200 ms while there is a network, may take 100 ms, and stops when it is asked to.
//!
//! `cargo run -p backstay --example periodic`

use std::thread::park_timeout;
use std::time::{Duration, Instant as Time};

use backstay::{EventKind, Host, Instance, TaskBuilder, TaskError, Trigger};

const PERIOD: Duration = Duration::from_millis(200);

/// Looks for news in small steps, with a checkpoint before each; a slow server keeps it until its time is over.
fn look_for_news(instance: &Instance) -> Result<(), TaskError> {
    let is_slow = instance.host().is_some_and(|host| host.condition("slow server"));
    let steps = if is_slow { u32::MAX } else { 4 };
    for step in 0..steps {
        if instance.checkpoint() {
            return Err(TaskError::canceled());
        }
        // … the step; this one only lets time pass, and ends early when it is asked to stop …
        let _ = instance.cancellation().wait(Some(Duration::from_millis(10)));
        instance.set_progress(step + 1);
    }
    Ok(())
}

fn main() -> Result<(), backstay::Error> {
    let opened = Time::now();
    let host = Host::new();
    let subscription = host.on_event(move |event| {
        let at = opened.elapsed().as_millis();
        match (event.kind, event.outcome, event.reason) {
            (EventKind::Completed, Some(outcome), Some(reason)) => {
                println!("{at:>5} ms  {outcome} ({reason})");
            }
            (EventKind::Completed, Some(outcome), None) => println!("{at:>5} ms  {outcome}"),
            (EventKind::Waits, ..) => println!("{at:>5} ms  Waits for {}", event.conditions.join(", ")),
            _ => {}
        }
    });
    let news = TaskBuilder::new("news")
        .trigger(Trigger::every(PERIOD))
        .condition("network")
        .deadline(PERIOD / 2)
        .run(look_for_news)
        .register(&host)?;

    park_timeout(PERIOD * 3 / 2); // … the program does what it is there for …
    println!("{}", news.explain());
    host.set_condition("network", true)?;
    park_timeout(PERIOD * 2);
    host.set_condition("slow server", true)?;
    park_timeout(PERIOD * 7 / 4);
    println!("{}", host.shutdown(Duration::from_secs(1))?);
    subscription.cancel();
    Ok(())
}
