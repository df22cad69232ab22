//! Makes the text of a scenario out of chance: any Pods, any owners, any cluster.
//!
//! Owns: manifests and the Scenario document. Does not own: what is done to them later
//! (`commands`).

use std::fmt::Write as _;

use crate::chance::Chance;
use crate::commands;

/// What later commands can name.
#[derive(Default)]
pub struct Known {
    /// Kind as kubectl names it, namespace and name.
    pub objects: Vec<(&'static str, String, String)>,
    /// Containers.
    pub containers: Vec<String>,
    /// Nodes.
    pub nodes: Vec<String>,
}

const IMAGES: [&str; 12] = [
    "busybox",
    "busybox:1.36",
    "alpine:3.20",
    "nginx",
    "nginx:1.25",
    "redis:7",
    "postgres",
    "registry.k8s.io/pause:3.9",
    "example.invalid/none:1",
    "ghcr.io/acme/unknown:v2",
    "slow",
    "stubborn",
];

const SCRIPTS: [&str; 36] = [
    "exit 0",
    "exit 1",
    "exit 137",
    "exit 300",
    "sleep 1",
    "sleep 5; exit 3",
    "sleep 47",
    "sleep 3600",
    "sleep infinity",
    "exec sleep 600",
    "trap 'echo bye; exit 0' TERM; while :; do sleep 1; done",
    "trap '' TERM; sleep 500",
    "trap 'sleep 7; exit 5' TERM INT; sleep 900 & wait",
    "trap 'exit 3' EXIT; sleep 9",
    "while true; do date >> /tmp/log; sleep 2; done",
    "i=0; while [ $i -lt 20 ]; do i=$((i+1)); echo $i; sleep 0.5; done; exit $((i % 3))",
    "for f in a b c; do touch /tmp/$f; done; ls /tmp | wc -l; sleep 30",
    "sleep 2 & sleep 4 & wait; echo done",
    "(sleep 3; kill -9 1) & sleep 60",
    "(sleep 3; kill -TERM $$) & sleep 60",
    "echo $((1/0)); sleep 4",
    "touch /tmp/ok; sleep 40; rm /tmp/ok; sleep 600",
    "sleep 12; touch /tmp/ok; sleep 600",
    "nc -l -p 8080; exit 2",
    "wget -q -O- http://svc0/ || exit 4; sleep 20",
    "until nslookup svc0; do sleep 2; done; echo found",
    "head -c 100M /dev/zero | tail; sleep 5",
    "dd if=/dev/zero of=/tmp/big bs=1M count=40; sleep 90; rm /tmp/big; sleep 600",
    "dd if=/dev/zero of=/shared/big bs=1M count=3; sleep 600",
    "fallocate -l 900M /tmp/x; sleep 20; exit 1",
    "stress --vm 1 --vm-bytes 150M --timeout 50s",
    "sleep 8; exit 42",
    "cat /dev/urandom | head -c 10 | wc -c; yes | head -n 3",
    "set -e; false; sleep 10",
    "mkdir -p /data; echo x > /data/x; cat /data/x /nowhere; exit $?",
    "if [ -e /shared/n ]; then exit 0; fi; touch /shared/n; exit 1",
];

/// The text of the scenario of a seed.
pub fn scenario(seed: u64) -> String {
    let chance = &mut Chance::new(seed);
    let mut known = Known::default();
    for node in 0..chance.between(1, 3) {
        known.nodes.push(format!("node{}", node + 1));
    }
    let mut text = String::new();
    if chance.percent(15) {
        text.push_str("apiVersion: v1\nkind: Namespace\nmetadata: {name: other}\n---\n");
    }
    limits(chance, &mut text);
    for number in 0..chance.between(1, 3) {
        owner(chance, number, &mut known, &mut text);
        text.push_str("---\n");
    }
    for number in 0..chance.below(3) {
        service(chance, number, &mut text);
        text.push_str("---\n");
    }
    document(chance, seed, &known, &mut text);
    text
}

/// Objects that bound what the others may do.
fn limits(chance: &mut Chance, text: &mut String) {
    for (percent, object) in [
        (
            10,
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: pdb}\nspec: \
             {minAvailable: 1, selector: {matchLabels: {app: a0}}}\n---\n",
        ),
        (
            10,
            "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: pdb2}\nspec: \
             {maxUnavailable: 40%, selector: {}}\n---\n",
        ),
        (
            30,
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\n\
             value: 1000\n---\n",
        ),
        (
            6,
            "apiVersion: v1\nkind: LimitRange\nmetadata: {name: bounds}\nspec: {limits: [{type: \
             Container, default: {cpu: 500m}, defaultRequest: {cpu: 200m}}]}\n---\n",
        ),
        (
            8,
            "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota}\nspec: {hard: {pods: \
             '3', count/jobs.batch: '1'}}\n---\n",
        ),
    ] {
        if chance.percent(percent) {
            text.push_str(object);
        }
    }
}

