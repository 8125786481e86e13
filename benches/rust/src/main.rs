//! Plays works of the Rust crate and of its peers: reads `WORK SIZE`, plays, and answers with one number. The protocol
//! is that of all players (benches/README.md).

mod cancelling;
mod deferrals;
mod firing;
mod growing;
mod hosting;
mod latency;
mod parked;
mod resident;
mod timing;

use std::io::{BufRead, Write};
use std::time::Instant;

/// One work: given how many pieces to play, it tells what one of them cost, in nanoseconds unless its docs say otherwise.
type Work = fn(u64) -> f64;

/// Nanoseconds for one of `pieces`.
fn each(begun: Instant, pieces: u64) -> f64 {
    begun.elapsed().as_secs_f64() * 1e9 / pieces as f64
}

fn works() -> Vec<(&'static str, Work)> {
    [
        deferrals::WORKS,
        firing::WORKS,
        cancelling::WORKS,
        resident::WORKS,
        timing::WORKS,
        hosting::WORKS,
        growing::WORKS,
        latency::WORKS,
    ]
    .concat()
}

fn main() {
    let works = works();
    let mut answers = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("the harness writes text");
        let mut words = line.split_whitespace();
        let answer = match (words.next(), words.next().map(str::parse)) {
            (Some("works"), None) => works.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" "),
            (Some(name), Some(Ok(size))) => match works.iter().find(|(known, _)| *known == name) {
                Some((_, work)) => format!("{}", work(size)),
                None => format!("- there is no work {name:?}"),
            },
            _ => "- expected a work and its size".to_owned(),
        };
        writeln!(answers, "{answer}").and_then(|()| answers.flush()).expect("the harness reads");
    }
}
