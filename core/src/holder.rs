//! Who holds an instance, as reports tell it: since when, and from which line.

use std::borrow::Cow;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::json::{nanoseconds, nanoseconds_if_any, text, text_if_any};
use crate::stack::Stack;

/// The language of the code that has a hold, or of a line of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum Language {
    /// Rust.
    Rust = 0,
    /// C.
    C = 1,
    /// C++.
    Cpp = 2,
    /// Python.
    Python = 3,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Language::Rust => "Rust",
            Language::C => "C",
            Language::Cpp => "C++",
            Language::Python => "Python",
        })
    }
}

/// A line of source code, in any language.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Site {
    /// The language of the file.
    #[serde(rename = "site_language", serialize_with = "text")]
    pub language: Language,
    /// The file, as the compiler or interpreter names it; empty when unknown.
    pub file: Cow<'static, str>,
    /// The line, from 1; 0 when unknown.
    pub line: u32,
}

impl Site {
    /// The line that calls this.
    #[track_caller]
    pub fn here() -> Self {
        let caller = Location::caller();
        Self { language: Language::Rust, file: Cow::Borrowed(caller.file()), line: caller.line() }
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.is_empty(), self.line) {
            (true, _) => write!(f, "{}", self.language),
            (false, 0) => write!(f, "{} ({})", self.file, self.language),
            (false, line) => write!(f, "{}:{line} ({})", self.file, self.language),
        }
    }
}

/// What kind of hold a holder has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u32)]
pub enum HolderKind {
    /// A pending deferral.
    Deferral = 0,
    /// The entry point, which still executes.
    EntryPoint = 1,
}

impl fmt::Display for HolderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HolderKind::Deferral => "deferral",
            HolderKind::EntryPoint => "entry point",
        })
    }
}

/// Who holds an instance (H4), as it was at the moment of asking.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Holder {
    /// A deferral, or the entry point itself.
    #[serde(serialize_with = "text")]
    pub kind: HolderKind,
    /// The label that the deferral was taken with; empty when it has none.
    pub label: Cow<'static, str>,
    /// The language of the code that has it now: another than that of `site` once it was handed across (H4).
    #[serde(serialize_with = "text")]
    pub language: Language,
    /// Where the deferral was taken; for an entry point, where it was registered.
    #[serde(flatten)]
    pub site: Site,
    /// How long it has held, by the host's clock; on the machine's clock to within a tick of it, 4 ms as a rule.
    #[serde(rename = "age_ns", serialize_with = "nanoseconds")]
    pub age: Duration,
    /// What the holder said last that it is doing.
    pub note: Option<Arc<str>>,
    /// How long ago the instance was asked to stop, if it was.
    #[serde(rename = "asked_ns", serialize_with = "nanoseconds_if_any")]
    pub asked: Option<Duration>,
    /// How long after that this holder first looked, if it did (C9).
    #[serde(rename = "noticed_after_ns", serialize_with = "nanoseconds_if_any")]
    pub noticed_after: Option<Duration>,
    /// Whether it was reported as older than it should be.
    pub overdue: bool,
    /// The calls that led to the taking, when the host captures them.
    #[serde(serialize_with = "text_if_any")]
    pub stack: Option<Stack>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.label.is_empty()) {
            (HolderKind::EntryPoint, _) => f.write_str("the entry point")?,
            (HolderKind::Deferral, true) => f.write_str("a deferral without a label")?,
            (HolderKind::Deferral, false) => write!(f, "deferral {:?}", self.label)?,
        }
        write!(f, " from {}", self.site)?;
        if self.language != self.site.language {
            write!(f, ", handed to {}", self.language)?;
        }
        write!(f, ", for {:.1?}", self.age)?;
        if let Some(note) = &self.note {
            write!(f, ", at {note:?}")?;
        }
        match (self.asked, self.noticed_after) {
            (None, _) => Ok(()),
            (Some(asked), None) => write!(f, ", asked to stop {asked:.1?} ago, has not noticed yet"),
            (Some(asked), Some(after)) => {
                write!(f, ", asked to stop {asked:.1?} ago, noticed after {after:.1?}")
            }
        }
    }
}
