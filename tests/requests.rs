//! Requests to a Service: where they go, which are lost, and that they are counted exactly.

#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::time::{Duration, Instant};
use podarium::trace::requests::{Lost, Requests};
use podarium::trace::{Actor, Change, Entry, Trace};

fn run(text: &str) -> Trace {
    let (scenario, diagnostics) = Scenario::from_text(text);
    assert!(diagnostics.is_empty(), "{diagnostics:?}");
    Cluster::run(&scenario)
}

/// Two replicas of nginx behind a Service, on two nodes, with a rollout at 30 s.
fn rollout(pod: &str, load: &str) -> String {
    format!(
        "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      containers:
      - name: nginx
        image: nginx:1.26
        readinessProbe: {{httpGet: {{path: /, port: 80}}, periodSeconds: 2}}
{pod}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec:
  selector: {{app: web}}
  ports: [{{port: 80}}]
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {{name: rollout}}
spec:
  duration: 90s
  cluster:
    nodes:
    - {{name: node1, images: ['nginx:1.26', 'nginx:1.27']}}
    - {{name: node2, images: ['nginx:1.26', 'nginx:1.27']}}
  load:
  - service: web
    rps: {load}
  actions:
  - {{at: 30s, run: kubectl set image deployment/web nginx=nginx:1.27}}
"
    )
}

const STEADY: &str = "[{at: 15s, rate: 200, step: true}]";
const PRESTOP: &str = "        lifecycle: {preStop: {sleep: {seconds: 5}}}";

fn spans(trace: &Trace) -> Vec<(Instant, &Requests)> {
    trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Requests(requests) => Some((entry.at, &**requests)),
            _ => None,
        })
        .collect()
}

fn lost(trace: &Trace) -> u64 {
    spans(trace).iter().map(|(_, span)| span.losses()).sum()
}

/// Every span follows the last one, and its requests are the line's, to the last one.
fn counts_are_whole(trace: &Trace) {
    let mut until = None;
    for (at, span) in spans(trace) {
        assert_eq!(span.sent, span.served + span.losses(), "at {at:?}: {span:?}");
        assert!(until.is_none_or(|until| span.from >= until), "spans overlap at {at:?}");
        until = Some(at);
    }
}

fn at_micros(entry: &Entry) -> i64 {
    entry.at.as_micros()
}

/// From the trace alone: how long each node sent requests to a Pod whose listener was closed, with
/// the share of the load that went there.
fn expected(trace: &Trace, rate: f64) -> f64 {
    let entries = trace.entries();
    let nodes = ["node1", "node2"];
    let exits: Vec<&Entry> = entries
        .iter()
        .filter(|entry| matches!(entry.change, Change::ContainerExited { .. }))
        .collect();
    let mut requests = 0.0;
    for exit in exits {
        // nginx closes its listener when it gets its signal.
        let closed = entries
            .iter()
            .find(|e| {
                e.subject.uid == exit.subject.uid && matches!(e.change, Change::Signal { .. })
            })
            .map(at_micros)
            .unwrap_or_else(|| at_micros(exit));
        for node in nodes {
            let mut known = Vec::new();
            for entry in entries {
                let Change::Routed { node: own, routes, .. } = &entry.change else { continue };
                if &**own == node {
                    known.push((at_micros(entry), routes));
                }
            }
            let end = trace.horizon().as_micros();
            for (index, (from, routes)) in known.iter().enumerate() {
                let to = known.get(index + 1).map_or(end, |(to, _)| *to);
                if routes.to.iter().any(|backend| backend.pod == exit.subject.name) {
                    let gap = (to - closed.max(*from)).max(0) as f64 / 1e6;
                    requests += gap * rate / nodes.len() as f64 / routes.to.len() as f64;
                }
            }
        }
    }
    requests
}

#[test]
fn a_rollout_loses_requests_and_a_pre_stop_sleep_saves_them() {
    let without = run(&rollout("", STEADY));
    counts_are_whole(&without);
    let (lost_without, expected) = (lost(&without), expected(&without, 200.0));
    assert!(lost_without > 0, "a rollout without preStop loses requests");
    let off = (lost_without as f64 - expected).abs();
    assert!(off <= expected * 0.02, "{lost_without} lost, {expected} expected of the gaps");

    let with = run(&rollout(PRESTOP, STEADY));
    counts_are_whole(&with);
    assert_eq!(lost(&with), 0, "{:?}", spans(&with));
    let sent: u64 = spans(&with).iter().map(|(_, span)| span.sent).sum();
    assert_eq!(sent, 75 * 200);
}

