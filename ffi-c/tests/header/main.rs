//! The headers in `include` are made from this crate, and the table has every function.
//!
//! `BLESS=1 cargo test -p backstay-ffi --test header` writes them anew.

mod layout;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate is a folder of the workspace").to_owned()
}

/// The header as cbindgen makes it, laid out for reading.
fn generated() -> String {
    let crate_dir = env!("CARGO_MANIFEST_DIR");
    let config =
        cbindgen::Config::from_file(Path::new(crate_dir).join("cbindgen.toml")).expect("the config is good");
    let bindings = cbindgen::generate_with_config(crate_dir, config).expect("the crate parses");
    let mut header = Vec::new();
    bindings.write(&mut header);
    layout::lay_out(&String::from_utf8(header).expect("cbindgen writes UTF-8"))
}

/// The names of all functions that the header declares.
fn functions(header: &str) -> Vec<String> {
    let declaration = |line: &str| -> Option<String> {
        let (before, after) =
            line.split_once("backstay_").filter(|_| !line.starts_with([' ', '#', '/', '*']))?;
        let (name, _) = after.split_once('(')?;
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        // The return type of most functions starts with the prefix, too.
        match name.strip_prefix("status backstay_") {
            Some(name) if before.is_empty() => Some(name.to_owned()),
            _ => (is_name && !before.contains("typedef")).then(|| name.to_owned()),
        }
    };
    header.lines().filter_map(declaration).map(|name| format!("backstay_{name}")).collect()
}

/// `backstay_table.h`: every name of the header stands for its entry of the table.
fn over_a_table(names: &[String]) -> String {
    let mut header = include_str!("table_header.in").to_owned();
    let mut macros = String::new();
    for name in names.iter().filter(|name| *name != "backstay_get_api") {
        let entry = name.trim_start_matches("backstay_");
        // This one is a macro of the header already, which calls the next one.
        if name == "backstay_instance_get_deferral" {
            continue;
        }
        writeln!(macros, "#define {name} (backstay_table->{entry})").expect("a String takes everything");
    }
    let place = "/* MACROS */\n";
    assert!(header.contains(place));
    header = header.replace(place, &macros);
    header
}

fn compare_or_bless(file: &str, wanted: &str) {
    let path = root().join("include").join(file);
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, wanted).expect("include is writable");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == wanted,
        "include/{file} is not current; run BLESS=1 cargo test -p backstay-ffi --test header"
    );
}

#[test]
fn the_header_is_current() {
    compare_or_bless("backstay.h", &generated());
}

#[test]
fn the_header_over_a_table_is_current() {
    compare_or_bless("backstay_table.h", &over_a_table(&functions(&generated())));
}

#[test]
fn the_table_has_every_function_of_the_header() {
    let header = generated();
    let (_, table) = header.split_once("typedef struct backstay_api {").expect("the table is in the header");
    let (table, _) = table.split_once("} backstay_api;").expect("the table ends");
    let entries: BTreeSet<String> = table
        .split("(*")
        .skip(1)
        .filter_map(|rest| rest.split_once(')').map(|(name, _)| format!("backstay_{name}")))
        .collect();
    let declared: BTreeSet<String> =
        functions(&header).into_iter().filter(|name| name != "backstay_get_api").collect();
    assert!(declared.len() > 30, "the header was read: {declared:?}");
    assert_eq!(declared, entries);
}

#[test]
fn every_exported_function_has_the_guard() {
    // These cannot panic: they look something up in a table, or read one number.
    let without =
        ["backstay_status_name", "backstay_status_message", "backstay_abi_version", "backstay_get_api"];
    let mut seen = 0;
    for file in std::fs::read_dir(root().join("ffi-c/src")).expect("the folder is there") {
        let path = file.expect("the folder is readable").path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let source = std::fs::read_to_string(&path).expect("the file is readable");
        for function in source.split("#[unsafe(no_mangle)]").skip(1) {
            let body = function.split("\n}\n").next().expect("there is a first part");
            let name = body.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).expect("a function");
            seen += 1;
            assert!(
                body.contains("guard(||") || without.contains(&name),
                "{name} in {} has no panic guard",
                path.display()
            );
        }
    }
    assert!(seen > 30, "the functions were found");
}

#[test]
fn no_rustdoc_markup_is_left_in_the_header() {
    let header = generated();
    for markup in ["[`", "`]", "# Safety", "# Errors", "::"] {
        assert!(!header.contains(markup), "the header has {markup}");
    }
}

#[test]
fn every_status_of_the_header_is_the_core_s() {
    let header = generated();
    let (_, statuses) =
        header.split_once("typedef int32_t backstay_status;\n").expect("the statuses are there");
    let lines = statuses.lines().take_while(|line| line.starts_with("#define BACKSTAY_"));
    let declared: Vec<(String, i32)> = lines
        .map(|line| {
            let mut words = line.trim_start_matches("#define BACKSTAY_").split_whitespace();
            let name = words.next().expect("a name").to_owned();
            let number = words.next().expect("a number").trim_matches(['(', ')']).parse().expect("a number");
            (name, number)
        })
        .collect();
    let known: Vec<(String, i32)> =
        backstay::Status::all().map(|status| (status.name().to_owned(), status.number())).collect();
    assert_eq!(declared, known);
    for (name, number) in &known {
        let text = c_text(backstay_ffi::backstay_status_name(*number));
        assert_eq!(&text, name);
        let message = c_text(backstay_ffi::backstay_status_message(*number));
        assert!(!message.is_empty(), "{name} has a sentence");
    }
}

fn c_text(text: *const std::ffi::c_char) -> String {
    // SAFETY: the header says that these are never NULL and live as long as the process.
    unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy().into_owned()
}
