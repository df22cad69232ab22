//! How a Pod leaves, as a picture: who was faster, and what it cost.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::view::termination::{Fate, Termination, any, termination};

fn of(id: &str, seconds: i64) -> Termination {
    let entry = podarium::gallery::entry(id).expect("it is in the gallery");
    let trace = Cluster::run(&Scenario::from_text(entry.text).0);
    assert!(any(&trace));
    termination(&trace, Instant::from_secs(seconds)).expect("a Pod leaves")
}

#[test]
fn without_a_hook_the_listener_is_closed_before_the_routes_are_gone() {
    let leaving = of("rollout-loses", 16);
    let gap = leaving.gap().expect("there are routes");
    assert!(gap > Duration::from_millis(300), "{gap:?}");
    assert!(leaving.losses() > 0);
    assert_eq!(leaving.nodes.len(), 3);
    assert!(leaving.enough().is_some_and(|seconds| (1..=2).contains(&seconds)));
    // What is drawn is what was counted.
    let drawn = leaving.nodes.iter().flat_map(|node| &node.dots);
    let drawn = drawn.filter(|dot| dot.fate == Fate::Lost).count();
    assert_eq!(drawn as u64, leaving.losses());
    let by_node: u64 = leaving.nodes.iter().map(|node| node.lost).sum();
    assert_eq!(by_node, leaving.losses());
}

#[test]
fn a_hook_that_sleeps_keeps_it_open_for_longer_than_any_route() {
    let leaving = of("rollout-keeps", 21);
    let gap = leaving.gap().expect("there are routes");
    assert!(gap < Duration::from_secs(-3), "{gap:?}");
    assert_eq!(leaving.losses(), 0);
    let hook = leaving.containers[0].hook.expect("the hook ran");
    assert!(hook.2, "and succeeded");
    assert!(leaving.hooked() >= Duration::from_secs(5));
    assert_eq!(leaving.containers[0].hook_words, "sleep: 5 s");
}

#[test]
fn without_a_service_there_is_only_the_kubelets_track() {
    let leaving = of("term-ignored", 0);
    assert!(leaving.nodes.is_empty() && leaving.endpoint.is_none());
    assert_eq!(leaving.gap(), None);
    assert!(leaving.yours);
    let own = &leaving.containers[0];
    assert!(own.killed.is_some(), "PID 1 ignores TERM: {own:?}");
    assert_eq!(own.exit.map(|(_, code)| code), Some(137));
}

#[test]
fn the_picture_prints_as_text() {
    let text = of("rollout-loses", 16).to_string();
    assert!(text.contains('◆') && text.contains('✕') && text.contains("lost, grace 30.0 s"));
    lines_fit(&text);
}

/// Every line fits a terminal.
fn lines_fit(text: &str) {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