#[test]
fn every_node_learns_at_its_own_time() {
    let trace = run(&rollout("", STEADY));
    let mut learnt: Vec<(String, Instant)> = trace
        .entries()
        .iter()
        .filter(|entry| entry.actor == Actor::KubeProxy && entry.at > Instant::from_secs(30))
        .filter_map(|entry| match &entry.change {
            Change::Routed { node, .. } => Some((node.to_string(), entry.at)),
            _ => None,
        })
        .collect();
    learnt.sort();
    for pair in learnt.windows(2) {
        if pair[0].0 == pair[1].0 {
            let apart = pair[1].1.since(pair[0].1);
            assert!(apart >= Duration::from_secs(1), "minSyncPeriod: {apart:?}");
        }
    }
    let of = |name: &str| -> Vec<Instant> {
        learnt.iter().filter(|(node, _)| node == name).map(|(_, at)| *at).collect()
    };
    assert_ne!(of("node1"), of("node2"), "two nodes do not learn at the same time");
}

#[test]
fn a_thousand_requests_a_second_cost_no_more_than_ten() {
    let entries = |rate: &str| {
        let trace = run(&rollout("", &format!("[{{at: 15s, rate: {rate}, step: true}}]")));
        counts_are_whole(&trace);
        trace.entries().len()
    };
    let (few, many) = (entries("10"), entries("100000"));
    assert!(many <= few + 20, "{few} entries, {many} with ten thousand times the load");
}

#[test]
fn more_than_the_cpu_limit_allows_queues_and_probes_time_out() {
    let trace = run("\
apiVersion: v1
kind: Pod
metadata: {name: api, labels: {app: api}}
spec:
  containers:
  - name: api
    image: my/api
    ports: [{containerPort: 8080}]
    resources: {limits: {cpu: 200m}}
    livenessProbe: {httpGet: {path: /, port: 8080}, periodSeconds: 5}
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {selector: {app: api}, ports: [{port: 80, targetPort: 8080}]}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: slow}
spec:
  duration: 2m
  images: [{name: my/api, listen: [{port: 8080}], cpu: {perRequest: 20ms}}]
  load: [{service: api, timeout: 3s, rps: [{at: 0s, rate: 5}, {at: 20s, rate: 30, step: true}]}]
");
    counts_are_whole(&trace);
    let timeouts = trace.entries().iter().filter(|entry| {
        matches!(&entry.change, Change::Probe { outcome, .. }
            if *outcome == podarium::trace::ProbeOutcome::Timeout)
    });
    assert!(timeouts.count() >= 3, "probes wait in the same queue");
    let reasons: Vec<Lost> =
        spans(&trace).iter().flat_map(|(_, span)| span.lost.iter().map(|loss| loss.why)).collect();
    assert!(reasons.contains(&Lost::Overloaded), "{reasons:?}");
    let restarted = trace
        .entries()
        .iter()
        .any(|entry| matches!(entry.change, Change::ContainerStarted { attempt: 1 }));
    assert!(restarted, "the liveness probe restarts what is only slow");
}

#[test]
fn a_bottleneck_makes_scaling_useless() {
    let text = |replicas: &str| {
        rollout(PRESTOP, "[{at: 15s, rate: 200, step: true}]\n    timeout: 1s\n    bottleneck: {name: database, capacityRps: 120}")
            .replace("replicas: 2", &format!("replicas: {replicas}"))
    };
    let served = |replicas: &str| -> u64 {
        let trace = run(&text(replicas));
        counts_are_whole(&trace);
        spans(&trace).iter().map(|(_, span)| span.served).sum()
    };
    let (two, twenty) = (served("2"), served("20"));
    assert!(two.abs_diff(75 * 120) <= 240, "{two} of 9000 and what may wait");
    assert!(twenty.abs_diff(two) <= 10, "ten times the Pods: {twenty} instead of {two}");
}

