//! The digests of many traces, as text: one line a scenario.
//!
//! Owns: which scenarios are digested and how a line looks. Does not own: comparing them, natively
//! (`determinism.rs`) and in a browser (`wasm.rs`): both include this file, and both must agree
//! with `tests/digests.txt`.

use std::fmt::Write as _;

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;

/// Scenarios beyond the gallery, each for a part of the engine that could depend on the machine.
pub const MORE: [(&str, &str); 7] = [
    ("empty", ""),
    ("bad", "kind: Pod\nspec: [\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: Web_1}\n"),
    (
        "script",
        "\
apiVersion: v1
kind: Pod
metadata: {name: script}
spec:
  restartPolicy: OnFailure
  containers:
  - name: main
    image: busybox
    command:
    - sh
    - -c
    - 'i=0; while [ $i -lt 7 ]; do i=$((i + 1)); echo \"line $i\"; sleep 0.3; done; exit $((i % 3))'
",
    ),
    (
        "many",
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: many}
spec:
  replicas: 12
  selector: {matchLabels: {app: many}}
  template:
    metadata: {labels: {app: many}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.25'}
      - {name: crash, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: many}
spec:
  seed: 7
  duration: 20m
  actions:
  - {at: 30s, run: kubectl scale deployment many --replicas=3}
  - {at: 90s, run: kubectl delete deployment many}
",
    ),
    (
        "another seed",
        "\
apiVersion: v1
kind: Pod
metadata: {name: seed}
spec:
  containers:
  - {name: crash, image: busybox, command: [sh, -c, 'sleep 3; exit 1']}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: seed}
spec: {seed: 18446744073709551615, duration: 20m}
",
    ),
    (
        "wide",
        "\
apiVersion: v1
kind: Pod
metadata: {name: wide}
spec:
  terminationGracePeriodSeconds: 9007199254740993
  containers:
  - name: web
    image: nginx
    resources:
      limits: {memory: 4Ei, cpu: '9223372036854'}
      requests: {memory: 4398046511105, cpu: 1m}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: wide}
spec:
  actions:
  - {at: 60s, run: kubectl delete pod wide}
",
    ),
    (
        "images",
        "\
apiVersion: v1
kind: Pod
metadata: {name: images}
spec:
  initContainers:
  - {name: first, image: 'alpine:3.20', command: [sh, -c, 'echo 中文 > /tmp/a; cat /tmp/a']}
  containers:
  - {name: missing, image: 'example.invalid/none:1'}
  - {name: slow, image: postgres}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: images}
spec:
  duration: 1h
  actions:
  - {at: 200s, run: kubectl delete pod images --grace-period=5}
",
    ),
];

/// Every scenario that is digested: the gallery, then [`MORE`].
pub fn scenarios() -> Vec<(String, String)> {
    let gallery =
        podarium::gallery::all().iter().map(|entry| (entry.id.to_owned(), entry.text.to_owned()));
    gallery.chain(MORE.map(|(name, text)| (name.to_owned(), text.to_owned()))).collect()
}

/// One line a scenario: digest, number of entries, name.
pub fn digests() -> String {
    let mut lines = String::new();
    for (name, text) in scenarios() {
        let trace = Cluster::run(&Scenario::from_text(&text).0);
        let _ = writeln!(lines, "{:016x} {:>6} {name}", trace.digest(), trace.entries().len());
    }
    lines
}
