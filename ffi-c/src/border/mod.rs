//! The border: everything that every exported function needs, in one place that can be reviewed in one sitting.

mod callback;
mod guard;
mod handles;
mod names;
mod objects;
mod sized;
mod slots;
mod strings;
mod table;

pub use callback::backstay_destroy_fn;
pub(crate) use callback::{Callback, UserData, fail_if, listen, note_failure};
pub(crate) use guard::{guard, guard_or};
pub(crate) use handles::{Lent, dup, give, give_all, insert, release, resolve, take};
pub(crate) use names::name;
pub(crate) use sized::{Plain, SizeFirst, check_size, read_known, read_sized, write_out, write_sized};
pub(crate) use slots::{Place, Used};
pub use strings::backstay_str;
pub(crate) use strings::{bytes, fill, text, write_text};
pub(crate) use table::live;

/// What the Python extension asks of the border.
pub mod interop {
    pub use super::guard::{forks, is_forked};
}

use std::time::Duration;

use backstay::Status;

/// What an exported function's body answers with.
pub(crate) type Answer = Result<(), Status>;

/// The number that stands for "as long as it takes".
pub(crate) const FOREVER_NS: i64 = i64::MAX;

/// A duration of C: nanoseconds, not negative; `None` for forever.
pub(crate) fn duration(ns: i64) -> Result<Option<Duration>, Status> {
    match u64::try_from(ns) {
        Ok(_) if ns == FOREVER_NS => Ok(None),
        Ok(ns) => Ok(Some(Duration::from_nanos(ns))),
        Err(_) => Err(Status::InvalidArgument),
    }
}

/// An option of C of which 0 stands for the default, that is `None`, and `BACKSTAY_NO_TIME` for no time.
pub(crate) fn optional_duration(ns: i64) -> Result<Option<Duration>, Status> {
    match ns {
        0 => Ok(None),
        crate::BACKSTAY_NO_TIME => Ok(Some(Duration::ZERO)),
        ns => long_duration(ns).map(Some),
    }
}

/// A duration of C that may be as long as it takes, as the core says it.
pub(crate) fn long_duration(ns: i64) -> Result<Duration, Status> {
    Ok(duration(ns)?.unwrap_or(Duration::MAX))
}

/// A duration for C; one that does not fit is forever.
pub(crate) fn nanoseconds(duration: Duration) -> i64 {
    let seconds = i64::try_from(duration.as_secs()).unwrap_or(FOREVER_NS);
    seconds.saturating_mul(1_000_000_000).saturating_add(i64::from(duration.subsec_nanos()))
}
