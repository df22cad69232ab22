//! What the kubelet makes of whole scenarios, where no recording shows it.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Trace};

/// Runs manifests for half a minute on a node that has the image.
fn run(manifests: &str) -> Trace {
    let text = format!(
        "{manifests}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n\
         spec:\n  duration: 30s\n  cluster:\n    nodes:\n    - {{name: node1, images: \
         [\"busybox:1.36\"]}}\n"
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

/// What containers have printed.
fn output(trace: &Trace) -> String {
    let line = |change: &Change| match change {
        Change::Output { line } => Some(line.to_string()),
        _ => None,
    };
    trace.entries().iter().filter_map(|entry| line(&entry.change)).collect()
}

/// The messages of the Warnings of the Pod, each once.
fn warnings(trace: &Trace) -> Vec<String> {
    let state = trace.state_at(Instant::from_secs(30));
    let mut messages: Vec<String> = state
        .objects
        .iter()
        .filter_map(|object| match object {
            Object::Event(event) if event.kind == "Warning" => Some(event.message.clone()),
            _ => None,
        })
        .collect();
    messages.sort();
    messages.dedup();
    messages
}

/// A Pod whose only container sees its volume whole, and a part of it by an expression.
fn with_sub_path(expression: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  restartPolicy: Never\n  \
         volumes: [{{name: v, emptyDir: {{}}}}]\n  containers:\n  - name: a\n    image: \
         busybox:1.36\n    env: [{{name: POD_NAME, valueFrom: {{fieldRef: {{fieldPath: \
         metadata.name}}}}}}]\n    command: [sh, -c, \"echo here > /part/x; cat /all/of-p/x\"]\n    \
         volumeMounts:\n    - {{name: v, mountPath: /part, subPathExpr: {expression}}}\n    - \
         {{name: v, mountPath: /all}}\n"
    )
}

#[test]
fn a_probe_that_is_sent_to_another_host_succeeds_with_a_warning() {
    let trace = run(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: a\n    \
         image: registry.k8s.io/e2e-test-images/agnhost:2.40\n    args: [netexec]\n    \
         readinessProbe: {httpGet: {path: \"/redirect?loc=http://example.com/\", port: 8080}}\n",
    );
    // The words as a cluster of 1.36.2 said them.
    assert_eq!(
        warnings(&trace),
        ["Readiness probe warning: Probe terminated redirects, Response body: \
          <a href=\"http://example.com/\">Found</a>.\n\n"]
    );
    let ready = trace.state_at(Instant::from_secs(30)).objects.iter().any(|object| {
        matches!(object, Object::Pod(pod) if pod.status.container_statuses.iter().all(|c| c.ready))
    });
    assert!(ready);
}

#[test]
fn a_part_of_a_volume_can_be_named_by_a_variable() {
    let trace = run(&with_sub_path("of-$(POD_NAME)"));
    assert_eq!(output(&trace).trim_end(), "here");
    assert_eq!(warnings(&trace), Vec::<String>::new());
}

#[test]
fn a_part_that_has_no_name_keeps_the_container_from_being_made() {
    let trace = run(&with_sub_path("of-$(NOBODY)"));
    assert_eq!(output(&trace), "");
    assert_eq!(warnings(&trace), ["Error: missing value for NOBODY"]);
}

#[test]
fn a_name_that_is_no_image_is_refused_with_the_reason() {
    let hex = "0123456789abcdef".repeat(4);
    for (image, fault) in [
        ("Web", "invalid reference format: repository name (library/Web) must be lowercase"),
        ("web:x:y", "invalid reference format"),
        (
            &hex,
            &format!("invalid repository name ({hex}), cannot specify 64-byte hexadecimal strings"),
        ),
    ] {
        let trace = run(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec:\n  containers:\n  - {{name: \
             a, image: \"{image}\"}}\n"
        ));
        let message = format!(
            "Failed to apply default image tag \"{image}\": couldn't parse image name \
             \"{image}\": {fault}"
        );
        assert_eq!(warnings(&trace), ["Error: InvalidImageName", &message]);
    }
}