fn owner(chance: &mut Chance, number: usize, known: &mut Known, text: &mut String) {
    let namespace = if chance.percent(12) { "other" } else { "default" };
    let kinds = [
        "pod",
        "pod",
        "pod",
        "pod",
        "deployment",
        "deployment",
        "job",
        "job",
        "statefulset",
        "daemonset",
        "cronjob",
        "replicaset",
    ];
    let kind = chance.pick(&kinds);
    let name = format!("{}{number}", &kind[..3]);
    let labels = format!("{{app: a{}}}", number % 2);
    let finalizers = if chance.percent(6) { ", finalizers: [example.com/hold]" } else { "" };
    let meta = format!(
        "metadata: {{name: {name}, namespace: {namespace}, labels: {labels}{finalizers}}}\n"
    );
    let selector = format!("  selector: {{matchLabels: {labels}}}\n");
    let replicas = format!("  replicas: {}\n", chance.below(5));
    known.objects.push((kind, namespace.to_owned(), name));
    let (head, fields, policies): (&str, String, &[&str]) = match kind {
        "pod" => ("apiVersion: v1\nkind: Pod\n", String::new(), &["Always", "OnFailure", "Never"]),
        "deployment" => {
            let strategy = chance.pick(&[
                "",
                "  strategy: {type: Recreate}\n",
                "  strategy: {rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}\n",
                "  strategy: {rollingUpdate: {maxSurge: 50%, maxUnavailable: 0}}\n",
                "  minReadySeconds: 5\n  progressDeadlineSeconds: 30\n",
                "  revisionHistoryLimit: 1\n",
            ]);
            let fields = format!("{replicas}{selector}{strategy}");
            ("apiVersion: apps/v1\nkind: Deployment\n", fields, &["Always"])
        }
        "replicaset" => (
            "apiVersion: apps/v1\nkind: ReplicaSet\n",
            format!("{replicas}{selector}"),
            &["Always"],
        ),
        "statefulset" => {
            let more = chance.pick(&[
                "",
                "  podManagementPolicy: Parallel\n",
                "  updateStrategy: {type: OnDelete}\n",
                "  updateStrategy: {rollingUpdate: {partition: 1}}\n",
                "  minReadySeconds: 3\n",
            ]);
            let fields = format!("  serviceName: svc0\n{replicas}{selector}{more}");
            ("apiVersion: apps/v1\nkind: StatefulSet\n", fields, &["Always"])
        }
        "daemonset" => ("apiVersion: apps/v1\nkind: DaemonSet\n", selector, &["Always"]),
        "job" => ("apiVersion: batch/v1\nkind: Job\n", job(chance, "  "), &["Never", "OnFailure"]),
        _ => {
            let policy = chance.pick(&["Allow", "Forbid", "Replace"]);
            let fields = format!(
                "  schedule: '*/{} * * * *'\n  concurrencyPolicy: {policy}\n  jobTemplate:\n   \
                 spec:\n{}",
                chance.between(1, 3),
                job(chance, "    ")
            );
            ("apiVersion: batch/v1\nkind: CronJob\n", fields, &["Never", "OnFailure"])
        }
    };
    let policy = chance.pick(policies);
    let pod = pod_spec(chance, policy, known);
    text.push_str(head);
    text.push_str(&meta);
    text.push_str("spec:\n");
    text.push_str(&fields);
    match kind {
        "pod" => text.push_str(&pod),
        "cronjob" => {
            let _ =
                write!(text, "    template:\n     metadata: {{labels: {labels}}}\n     spec:\n");
            text.extend(pod.lines().map(|line| format!("     {line}\n")));
        }
        _ => {
            let _ = write!(text, "  template:\n   metadata: {{labels: {labels}}}\n   spec:\n");
            text.extend(pod.lines().map(|line| format!("   {line}\n")));
        }
    }
}

