//! Plays scenario files: one line for each, `ok rust NAME` or `FAILED rust NAME line 7: expected …, saw …`, then how
//! many passed and failed. Exits with 1 when one failed, with 2 when there is no file to play.

use std::path::Path;
use std::process::ExitCode;

use backstay_scenarios::{Failure, run_scenario};

fn main() -> ExitCode {
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() || files.iter().any(|file| file.starts_with('-')) {
        eprintln!("usage: backstay-scenarios FILE.scn …");
        return ExitCode::from(2);
    }
    let failed = files.iter().filter(|file| !passes(file)).count();
    println!("{} passed, {failed} failed", files.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn passes(file: &str) -> bool {
    let path = Path::new(file);
    let name = path.file_stem().map_or(file.into(), |stem| stem.to_string_lossy());
    let result = match std::fs::read_to_string(path) {
        Ok(text) => run_scenario(&name, &text),
        Err(error) => Err(Failure { line: 0, message: format!("the file cannot be read: {error}") }),
    };
    match &result {
        Ok(()) => println!("ok rust {name}"),
        Err(failure) => println!("FAILED rust {name} {failure}"),
    }
    result.is_ok()
}