#[test]
fn session_affinity_keeps_a_client_on_one_pod() {
    let text = rollout(PRESTOP, STEADY)
        .replace("ports: [{port: 80}]", "sessionAffinity: ClientIP\n  ports: [{port: 80}]");
    let (mut scenario, _) = Scenario::from_text(&text);
    // Whether the Pod that a client is bound to is one that stays a while is luck.
    scenario.seed = 1;
    let trace = Cluster::run(&scenario);
    let mut known: std::collections::BTreeMap<String, String> = Default::default();
    let mut stuck = 0;
    for entry in trace.entries() {
        let Change::Routed { node, routes, only } = &entry.change else { continue };
        let Some(only) = only else {
            assert!(routes.to.is_empty());
            continue;
        };
        let before = known.insert(node.to_string(), only.to_string());
        if let Some(before) = before.filter(|b| routes.to.iter().any(|t| *t.pod == **b)) {
            assert_eq!(before, **only, "a client moves although its Pod is there");
            stuck += 1;
        }
    }
    assert!(stuck > 0);
    assert_eq!(lost(&trace), 0);
}

#[test]
fn a_script_reaches_services_by_name_and_port() {
    let trace = run("\
apiVersion: v1
kind: Pod
metadata: {name: web-0, labels: {app: web}}
spec:
  hostname: web-0
  subdomain: quiet
  containers: [{name: nginx, image: 'nginx:1.26', ports: [{containerPort: 80}]}]
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 8080, targetPort: 80, nodePort: 30080}]}
---
apiVersion: v1
kind: Service
metadata: {name: quiet}
spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  restartPolicy: Never
  containers:
  - name: sh
    image: busybox
    command:
    - sh
    - -c
    - |
      sleep 20
      wget -q -O /dev/null http://web:8080/ && echo name
      wget -q -O /dev/null http://web.default.svc.cluster.local:8080/ && echo full
      wget -q -O /dev/null http://10.99.0.2:30080/ && echo nodeport
      wget -q -O /dev/null http://quiet/ && echo headless
      wget -q -O /dev/null http://web-0.quiet/ && echo hostname
      wget -q -O /dev/null http://web/ -T 2 || echo noport
      wget -q -O /dev/null http://nobody/ || echo nobody
      nslookup web-0.quiet.default.svc.cluster.local > /dev/null && echo looked
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {name: dns}
spec: {duration: 60s}
");
    let lines: Vec<&str> = trace
        .entries()
        .iter()
        .filter(|entry| &*entry.subject.name == "client")
        .filter_map(|entry| match &entry.change {
            Change::Output { line } if !line.contains(' ') => Some(&**line),
            _ => None,
        })
        .collect();
    let all = ["name", "full", "nodeport", "headless", "hostname", "noport", "nobody", "looked"];
    assert_eq!(lines, all);
}

#[test]
fn a_process_that_is_killed_loses_what_it_was_working_on() {
    let text = |term: &str| {
        format!(
            "\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: api}}
spec:
  replicas: 1
  selector: {{matchLabels: {{app: api}}}}
  template:
    metadata: {{labels: {{app: api}}}}
    spec:
      containers:
      - {{name: api, image: my/api, ports: [{{containerPort: 8080}}]}}
---
apiVersion: v1
kind: Service
metadata: {{name: api}}
spec: {{selector: {{app: api}}, ports: [{{port: 80, targetPort: 8080}}]}}
---
apiVersion: podarium.dev/v1
kind: Scenario
metadata: {{name: cut}}
spec:
  duration: 60s
  images: [{{name: my/api, listen: [{{port: 8080}}], http: [{{path: /, status: 200, latency: 500ms}}], onTerm: {{drain: {term}, exitCode: 0}}}}]
  load: [{{service: api, rps: [{{at: 15s, rate: 100, step: true}}]}}]
  actions: [{{at: 30s, run: kubectl rollout restart deployment api}}]
"
        )
    };
    let cut = |term: &str| -> u64 {
        let trace = run(&text(term));
        counts_are_whole(&trace);
        spans(&trace)
            .iter()
            .flat_map(|(_, span)| &span.lost)
            .filter(|loss| loss.why == Lost::Cut)
            .map(|loss| loss.count)
            .sum()
    };
    assert!(cut("0s") > 0, "half a second of requests is cut");
    assert_eq!(cut("2s"), 0, "a drain finishes them");
}

