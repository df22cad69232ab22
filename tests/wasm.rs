//! What must hold in a browser's wasm as it does natively.
//!
//! Owns: the same digests, a stack that is smaller there, and the time of a run. Does not own: the
//! page (`tests/browser`).

#![cfg(target_arch = "wasm32")]

#[path = "common/digests.rs"]
mod digests;

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

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

/// Two containers that share a network, for ten minutes, as most visitors meet them first.
const TWO_CONTAINERS: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: daemon-pod}
spec:
  containers:
  - {name: nginx, image: 'nginx:latest'}
  - {name: shell, image: busybox, tty: true, stdin: true}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: two-containers}
spec: {duration: 10m}
";

/// Prints how long a run takes in this browser; asserts only that nobody would wait for it.
#[wasm_bindgen_test]
fn a_run_of_ten_minutes_takes_no_time() {
    let window = web_sys::window().expect("the tests run in a page");
    let clock = window.performance().expect("a page has a clock");
    let (scenario, _) = Scenario::from_text(TWO_CONTAINERS);
    let mut times: Vec<f64> = (0..201)
        .map(|_| {
            let begin = clock.now();
            let trace = Cluster::run(&scenario);
            let took = clock.now() - begin;
            assert!(!trace.entries().is_empty(), "something happens");
            took
        })
        .collect();
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    console_log!("measured: two containers, ten minutes: {median:.2} ms median of {}", times.len());
    assert!(median < 100.0, "{median} ms");
}
