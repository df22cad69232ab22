//! The start page that stands before the wasm is the one that the wasm draws.
//!
//! Owns: comparing `static/start.html` with what the sources make. Does not own: whether the page
//! takes it over without a jump (`browser/frame.spec.mjs`).

#![cfg(not(target_arch = "wasm32"))]

use podarium::ui::frame;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/static/start.html");

#[test]
fn the_start_page_is_that_of_the_sources() {
    let now = frame::start();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(FILE, &now).expect("static/start.html can be written");
    }
    let before = std::fs::read_to_string(FILE).unwrap_or_default();
    let changed = now.lines().zip(before.lines()).find(|(now, before)| now != before);
    assert!(
        now == before,
        "static/start.html is not what the sources make. If that was meant: make digests\n{changed:#?}"
    );
}

#[test]
fn every_card_has_its_picture() {
    let page = frame::start();
    let cards = page.matches("data-card=").count();
    assert!(cards > podarium::gallery::all().len(), "some stand at the top as well");
    assert_eq!(page.matches("class=\"tl tl-thumb\"").count(), cards);
}
