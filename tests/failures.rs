//! What becomes of Pods when nodes fail, fill up or are emptied.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::manifest::Object;
use podarium::rule::Rule;
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::trace::{Change, Trace};
use podarium::view::kubectl;

/// A command at a second, on a node when one is named.
type Act<'a> = (i64, &'a str, &'a str);

/// Runs manifests for so long on some nodes, with actions.
fn run(manifests: &str, seconds: i64, nodes: &[&str], actions: &[Act<'_>]) -> Trace {
    let mut text = format!(
        "{manifests}\n---\napiVersion: podarium.dev/v1\nkind: Scenario\nmetadata: {{name: t}}\n\
         spec:\n  seed: 1\n  duration: {seconds}s\n  cluster:\n    nodes:\n"
    );
    for node in nodes {
        let images = "[\"nginx:1.25\", \"busybox:1.36\"]";
        let (name, more) = node.split_once(' ').unwrap_or((node, ""));
        text.push_str(&format!("    - {{name: {name}, images: {images}{more}}}\n"));
    }
    if !actions.is_empty() {
        text.push_str("  actions:\n");
    }
    for (at, node, command) in actions {
        let command = serde_json::json!(command);
        text.push_str(&format!("  - at: {at}s\n    run: {command}\n"));
        if !node.is_empty() {
            text.push_str(&format!("    node: {node}\n"));
        }
    }
    let (scenario, diagnostics) = Scenario::from_text(&text);
    assert_eq!(diagnostics, [], "{text}");
    Cluster::run(&scenario)
}

/// The lines of a kubectl command's answer at a second, columns one space apart.
fn answer(trace: &Trace, second: i64, command: &str) -> Vec<String> {
    let state = trace.state_at(Instant::from_secs(second));
    let printed = kubectl::run(&state, trace, command).expect("a command that reads");
    printed
        .stdout
        .lines()
        .chain(printed.stderr.lines())
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

/// Every Event of a reason: when it was first said, and its message.
fn events(trace: &Trace, reason: &str) -> Vec<(i64, String)> {
    let state = trace.state_at(trace.horizon());
    let mut events: Vec<(i64, String)> = state
        .events()
        .filter(|event| event.reason == reason)
        .map(|event| {
            let at = event.event_time.or(event.first_timestamp).unwrap_or_default();
            (at.since(Instant::ZERO).as_secs(), event.message.clone())
        })
        .collect();
    events.sort();
    events
}

fn fires(trace: &Trace, rule: Rule) -> bool {
    trace.entries().iter().any(|entry| entry.rule == rule)
}

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: nginx, image: nginx:1.25}]}";

