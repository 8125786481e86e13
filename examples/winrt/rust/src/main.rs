//! Microsoft's sample of background tasks on backstay, without its windows: what they would show is printed.
//!
//! ```sh
//! sample CASE
//! sample --list
//! ```
#![forbid(unsafe_code)]

mod acceptance;
mod configuration;
mod page;
mod scenarios;
mod system;
mod tasks;

use std::collections::BTreeMap;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use system::System;

type Played = Result<(), Box<dyn Error>>;
type Play = fn(&Arc<System>) -> Played;
type Case = Box<dyn Fn(&Arc<System>) -> Played>;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let cases: BTreeMap<String, Case> = scenarios::cases().into_iter().chain(acceptance::cases()).collect();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [list] if list == "--list" => cases.keys().for_each(|name| println!("{name}")),
        [name] if cases.contains_key(name) => {
            let system = System::open()?;
            cases[name](&system)?;
            system.close()?;
        }
        _ => {
            eprintln!("usage: sample CASE, or --list");
            return Ok(ExitCode::from(2));
        }
    }
    Ok(ExitCode::SUCCESS)
}
