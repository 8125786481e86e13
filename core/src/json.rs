//! How reports are written as JSON: durations as whole nanoseconds in fields named `…_ns`, words by their names.

use std::fmt::Display;
use std::time::Duration;

use serde::{Serialize, Serializer};

/// A duration; one beyond 584 years is written as that.
pub(crate) fn nanoseconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    in_nanoseconds(*duration).serialize(to)
}

/// A duration, or `null`.
#[expect(clippy::ref_option, reason = "the shape that serde calls")]
pub(crate) fn nanoseconds_if_any<S: Serializer>(
    duration: &Option<Duration>,
    to: S,
) -> Result<S::Ok, S::Error> {
    duration.map(in_nanoseconds).serialize(to)
}

fn in_nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

/// Whatever prints, as it prints.
pub(crate) fn text<T: Display, S: Serializer>(what: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(what)
}

/// The same, or `null`.
#[expect(clippy::ref_option, reason = "the shape that serde calls")]
pub(crate) fn text_if_any<T: Display, S: Serializer>(what: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match what {
        Some(what) => to.collect_str(what),
        None => to.serialize_none(),
    }
}
