//! What core stands on: no async runtime, whatever its tests and examples use (architecture: core).
//!
//! The list is what `cargo tree` prints, one package a line: the same resolver that builds the crate decides, features
//! and platform included, and there is nothing to parse. `cargo metadata` gives a graph that a test would have to walk
//! with rules of its own, and the lock file does not tell the dependencies of tests from those of the library.

use std::process::Command;

/// How the packages begin that run futures or drive them: the runtimes, and the parts that they are made of.
const RUNTIMES: [&str; 14] = [
    "async-executor",
    "async-global-executor",
    "async-io",
    "async-std",
    "blocking",
    "compio",
    "embassy",
    "futures",
    "glommio",
    "mio",
    "monoio",
    "polling",
    "smol",
    "tokio",
];

/// The packages that core needs along these edges, itself first.
fn packages(edges: &str) -> Vec<String> {
    // Set by `cargo test`; a test that is started by hand takes the one that is found.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let listing = Command::new(cargo)
        .args(["tree", "--offline", "--package", "backstay", "--prefix", "none", "--edges", edges])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo is there, since it has built this");
    assert!(listing.status.success(), "{}", String::from_utf8_lossy(&listing.stderr));
    let lines = String::from_utf8(listing.stdout).expect("names of packages are plain text");
    lines.lines().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
}

fn runtimes(packages: &[String]) -> Vec<&String> {
    packages.iter().filter(|name| RUNTIMES.iter().any(|runtime| name.starts_with(runtime))).collect()
}

#[test]
fn core_needs_no_async_runtime() {
    let needed = packages("normal,build");
    assert_eq!(needed.first().map(String::as_str), Some("backstay"));
    assert!(needed.iter().any(|name| name == "uuid"), "the list is complete: {needed:?}");
    assert_eq!(runtimes(&needed), [""; 0]);
}

#[test]
fn its_tests_do_and_the_list_would_tell() {
    let needed = packages("normal,build,dev");
    let found = runtimes(&needed);
    assert!(["tokio", "smol"].iter().all(|name| found.iter().any(|found| found == name)), "{needed:?}");
}
