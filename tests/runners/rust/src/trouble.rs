//! How a step can go wrong, and how a file does.

use std::fmt;

use backstay::{Error, Status};

/// Why a file failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The line of the step that failed, from 1; 0 when it is no line's fault.
    pub line: usize,
    /// What was expected, and what was seen instead.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Failure {}

/// Why a step did not do what it says.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The library refused it, which `refused` may have asked for.
    Refused(Status, String),
    /// Something else than expected was seen, or the file asks for what cannot be.
    Wrong(String),
}

impl Trouble {
    /// There is no task, instance or deferral of that name in the file so far.
    pub(crate) fn nobody(what: &str, name: &str) -> Self {
        Self::Wrong(format!("there is no {what} {name:?} at this point of the file"))
    }

    /// As a failed file tells it, when nobody asked for the refusal.
    pub(crate) fn into_message(self) -> String {
        match self {
            Trouble::Refused(status, text) => format!("expected OK, saw {status} ({text})"),
            Trouble::Wrong(message) => message,
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Refused(error.status(), error.to_string())
    }
}

/// What a call that answers with a status instead of an error has answered (L4).
pub(crate) fn answered(status: Status) -> Result<(), Trouble> {
    if status == Status::Ok { Ok(()) } else { Err(Trouble::Refused(status, status.message().to_owned())) }
}
