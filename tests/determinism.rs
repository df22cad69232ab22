//! The same scenario gives the same trace: twice in a row, and on every machine.
//!
//! Owns: comparing with `tests/digests.txt`, which the wasm tests compare with too.
//! Does not own: which scenarios (`common/digests.rs`).

#![cfg(not(target_arch = "wasm32"))]

#[path = "common/digests.rs"]
mod digests;

use std::collections::BTreeSet;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/digests.txt");

#[test]
fn traces_are_what_they_were() {
    let now = digests::digests();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &now).expect("tests/digests.txt can be written");
    }
    let before = std::fs::read_to_string(FILE).unwrap_or_default();
    let changed: Vec<String> = diff(&before, &now);
    assert!(
        changed.is_empty(),
        "traces changed. If that was meant: make digests\n{}\n",
        changed.join("\n")
    );
}

#[test]
fn the_same_twice() {
    assert_eq!(digests::digests(), digests::digests());
}

#[test]
fn scenarios_differ() {
    let all = digests::digests();
    let distinct: BTreeSet<&str> = all.lines().map(|line| &line[..16]).collect();
    // Two texts that hold nothing to simulate may well have the same trace.
    assert!(distinct.len() + 1 >= all.lines().count(), "{all}");
}

/// The lines that are in one text only.
fn diff(before: &str, now: &str) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let gone = old.iter().filter(|line| !new.contains(line)).map(|line| format!("- {line}"));
    let come = new.iter().filter(|line| !old.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

#[test]
fn a_changed_digest_is_found() {
    assert_eq!(diff("a\nb\n", "a\nb\n"), Vec::<String>::new());
    assert_eq!(diff("a\nb\n", "a\nc\n"), ["- b", "+ c"]);
    assert_eq!(diff("", "a\n"), ["+ a"]);
}
