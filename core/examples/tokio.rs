//! A tokio program that owns a host: backups in the background, and a report of what became of them at the end.
//!
//! `cargo run -p backstay --example tokio` runs until the work is done; Ctrl-C ends it earlier, in an orderly way.

use std::error::Error;
use std::time::Duration;

use backstay::{Details, Host, Instance, TaskBuilder, TaskError};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;
use tokio::time::sleep;

/// Copies four parts of a file, and stops between two of them when it is asked to.
async fn back_up(instance: Instance) -> Result<(), TaskError> {
    for part in 1..=4 {
        if instance.checkpoint_async().await {
            return Err(TaskError::canceled());
        }
        sleep(Duration::from_millis(100)).await; // … the part goes over the network …
        instance.set_progress(part * 25);
    }
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let runtime = Handle::current();
    let host = Host::new();
    let backup = TaskBuilder::new("backup")
        .run_async(move |instance| {
            // The host polls on threads of its own, so the part that needs tokio is a task of tokio.
            let work = runtime.spawn(back_up(instance));
            async { work.await? }
        })
        .register(&host)?;

    for file in ["letters", "photos", "songs"] {
        let instance = backup.fire(Details::text(file))?;
        tokio::spawn(async move { println!("{file}: {}", instance.finished().await.outcome) });
    }

    // Waiting for a report blocks, which is what tokio's blocking threads are for.
    let work = host.begin_drain(Duration::from_hours(1));
    let report = tokio::select! {
        report = spawn_blocking(move || work.wait(None)) => report??,
        _ = tokio::signal::ctrl_c() => {
            println!("stopping …");
            spawn_blocking(move || host.shutdown(Duration::from_secs(5))).await??
        }
    };
    println!("{report}");
    Ok(())
}