fn job(chance: &mut Chance, indent: &str) -> String {
    let mut fields = String::new();
    let mut field = |name: &str, value: String| {
        let _ = writeln!(fields, "{indent}{name}: {value}");
    };
    if chance.percent(50) {
        field("completions", chance.between(1, 4).to_string());
    }
    if chance.percent(50) {
        field("parallelism", chance.below(4).to_string());
    }
    if chance.percent(60) {
        field("backoffLimit", chance.below(4).to_string());
    }
    if chance.percent(20) {
        field("activeDeadlineSeconds", chance.between(1, 60).to_string());
    }
    if chance.percent(20) {
        field("ttlSecondsAfterFinished", chance.below(30).to_string());
    }
    if chance.percent(10) {
        field("suspend", "true".to_owned());
    }
    if chance.percent(15) {
        field("podReplacementPolicy", "Failed".to_owned());
    }
    fields
}

fn pod_spec(chance: &mut Chance, policy: &str, known: &mut Known) -> String {
    let mut spec = format!("  restartPolicy: {policy}\n");
    if chance.percent(60) {
        let _ = writeln!(spec, "  terminationGracePeriodSeconds: {}", chance.below(41));
    }
    if chance.percent(12) {
        let _ = writeln!(spec, "  activeDeadlineSeconds: {}", chance.between(1, 90));
    }
    for (percent, line) in [
        (5, "  hostNetwork: true\n"),
        (8, "  shareProcessNamespace: true\n"),
        (5, "  nodeSelector: {disk: fast}\n"),
        (5, "  priorityClassName: system-node-critical\n"),
        (6, "  priorityClassName: high\n"),
        (
            5,
            "  affinity: {podAntiAffinity: {requiredDuringSchedulingIgnoredDuringExecution: \
             [{labelSelector: {matchLabels: {app: a0}}, topologyKey: \
             kubernetes.io/hostname}]}}\n",
        ),
        (
            4,
            "  topologySpreadConstraints: [{maxSkew: 1, topologyKey: kubernetes.io/hostname, \
             whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: a1}}}]\n",
        ),
        (4, "  tolerations: [{operator: Exists, tolerationSeconds: 5, effect: NoExecute}]\n"),
        (6, "  readinessGates: [{conditionType: example.com/gate}]\n"),
        (6, "  imagePullSecrets: [{name: regcred}]\n"),
        (4, "  schedulingGates: [{name: example.com/wait}]\n"),
    ] {
        if chance.percent(percent) {
            spec.push_str(line);
        }
    }
    let volumes = chance.percent(40);
    if volumes {
        let source = chance.pick(&["{}", "{}", "{sizeLimit: 1Mi}", "{medium: Memory}"]);
        let _ = writeln!(spec, "  volumes: [{{name: v, emptyDir: {source}}}]");
    }
    let inits = if chance.percent(45) { chance.between(1, 3) } else { 0 };
    if inits > 0 {
        spec.push_str("  initContainers:\n");
    }
    for number in 0..inits {
        let sidecar = chance.percent(40);
        let kind = if sidecar { Kind::Sidecar } else { Kind::Init };
        container(chance, &format!("i{number}"), kind, volumes, &mut spec);
    }
    spec.push_str("  containers:\n");
    for number in 0..chance.between(1, 3) {
        let name = format!("c{number}");
        known.containers.push(name.clone());
        container(chance, &name, Kind::Regular, volumes, &mut spec);
    }
    spec
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Init,
    Sidecar,
    Regular,
}