/// The taints of a node at a second: key, effect.
fn taints(trace: &Trace, node: &str, second: i64) -> Vec<String> {
    match trace.state_at(Instant::from_secs(second)).get("Node", "", node) {
        Some(Object::Node(node)) => {
            node.spec.taints.iter().map(|taint| format!("{}:{}", taint.key, taint.effect)).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_silent_node_is_lost_after_50_seconds_and_its_pods_after_300_more() {
    let stop: &[Act<'_>] = &[
        (30, "node1", "systemctl stop kubelet"),
        (100, "", "kubectl exec deploy/web -- true"),
        (500, "node1", "systemctl start kubelet"),
    ];
    let trace = run(WEB, 540, &["node1", "node2"], stop);
    let (lost, _) = events(&trace, "NodeNotReady")[0];
    assert!((70..=90).contains(&lost), "lost at {lost}");
    assert_eq!(taints(&trace, "node1", lost - 1), [""; 0]);
    assert_eq!(taints(&trace, "node1", lost + 1), ["node.kubernetes.io/unreachable:NoSchedule"]);
    let both =
        ["node.kubernetes.io/unreachable:NoSchedule", "node.kubernetes.io/unreachable:NoExecute"];
    assert_eq!(taints(&trace, "node1", lost + 7), both);
    assert_eq!(taints(&trace, "node1", 520), [""; 0]);
    let marked = events(&trace, "TaintManagerEviction");
    assert_eq!(marked.len(), 1, "{marked:?}");
    assert!((lost + 304..=lost + 306).contains(&marked[0].0), "{marked:?}");
    assert!(marked[0].1.starts_with("Marking for deletion Pod default/web-"), "{marked:?}");
    let nodes = answer(&trace, lost + 10, "kubectl get nodes");
    assert!(nodes[1].starts_with("node1 NotReady <none>"), "{nodes:?}");
    assert!(nodes[2].starts_with("node2 Ready <none>"), "{nodes:?}");
    let described = answer(&trace, lost + 10, "kubectl describe node node1").join("\n");
    assert!(described.contains("NodeStatusUnknown Kubelet stopped posting node status."));
    assert!(
        described.contains("Taints: node.kubernetes.io/unreachable:NoExecute\n"),
        "{described}"
    );
    // The object stays until its kubelet answers, a third Pod has taken its place.
    let pods = answer(&trace, 499, "kubectl get pods");
    assert_eq!(pods.len(), 4, "{pods:?}");
    assert_eq!(pods.iter().filter(|line| line.contains(" Terminating ")).count(), 1, "{pods:?}");
    assert_eq!(answer(&trace, 510, "kubectl get pods").len(), 3);
    assert!(events(&trace, "NodeReady")[0].0 <= 502);
}

#[test]
fn a_pod_that_comes_back_in_time_is_not_deleted() {
    let stop: &[Act<'_>] =
        &[(30, "node1", "systemctl stop kubelet"), (200, "node1", "systemctl start kubelet")];
    let trace = run(WEB, 500, &["node1", "node2"], stop);
    let said: Vec<String> =
        events(&trace, "TaintManagerEviction").into_iter().map(|(_, text)| text).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("Cancelling deletion of Pod default/web-"), "{said:?}");
    assert!(
        answer(&trace, 499, "kubectl get pods")[1..].iter().all(|l| l.contains("1/1 Running 0"))
    );
}

#[test]
fn when_every_node_is_silent_nobody_is_evicted() {
    let stop: &[Act<'_>] = &[(30, "node1", "systemctl stop kubelet")];
    let trace = run(WEB, 600, &["node1"], stop);
    assert!(fires(&trace, Rule::NodeDisruption));
    assert_eq!(events(&trace, "TaintManagerEviction"), []);
    assert_eq!(taints(&trace, "node1", 599), ["node.kubernetes.io/unreachable:NoSchedule"]);
}

#[test]
fn a_reboot_restarts_every_container_in_a_new_sandbox() {
    let trace = run(WEB, 200, &["node1"], &[(30, "node1", "reboot")]);
    let pods = answer(&trace, 100, "kubectl get pods");
    assert!(pods[1..].iter().all(|line| line.contains("1/1 Running 1 (")), "{pods:?}");
    assert_eq!(events(&trace, "SandboxChanged").len(), 2);
    let pod = answer(&trace, 100, "kubectl describe pods").join("\n");
    assert!(pod.contains("Last State: Terminated\nReason: Unknown\nExit Code: 255"), "{pod}");
    assert!(events(&trace, "Rebooted")[0].1.starts_with("Node node1 has been rebooted, boot id: "));
}

#[test]
fn an_older_release_waits_40_seconds_only() {
    let detected = |version: &str| {
        let text = format!(
            "{WEB}\n---\n{{apiVersion: podarium.dev/v1, kind: Scenario, metadata: {{name: t}}, \
             spec: {{kubernetesVersion: \"{version}\", duration: 200s, actions: [{{at: 30s, node: \
             node1, run: systemctl stop kubelet}}]}}}}"
        );
        let trace = Cluster::run(&Scenario::from_text(&text).0);
        events(&trace, "NodeNotReady")[0].0
    };
    assert_eq!(detected("1.36") - detected("1.31"), 10);
}

#[test]
fn processes_of_a_stopped_kubelet_go_on() {
    let pod = "apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers: [{name: c, image: busybox:1.36, command: [sh, -c, 'sleep 40; exit 3']}]";
    let trace = run(
        pod,
        130,
        &["node1", "node2"],
        &[
            (20, "node1", "systemctl stop kubelet"),
            (20, "node2", "systemctl stop kubelet"),
            (70, "node1", "systemctl start kubelet"),
            (70, "node2", "systemctl start kubelet"),
        ],
    );
    let exits: Vec<i64> = trace
        .entries()
        .iter()
        .filter(|entry| matches!(entry.change, Change::ContainerExited { .. }))
        .map(|entry| entry.at.since(Instant::ZERO).as_secs())
        .collect();
    assert_eq!(exits[0], 40, "{exits:?}");
    // Nobody tells of it before the kubelet is back.
    assert!(answer(&trace, 69, "kubectl get pod p")[1].contains("Running 0"));
    assert!(answer(&trace, 75, "kubectl get pod p")[1].contains("1/1 Running 1 ("));
}

/// What the actions printed, line by line.
fn printed(trace: &Trace) -> Vec<Vec<String>> {
    trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Acted { command, output, .. } if !command.starts_with("kubectl apply") => {
                Some(output.lines().map(str::to_owned).collect())
            }
            _ => None,
        })
        .collect()
}

const SLOW: &str = "apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 2
  serviceName: db
  podManagementPolicy: Parallel
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.25
        readinessProbe: {tcpSocket: {port: 80}, initialDelaySeconds: 7}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: db}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: db}}}";

