//! Files that must fail, each with the right line: a runner that cannot fail is worthless.

use std::process::Command;
use std::time::{Duration, Instant};

use backstay_scenarios::run_scenario;

/// Longer than a runner that came back may have taken, much shorter than its watchdog.
const SOON: Duration = Duration::from_secs(30);

/// Plays a file that must fail, and gives what it says: `line 3: expected …, saw …`.
fn failure(text: &str) -> String {
    let begin = Instant::now();
    let failure = run_scenario("failing", text).expect_err("the file is wrong");
    assert!(begin.elapsed() < SOON, "it hung before it failed: {failure}");
    failure.to_string()
}

/// A task whose first instance, `i`, is Running with the deferral `read`: five lines.
const RUNNING: &str =
    "# L1\ntask copy\nrun copy: defer read\nfire copy as i\nexpect i state=Running deferrals=1\n";

fn after_running(step: &str) -> String {
    failure(&format!("{RUNNING}{step}\nadvance 1s"))
}

#[test]
fn an_unknown_step_fails_before_anything_is_played() {
    assert_eq!(failure("advance 1s\nexpect i state=Running\njump i"), "line 3: unknown step \"jump\"");
}

#[test]
fn a_wrong_expectation_fails_with_both_sides() {
    let wrong = "expect i state=Running outcome=Succeeded deferrals=2 details=x";
    assert_eq!(
        after_running(wrong),
        "line 6: expected state=Running outcome=Succeeded deferrals=2 details=x, \
         saw state=Running no outcome deferrals=1 details="
    );
}

#[test]
fn a_wrong_expectation_of_a_task_fails() {
    let wrong = "expect task copy running=0 pending=0 registered=no disabled=yes";
    assert_eq!(
        after_running(wrong),
        "line 6: expected running=0 pending=0 registered=no disabled=yes, \
         saw running=1 pending=0 registered=yes disabled=no"
    );
}

#[test]
fn a_wrong_expectation_of_the_host_fails() {
    let wrong = "expect host state=Closed holders=0 stragglers=1";
    assert_eq!(
        after_running(wrong),
        "line 6: expected stragglers=1 holders=0 state=Closed, saw stragglers=0 holders=1 state=Open"
    );
}

#[test]
fn a_wrong_trace_fails_whether_it_says_too_little_too_much_or_another_order() {
    for wrong in ["fired", "fired started started", "started fired", "fired started completed:Succeeded"] {
        let saw = after_running(&format!("trace i: {wrong}"));
        assert_eq!(saw, format!("line 6: expected {wrong}, saw fired started"));
    }
}

#[test]
fn a_step_that_should_have_been_refused_fails() {
    assert_eq!(after_running("refused NAME_TAKEN: fire copy as j"), "line 6: expected NAME_TAKEN, saw OK");
    assert_eq!(
        after_running("refused NOT_RUNNING: complete read of i"),
        "line 6: expected NOT_RUNNING, saw OK"
    );
}

#[test]
fn a_step_that_is_refused_otherwise_fails() {
    let saw = after_running("refused CLOSED: task copy");
    assert!(saw.starts_with("line 6: expected CLOSED, saw NAME_TAKEN ("), "{saw}");
}

#[test]
fn a_step_that_is_refused_unexpectedly_fails() {
    let saw = after_running("task copy");
    assert!(saw.starts_with("line 6: expected OK, saw NAME_TAKEN ("), "{saw}");
    let saw = after_running("fire nobody as j");
    assert!(saw.starts_with("line 6: expected OK, saw NOT_FOUND ("), "{saw}");
    let saw = failure("host workers=0\ntask copy");
    assert!(saw.starts_with("line 1: expected OK, saw INVALID_ARGUMENT ("), "{saw}");
}

#[test]
fn a_wrong_report_fails() {
    let text = "task copy\nfire copy as i\nexpect i state=Finished\nshutdown 1s\n\
                joined finished=0 abandoned=1 holders=read";
    assert_eq!(
        failure(text),
        "line 5: expected finished=0 abandoned=1 holders=read, saw finished=0 abandoned=0 holders="
    );
    assert_eq!(failure("joined"), "line 1: nothing has been drained or shut down");
}

#[test]
fn a_report_that_does_not_come_fails() {
    let text = format!("{RUNNING}drain 1h\njoined");
    assert_eq!(failure(&text), "line 7: expected the report, saw none within 5s");
}

#[test]
fn a_go_without_a_hold_fails() {
    assert_eq!(after_running("go i"), "line 6: expected the run of i at a hold, saw it elsewhere (Running)");
}

#[test]
fn a_new_that_nobody_answers_to_fails() {
    assert_eq!(
        after_running("new copy as j"),
        "line 6: expected an instance of copy without a name, saw none"
    );
}

#[test]
fn names_that_nobody_has_fail() {
    let nobody = |what: &str| format!("line 6: there is no {what} at this point of the file");
    assert_eq!(after_running("cancel j Abort"), nobody("instance \"j\""));
    assert_eq!(after_running("complete write of i"), nobody("deferral \"write\""));
    assert_eq!(after_running("drop write of i"), nobody("deferral \"write\""));
    // Not even under `refused`: it is the file that is wrong, and the library was not asked.
    assert_eq!(after_running("refused NOT_RUNNING: complete write of i"), nobody("deferral \"write\""));
}

#[test]
fn a_run_that_is_told_what_cannot_be_fails_the_file() {
    let text = "task copy\nrun copy: complete nobody; fire nobody\nfire copy as i\nexpect i state=Finished";
    assert!(failure(text).ends_with("there is no deferral \"nobody\" at this point of the file"));
}

#[test]
fn a_file_that_fails_while_runs_stand_still_does_not_hang() {
    let text = "task a\nrun a: hold; checkpoint; hold\ntask b\nrun b: hold\nfire a as i\nfire b as j\n\
                expect i state=Running\nsuspend host\ngo i\ntrace i: nonsense";
    assert_eq!(failure(text), "line 10: expected nonsense, saw fired started suspended <go>");
}

#[test]
fn the_program_tells_of_each_file_and_counts() {
    let folder = std::env::temp_dir().join(format!("backstay-scenarios-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("there is room for a folder");
    let good = folder.join("L1-good.scn");
    let bad = folder.join("L1-bad.scn");
    std::fs::write(&good, "# a good one\r\n\ttask copy\r\nfire copy as i\r\n")
        .expect("there is room for a file");
    std::fs::write(&bad, "task copy\n\ntask copy busy=often\n").expect("there is room for a file");
    let play = |files: &[&std::path::Path]| {
        let program = Command::new(env!("CARGO_BIN_EXE_backstay-scenarios")).args(files).output();
        let output = program.expect("the program was built with this test");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let said = "ok rust L1-good\n\
                FAILED rust L1-bad line 3: `busy`: \"often\" is none of parallel, queue, coalesce, reject, replace\n\
                1 passed, 1 failed\n";
    assert_eq!(play(&[&good, &bad]), (Some(1), said.to_owned()));
    assert_eq!(play(&[&good]), (Some(0), "ok rust L1-good\n1 passed, 0 failed\n".to_owned()));
    let (code, said) = play(&[&folder.join("missing.scn")]);
    assert_eq!(code, Some(1));
    assert!(said.starts_with("FAILED rust missing line 0: the file cannot be read: "), "{said}");
    assert_eq!(play(&[]), (Some(2), String::new()));
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