fn container(chance: &mut Chance, name: &str, kind: Kind, volumes: bool, spec: &mut String) {
    let image = if chance.percent(65) { "busybox:1.36" } else { chance.pick(&IMAGES) };
    let _ = write!(spec, "  - name: {name}\n    image: '{image}'\n");
    if chance.percent(75) {
        // Most regular init containers should come to an end.
        let script = if kind == Kind::Init && chance.percent(60) {
            chance.pick(&["exit 0", "sleep 1", "sleep 3", "touch /shared/n", "echo hello"])
        } else {
            chance.pick(&SCRIPTS)
        };
        let _ = writeln!(spec, "    command: [sh, -c, \"{script}\"]");
    } else if chance.percent(20) {
        let arguments = chance.pick(&["[sleep, '5']", "[nowhere]", "['']", "[\"$(NO)\", '$$x']"]);
        let _ = writeln!(spec, "    {}: {arguments}", chance.pick(&["command", "args"]));
    }
    if kind == Kind::Sidecar {
        spec.push_str("    restartPolicy: Always\n");
    }
    if kind != Kind::Init && chance.percent(6) {
        if kind == Kind::Regular {
            let policy = chance.pick(&["Always", "OnFailure", "Never"]);
            let _ = writeln!(spec, "    restartPolicy: {policy}");
        }
        let action = chance.pick(&["Restart", "RestartAllContainers"]);
        let _ = writeln!(
            spec,
            "    restartPolicyRules: [{{action: {action}, exitCodes: {{operator: In, values: [1, \
             42]}}}}]"
        );
    }
    if chance.percent(20) {
        let pull = chance.pick(&["Always", "IfNotPresent", "Never"]);
        let _ = writeln!(spec, "    imagePullPolicy: {pull}");
    }
    if volumes {
        spec.push_str("    volumeMounts: [{name: v, mountPath: /shared}]\n");
    }
    if kind == Kind::Regular && chance.percent(30) {
        let _ = writeln!(spec, "    ports: [{{name: p-{name}, containerPort: 8080}}]");
    }
    if chance.percent(25) {
        let memory = chance.pick(&["6Mi", "20Mi", "64Mi", "1Gi", "1k"]);
        let cpu = chance.pick(&["10m", "500m", "3"]);
        let disk = chance.pick(&["", "", ", ephemeral-storage: 10Mi"]);
        let _ = writeln!(
            spec,
            "    resources: {{limits: {{memory: {memory}{disk}}}, requests: {{cpu: {cpu}}}}}"
        );
    }
    if kind == Kind::Init {
        return;
    }
    for (which, percent) in [("livenessProbe", 25), ("readinessProbe", 35), ("startupProbe", 20)] {
        if chance.percent(percent) {
            let probe = probe(chance, which);
            let _ = writeln!(spec, "    {which}: {{{probe}}}");
        }
    }
    let mut hooks = Vec::new();
    for (which, percent) in [("postStart", 15), ("preStop", 25)] {
        if chance.percent(percent) {
            hooks.push(format!("{which}: {{{}}}", hook(chance)));
        }
    }
    if !hooks.is_empty() {
        let _ = writeln!(spec, "    lifecycle: {{{}}}", hooks.join(", "));
    }
}

fn probe(chance: &mut Chance, which: &str) -> String {
    let mut probe = match chance.below(8) {
        0 | 1 => "httpGet: {path: /, port: 80}".to_owned(),
        2 => "httpGet: {path: /healthz, port: 8080, scheme: HTTPS}".to_owned(),
        3 => "tcpSocket: {port: 8080}".to_owned(),
        4 => "grpc: {port: 9000}".to_owned(),
        5 => "exec: {command: [cat, /tmp/ok]}".to_owned(),
        6 => "exec: {command: [sh, -c, 'sleep 3']}".to_owned(),
        _ => "exec: {command: ['true']}".to_owned(),
    };
    let mut field = |chance: &mut Chance, percent: usize, name: &str, low: usize, high: usize| {
        if chance.percent(percent) {
            let _ = write!(probe, ", {name}: {}", chance.between(low, high));
        }
    };
    field(chance, 40, "initialDelaySeconds", 0, 15);
    field(chance, 60, "periodSeconds", 1, 12);
    field(chance, 40, "timeoutSeconds", 1, 5);
    field(chance, 50, "failureThreshold", 1, 5);
    if which == "readinessProbe" {
        field(chance, 30, "successThreshold", 1, 3);
    } else {
        field(chance, 25, "terminationGracePeriodSeconds", 1, 20);
    }
    probe
}

