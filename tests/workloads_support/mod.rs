//! Runs of whole scenarios with actions, and what they say: for the tests of controllers.

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Trace, Verb};

/// Runs manifests for so long, with actions at their seconds.
pub fn run(manifests: &str, seconds: i64, actions: &[(i64, &str)]) -> Trace {
    run_on(manifests, seconds, actions, &["node1", "node2"])
}

/// As [`run`], on these nodes.
pub fn run_on(manifests: &str, seconds: i64, actions: &[(i64, &str)], nodes: &[&str]) -> Trace {
    let mut text = format!(
        "{manifests}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n\
         spec:\n  duration: {seconds}s\n  cluster:\n    nodes:\n"
    );
    for node in nodes {
        let images = "[\"nginx:1.25\", \"nginx:1.27\", \"busybox:1.36\"]";
        text.push_str(&format!("    - {{name: {node}, images: {images}}}\n"));
    }
    if !actions.is_empty() {
        text.push_str("  actions:\n");
    }
    for (at, command) in actions {
        text.push_str(&format!("  - at: {at}s\n    run: {}\n", serde_json::json!(command)));
    }
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

/// The names of the objects of a kind at a second.
pub fn names(trace: &Trace, kind: &str, second: i64) -> Vec<String> {
    let state = trace.state_at(Instant::from_secs(second));
    let mut names: Vec<String> = state
        .objects
        .iter()
        .filter(|object| object.kind() == kind)
        .map(|object| object.metadata().name.clone())
        .collect();
    names.sort();
    names
}

/// What the actions printed.
pub fn printed(trace: &Trace) -> Vec<String> {
    trace
        .entries()
        .iter()
        .skip(1)
        .filter_map(|entry| match &entry.change {
            Change::Acted { command, output, .. } if !command.starts_with("kubectl apply") => {
                Some(output.trim_end().to_owned())
            }
            _ => None,
        })
        .collect()
}

/// The seconds at which Pods whose names begin so were created, and their names.
pub fn created(trace: &Trace, prefix: &str) -> Vec<(i64, String)> {
    trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Stored { verb: Verb::Created, object: Object::Pod(pod) }
                if pod.metadata.name.starts_with(prefix) =>
            {
                Some((entry.at.as_micros() / 1_000_000, pod.metadata.name.clone()))
            }
            _ => None,
        })
        .collect()
}

/// What was said with a reason, sorted.
pub fn events(trace: &Trace, reason: &str) -> Vec<String> {
    let mut said: Vec<String> = trace
        .state_at(trace.horizon())
        .events()
        .filter(|event| event.reason == reason)
        .map(|event| event.message.clone())
        .collect();
    said.sort();
    said
}

/// Whether an entry obeys a rule.
pub fn fired(trace: &Trace, rule: Rule) -> bool {
    trace.entries().iter().any(|entry| entry.rule == rule)
}

/// A workload of one container of nginx.
pub fn workload(kind: &str, name: &str, more: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec:\n{more}\
         \x20 selector: {{matchLabels: {{app: {name}}}}}\n  template:\n    metadata: {{labels: \
         {{app: {name}}}}}\n    spec: {{containers: [{{name: nginx, image: \"nginx:1.25\"}}]}}\n"
    )
}

/// A Job of one container that runs a script.
pub fn job(name: &str, script: &str, more: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: {name}}}\nspec:\n{more}  template:\n    \
         spec:\n      restartPolicy: Never\n      containers:\n      - {{name: c, image: \
         \"busybox:1.36\", command: [sh, -c, {}]}}\n",
        serde_json::json!(script)
    )
}
