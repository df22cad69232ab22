//! Every rule that is claimed fires in some scenario: a claim nobody tests cannot exist.

#![cfg(not(target_arch = "wasm32"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use podarium::cluster::Cluster;
use podarium::rule::Rule;
use podarium::scenario::Scenario;

/// Scenarios for rules that neither the gallery nor the recordings show.
const EXTRA: &[&str] = &[
    // A command that does not exist, and one of kubectl's that is refused.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: nginx}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     actions: [{at: 1s, run: kubectl delete pod nobody}]}}",
    // An image that must not be pulled, and one whose name cannot be read.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a, image: nginx, imagePullPolicy: Never}, {name: b, image: 'Not/An Image'}]}}",
];

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = EXTRA.iter().map(|text| (*text).to_owned()).collect();
    texts.extend(podarium::gallery::all().iter().map(|entry| entry.text.to_owned()));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    for folder in ["conformance", "scenarios"] {
        let Ok(entries) = fs::read_dir(root.join(folder)) else { continue };
        let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.sort();
        for path in paths {
            let file = if path.is_dir() { path.join("scenario.yaml") } else { path };
            if file.extension().is_some_and(|extension| extension == "yaml") {
                texts.extend(fs::read_to_string(file));
            }
        }
    }
    texts
}

#[test]
fn every_rule_fires_in_some_scenario() {
    let mut fired = BTreeSet::new();
    for text in texts() {
        let (scenario, _) = Scenario::from_text(&text);
        for entry in Cluster::run(&scenario).entries() {
            fired.insert(entry.rule);
        }
    }
    let silent: Vec<Rule> =
        Rule::ALL.iter().copied().filter(|rule| !fired.contains(rule)).collect();
    assert!(silent.is_empty(), "rules that no scenario shows: {silent:?}");
}