fn hook(chance: &mut Chance) -> String {
    match chance.below(7) {
        0 => format!("exec: {{command: [sleep, '{}']}}", chance.below(50)),
        1 => "exec: {command: [sh, -c, 'exit 1']}".to_owned(),
        2 => "exec: {command: [nowhere]}".to_owned(),
        3 => "httpGet: {path: /stop, port: 80}".to_owned(),
        4 => "tcpSocket: {port: 80}".to_owned(),
        5 => format!("sleep: {{seconds: {}}}", chance.between(1, 45)),
        _ => "exec: {command: [sh, -c, 'kill 1; sleep 2']}".to_owned(),
    }
}

fn service(chance: &mut Chance, number: usize, text: &mut String) {
    let more = chance.pick(&[
        "",
        ", publishNotReadyAddresses: true",
        ", clusterIP: None",
        ", type: NodePort",
    ]);
    let app = chance.below(2);
    let _ = write!(
        text,
        "apiVersion: v1\nkind: Service\nmetadata: {{name: svc{number}}}\nspec: {{selector: {{app: \
         a{app}}}, ports: [{{port: 80, targetPort: {}}}]{more}}}\n",
        chance.pick(&["80", "8080", "p-c0", "p-c1"])
    );
}

fn document(chance: &mut Chance, seed: u64, known: &Known, text: &mut String) {
    let seconds = if chance.percent(10) { 3_600 } else { chance.between(20, 600) };
    let _ = write!(
        text,
        "apiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: random}}\nspec:\n  seed: \
         {seed}\n  kubernetesVersion: '1.{}'\n  duration: {seconds}s\n",
        chance.between(20, 36)
    );
    text.push_str("  cluster:\n    nodes:\n");
    for node in &known.nodes {
        let _ = writeln!(text, "    - name: {node}");
        if chance.percent(50) {
            text.push_str("      images: ['busybox:1.36', nginx]\n");
        }
        if chance.percent(15) {
            text.push_str("      capacity: {cpu: '2', memory: 256Mi, pods: '4'}\n");
        } else if chance.percent(10) {
            text.push_str("      capacity: {ephemeral-storage: 1Gi, memory: 400Mi}\n");
        }
        if chance.percent(8) {
            text.push_str("      taints: [{key: k, value: v, effect: NoSchedule}]\n");
        }
        if chance.percent(10) {
            text.push_str("      labels: {disk: fast}\n");
        }
        if chance.percent(15) {
            let _ = write!(
                text,
                "      staticPods:\n        web.yaml: |\n          apiVersion: v1\n          kind: \
                 Pod\n          metadata: {{name: still}}\n          spec: {{containers: [{{name: \
                 s, image: '{}'}}]}}\n",
                chance.pick(&IMAGES)
            );
        }
    }
    if chance.percent(30) {
        text.push_str("    registry: {bandwidth: 1M, latency: 2s}\n");
    }
    text.push_str(
        "  images:\n  - {name: slow, size: 40M, listen: [{port: 8080, after: 20s}], http: [{path: \
         /, status: 500, until: 30s}], onTerm: {drain: 6s, exitCode: 3}, exit: {after: 90s, code: \
         1}}\n  - {name: stubborn, onTerm: ignore, listen: [{port: 80}], memory: {idle: 10Mi, \
         perMinute: 30Mi}}\n  - {name: ghcr.io/acme/unknown, private: true}\n",
    );
    text.push_str("  actions:\n");
    for _ in 0..chance.between(0, 7) {
        let at = chance.below(seconds * 1_000 / 2);
        let (command, node) = commands::command(chance, known);
        let quoted = command.replace('\'', "''");
        let _ = write!(text, "  - {{at: {at}ms, run: '{quoted}'");
        if let Some(node) = node {
            let _ = write!(text, ", node: {node}");
        }
        text.push_str("}\n");
    }
}
