//! Plays a whole scenario, and comes back whatever it does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use crate::parse::{Line, parse};
use crate::perform::Player;
use crate::stage::Stage;
use crate::trouble::Failure;

/// How long a whole file may take. Each wait of the runner ends after five seconds; this is for a call that never
/// comes back.
const WATCHDOG: Duration = Duration::from_mins(1);

/// Plays the scenario `text`. `name` stands on the thread that plays it, for whoever looks with a debugger.
///
/// A file that fails leaves nothing behind: holds are released and the host is shut down without a grace. Only a call
/// of the library that never returns keeps its thread; then this comes back after a minute without it.
///
/// # Errors
/// The line that failed, with what was expected and what was seen.
pub fn run_scenario(name: &str, text: &str) -> Result<(), Failure> {
    let lines = parse(text)?;
    let stage = Arc::new(Stage::default());
    let line = Arc::new(AtomicUsize::new(0));
    let (tell, told) = mpsc::channel();
    let playing = {
        let (stage, line) = (Arc::clone(&stage), Arc::clone(&line));
        move || {
            // Nobody listens when the watchdog was faster.
            let _ = tell.send(play(stage, &lines, &line));
        }
    };
    let failure = |message: String| Failure { line: line.load(Ordering::Relaxed), message };
    // A name with a NUL cannot be given to a thread.
    let thread = std::thread::Builder::new().name(name.replace('\0', ""));
    thread.spawn(playing).map_err(|error| failure(format!("no thread to play the file: {error}")))?;
    match told.recv_timeout(WATCHDOG) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => {
            stage.gates.release();
            Err(failure("expected the step to end, saw it still busy after 60s".to_owned()))
        }
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(failure("the runner panicked".to_owned())),
    }
}

fn play(stage: Arc<Stage>, lines: &[Line], current: &AtomicUsize) -> Result<(), Failure> {
    let mut player = Player::new(stage);
    let mut result = Ok(());
    for line in lines {
        current.store(line.number, Ordering::Relaxed);
        result = player.perform(&line.step);
        if result.is_err() {
            break;
        }
    }
    // A failure to close is told only when the steps went well: the first thing that went wrong counts.
    let closed = player.close();
    result
        .and(closed)
        .map_err(|trouble| Failure { line: current.load(Ordering::Relaxed), message: trouble.into_message() })
}
