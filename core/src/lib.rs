//! Background tasks that outlive the call that began them.
//!
//! A [`Host`] runs *tasks*. Each execution of a [`Task`] is an [`Instance`]. A [`Deferral`] keeps an instance alive
//! after its entry point returned, until the asynchronous work is completed. A cancellation carries a [`CancelReason`]
//! and a grace. At every moment the host knows what is alive, who holds it, since when and from which line; it can ask
//! everything to stop, and [`Host::shutdown`] proves that it did.
//!
//! The same library is there for C, C++ and Python, in one process: see the project's README.
//!
//! ```
//! use std::time::Duration;
//! use backstay::{Details, Host, TaskBuilder};
//!
//! let host = Host::new();
//! let copy = TaskBuilder::new("copy")
//!     .run(|instance| {
//!         let deferral = instance.get_deferral("upload")?;
//!         std::thread::spawn(move || {
//!             // … work that goes on after the entry point has returned …
//!             deferral.complete();
//!         });
//!         Ok(())
//!     })
//!     .register(&host)?;
//!
//! copy.fire(Details::text("photo.jpg"))?.wait(Some(Duration::from_secs(10)))?.check()?;
//! let report = host.shutdown(Duration::from_secs(5))?;
//! assert!(report.is_clean(), "{report}");
//! # Ok::<(), backstay::Error>(())
//! ```
//!
//! # What there is
//!
//! | | |
//! |---|---|
//! | [`Host`] | owns tasks, workers, conditions and the clock; [`Host::snapshot`] shows everything, [`Host::shutdown`] ends it |
//! | [`TaskBuilder`] | what a task is: trigger, conditions, deadline, policy when busy, entry point |
//! | [`Task`] | fire it, suspend it, ask it to [`explain`](Task::explain) itself |
//! | [`Instance`] | one execution: cancel it, wait for it, hold it |
//! | [`Deferral`] | keeps an instance alive; complete, fail or drop it on any thread |
//! | [`Cancellation`], [`Finished`] | to wait for or to await the asking to stop, and the end |
//! | [`Completion`], [`DrainReport`], [`Snapshot`] | what became of one, of all, and what is there now |
//!
//! Async code needs nothing else: [`TaskBuilder::run_async`] takes a future, [`Instance::finished`],
//! [`Cancellation::canceled`] and [`Instance::checkpoint_async`] are futures, and all of them work with any runtime and
//! with none.
//!
//! # When not to use it
//!
//! When nothing outlives the call that began it, a thread pool or an async runtime is enough. When work must survive the
//! process, use a job queue with a database behind it. When work must be killed, use a process: in here everything that
//! stops does so because its own code looks whether it should.
//!
//! # The rules
//!
//! The numbers in brackets, such as (L4), name the rules in [`rules`]; each function says which of them it keeps.
//! [`design`] shows how they are kept.
#![forbid(unsafe_code)]

#[doc = include_str!("../docs/design.md")]
pub mod design {}

#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

// Floor 0: words.
mod clock;
mod details;
mod error;
mod json;
mod locks;
mod policy;
mod reason;
mod stack;
mod state;
mod status;
mod sync;
mod trigger;

// Floor 1: mechanisms, which know nothing of tasks.
mod events;
mod holder;
mod holders;
mod inside;
mod lifecycle;
mod notify;
mod pool;
mod shield;
mod surround;
mod suspension;
mod threads;
mod timer;

// Floor 2: the instance and what is taken from it.
mod completion;
mod deferral;
mod definition;
mod event;
mod home;
mod instance;
mod polling;
mod stay;
mod straggler;

// Floor 3: what is registered and when it starts.
mod advancing;
mod delivering;
mod explaining;
mod firing;
mod registering;
mod registry;
mod scheduler;
mod shutdown;
mod task;
mod visiting;

// Floor 4: the front door.
mod builder;
mod host;
mod host_builder;
mod snapshot;

pub use advancing::Advance;
pub use builder::TaskBuilder;
pub use completion::Completion;
pub use deferral::Deferral;
pub use details::Details;
pub use error::{Error, Fault, TaskError};
pub use event::{EventKind, InstanceEvent};
pub use holder::{Holder, HolderKind, Language, Site};
pub use host::{Group, Host, WeakHost};
pub use host_builder::HostBuilder;
pub use instance::{Canceled, Cancellation, Finished, Instance, InstanceSnapshot, Progress};
pub use notify::Subscription;
pub use policy::{IfExists, OnShutdown, WhenBusy};
pub use reason::{CancelReason, OwnReason};
pub use shutdown::{Closing, DrainReport, HeldInstance};
pub use snapshot::{ConditionSnapshot, Snapshot, TaskSnapshot, Totals};
pub use stack::Stack;
pub use state::{HostState, Outcome, State};
pub use status::Status;
pub use stay::Stay;
pub use straggler::Straggler;
pub use suspension::{Cause, Counter};
pub use task::Task;
pub use trigger::{FireAnswer, Trigger, WaitingFor};
pub use uuid::Uuid;
