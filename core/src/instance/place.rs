//! How the host names an instance without having it.

/// Where the host finds an instance while it is alive: the line of its task, its index among the living of that, and its
/// number in the order of firing, which no other one has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) index: u32,
    pub(crate) number: u64,
}

impl Place {
    /// There are fewer than 2³² of each, or no memory for them.
    pub(crate) fn new(line: usize, index: usize, number: u64) -> Self {
        let narrow = |wide| u32::try_from(wide).unwrap_or(u32::MAX);
        Self { line: narrow(line), index: narrow(index), number }
    }
}
