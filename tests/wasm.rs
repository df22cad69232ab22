//! What must hold in a browser's wasm as it does natively.
//!
//! Owns: the same digests, and a stack that is smaller there. Does not own: the page
//! (`tests/browser`).

#![cfg(target_arch = "wasm32")]

#[path = "common/digests.rs"]
mod digests;

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

/// What native traces digest to.
const NATIVE: &str = include_str!("digests.txt");

#[wasm_bindgen_test]
fn traces_are_what_they_are_natively() {
    let here = digests::digests();
    let differ: Vec<(&str, &str)> =
        NATIVE.lines().zip(here.lines()).filter(|(native, wasm)| native != wasm).collect();
    assert!(differ.is_empty(), "native, wasm: {differ:#?}");
    assert_eq!(NATIVE.lines().count(), here.lines().count(), "as many scenarios");
    assert!(NATIVE.lines().count() >= digests::MORE.len(), "the gallery and more");
}

/// A browser gives wasm a smaller stack than a native thread has: what is nested deeper than
/// anybody would write is refused, and does not end the page.
#[wasm_bindgen_test]
fn deep_nesting_does_not_overflow_the_stack() {
    let pod = |command: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: deep}}\nspec:\n  containers:\n  \
             - name: main\n    image: busybox\n    command: [sh, -c, '{command}']\n"
        )
    };
    let texts = [
        "[".repeat(200_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        pod(&format!("{}echo{}", "(".repeat(20_000), ")".repeat(20_000))),
        pod(&format!("echo {}1{}", "$(echo ".repeat(5_000), ")".repeat(5_000))),
        pod(&"if true; then ".repeat(20_000)),
        pod("f() { f; }; f"),
    ];
    for text in texts {
        let (scenario, _) = Scenario::from_text(&text);
        let trace = Cluster::run(&scenario);
        assert!(trace.entries().windows(2).all(|pair| pair[0].at <= pair[1].at));
    }
}
