//! Sums of files: an application in Rust hosts, and a plug-in in C does the work on threads of its own.
//!
//! ```text
//! backstay-plugin-example PLUGIN [GRACE]      GRACE in seconds
//! ```
//!
//! Reads names of files from standard input. A line "?" asks who holds what, "unload" lets the plug-in go. At the end of
//! the input the host is shut down; the exit status is 0 when nothing had to be given up.

mod plugin;

use std::error::Error;
use std::io::BufRead;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use backstay::{Deferral, Details, EventKind, Host, InstanceEvent, Outcome, Status, TaskBuilder, TaskError};

use plugin::Plugin;

/// The plug-in, until it is unloaded. Who is inside of it just then has a share.
type Slot = Arc<Mutex<Option<Arc<Plugin>>>>;

fn main() -> ExitCode {
    match run(&std::env::args().skip(1).collect::<Vec<_>>()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(why) => {
            eprint!("backstay-plugin-example: {why}");
            // What dlopen said is behind "dlopen failed".
            std::iter::successors(why.source(), |&error| error.source()).for_each(|why| eprint!(": {why}"));
            eprintln!();
            ExitCode::from(2)
        }
    }
}

/// Whether everything ended of itself.
fn run(arguments: &[String]) -> Result<bool, Box<dyn Error>> {
    let (path, grace) = match arguments {
        [path] => (path, 5.0),
        [path, grace] => (path, grace.parse()?),
        _ => return Err("usage: backstay-plugin-example PLUGIN [GRACE]".into()),
    };
    let slot: Slot = Arc::new(Mutex::new(Some(Arc::new(Plugin::load(path)?))));
    let grace = Duration::try_from_secs_f64(grace)?;
    let host = Host::builder().grace(grace).build()?;
    let _ = host.on_event(tell);
    let sum = TaskBuilder::new("sum")
        .run({
            let slot = Arc::clone(&slot);
            move |instance| {
                let details = instance.details();
                let path = details.as_text().unwrap_or_default();
                // Not under the lock: the plug-in may take its time.
                let plugin = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
                let plugin = plugin.ok_or_else(|| TaskError::new("the plug-in was unloaded"))?;
                plugin.sum(instance, instance.get_deferral("the sum")?, path)
            }
        })
        .register(&host)?;
    println!("ready");
    for line in std::io::stdin().lock().lines() {
        match &*line? {
            "?" => tell_holders(&host),
            "unload" => {
                drop(slot.lock().unwrap_or_else(PoisonError::into_inner).take());
                println!("unloaded");
            }
            path => drop(sum.fire(Details::text(path))?),
        }
    }
    let report = host.shutdown(grace)?;
    println!("{report}");
    Ok(report.is_clean())
}

/// The plug-in has given a hold back, on its thread, with what it has found out.
fn finish(deferral: &Deferral, sum: u32) {
    let details = deferral.instance().details();
    println!("{sum:08x} {}", details.as_text().unwrap_or_default());
    if deferral.complete() == Status::NotRunning {
        println!("too late");
    }
}

/// Whatever does not go well.
fn tell(event: &InstanceEvent) {
    let details = event.instance.details();
    let what = format!("{} {}", event.task, details.as_text().unwrap_or_default());
    match (event.kind, event.instance.completion()) {
        (EventKind::Canceled, _) => println!("{what}: asked to stop"),
        (EventKind::Completed, Some(done)) if done.outcome != Outcome::Succeeded => {
            let why = done.error.as_ref().map(|error| format!(", {error}")).unwrap_or_default();
            println!("{what}: {}{why}", done.outcome);
        }
        _ => {}
    }
}

fn tell_holders(host: &Host) {
    let held = host.holders();
    println!("holders: {}", held.iter().map(|instance| instance.holders.len()).sum::<usize>());
    for holder in held.iter().flat_map(|instance| &instance.holders) {
        println!("  {holder}");
    }
}