#[test]
fn a_drain_waits_for_the_budget() {
    // Both Pods go to node1, because node2 is cordoned until they are there.
    let empty = SLOW.replace("replicas: 2", "replicas: 0");
    let actions: &[Act<'_>] = &[
        (0, "", "kubectl cordon node2"),
        (5, "", "kubectl scale statefulset db --replicas=2"),
        (30, "", "kubectl uncordon node2"),
        (31, "", "kubectl uncordon node2"),
        (40, "", "kubectl drain node1"),
        (80, "", "kubectl cordon nobody"),
    ];
    let trace = run(&empty, 120, &["node1", "node2"], actions);
    let texts = printed(&trace);
    assert_eq!(texts[0], ["node/node2 cordoned"]);
    assert_eq!(texts[2], ["node/node2 uncordoned"]);
    assert_eq!(texts[3], ["node/node2 already uncordoned"]);
    let again = "error when evicting pods/\"db-1\" -n \"default\" (will retry after 5s): Cannot \
                 evict pod as it would violate the pod's disruption budget.";
    assert_eq!(
        texts[4],
        [
            "node/node1 cordoned",
            "evicting pod default/db-0",
            "evicting pod default/db-1",
            again,
            "pod/db-0 evicted",
            "evicting pod default/db-1",
            again,
            "evicting pod default/db-1",
            again,
            "evicting pod default/db-1",
            "pod/db-1 evicted",
            "node/node1 drained",
        ]
    );
    assert_eq!(texts[5], ["Error from server (NotFound): nodes \"nobody\" not found"]);
    assert!(fires(&trace, Rule::BudgetRefuses));
    let row = |second: i64| answer(&trace, second, "kubectl get pdb")[1].clone();
    assert_eq!(row(39), "db N/A 1 1 39s");
    assert_eq!(row(42), "db N/A 1 0 42s");
    let nodes = answer(&trace, 60, "kubectl get nodes");
    assert!(nodes[1].starts_with("node1 Ready,SchedulingDisabled <none>"), "{nodes:?}");
    assert_eq!(taints(&trace, "node1", 60), ["node.kubernetes.io/unschedulable:NoSchedule"]);
}

#[test]
fn a_drain_refuses_what_would_be_lost() {
    let pods = "apiVersion: v1
kind: Pod
metadata: {name: alone}
spec: {containers: [{name: c, image: nginx:1.25}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: c, image: nginx:1.25}]}
---
apiVersion: v1
kind: Pod
metadata: {name: scratch}
spec:
  volumes: [{name: v, emptyDir: {}}]
  containers: [{name: c, image: nginx:1.25}]";
    let all = "kubectl drain node1 --force --ignore-daemonsets --delete-emptydir-data";
    let trace = run(pods, 60, &["node1"], &[(10, "", "kubectl drain node1"), (20, "", all)]);
    let texts = printed(&trace);
    let agent = answer(&trace, 10, "kubectl get pods -o name")
        .into_iter()
        .find_map(|name| name.strip_prefix("pod/agent-").map(|id| format!("default/agent-{id}")))
        .unwrap();
    let daemons = format!(
        "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): {agent}"
    );
    let local = "cannot delete Pods with local storage (use --delete-emptydir-data to override): \
                 default/scratch";
    let alone = "cannot delete Pods that declare no controller (use --force to \
                 override): default/alone";
    let reason = format!("[{daemons}, {alone}, {local}]");
    let expected = [
        "node/node1 cordoned".to_owned(),
        format!(
            "error: unable to drain node \"node1\" due to error: {reason}, continuing command..."
        ),
        "There are pending nodes to be drained:".to_owned(),
        " node1".to_owned(),
        daemons,
        alone.to_owned(),
        local.to_owned(),
    ];
    assert_eq!(texts[0], expected);
    assert_eq!(texts[1][0], "node/node1 already cordoned");
    assert_eq!(
        texts[1][1],
        format!(
            "Warning: deleting Pods that declare no controller: default/alone, default/scratch; \
             ignoring DaemonSet-managed Pods: {agent}"
        )
    );
    assert_eq!(texts[1].last().map(String::as_str), Some("node/node1 drained"));
    assert_eq!(answer(&trace, 59, "kubectl get pods").len(), 2);
}

