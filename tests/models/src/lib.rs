//! Proofs of core's mechanisms: loom takes the threads of a model through every order of their steps.
//!
//! The mechanisms are compiled here from the very files of core, against another `sync`: locks, condition variables,
//! atomics and threads are loom's, and everything else is what runs in earnest. A model (`models`) is a small program
//! over one mechanism, two or three threads and a property that is to hold in every order. A wake-up that is lost is a
//! deadlock, which loom finds as well.
//!
//! What a proof means: for these threads and calls, with at most three preemptions in a run, no order breaks the
//! property, on a machine that reorders as much as Rust's memory model allows. `LOOM_MAX_PREEMPTIONS=5` looks further.
//! To see the steps of a run that failed: `LOOM_LOG=trace LOOM_LOCATION=1`, with the one test and `--nocapture`.
//!
//! The models are functions, and `tests/models.rs` runs them, because the files of core would bring their unit tests
//! along into a test of this library, and loom's locks do not work outside of a model.

#![cfg(not(test))]
// What a mechanism offers to the rest of core is not all used by its models, and what it makes public stays inside.
#![allow(dead_code, unreachable_pub)]

pub mod models;

mod sync;

#[path = "../../../core/src/clock.rs"]
mod clock;
#[path = "../../../core/src/error.rs"]
mod error;
#[path = "../../../core/src/holder.rs"]
mod holder;
#[path = "../../../core/src/json.rs"]
mod json;
#[path = "../../../core/src/reason.rs"]
mod reason;
#[path = "../../../core/src/stack.rs"]
mod stack;
#[path = "../../../core/src/state.rs"]
mod state;
#[path = "../../../core/src/status.rs"]
mod status;

#[path = "../../../core/src/events.rs"]
mod events;
#[path = "../../../core/src/holders.rs"]
mod holders;
#[path = "../../../core/src/inside.rs"]
mod inside;
#[path = "../../../core/src/lifecycle.rs"]
mod lifecycle;
#[path = "../../../core/src/notify.rs"]
mod notify;
#[path = "../../../core/src/pool.rs"]
mod pool;
#[path = "../../../core/src/shield.rs"]
mod shield;
#[path = "../../../core/src/surround.rs"]
mod surround;
#[path = "../../../core/src/threads.rs"]
mod threads;
#[path = "../../../core/src/timer.rs"]
mod timer;
