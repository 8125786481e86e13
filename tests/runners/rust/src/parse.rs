//! From the text of a scenario to its steps.
//!
//! A file is read as a whole before anything is played, so a step that the language does not know fails the file
//! wherever it stands.

mod options;

use self::options::{
    details, expected_host, expected_instance, expected_report, expected_task, host_options, once,
    task_options, unknown,
};
use crate::names::{self, duration, number};
use crate::step::{Act, Step, Target};
use crate::trouble::Failure;
use crate::words::{Words, parts, without_comment, words};

/// A step and the number of its line, from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The number of the line.
    pub number: usize,
    /// What it says.
    pub step: Step,
}

/// Reads a scenario.
///
/// # Errors
/// The first line that is not a step of the language, and what is wrong with it.
pub fn parse(text: &str) -> Result<Vec<Line>, Failure> {
    let mut lines: Vec<Line> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let said = without_comment(line);
        if said.trim().is_empty() {
            continue;
        }
        let step = step(said).map_err(|message| Failure { line: number, message })?;
        if matches!(step, Step::Host(_)) && lines.iter().any(|line| !is_refused_host(&line.step)) {
            return Err(Failure {
                line: number,
                message: "`host` stands once, before all other steps".into(),
            });
        }
        lines.push(Line { number, step });
    }
    Ok(lines)
}

/// A host that was refused leaves no host behind, so another `host` may follow.
fn is_refused_host(step: &Step) -> bool {
    matches!(step, Step::Refused { step, .. } if matches!(**step, Step::Host(_)))
}

/// Reads one step, without a comment.
fn step(text: &str) -> Result<Step, String> {
    let mut rest = Words::new(words(text)?);
    let kind = rest.word("a step")?;
    let step = match kind.as_str() {
        "host" => Step::Host(host_options(&mut rest)?),
        "condition" => Step::Condition {
            name: rest.word("the name of a condition")?,
            on: names::value(names::ON_OFF, &rest.word("on or off")?)?,
        },
        "task" => Step::Task(task_options(&mut rest)?),
        "run" => return run(text),
        "fire" => {
            let task = rest.word("the name of a task")?;
            let name = instance_name(&mut rest)?;
            Step::Fire { task, name, details: details(&mut rest)? }
        }
        "raise" => Step::Raise { event: rest.word("the name of an event")?, details: details(&mut rest)? },
        "new" => Step::New { task: rest.word("the name of a task")?, name: instance_name(&mut rest)? },
        "go" => Step::Go { instance: rest.word("the name of an instance")? },
        "defer" | "complete" | "drop" | "fail" => ending(&kind, &mut rest)?,
        "progress" => Step::Progress {
            instance: rest.word("the name of an instance")?,
            progress: number(&rest.word("a number")?)?,
        },
        "cancel" => Step::Cancel {
            instance: rest.word("the name of an instance")?,
            reason: names::reason(&rest.word("a reason")?)?,
        },
        "suspend" => {
            let target = target(&mut rest)?;
            let mut cause = None;
            for (key, value) in rest.options() {
                match key.as_str() {
                    "cause" => once(&mut cause, &key, value, |word| names::value(names::CAUSE, word))?,
                    _ => return Err(unknown(&key)),
                }
            }
            Step::Suspend { target, cause }
        }
        "resume" => Step::Resume { target: target(&mut rest)? },
        "unregister" => {
            let task = rest.word("the name of a task")?;
            let cancel = match rest.rest().as_slice() {
                [] => false,
                [word] if word == "cancel" => true,
                [word, ..] => return Err(unknown(word)),
            };
            Step::Unregister { task, cancel }
        }
        "enable" => Step::Enable { task: rest.word("the name of a task")? },
        "advance" => Step::Advance { by: duration(&rest.word("a duration")?)? },
        "drain" => Step::Drain { timeout: duration(&rest.word("a duration")?)? },
        "shutdown" => Step::Shutdown { grace: duration(&rest.word("a duration")?)? },
        "joined" => Step::Joined(expected_report(&mut rest)?),
        "expect" => expect(&mut rest)?,
        "refused" => return refused(text),
        "trace" => Step::Trace { instance: rest.headed("the name of an instance")?, events: rest.rest() },
        _ => return Err(format!("unknown step {kind:?}")),
    };
    rest.end()?;
    Ok(step)
}

