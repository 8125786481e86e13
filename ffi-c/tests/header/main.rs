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

/// What cbindgen makes of the crate.
fn parts() -> layout::Parts {
    let crate_dir = env!("CARGO_MANIFEST_DIR");
    let config =
        cbindgen::Config::from_file(Path::new(crate_dir).join("cbindgen.toml")).expect("the config is good");
    let bindings = cbindgen::generate_with_config(crate_dir, config).expect("the crate parses");
    let mut header = Vec::new();
    bindings.write(&mut header);
    layout::Parts::of(&String::from_utf8(header).expect("cbindgen writes UTF-8"))
}

/// `backstay_table.h`: every name of the header stands for its entry of the table.
fn over_a_table(parts: &layout::Parts) -> String {
    let mut macros = String::new();
    // The first is a macro of backstay.h already, which calls another entry; the second gives the table itself.
    let without = ["backstay_instance_get_deferral", "backstay_get_api"];
    for name in parts.functions().into_iter().filter(|name| !without.contains(name)) {
        let entry = name.trim_start_matches("backstay_");
        writeln!(macros, "#define {name} (backstay_table->{entry})").expect("a String takes everything");
    }
    let header = include_str!("table_header.in");
    for place in ["/* TABLE */\n", "/* MACROS */\n"] {
        assert!(header.contains(place));
    }
    let table = parts.table().replacen("typedef struct backstay_api {", "struct backstay_api {", 1);
    let table = table.replacen("} backstay_api;", "};", 1);
    header.replace("/* TABLE */\n", &format!("{table}\n")).replace("/* MACROS */\n", &macros)
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
    compare_or_bless("backstay.h", &parts().header());
}

#[test]
fn the_header_over_a_table_is_current() {
    compare_or_bless("backstay_table.h", &over_a_table(&parts()));
}

#[test]
fn the_table_has_every_function_of_the_header() {
    let parts = parts();
    let entries: BTreeSet<&str> =
        parts.table().split("(*").skip(1).filter_map(|rest| rest.split(')').next()).collect();
    let mut declared: BTreeSet<&str> =
        parts.functions().iter().map(|name| name.trim_start_matches("backstay_")).collect();
    declared.remove("get_api");
    assert!(declared.len() > 90, "the header was read: {declared:?}");
    assert_eq!(declared, entries);
}

#[test]
fn the_header_opens_and_closes_what_it_must() {
    let header = parts().header();
    let place = |text: &str| header.find(text).unwrap_or_else(|| panic!("the header has no {text}"));
    let order = [
        place("/*\n * backstay:"),
        place("A complete program"),
        place("Conventions"),
        place("#ifndef BACKSTAY_H\n#define BACKSTAY_H\n"),
        place("#include <stdbool.h>"),
        place("#define BACKSTAY_VERSION_MAJOR"),
        place("extern \"C\" {"),
        place("typedef int32_t backstay_status;"),
        place("typedef struct backstay_host {"),
        place("\nbackstay_status backstay_host_open("),
        place("backstay_get_api("),
        place("} /* extern \"C\" */"),
        place("#endif /* BACKSTAY_H */"),
    ];
    assert!(order.is_sorted(), "{order:?}");
    assert!(header.trim_end().ends_with("#endif /* BACKSTAY_H */"));
    let versions = env!("CARGO_PKG_VERSION").split('.').zip(["MAJOR", "MINOR", "PATCH"]);
    for (number, part) in versions {
        place(&format!("#define BACKSTAY_VERSION_{part} {number}\n"));
    }
    place(&format!("#define BACKSTAY_VERSION \"{}\"\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn everything_in_the_header_is_described() {
    let header = parts().header();
    for block in header.split("\n\n").skip_while(|block| !block.starts_with("/* ---- ")) {
        let is_plain = ["/* ---- ", "#ifdef __cplusplus", "typedef struct backstay_api", "#endif"];
        let is_described =
            block.starts_with("/* ") || is_plain.iter().any(|start| block.trim().starts_with(start));
        assert!(is_described, "without a comment: {block}");
        assert!(block.lines().all(|line| line.len() <= 121), "too long: {block}");
    }
    for callback in ["run", "completed", "progress", "canceled", "event", "executor", "log"] {
        let (before, _) =
            header.split_once(&format!("(*backstay_{callback}_fn)")).expect("the callback is there");
        let comment = before.rsplit("/* ").next().expect("it has a comment").to_lowercase();
        let comment = comment.replace("\n *", "");
        for told in ["thread:", "may call anything", "user data:"] {
            assert!(comment.contains(told), "backstay_{callback}_fn does not say {told}");
        }
    }
}

#[test]
fn every_exported_function_has_the_guard() {
    let mut seen = 0;
    for path in sources(&root().join("ffi-c/src")) {
        let source = std::fs::read_to_string(&path).expect("the file is readable");
        for function in source.split("#[unsafe(no_mangle)]").skip(1) {
            let body = function.split("\n}\n").next().expect("there is a first part");
            let name = body.split("fn ").nth(1).and_then(|rest| rest.split('(').next()).expect("a function");
            seen += 1;
            let has_guard = body.contains("guard(||") || body.contains("guard_or(");
            assert!(has_guard, "{name} in {} has no panic guard", path.display());
        }
    }
    assert_eq!(seen, parts().functions().len(), "every function was looked at");
}

/// Every source file of a folder and the folders in it.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("the folder is readable").path());
    paths.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn no_rustdoc_markup_is_left_in_the_header() {
    let header = parts().header();
    for markup in ["[`", "`]", "# Safety", "# Errors", "::"] {
        assert!(!header.contains(markup), "the header has {markup}");
    }
}

#[test]
fn every_status_of_the_header_is_the_core_s() {
    let header = parts().header();
    let (_, statuses) =
        header.split_once("typedef int32_t backstay_status;\n").expect("the statuses are there");
    let lines = statuses.lines().take_while(|line| !line.is_empty());
    let lines = lines.filter(|line| line.starts_with("#define BACKSTAY_"));
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
