//! The C ABI of backstay, and nothing else: each exported function resolves handles, calls the core, translates the
//! answer. The documentation for C programmers is the header that is made from this crate, `include/backstay.h`.
//!
//! `unsafe` is allowed here and only here. The rules of the border are kept by one module, `border`: the table of
//! handles, the panic guard, strings, sized structs and callbacks.
// The header states once, on its first page, what a pointer must be; repeating it for each function would drown it.
#![allow(clippy::missing_safety_doc)]
// Doc comments are written for readers of the header, which knows no markup.
#![allow(clippy::doc_markdown)]
// Names are those of C.
#![allow(non_camel_case_types)]
// The types of the parameters are the contract with C.
#![allow(clippy::needless_pass_by_value)]

mod border;

// Words first, then what is told and shown, then what can be done, from the library down to a job.
mod answers;
mod completion;
mod details;
mod event;
mod holder;
mod report;
mod words;

mod library;

mod host;

mod task;

mod instance;

mod deferral;

mod subscription;

mod job;

mod api;

pub mod across;

pub use answers::*;
pub use api::*;
pub use border::interop;
pub use border::{backstay_destroy_fn, backstay_str};
pub use completion::*;
pub use deferral::*;
pub use details::*;
pub use event::*;
pub use holder::*;
pub use host::*;
pub use instance::*;
pub use job::*;
pub use library::*;
pub use report::*;
pub use subscription::*;
pub use task::*;
pub use words::*;
