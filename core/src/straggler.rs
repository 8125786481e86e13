//! Threads that user code still occupies although it was given up (C6, E9).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::clock::Moment;
use crate::instance::Instance;

/// A thread that user code still occupies although its instance was abandoned. It is off the list as soon as that code
/// returns.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Straggler {
    /// The instance whose code it is.
    pub instance_id: Uuid,
    /// The name of its task.
    pub task: Arc<str>,
    /// The group of its task.
    pub group: Option<Arc<str>>,
    /// Whether it is in a handler of the instance; else in the entry point.
    pub in_handler: bool,
    /// How long ago it was given up, by the host's clock.
    #[serde(rename = "given_up_for_ns", serialize_with = "crate::json::nanoseconds")]
    pub given_up_for: Duration,
}

impl fmt::Display for Straggler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.in_handler { "a handler" } else { "the entry point" };
        write!(f, "{what} of {} {}, given up {:.1?} ago", self.task, self.instance_id, self.given_up_for)
    }
}

/// One entry of the list: a straggler with the moment instead of the age.
#[derive(Clone)]
pub(crate) struct Occupied {
    straggler: Straggler,
    since: Moment,
}

impl Occupied {
    pub(crate) fn by(instance: &Instance, in_handler: bool) -> Self {
        let says = &instance.definition().says;
        let straggler = Straggler {
            instance_id: instance.id(),
            task: Arc::clone(&says.name),
            group: says.group.clone(),
            in_handler,
            given_up_for: Duration::ZERO,
        };
        Self { straggler, since: instance.home().now() }
    }

    pub(crate) fn at(self, now: Moment) -> Straggler {
        Straggler { given_up_for: now.since(self.since), ..self.straggler }
    }
}