#[test]
fn a_drain_gives_up_when_its_time_is_over() {
    let stuck = format!("{SLOW}\n---\n{}", SLOW.split("---\n").last().unwrap_or_default())
        .replacen("maxUnavailable: 1", "minAvailable: 100%", 1);
    let only = stuck.rsplit_once("\n---\n").map_or("", |(first, _)| first);
    let actions: &[Act<'_>] = &[(30, "", "kubectl drain node1 --timeout=12s")];
    let trace = run(only, 60, &["node1"], actions);
    let text = printed(&trace)[0].join("\n");
    // It looks at the clock when it tries again, after 15 seconds.
    assert_eq!(text.matches("evicting pod default/db-0\n").count(), 4, "{text}");
    assert!(text.contains("There are pending pods in node \"node1\" when an error"), "{text}");
    assert!(text.contains("\npod/db-0\npod/db-1\nerror: unable to drain node"), "{text}");
    assert!(text.contains("global timeout reached: 12s"), "{text}");
    assert!(!text.contains("drained\n"), "{text}");
}

#[test]
fn taints_are_added_changed_and_taken_away() {
    let actions: &[Act<'_>] = &[
        (10, "", "kubectl taint nodes node1 a=b:NoSchedule"),
        (11, "", "kubectl taint nodes node1 a=c:NoSchedule"),
        (12, "", "kubectl taint nodes node1 a=c:NoSchedule --overwrite"),
        (13, "", "kubectl taint nodes node1 a:NoSchedule-"),
        (14, "", "kubectl taint nodes node1 a:NoSchedule-"),
        (15, "", "kubectl taint nodes node1 a=c:Never"),
    ];
    let trace = run(WEB, 30, &["node1"], actions);
    let texts: Vec<String> = printed(&trace).into_iter().map(|lines| lines.join("\n")).collect();
    assert_eq!(
        texts,
        [
            "node/node1 tainted",
            "error: node node1 already has a taint(s) with same effect(s) and --overwrite is false",
            "node/node1 modified",
            "node/node1 untainted",
            "error: taint \"a:NoSchedule\" not found",
            "error: invalid taint effect: Never, unsupported taint effect",
        ]
    );
}

/// A Pod with a CPU request, and more of its spec.
fn pod(name: &str, cpu: &str, more: &str) -> String {
    format!(
        "\n---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: {name}}}}}\n\
         spec: {{containers: [{{name: c, image: nginx:1.25, resources: {{requests: {{cpu: \
         {cpu}}}}}}}]{more}}}"
    )
}

/// The message of a Pod's PodScheduled condition.
fn unscheduled(trace: &Trace, name: &str) -> String {
    match trace.state_at(trace.horizon()).get("Pod", "default", name) {
        Some(Object::Pod(pod)) => {
            pod.status.condition("PodScheduled").map(|c| c.message.clone()).unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The node of each Pod.
fn placed(trace: &Trace) -> Vec<String> {
    let mut lines: Vec<String> = trace
        .state_at(trace.horizon())
        .pods()
        .map(|pod| format!("{} {}", pod.metadata.name, pod.spec.node_name))
        .collect();
    lines.sort();
    lines
}

#[test]
fn a_more_important_pod_drives_the_least_important_away() {
    let classes = "apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: high}
value: 1000
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: low}
value: -5
globalDefault: true
---
apiVersion: scheduling.k8s.io/v1
kind: PriorityClass
metadata: {name: polite}
value: 2000
preemptionPolicy: Never";
    let manifests = [
        classes.to_owned(),
        pod("a", "1", ""),
        pod("b", "1", ", priorityClassName: high"),
        pod("gated", "1500m", ", priorityClassName: high, schedulingGates: [{name: g}]"),
        pod("polite", "2", ", priorityClassName: polite"),
        pod("lost", "1", ", priorityClassName: nobody"),
        pod("boss", "1", ", priorityClassName: system-node-critical"),
    ]
    .concat();
    let trace = run(&manifests, 60, &["node1 , capacity: {cpu: 2200m}"], &[]);
    let victims = events(&trace, "Preempted");
    assert_eq!(victims.len(), 1, "{victims:?}");
    assert!(victims[0].1.starts_with("Preempted by pod "), "{victims:?}");
    assert!(victims[0].1.ends_with(" on node node1"), "{victims:?}");
    assert_eq!(placed(&trace), ["b node1", "boss node1", "gated ", "polite "]);
    let failed: Vec<String> =
        events(&trace, "FailedScheduling").into_iter().map(|(_, text)| text).collect();
    assert!(
        failed.contains(&"0/1 nodes are available: 1 Insufficient cpu.".to_owned()),
        "{failed:?}"
    );
    let polite = "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, \
                  preemption: not eligible due to preemptionPolicy=Never.";
    assert!(failed.contains(&polite.to_owned()), "{failed:?}");
    let errors = trace.entries().iter().find_map(|entry| match &entry.change {
        Change::Acted { output, exit: 1, .. } => Some(output.to_string()),
        _ => None,
    });
    assert_eq!(
        errors.as_deref(),
        Some(
            "Error from server (Forbidden): error when creating \"STDIN\": pods \"lost\" is \
             forbidden: no PriorityClass with name nobody was found\n"
        )
    );
    let boss = answer(&trace, 59, "kubectl describe pod boss").join("\n");
    assert!(boss.contains("Priority: 2000001000"), "{boss}");
}

#[test]
fn pods_keep_together_and_apart() {
    let affinity = |kind: &str, app: &str| {
        format!(
            ", affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: \
             [{{labelSelector: {{matchLabels: {{app: {app}}}}}, topologyKey: \
             kubernetes.io/hostname}}]}}}}"
        )
    };
    let manifests = [
        pod("cache", "100m", ", nodeName: node1").replacen("\n---\n", "", 1),
        pod("near", "100m", &affinity("podAffinity", "cache")),
        pod("far", "100m", &affinity("podAntiAffinity", "cache")),
        pod("alone", "100m", &affinity("podAffinity", "nobody")),
        pod("self", "100m", &affinity("podAffinity", "self")),
    ]
    .concat();
    let trace = run(&manifests, 30, &["node1", "node2"], &[]);
    let nodes = placed(&trace);
    assert!(nodes.contains(&"near node1".to_owned()), "{nodes:?}");
    assert!(nodes.contains(&"far node2".to_owned()), "{nodes:?}");
    assert!(nodes.iter().any(|line| line.starts_with("self node")), "{nodes:?}");
    assert_eq!(
        unscheduled(&trace, "alone"),
        "0/2 nodes are available: 2 node(s) didn't match pod affinity rules. no new claims to \
         deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for \
         scheduling."
    );
}

#[test]
fn pods_are_spread_and_prefer() {
    let spread = ", topologySpreadConstraints: [{maxSkew: 1, topologyKey: zone, \
                  whenUnsatisfiable: DoNotSchedule, labelSelector: {}}]";
    let prefer = ", affinity: {nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: \
                  [{weight: 1, preference: {matchExpressions: [{key: disk, operator: In, values: \
                  [ssd]}]}}]}}";
    let manifests = [
        pod("one", "100m", ", nodeName: a").replacen("\n---\n", "", 1),
        pod("two", "100m", spread),
        pod("three", "100m", prefer),
    ]
    .concat();
    let nodes = [
        "a , labels: {zone: west}",
        "b , labels: {zone: east, disk: ssd}",
        "c",
        "d , labels: {zone: west}",
    ];
    let trace = run(&manifests, 30, &nodes, &[]);
    assert_eq!(placed(&trace), ["one a", "three b", "two b"]);
    let only = format!("{spread}, nodeSelector: {{zone: west}}");
    let full = [pod("two", "100m", &only), pod("three", "100m", spread)].concat();
    let full = full.replacen("\n---\n", "", 1);
    let trace = run(&full, 30, &["a , labels: {zone: west}", "c"], &[]);
    // One domain alone is always even; a node without the key is none.
    assert_eq!(placed(&trace), ["three a", "two a"]);
    let missing = full.replace("zone: west}", "kubernetes.io/hostname: c}");
    let trace = run(&missing, 30, &["a , labels: {zone: west}", "c"], &[]);
    assert_eq!(
        unscheduled(&trace, "two"),
        "0/2 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) \
         didn't match pod topology spread constraints (missing required label). no new claims to \
         deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for \
         scheduling."
    );
}

#[test]
fn limits_and_quotas_forbid_in_kubernetes_words() {
    let text = std::fs::read_to_string("tests/scenarios/quota.yaml").unwrap();
    let trace = Cluster::run(&Scenario::from_text(&text).0);
    let said = trace.entries().iter().find_map(|entry| match &entry.change {
        Change::Acted { output, exit: 1, .. } => Some(output.to_string()),
        _ => None,
    });
    assert_eq!(
        said.as_deref(),
        Some(
            "Error from server (Forbidden): error when creating \"STDIN\": configmaps \"second\" \
             is forbidden: exceeded quota: team, requested: configmaps=1, used: configmaps=1, \
             limited: configmaps=1\n\
             Error from server (Forbidden): error when creating \"STDIN\": pods \"greedy\" is \
             forbidden: maximum cpu usage per Container is 500m, but limit is 600m\n"
        )
    );
    assert_eq!(
        answer(&trace, 60, "kubectl get quota")[1],
        "team configmaps: 1/1, pods: 3/3, requests.cpu: 300m/1 60s"
    );
    let failed = events(&trace, "FailedCreate");
    assert!(
        failed[0].1.ends_with(
            "is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: pods=3"
        ),
        "{failed:?}"
    );
    assert_eq!(answer(&trace, 60, "kubectl get deploy")[1], "web 3/4 3 3 60s");
    let pod = answer(&trace, 60, "kubectl describe pods").join("\n");
    let note =
        "LimitRanger plugin set: cpu request for container nginx; cpu limit for container nginx";
    assert!(pod.contains(note), "{pod}");
}

/// The conditions of the first object that a line describes: type, status and reason.
fn conditions(trace: &Trace, at: i64, line: &str) -> Vec<String> {
    let text = answer(trace, at, line);
    let rows = text.into_iter().skip_while(|row| !row.contains("Type Status Reason")).skip(2);
    rows.take_while(|row| row.matches(' ').count() == 2).collect()
}

#[test]
fn a_set_whose_pods_are_forbidden_says_so_and_so_does_its_deployment() {
    let text = std::fs::read_to_string("tests/scenarios/quota.yaml").expect("it is there");
    let text =
        format!("{text}\n  actions:\n  - {{at: 61s, run: kubectl delete resourcequota team}}\n");
    let text = text.replace("spec: {duration: 2m}", "spec:\n  duration: 25m");
    let trace = Cluster::run(&Scenario::from_text(&text).0);
    let failed = "ReplicaFailure True FailedCreate".to_owned();
    assert_eq!(conditions(&trace, 60, "kubectl describe rs"), std::slice::from_ref(&failed));
    let of_deployment = conditions(&trace, 60, "kubectl describe deploy web");
    assert!(of_deployment.contains(&failed), "{of_deployment:?}");
    let yaml = answer(&trace, 60, "kubectl get deploy web -o yaml").join(" ");
    let words = "is forbidden: exceeded quota: team, requested: pods=1, used: pods=3, limited: \
                 pods=3";
    assert!(yaml.contains(words) && !yaml.contains("Error creating"), "{yaml}");
    // The controller tries again after its back-off, and then it is well.
    assert_eq!(conditions(&trace, 1_400, "kubectl describe rs"), Vec::<String>::new());
    assert!(!conditions(&trace, 1_400, "kubectl describe deploy web").contains(&failed));
}

#[test]
fn a_quota_of_a_scope_counts_the_pods_that_it_means() {
    let pod = |name: &str, more: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec: {{{more}containers: \
             [{{name: c, image: \"nginx:1.25\"{}}}]}}\n",
            if more.is_empty() { "" } else { ", resources: {requests: {cpu: 100m}}" }
        )
    };
    let mut text = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: high}\nspec: {hard: {pods: \
                    \"1\"}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: \
                    In, values: [high]}]}}\n---\napiVersion: v1\nkind: ResourceQuota\nmetadata: \
                    {name: idle}\nspec: {hard: {pods: \"1\"}, scopes: [BestEffort]}\n---\napiVersion: \
                    scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000\n"
        .to_owned();
    for (name, more) in [
        ("a", "priorityClassName: high, "),
        ("b", "priorityClassName: high, "),
        ("c", "activeDeadlineSeconds: 60, "),
        ("d", ""),
        ("e", ""),
    ] {
        text.push_str(&pod(name, more));
    }
    let trace = Cluster::run(&Scenario::from_text(&text).0);
    let pods: Vec<String> = answer(&trace, 5, "kubectl get pod -o name");
    assert_eq!(pods, ["pod/a", "pod/c", "pod/d"]);
    let idle = answer(&trace, 5, "kubectl describe quota idle");
    assert_eq!(idle[0..3], ["Name: idle", "Namespace: default", "Scopes: BestEffort"]);
    assert_eq!(idle[4..], ["Resource Used Hard", "-------- ---- ----", "pods 1 1"]);
    let bad = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {cpu: 1}, \
               scopes: [BestEffort]}}";
    let (_, diagnostics) = Scenario::from_text(bad);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
}

#[test]
fn claims_are_bound_or_hold_their_pods_back() {
    let text = std::fs::read_to_string("tests/scenarios/claims.yaml").expect("it is there");
    let trace = Cluster::run(&Scenario::from_text(&text).0);
    let claims = answer(&trace, 1, "kubectl get pvc");
    assert_eq!(claims[1], "found Bound by-hand 10Gi RWO manual <unset> 1s");
    assert_eq!(claims[2], "lost Pending <unset> 1s");
    assert_eq!(claims[3], "made Pending standard <unset> 1s");
    let claims = answer(&trace, 30, "kubectl get pvc made");
    assert!(claims[1].starts_with("made Bound pvc-"), "{claims:?}");
    assert!(claims[1].ends_with(" 1Gi RWO standard <unset> 30s"), "{claims:?}");
    assert!(answer(&trace, 2, "kubectl get pod writer")[1].starts_with("writer 0/1 Pending"));
    let (at, _) = events(&trace, "Scheduled")[0];
    assert!((3..=4).contains(&at), "bound after the volume was made: {at}");
    let classes = answer(&trace, 1, "kubectl get sc");
    assert_eq!(
        classes[1],
        "standard (default) rancher.io/local-path Delete WaitForFirstConsumer false 1s"
    );
    let sentence = |why: &str| {
        format!(
            "0/1 nodes are available: {why}. no new claims to deallocate, preemption: 0/1 nodes \
             are available: 1 Preemption is not helpful for scheduling."
        )
    };
    let unbound = sentence("pod has unbound immediate PersistentVolumeClaims");
    assert_eq!(unscheduled(&trace, "unbound"), unbound);
    let missing = sentence("persistentvolumeclaim \"missing\" not found");
    assert_eq!(unscheduled(&trace, "nowhere"), missing);
    // A claim that a Pod uses is only marked; it goes with the Pod, and its volume with it.
    let claims = answer(&trace, 69, "kubectl get pvc made");
    assert!(claims[1].starts_with("made Terminating pvc-"), "{claims:?}");
    assert_eq!(answer(&trace, 69, "kubectl get pv").len(), 3);
    let made = answer(&trace, 69, "kubectl describe pvc made");
    assert!(made.contains(&"Status: Terminating (lasts 9s)".to_owned()), "{made:?}");
    assert!(made.contains(&"Finalizers: [kubernetes.io/pvc-protection]".to_owned()), "{made:?}");
    assert!(made.contains(&"Used By: writer".to_owned()), "{made:?}");
    let claims = answer(&trace, 90, "kubectl get pvc made");
    assert!(claims[0].contains("(NotFound)"), "{claims:?}");
    let volumes = answer(&trace, 90, "kubectl get pv");
    assert_eq!(volumes.len(), 2, "{volumes:?}");
    assert_eq!(volumes[1], "by-hand 10Gi RWO Retain Bound default/found manual <unset> 90s");
    for (reason, said) in [
        ("WaitForFirstConsumer", "waiting for first consumer to be created before binding"),
        (
            "FailedBinding",
            "no persistent volumes available for this claim and no storage class is set",
        ),
    ] {
        assert_eq!(events(&trace, reason)[0].1, said);
    }
}
