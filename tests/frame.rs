//! The start page that stands before the wasm is the one that the wasm draws, and so is the answer
//! of a scenario.
//!
//! Owns: comparing `static/start.html` and `static/answers.txt` with what the sources make. Does
//! not own: whether the page takes them over without a jump (`browser/frame.spec.mjs`).

#![cfg(not(target_arch = "wasm32"))]

use podarium::ui::frame;

const STATIC: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/");

/// Compares a file of `static/` with what it is made of.
fn is_of_the_sources(name: &str, now: &str) {
    let file = format!("{STATIC}{name}");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, now).expect("a file of static/ can be written");
    }
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    let changed = now.lines().zip(before.lines()).find(|(now, before)| now != before);
    assert!(
        now == before,
        "static/{name} is not what the sources make. If that was meant: make digests\n{changed:#?}"
    );
}

#[test]
fn the_start_page_is_that_of_the_sources() {
    is_of_the_sources("start.html", &frame::start());
}

#[test]
fn the_answers_are_those_of_the_sources() {
    let now = frame::answers();
    is_of_the_sources("answers.txt", &now);
    for line in now.lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        assert_eq!(parts.len(), 5, "{line}");
        assert!(parts.iter().all(|part| !part.is_empty()), "{line}");
    }
}

#[test]
fn every_card_has_its_picture() {
    let page = frame::start();
    let cards = page.matches("data-card=").count();
    assert!(cards > podarium::gallery::all().len(), "some stand at the top as well");
    assert_eq!(page.matches("class=\"tl tl-thumb\"").count(), cards);
}
