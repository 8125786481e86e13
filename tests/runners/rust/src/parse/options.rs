//! What stands behind a step as `key=value`: in any order, each at most once, `condition` excepted.

use backstay::Trigger;

use crate::names::{self, duration, number};
use crate::step::{ExpectedHost, ExpectedInstance, ExpectedReport, ExpectedTask, HostOptions, TaskOptions};
use crate::words::Words;

fn trigger(word: &str) -> Result<Trigger, String> {
    match word.split_once(':') {
        None if word == "manual" => Ok(Trigger::Manual),
        Some(("after", delay)) => Ok(Trigger::After(duration(delay)?)),
        Some(("every", period)) => Ok(Trigger::Every(duration(period)?)),
        Some(("event", event)) => Ok(Trigger::Event(event.into())),
        _ => Err(format!("{word:?} is none of manual, after:DUR, every:DUR, event:EVENT")),
    }
}

pub(super) fn host_options(rest: &mut Words) -> Result<HostOptions, String> {
    let mut options = HostOptions::default();
    for (key, value) in rest.options() {
        match key.as_str() {
            "workers" => once(&mut options.workers, &key, value, number)?,
            "grace" => once(&mut options.grace, &key, value, duration)?,
            "overdue-after" => once(&mut options.overdue_after, &key, value, duration)?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(options)
}

pub(super) fn task_options(rest: &mut Words) -> Result<TaskOptions, String> {
    let mut options = TaskOptions { name: rest.word("the name of the task")?, ..TaskOptions::default() };
    for (key, value) in rest.options() {
        match key.as_str() {
            "trigger" => once(&mut options.trigger, &key, value, trigger)?,
            "condition" => options.conditions.push(needed(&key, value)?),
            "cancel-on-loss" if value.is_none() => options.cancel_on_loss = true,
            "deadline" => once(&mut options.deadline, &key, value, duration)?,
            "grace" => once(&mut options.grace, &key, value, duration)?,
            "busy" => once(&mut options.busy, &key, value, |word| names::value(names::BUSY, word))?,
            "max-running" => once(&mut options.max_running, &key, value, number)?,
            "max-failures" => once(&mut options.max_failures, &key, value, number)?,
            "group" => once(&mut options.group, &key, value, text)?,
            "if-exists" => {
                once(&mut options.if_exists, &key, value, |word| names::value(names::IF_EXISTS, word))?;
            }
            _ => return Err(unknown(&key)),
        }
    }
    Ok(options)
}

pub(super) fn expected_instance(rest: &mut Words) -> Result<ExpectedInstance, String> {
    let mut expected = ExpectedInstance::default();
    for (key, value) in rest.options() {
        match key.as_str() {
            "state" => once(&mut expected.state, &key, value, |word| names::value(names::STATE, word))?,
            "outcome" => once(&mut expected.outcome, &key, value, |word| names::value(names::OUTCOME, word))?,
            "reason" => once(&mut expected.reason, &key, value, names::reason)?,
            "error" => once(&mut expected.error, &key, value, text)?,
            "deferrals" => once(&mut expected.deferrals, &key, value, number)?,
            "progress" => once(&mut expected.progress, &key, value, number)?,
            "suspended" => once(&mut expected.suspended, &key, value, number)?,
            "throttled" => once(&mut expected.throttled, &key, value, number)?,
            "details" => once(&mut expected.details, &key, value, text)?,
            "dropped" => once(&mut expected.dropped, &key, value, labels)?,
            "remaining" => once(&mut expected.remaining, &key, value, duration)?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(expected)
}

pub(super) fn expected_task(rest: &mut Words) -> Result<ExpectedTask, String> {
    let mut expected = ExpectedTask::default();
    let yes_no = |word: &str| names::value(names::YES_NO, word);
    for (key, value) in rest.options() {
        match key.as_str() {
            "running" => once(&mut expected.running, &key, value, number)?,
            "pending" => once(&mut expected.pending, &key, value, number)?,
            "registered" => once(&mut expected.registered, &key, value, yes_no)?,
            "disabled" => once(&mut expected.disabled, &key, value, yes_no)?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(expected)
}

pub(super) fn expected_host(rest: &mut Words) -> Result<ExpectedHost, String> {
    let mut expected = ExpectedHost::default();
    for (key, value) in rest.options() {
        match key.as_str() {
            "stragglers" => once(&mut expected.stragglers, &key, value, number)?,
            "holders" => once(&mut expected.holders, &key, value, number)?,
            "state" => once(&mut expected.state, &key, value, |word| names::value(names::HOST_STATE, word))?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(expected)
}

pub(super) fn expected_report(rest: &mut Words) -> Result<ExpectedReport, String> {
    let mut expected = ExpectedReport::default();
    for (key, value) in rest.options() {
        match key.as_str() {
            "finished" => once(&mut expected.finished, &key, value, number)?,
            "abandoned" => once(&mut expected.abandoned, &key, value, number)?,
            "holders" => once(&mut expected.holders, &key, value, labels)?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(expected)
}

pub(super) fn details(rest: &mut Words) -> Result<Option<String>, String> {
    let mut details = None;
    for (key, value) in rest.options() {
        match key.as_str() {
            "details" => once(&mut details, &key, value, text)?,
            _ => return Err(unknown(&key)),
        }
    }
    Ok(details)
}

/// Fills the field of an option that stands once and has a value.
pub(super) fn once<T>(
    field: &mut Option<T>,
    key: &str,
    value: Option<String>,
    read: impl Fn(&str) -> Result<T, String>,
) -> Result<(), String> {
    if field.is_some() {
        return Err(format!("`{key}` stands twice"));
    }
    *field = Some(read(&needed(key, value)?).map_err(|wrong| format!("`{key}`: {wrong}"))?);
    Ok(())
}

fn needed(key: &str, value: Option<String>) -> Result<String, String> {
    value.ok_or_else(|| format!("`{key}` needs a value: {key}=…"))
}

#[expect(clippy::unnecessary_wraps, reason = "one of the readers that `once` takes")]
fn text(word: &str) -> Result<String, String> {
    Ok(word.to_owned())
}

/// Labels with commas between them; no label at all where nothing stands.
#[expect(clippy::unnecessary_wraps, reason = "one of the readers that `once` takes")]
fn labels(word: &str) -> Result<Vec<String>, String> {
    Ok(word.split(',').filter(|label| !label.is_empty()).map(ToOwned::to_owned).collect())
}

pub(super) fn unknown(option: &str) -> String {
    format!("unknown option {option:?}")
}
