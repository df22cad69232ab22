//! What `kubectl apply` remembers of a manifest, and what a second apply leaves alone.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::Trace;
use podarium::view::kubectl;

const WEB: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 5
      containers:
      - name: nginx
        image: nginx:1.25
        env: [{name: A, value: '1'}, {name: B, value: 'a<b'}]
";

fn run(actions: &str) -> Trace {
    let text = format!(
        "{WEB}---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: apply}}\nspec:\n  \
         seed: 1\n  duration: 90s\n  actions:\n{actions}"
    );
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

fn told(trace: &Trace, seconds: i64, line: &str) -> String {
    let state = trace.state_at(Instant::from_secs(seconds));
    kubectl::run(&state, trace, line).expect("it is kubectl").stdout
}

/// An apply of `WEB` with something replaced.
fn apply(second: u32, from: &str, to: &str) -> String {
    let text = WEB.replace(from, to);
    let text: String = text.lines().map(|line| format!("      {line}\n")).collect();
    format!("  - at: {second}s\n    run: |\n      kubectl apply -f - <<EOF\n{text}      EOF\n")
}

#[test]
fn the_manifest_is_kept_as_it_was_written() {
    let trace = run("  - {at: 5s, run: kubectl annotate deploy web note=x}\n");
    let yaml = told(&trace, 10, "get deploy web -o yaml");
    let line = "    kubectl.kubernetes.io/last-applied-configuration: |\n      \
                {\"apiVersion\":\"apps/v1\",\"kind\":\"Deployment\",\"metadata\":{\"annotations\":{},\
                \"name\":\"web\",\"namespace\":\"default\"},\"spec\":{\"selector\":{\"matchLabels\":\
                {\"app\":\"web\"}},\"template\":{\"metadata\":{\"labels\":{\"app\":\"web\"}},\"spec\":\
                {\"containers\":[{\"env\":[{\"name\":\"A\",\"value\":\"1\"},{\"name\":\"B\",\"value\":\
                \"a\\u003cb\"}],\"image\":\"nginx:1.25\",\"name\":\"nginx\"}],\
                \"terminationGracePeriodSeconds\":5}}}}\n";
    assert!(yaml.contains(line), "{yaml}");
    assert!(!told(&trace, 10, "describe deploy web").contains("last-applied"));
    assert!(!told(&trace, 10, "get rs -o yaml").contains("last-applied"));
}

#[test]
fn what_no_manifest_named_is_left_alone() {
    let mut actions = "  - {at: 10s, run: kubectl scale deploy web --replicas=3}\n  \
                       - {at: 20s, run: kubectl rollout restart deploy web}\n"
        .to_owned();
    actions += &apply(40, "no such", "");
    let trace = run(&actions);
    assert_eq!(told(&trace, 39, "get rs --no-headers").lines().count(), 2);
    // The count is not the manifest's, and neither is the annotation of the restart.
    assert_eq!(told(&trace, 80, "get rs --no-headers").lines().count(), 2, "no new rollout");
    assert_eq!(told(&trace, 80, "get deploy web -o jsonpath={.spec.replicas}"), "3");
    let annotations = told(&trace, 80, "get deploy web -o yaml");
    assert!(annotations.contains("deployment.kubernetes.io/revision: \"2\""), "{annotations}");
    assert!(annotations.contains("kubectl.kubernetes.io/restartedAt"), "{annotations}");
}

#[test]
fn what_the_last_manifest_named_is_removed() {
    let first = "        env: [{name: A, value: '1'}, {name: B, value: 'a<b'}]\n";
    let second = "        env: [{name: C, value: '3'}]\n";
    let by_hand = "  - {at: 10s, run: kubectl set env deploy web HAND=1}\n";
    let trace = run(&(by_hand.to_owned() + &apply(30, first, second)));
    let path = "{.spec.template.spec.containers[0].env[*].name}";
    assert_eq!(told(&trace, 20, &format!("get deploy web -o jsonpath={path}")), "A B HAND");
    assert_eq!(told(&trace, 40, &format!("get deploy web -o jsonpath={path}")), "C HAND");
    let trace = run(&apply(30, "      terminationGracePeriodSeconds: 5\n", ""));
    let path = "{.spec.template.spec.terminationGracePeriodSeconds}";
    assert_eq!(told(&trace, 40, &format!("get deploy web -o jsonpath={path}")), "30");
}
