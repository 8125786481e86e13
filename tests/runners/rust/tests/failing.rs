//! Files that must fail, each with the right line: a runner that cannot fail is worthless.

use std::process::Command;
use std::time::{Duration, Instant};

use backstay_scenarios::run_scenario;

/// Files that must fail, over each its name and what every runner says of it; `*` stands for what differs.
const FAILING: &str = include_str!("../../failing.txt");

/// Longer than a runner that came back may have taken, much shorter than its watchdog.
const SOON: Duration = Duration::from_secs(30);

/// What went otherwise with a case of the list; nothing when it failed as it should.
fn difference(case: &str) -> Option<String> {
    let (head, text) = case.split_once('\n').expect("a file follows what is said of it");
    let (name, says) = head.split_once(": ").expect("what is said follows the name");
    let begin = Instant::now();
    let said = match run_scenario(name, text) {
        Ok(()) => "it passed".to_owned(),
        Err(failure) => failure.to_string(),
    };
    let is_said = match says.split_once('*') {
        Some((start, end)) => said.starts_with(start) && said.ends_with(end),
        None => said == says,
    };
    let is_soon = begin.elapsed() < SOON;
    (!is_said || !is_soon).then(|| format!("{name}, after {:?}:\n  {says}\n  {said}", begin.elapsed()))
}

#[test]
fn files_that_must_fail_do_so_at_their_line_and_in_these_words() {
    let cases: Vec<&str> = FAILING.split("\n=== ").skip(1).collect();
    assert!(cases.len() > 60, "only {} cases were found", cases.len());
    // All at once, since most of them wait.
    let differences: Vec<String> = std::thread::scope(|scope| {
        let played: Vec<_> = cases.iter().map(|case| scope.spawn(|| difference(case))).collect();
        played.into_iter().filter_map(|case| case.join().expect("nothing panics in it")).collect()
    });
    assert!(differences.is_empty(), "{}", differences.join("\n"));
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
