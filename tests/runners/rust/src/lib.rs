//! Plays scenarios through the Rust API.
//!
//! A scenario is a text file that drives a host step by step under a manual clock and says what must be seen. This
//! crate reads any file in that language and plays it with the public API of `backstay` alone, so it is a complete
//! example of that API as well. The order to read it in:
//!
//! | file | what |
//! |---|---|
//! | [`step`] | the steps as plain types; each writes itself back as a line |
//! | [`parse`](mod@parse) | from text to steps |
//! | `run` | from steps to an answer: one thread, one watchdog, one host |
//! | `perform` | what each step calls; `build` for hosts and tasks, `closing` for their end |
//! | `expect` | what each expectation looks at |
//! | `stage` | what the steps and the running tasks share: `script`, `gates`, `deferrals`, `traces` |
//!
//! ```
//! use backstay_scenarios::run_scenario;
//!
//! let text = "
//!     task copy
//!     run copy: defer read
//!     fire copy as i
//!     expect i state=Running deferrals=1
//!     complete read of i
//!     expect i state=Finished outcome=Succeeded
//!     trace i: fired started <complete:read> completed:Succeeded
//! ";
//! run_scenario("copy", text)?;
//! # Ok::<(), backstay_scenarios::Failure>(())
//! ```
#![forbid(unsafe_code)]

// Text.
mod names;
pub mod parse;
pub mod step;
mod words;

// What a playing scenario consists of.
mod deferrals;
mod gates;
mod script;
mod stage;
mod traces;

// Playing it.
mod build;
mod closing;
mod expect;
mod perform;
mod run;
mod trouble;

pub use parse::parse;
pub use run::run_scenario;
pub use trouble::Failure;