/// Two Pods, one each on the first two of three nodes, behind a Service of this kind.
fn three_nodes(service: &str, acts: &str) -> Trace {
    let pod = |name: &str, node: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, labels: {{app: web}}}}\nspec: \
             {{nodeName: {node}, containers: [{{name: c, image: 'nginx:1.26'}}]}}\n"
        )
    };
    let node = |name: &str| format!("{{name: {name}, images: ['nginx:1.26']}}");
    run(&format!(
        "apiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{service}, selector: {{app: \
         web}}, ports: [{{port: 80}}]}}\n{}{}---\napiVersion: podarium.dev/v1\nkind: \
         Scenario\nmetadata: {{name: near}}\nspec:\n  duration: 90s\n  cluster: {{nodes: [{}, {}, \
         {}]}}\n  load: [{{service: web, rps: [{{at: 20s, rate: 30, step: true}}]}}]\n{acts}",
        pod("a", "node1"),
        pod("b", "node2"),
        node("node1"),
        node("node2"),
        node("node3")
    ))
}

/// To whom each node sends requests at the end.
fn routes(trace: &Trace) -> Vec<(String, Vec<String>)> {
    let mut known: Vec<(String, Vec<String>)> = Vec::new();
    for entry in trace.entries() {
        if let Change::Routed { node, routes, .. } = &entry.change {
            let mut to: Vec<String> =
                routes.to.iter().map(|backend| backend.pod.to_string()).collect();
            to.sort();
            known.retain(|(own, _)| **own != **node);
            known.push((node.to_string(), to));
        }
    }
    known.sort();
    known
}

fn words(list: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    let own = |word: &&str| (*word).to_owned();
    list.iter().map(|(node, to)| (own(node), to.iter().map(own).collect())).collect()
}

#[test]
fn requests_stay_on_their_node_when_the_service_says_so() {
    let local = three_nodes("internalTrafficPolicy: Local", "");
    assert_eq!(routes(&local), words(&[("node1", &["a"]), ("node2", &["b"]), ("node3", &[])]));
    // A third comes from the node without a Pod: dropped, not refused.
    let dropped: u64 = spans(&local)
        .iter()
        .flat_map(|(_, span)| &span.lost)
        .filter(|loss| loss.why == Lost::Dropped && *loss.node == *"node3")
        .map(|loss| loss.count)
        .sum();
    assert_eq!((dropped, lost(&local)), (70 * 10, 70 * 10));
    let near = three_nodes("trafficDistribution: PreferSameNode", "");
    assert_eq!(
        routes(&near),
        words(&[("node1", &["a"]), ("node2", &["b"]), ("node3", &["a", "b"])])
    );
    assert_eq!(lost(&near), 0);
}

#[test]
fn a_machine_that_is_off_neither_sends_nor_learns() {
    let acts = "  actions:\n  - {at: 40s, node: node3, run: poweroff}\n  - {at: 60s, run: kubectl \
                delete pod b --now}\n";
    let trace = three_nodes("internalTrafficPolicy: Cluster", acts);
    let late = |entry: &&Entry| {
        entry.at > Instant::from_secs(41)
            && matches!(&entry.change, Change::Routed { node, .. } if **node == *"node3")
    };
    assert_eq!(trace.entries().iter().filter(late).count(), 0);
    counts_are_whole(&trace);
    let known = routes(&trace);
    assert_eq!(known[0].1, ["a"]);
    assert_eq!(known[2].1, ["a", "b"], "what it knew when it went off");
}

/// A rollout changes the number behind the name of a port: each Pod is sent to its own.
#[test]
fn a_named_port_may_change_in_a_rollout() {
    let text = rollout("        ports: [{name: http, containerPort: 80}]", STEADY)
        .replace("ports: [{port: 80}]", "ports: [{port: 80, targetPort: http}]")
        .replace(
            "kubectl set image deployment/web nginx=nginx:1.27",
            "'kubectl patch deployment web --type=json -p \
             ''[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/ports/0/containerPort\",\
             \"value\":8080}]'''",
        );
    let (mut scenario, _) = Scenario::from_text(&text);
    // Whether the proxies learn of both at one moment is luck.
    scenario.seed = 1;
    let trace = Cluster::run(&scenario);
    let ports: std::collections::BTreeSet<Vec<u16>> = trace
        .entries()
        .iter()
        .filter_map(|entry| match &entry.change {
            Change::Routed { routes, .. } => {
                Some(routes.to.iter().map(|own| own.ports[0]).collect())
            }
            _ => None,
        })
        .collect();
    // In between there are Pods of both kinds behind one Service.
    assert!(ports.iter().any(|own| own.contains(&80) && own.contains(&8080)), "{ports:?}");
}
