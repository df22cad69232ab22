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
    // A command of kubectl's that is refused.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: nginx}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     actions: [{at: 1s, run: kubectl delete pod nobody}]}}",
    // An autoscaler through all it can decide: no metrics at first, then a load near the target, a
    // rise, a lull; and one whose target does not exist.
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: \
     {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: a, image: \
     nginx, resources: {requests: {cpu: 100m}}}]}}}}\n---\n\
     {apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: web}, spec: \
     {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, metrics: \
     [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 50}}}]}}\n\
     ---\n\
     {apiVersion: autoscaling/v1, kind: HorizontalPodAutoscaler, metadata: {name: lost}, spec: \
     {maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: nobody}}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 900s, \
     load: [{deployment: web, cpu: [{at: 0s, total: 50m}, {at: 100s, total: 50m}, {at: 100s, total: \
     80m}, {at: 250s, total: 80m}, {at: 250s, total: 900m}, {at: 400s, total: 900m}, {at: 400s, \
     total: 0m}]}]}}",
    // Before containerd: pause first, then its network; and what processes do to one another: two
    // that nobody waits for, one of which pause reads, a signal, and a request to localhost.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {shareProcessNamespace: true, containers: \
     [{name: z, image: busybox, command: [zombie]}, {name: web, image: nginx}, \
     {name: a, image: busybox, command: [sh, -c, 'sleep 5; wget -qO- localhost:80; killall -HUP nginx; \
     sh -c \"sleep 2 & exec sleep 1\" & exec sleep 9']}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     kubernetesVersion: '1.23'}}",
    // Services: one with nobody behind it, a headless one, one whose only Pod leaves slowly and
    // dies over its work, one with too little CPU, and one before a bottleneck.
    "{apiVersion: v1, kind: Service, metadata: {name: nobody}, spec: {selector: {app: nobody}, \
     ports: [{port: 80}]}}\n---\n\
     {apiVersion: v1, kind: Service, metadata: {name: quiet}, spec: {clusterIP: None, selector: \
     {app: api}, ports: [{port: 8080}]}}\n---\n\
     {apiVersion: v1, kind: Service, metadata: {name: api}, spec: {selector: {app: api}, \
     ports: [{port: 80, targetPort: 8080}]}}\n---\n\
     {apiVersion: v1, kind: Service, metadata: {name: slow}, spec: {selector: {app: slow}, \
     ports: [{port: 80, targetPort: 8080}]}}\n---\n\
     {apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, spec: {selector: {matchLabels: \
     {app: api}}, template: {metadata: {labels: {app: api}}, spec: {containers: [{name: api, \
     image: my/api, lifecycle: {preStop: {sleep: {seconds: 5}}}}]}}}}\n---\n\
     {apiVersion: v1, kind: Pod, metadata: {name: slow, labels: {app: slow}}, spec: {containers: \
     [{name: slow, image: my/api, resources: {limits: {cpu: 100m}}}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 90s, \
     images: [{name: my/api, listen: [{port: 8080}], cpu: {perRequest: 10ms}, http: [{path: /, \
     status: 200, latency: 900ms}]}], load: [{service: nobody, rps: 10}, {service: api, rps: 100}, \
     {service: slow, timeout: 2s, rps: 50}, {service: quiet, rps: 10, timeout: 1s, bottleneck: \
     {name: db, capacityRps: 4}}], actions: [{at: 20s, run: kubectl delete pod -l app=api}, \
     {at: 60s, run: kubectl scale deployment api --replicas=0}]}}",
    // A claim that one Pod after the other uses.
    "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: \
     [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}\n---\n\
     {apiVersion: batch/v1, kind: Job, metadata: {name: j}, spec: {completions: 2, template: {spec: \
     {restartPolicy: Never, volumes: [{name: c, persistentVolumeClaim: {claimName: c}}], containers: \
     [{name: a, image: busybox, command: [sh, -c, 'date >> /c/x'], volumeMounts: [{name: c, \
     mountPath: /c}]}]}}}}",
    // A profile that the node does not have.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {securityContext: {seccompProfile: {type: \
     Localhost, localhostProfile: nowhere.json}}, containers: [{name: a, image: nginx}]}}",
    // More than a node has.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: nginx, \
     resources: {requests: {cpu: 100m}}}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     actions: [{at: 5s, run: \"kubectl patch pod p --subresource resize -p \
     '{spec: {containers: [{name: a, resources: {requests: {cpu: 1000}}}]}}'\"}]}}",
    // A static Pod that names a Secret.
    "{apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     cluster: {nodes: [{name: one, staticPods: {web.yaml: '{apiVersion: v1, kind: Pod, metadata: \
     {name: web}, spec: {containers: [{name: a, image: nginx, envFrom: [{secretRef: {name: \
     s}}]}]}}'}}]}}}",
    // A container that is added to look around.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: nginx}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 20s, \
     actions: [{at: 5s, run: kubectl debug p --image=busybox -- ps}]}}",
    // An image that must not be pulled, and one whose name cannot be read.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a, image: nginx, imagePullPolicy: Never}, {name: b, image: 'Not/An Image'}]}}",
    // Pulls that wait for one another, and a ReplicaSet that is scaled down.
    "{apiVersion: apps/v1, kind: Deployment, metadata: {name: d}, spec: {replicas: 3, \
     selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, \
     spec: {containers: [{name: a, image: redis}]}}}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 60s, \
     cluster: {nodes: [{name: one}]}, actions: [{at: 20s, run: kubectl scale deploy d --replicas=1}]}}",
    // A back-off that is forgotten after ten minutes without a restart.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a, image: busybox, command: [sh, -c, sleep 700]}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 40m}}",
    // More memory than the limit.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a, image: my/app, resources: {limits: {memory: 100Mi}}}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 5m, \
     images: [{name: my/app, memory: {idle: 60Mi, perMinute: 40Mi}}]}}",
    // A sidecar that is stopped last.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {\
     initContainers: [{name: s, image: nginx, restartPolicy: Always}], \
     containers: [{name: a, image: busybox, command: [sleep, '1000']}]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 60s, \
     actions: [{at: 10s, run: kubectl delete pod p}]}}",
    // Something that a process does and nobody simulates.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a, image: python, command: [python, -c, 'import antigravity']}]}}",
    // So many processes that never stop talking that the trace is full.
    "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\
     {name: a0, image: busybox, args: &talk [sh, -c, 'while true; do echo x; done']}, \
     {name: a1, image: busybox, args: *talk}, {name: a2, image: busybox, args: \
     *talk}, {name: a3, image: busybox, args: *talk}, {name: a4, image: busybox, \
     args: *talk}, {name: a5, image: busybox, args: *talk}, {name: a6, image: \
     busybox, args: *talk}, {name: a7, image: busybox, args: *talk}, {name: a8, \
     image: busybox, args: *talk}, {name: a9, image: busybox, args: *talk}, {name: \
     a10, image: busybox, args: *talk}, {name: a11, image: busybox, args: *talk}, \
     {name: a12, image: busybox, args: *talk}, {name: a13, image: busybox, args: \
     *talk}, {name: a14, image: busybox, args: *talk}, {name: a15, image: busybox, \
     args: *talk}, {name: a16, image: busybox, args: *talk}, {name: a17, image: \
     busybox, args: *talk}, {name: a18, image: busybox, args: *talk}, {name: a19, \
     image: busybox, args: *talk}, {name: a20, image: busybox, args: *talk}, {name: \
     a21, image: busybox, args: *talk}, {name: a22, image: busybox, args: *talk}, \
     {name: a23, image: busybox, args: *talk}\
     ]}}\n---\n\
     {apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: x}, spec: {duration: 2h}}",
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