/// `run NAME: ACT; ACT; …`, of which the separators are only known before the quotes are gone.
fn run(text: &str) -> Result<Step, String> {
    let mut acts = Vec::new();
    let mut task = String::new();
    for (index, part) in parts(text, ';').into_iter().enumerate() {
        let mut rest = Words::new(words(part)?);
        if index == 0 {
            rest.keyword("run")?;
            task = rest.headed("the name of a task")?;
        }
        acts.extend(act(rest)?);
    }
    Ok(Step::Run { task, acts })
}

/// One act; none where nothing stands, as after the last `;`.
fn act(mut rest: Words) -> Result<Option<Act>, String> {
    let Ok(kind) = rest.word("an act") else { return Ok(None) };
    let act = match kind.as_str() {
        "defer" => Act::Defer(rest.word("a label")?),
        "complete" => Act::Complete(rest.word("a label")?),
        "progress" => Act::Progress(number(&rest.word("a number")?)?),
        "hold" => Act::Hold,
        "checkpoint" => Act::Checkpoint,
        "fail" => Act::Fail(rest.text("the text of the error")?),
        "panic" => Act::Panic,
        "unregister" => Act::Unregister,
        "fire" => Act::Fire(rest.word("the name of a task")?),
        "return" => Act::Return,
        _ => return Err(format!("unknown act {kind:?}")),
    };
    rest.end()?;
    Ok(Some(act))
}

/// `refused CODE: STEP`.
fn refused(text: &str) -> Result<Step, String> {
    let mut rest = Words::new(words(text)?);
    rest.keyword("refused")?;
    let status = names::status(&rest.headed("the name of a status")?)?;
    // A status has no colon and no quote, so the first colon is the one behind it.
    let (_, refused) = text.split_once(':').unwrap_or_default();
    let step = step(refused)?;
    match step {
        Step::Run { .. }
        | Step::New { .. }
        | Step::Go { .. }
        | Step::Joined(_)
        | Step::ExpectInstance { .. }
        | Step::ExpectTask { .. }
        | Step::ExpectHost(_)
        | Step::Refused { .. }
        | Step::Trace { .. } => Err("this step is nothing that the library could refuse".to_owned()),
        _ => Ok(Step::Refused { status, step: Box::new(step) }),
    }
}

/// `as I`. The words that follow `expect` and `suspend` are taken, since an instance of that name could not be meant.
fn instance_name(rest: &mut Words) -> Result<String, String> {
    rest.keyword("as")?;
    let name = rest.word("the name of the instance")?;
    match name.as_str() {
        "host" | "task" => Err(format!("an instance cannot be called {name:?}; choose another name")),
        _ => Ok(name),
    }
}

fn ending(kind: &str, rest: &mut Words) -> Result<Step, String> {
    let label = rest.word("a label")?;
    rest.keyword("of")?;
    let instance = rest.word("the name of an instance")?;
    Ok(match kind {
        "defer" => Step::Defer { label, instance },
        "complete" => Step::Complete { label, instance },
        "drop" => Step::Drop { label, instance },
        _ => Step::Fail { label, instance, text: rest.text("the text of the error")? },
    })
}

fn target(rest: &mut Words) -> Result<Target, String> {
    let target = rest.word("host, task NAME or the name of an instance")?;
    Ok(match target.as_str() {
        "host" => Target::Host,
        "task" => Target::Task(rest.word("the name of a task")?),
        _ => Target::Instance(target),
    })
}

fn expect(rest: &mut Words) -> Result<Step, String> {
    Ok(match target(rest)? {
        Target::Host => Step::ExpectHost(expected_host(rest)?),
        Target::Task(task) => Step::ExpectTask { task, expected: expected_task(rest)? },
        Target::Instance(instance) => Step::ExpectInstance { instance, expected: expected_instance(rest)? },
    })
}
