//! The language itself: what is read as which step, and what is refused with which line.

use std::time::Duration;

use backstay::{CancelReason, IfExists, Status, Trigger, WhenBusy};
use backstay_scenarios::parse;
use backstay_scenarios::parse::Line;
use backstay_scenarios::step::{Act, ExpectedInstance, HostOptions, Step, Target, TaskOptions};

fn read(text: &str) -> Vec<Line> {
    parse(text).unwrap_or_else(|failure| panic!("{text:?}: {failure}"))
}

/// The one step of a line.
fn step(text: &str) -> Step {
    let mut lines = read(text);
    assert_eq!(lines.len(), 1, "{text:?}");
    lines.remove(0).step
}

/// The file that consists of these steps.
fn write(steps: impl IntoIterator<Item = Step>) -> String {
    steps.into_iter().map(|step| step.to_string() + "\n").collect()
}

#[test]
fn comments_and_empty_lines_are_no_steps_but_count_as_lines() {
    let lines = read("# L1: why\n\n  \t\ntask copy # the task\r\n#\nfire copy as i");
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [4, 6]);
}

#[test]
fn a_quote_may_open_anywhere_and_hides_blanks_semicolons_and_hashes() {
    let fired =
        |details: &str| Step::Fire { task: "copy".into(), name: "i".into(), details: Some(details.into()) };
    assert_eq!(step(r#"fire copy as i details="a b; c # d""#), fired("a b; c # d"));
    assert_eq!(step(r#"fire copy as i "details=a b""#), fired("a b"));
    assert_eq!(step(r#"fire "copy" as i deta"ils=a "b"#), fired("a b"));
}

#[test]
fn there_are_no_escapes() {
    let acts = vec![Act::Fail(r"a\n".into()), Act::Return];
    assert_eq!(step(r#"run copy: fail "a\n"; return"#), Step::Run { task: "copy".into(), acts });
}

#[test]
fn the_acts_of_a_run_are_split_at_semicolons_outside_of_quotes() {
    let text = r#"run g/copy: defer read;progress 7 ; hold; checkpoint; fail "a; b"; fire copy;"#;
    let acts = vec![
        Act::Defer("read".into()),
        Act::Progress(7),
        Act::Hold,
        Act::Checkpoint,
        Act::Fail("a; b".into()),
        Act::Fire("copy".into()),
    ];
    assert_eq!(step(text), Step::Run { task: "g/copy".into(), acts });
    assert_eq!(step("run copy:"), Step::Run { task: "copy".into(), acts: vec![] });
}

#[test]
fn the_text_of_an_error_is_all_that_is_left_of_its_step() {
    let failed = |text: &str| Step::Fail { label: "l".into(), instance: "i".into(), text: text.into() };
    assert_eq!(step("fail l of i disk  full"), failed("disk full"));
    assert_eq!(step(r#"fail l of i "disk  full""#), failed("disk  full"));
    assert_eq!(step(r#"fail l of i """#), failed(""));
}

#[test]
fn every_option_of_a_task_is_read() {
    let text = "task copy trigger=every:15m condition=a condition=b cancel-on-loss deadline=30s grace=250ms \
                busy=replace max-running=2 max-failures=3 group=g if-exists=keep";
    let expected = TaskOptions {
        name: "copy".into(),
        trigger: Some(Trigger::Every(Duration::from_mins(15))),
        conditions: vec!["a".into(), "b".into()],
        cancel_on_loss: true,
        deadline: Some(Duration::from_secs(30)),
        grace: Some(Duration::from_millis(250)),
        busy: Some(WhenBusy::Replace),
        max_running: Some(2),
        max_failures: Some(3),
        group: Some("g".into()),
        if_exists: Some(IfExists::Keep),
    };
    assert_eq!(expected.called(), "g/copy");
    assert_eq!(step(text), Step::Task(expected));
}

#[test]
fn host_task_and_instance_are_told_apart() {
    let suspended = |target| Step::Suspend { target, cause: None };
    assert_eq!(step("suspend host"), suspended(Target::Host));
    assert_eq!(step("suspend task copy"), suspended(Target::Task("copy".into())));
    assert_eq!(step("suspend i"), suspended(Target::Instance("i".into())));
}

#[test]
fn lists_are_split_at_commas_and_may_be_empty() {
    let dropped = |labels: &[&str]| ExpectedInstance {
        dropped: Some(labels.iter().map(ToString::to_string).collect()),
        ..ExpectedInstance::default()
    };
    let expect = |expected| Step::ExpectInstance { instance: "i".into(), expected };
    assert_eq!(step("expect i dropped=a,b"), expect(dropped(&["a", "b"])));
    assert_eq!(step("expect i dropped="), expect(dropped(&[])));
}

#[test]
fn a_refused_step_is_a_step_with_the_status() {
    let step = step(r#"refused NOT_RUNNING: defer "a # b" of i"#);
    let refused = Step::Defer { label: "a # b".into(), instance: "i".into() };
    assert_eq!(step, Step::Refused { status: Status::NotRunning, step: Box::new(refused) });
}

#[test]
fn after_a_host_that_was_refused_another_may_follow() {
    assert_eq!(read("refused INVALID_ARGUMENT: host workers=0\nhost workers=1").len(), 2);
}

#[test]
fn every_step_is_written_back_as_what_it_was_read_from() {
    let text = r#"host workers=2 grace=3s overdue-after=250ms
condition "the network" off
task copy
task sync trigger=every:15m condition=a condition=b cancel-on-loss deadline=30s grace=2m busy=coalesce max-running=2 max-failures=3 group=g if-exists=keep
task once trigger=after:1h
task hand trigger=manual
task told trigger=event:"two words"
run g/sync: defer read; complete read; progress 7; hold; checkpoint; fail "no; way"; panic; unregister; fire copy; return
run copy:
fire copy as i details="photo # 1"
raise told details=""
new g/sync as j
go i
defer "two words" of i
complete read of i
drop read of i
fail read of i "disk full"
progress i 4294967295
cancel i ConditionLoss
suspend host cause=cpu
suspend task g/sync cause=network
suspend i
resume host
resume task g/sync
resume i
unregister copy
unregister copy cancel
enable copy
advance 90s
drain 0s
shutdown 5s
joined finished=2 abandoned=1 holders=a,b
joined
expect i state=Running outcome=Failed reason=Abort error="disk full" deferrals=1 progress=2 suspended=3 throttled=4 details=x dropped=a,b remaining=30s
expect task copy running=1 pending=2 registered=yes disabled=no
expect host stragglers=1 holders=2 state=Draining
refused NAME_TAKEN: task copy
trace i: fired waits:a,b started "<defer:two words>" canceled:Abort completed:Canceled
"#;
    let written = write(read(text).into_iter().map(|line| line.step));
    assert_eq!(written, text);
    let again = read(&written).into_iter().map(|line| line.step);
    assert!(again.eq(read(text).into_iter().map(|line| line.step)));
}

#[test]
fn steps_can_be_made_up_and_written_as_a_file() {
    let steps = [
        Step::Host(HostOptions { workers: Some(1), ..HostOptions::default() }),
        Step::Task(TaskOptions { name: "copy".into(), ..TaskOptions::default() }),
        Step::Fire { task: "copy".into(), name: "i".into(), details: None },
        Step::Cancel { instance: "i".into(), reason: CancelReason::Abort },
    ];
    let file = write(steps.clone());
    assert_eq!(file, "host workers=1\ntask copy\nfire copy as i\ncancel i Abort\n");
    assert!(read(&file).into_iter().map(|line| line.step).eq(steps));
}
