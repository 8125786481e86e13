//! The words of the language that stand for values: one table each, read in both directions.

use std::fmt;
use std::time::Duration;

use backstay::{CancelReason, Cause, HostState, IfExists, Outcome, State, Status, WhenBusy};

pub(crate) const BUSY: &[(&str, WhenBusy)] = &[
    ("parallel", WhenBusy::Parallel),
    ("queue", WhenBusy::Queue),
    ("coalesce", WhenBusy::Coalesce),
    ("reject", WhenBusy::Reject),
    ("replace", WhenBusy::Replace),
];

/// The language has no word for the fourth policy, which cancels what the replaced task runs.
pub(crate) const IF_EXISTS: &[(&str, IfExists)] =
    &[("fail", IfExists::Fail), ("replace", IfExists::Replace), ("keep", IfExists::Keep)];

pub(crate) const CAUSE: &[(&str, Cause)] = &[("cpu", Cause::Cpu), ("network", Cause::Network)];

pub(crate) const STATE: &[(&str, State)] =
    &[("Pending", State::Pending), ("Running", State::Running), ("Finished", State::Finished)];

pub(crate) const OUTCOME: &[(&str, Outcome)] = &[
    ("Succeeded", Outcome::Succeeded),
    ("Canceled", Outcome::Canceled),
    ("Failed", Outcome::Failed),
    ("Abandoned", Outcome::Abandoned),
];

pub(crate) const HOST_STATE: &[(&str, HostState)] =
    &[("Open", HostState::Open), ("Draining", HostState::Draining), ("Closed", HostState::Closed)];

pub(crate) const YES_NO: &[(&str, bool)] = &[("yes", true), ("no", false)];

pub(crate) const ON_OFF: &[(&str, bool)] = &[("on", true), ("off", false)];

/// The longest unit first, so that a duration is written in the largest one that divides it.
const UNITS: &[(&str, u64)] = &[("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

/// The value that `word` stands for.
pub(crate) fn value<T: Copy>(table: &[(&str, T)], word: &str) -> Result<T, String> {
    let found = table.iter().find(|(name, _)| *name == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<_> = table.iter().map(|(name, _)| *name).collect();
        format!("{word:?} is none of {}", names.join(", "))
    })
}

/// The word that stands for `value`; `?` when the language has none, which no parser accepts.
pub(crate) fn word<T: PartialEq>(table: &[(&'static str, T)], value: &T) -> &'static str {
    table.iter().find(|(_, named)| named == value).map_or("?", |(name, _)| *name)
}

pub(crate) fn reason(word: &str) -> Result<CancelReason, String> {
    CancelReason::from_name(word).ok_or_else(|| format!("{word:?} is not the name of a reason"))
}

pub(crate) fn status(word: &str) -> Result<Status, String> {
    Status::from_name(word).ok_or_else(|| format!("{word:?} is not the name of a status"))
}

pub(crate) fn number<T: std::str::FromStr>(word: &str) -> Result<T, String> {
    word.parse().map_err(|_| format!("{word:?} is not a number that fits"))
}

/// A duration such as `250ms`, `5s`, `2m` or `1h`.
pub(crate) fn duration(word: &str) -> Result<Duration, String> {
    let wrong = || format!("{word:?} is not a duration such as 250ms, 5s, 2m or 1h");
    let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let count: u64 = digits.parse().map_err(|_| wrong())?;
    let unit = value(UNITS, &word[digits.len()..]).map_err(|_| wrong())?;
    count.checked_mul(unit).map(Duration::from_millis).ok_or_else(wrong)
}

/// A duration as the language writes it.
pub(crate) struct Written(pub(crate) Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.as_nanos();
        let in_unit = |(name, millis): &(&str, u64)| {
            let unit = u128::from(*millis) * 1_000_000;
            nanos.is_multiple_of(unit).then(|| (nanos / unit, (*name).to_owned()))
        };
        // Zero is written in seconds. What is finer than the language can say appears in what was seen only.
        let (count, unit) = match nanos {
            0 => (0, "s".to_owned()),
            _ => UNITS.iter().find_map(in_unit).unwrap_or((nanos, "ns".to_owned())),
        };
        write!(f, "{count}{unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_in_every_unit() {
        for (text, millis) in [("250ms", 250), ("5s", 5_000), ("2m", 120_000), ("1h", 3_600_000), ("0s", 0)] {
            let read = duration(text).expect("it is a duration");
            assert_eq!(read, Duration::from_millis(millis));
            assert_eq!(Written(read).to_string(), text);
        }
        assert_eq!(Written(Duration::from_secs(90)).to_string(), "90s");
        assert_eq!(Written(Duration::from_nanos(1)).to_string(), "1ns");
    }

    #[test]
    fn what_is_not_a_duration_is_refused() {
        for text in ["", "5", "s", "-1s", "1.5s", "5 s", "5d", "5S", "99999999999999999999s", "s5", "5s5s"] {
            assert!(duration(text).is_err(), "{text:?} was read as a duration");
        }
    }

    #[test]
    fn a_word_that_is_not_in_the_table_is_answered_with_the_table() {
        assert_eq!(value(CAUSE, "gpu"), Err("\"gpu\" is none of cpu, network".to_owned()));
    }
}
