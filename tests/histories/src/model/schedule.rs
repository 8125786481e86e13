//! What the rules do not order, in several orders.

/// In which order things happen that happen at the same time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Schedule {
    pub(super) order: Order,
    /// Actors move as soon as they can, instead of after the whole step.
    pub(super) is_eager: bool,
}

/// Who of several is first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Order {
    #[default]
    Earliest,
    Latest,
    Middle,
}

/// Not all that could be, but what tells most differences: three orders, each with two ways to be fast.
pub(super) const SCHEDULES: [Schedule; 6] = [
    Schedule { order: Order::Earliest, is_eager: false },
    Schedule { order: Order::Latest, is_eager: false },
    Schedule { order: Order::Middle, is_eager: false },
    Schedule { order: Order::Earliest, is_eager: true },
    Schedule { order: Order::Latest, is_eager: true },
    Schedule { order: Order::Middle, is_eager: true },
];

impl Order {
    /// Things that have no order, in this one.
    pub(super) fn of<T>(self, mut things: Vec<T>) -> Vec<T> {
        match self {
            Order::Earliest => {}
            Order::Latest => things.reverse(),
            Order::Middle => {
                let middle = things.len() / 2;
                things.rotate_left(middle);
            }
        }
        things
    }
}
