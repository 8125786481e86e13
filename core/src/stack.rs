//! Where a deferral was taken, call by call, when the host captures that.

use std::backtrace::Backtrace;
use std::fmt;
use std::sync::Arc;

/// The calls that led to the taking of a deferral (H4); its `Display` is the text, one call a line or two.
///
/// Capturing one takes microseconds and kilobytes, so hosts do it only when asked
/// ([`HostBuilder::capture_stacks`](crate::HostBuilder::capture_stacks)). A clone costs a count.
#[derive(Clone)]
pub struct Stack(Arc<Frames>);

enum Frames {
    Native(Backtrace),
    Text(String),
}

impl Stack {
    /// The native calls that lead here. The names are looked up when the stack is printed, not now.
    pub(crate) fn capture() -> Self {
        Self(Arc::new(Frames::Native(Backtrace::force_capture())))
    }

    /// The calls of another language, as it prints them.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(Arc::new(Frames::Text(text.into())))
    }
}

impl fmt::Display for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Frames::Native(backtrace) => backtrace.fmt(f),
            Frames::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Stack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stack(…)")
    }
}

/// Two stacks are equal when they are of the same taking.
impl PartialEq for Stack {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Stack {}
