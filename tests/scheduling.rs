//! What the scheduler says of a Pod that fits nowhere, and what brings the Pod back to it.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::diagnostic::Severity;
use podarium::scenario::Scenario;

const TWO: &str = "[{name: n1, capacity: {cpu: '2'}, labels: {zone: a}}, \
     {name: n2, capacity: {cpu: '4'}, labels: {zone: b}, taints: [{key: k, value: v, effect: NoSchedule}]}]";

/// The Events of the scheduler: the millisecond, the Pod, and the message of a `FailedScheduling`,
/// or the node.
fn run(objects: &[&str], nodes: &str, rest: &str) -> Vec<(i64, String, String)> {
    let mut text = String::new();
    for object in objects {
        text.push_str(object);
        text.push_str("\n---\n");
    }
    text.push_str(&format!(
        "{{apiVersion: podarium.dev/v1, kind: Scenario, metadata: {{name: test}}, \
         spec: {{cluster: {{nodes: {nodes}}}, {rest}}}}}\n"
    ));
    let (scenario, diagnostics) = Scenario::from_text(&text);
    let errors: Vec<_> =
        diagnostics.iter().filter(|one| one.severity == Severity::Rejected).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let trace = Cluster::run(&scenario);
    let state = trace.state_at(trace.horizon());
    let mut found: Vec<_> = state
        .events()
        .filter(|event| matches!(&*event.reason, "FailedScheduling" | "Scheduled"))
        .map(|event| {
            let at = event.event_time.unwrap_or_default().as_micros() / 1000;
            let message = event.message.rsplit(" to ").next().unwrap_or_default();
            let said = if event.reason == "Scheduled" { message } else { &event.message };
            (at, event.involved_name.clone(), said.to_owned())
        })
        .collect();
    found.sort();
    found
}

fn pod(name: &str, container: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}}}, \
         spec: {{containers: [{{name: main, image: nginx{container}}}]{spec}}}}}"
    )
}

const LARGE: &str = ", resources: {requests: {cpu: '3'}}";
const NO_HELP: &str = "Preemption is not helpful for scheduling.";

#[test]
fn a_release_has_its_own_words_for_a_taint() {
    let large = pod("p", LARGE, "");
    for (version, said) in [
        (
            "1.36",
            format!(
                "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s). \
                 no new claims to deallocate, preemption: 0/2 nodes are available: 2 {NO_HELP}"
            ),
        ),
        (
            "1.30",
            format!(
                "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint {{k: v}}. \
                 preemption: 0/2 nodes are available: 2 {NO_HELP}"
            ),
        ),
        (
            "1.22",
            "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had taint {k: v}, that the pod \
             didn't tolerate."
                .to_owned(),
        ),
    ] {
        let rest = format!("duration: 20s, kubernetesVersion: '{version}'");
        assert_eq!(run(&[&large], TWO, &rest)[0].2, said, "{version}");
    }
}

#[test]
fn a_pod_bound_for_one_node_is_told_of_the_others_as_the_release_does() {
    let pinned = pod(
        "p",
        "",
        ", affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
           [{matchFields: [{key: metadata.name, operator: In, values: [n2]}]}]}}}",
    );
    for (version, said) in [
        (
            "1.36",
            "1 node(s) didn't satisfy plugin(s) [NodeAffinity], 1 node(s) had untolerated taint(s).",
        ),
        (
            "1.29",
            "1 node is filtered out by the prefilter result, 1 node(s) had untolerated taint {k: v}.",
        ),
        ("1.27", "1 node(s) had untolerated taint {k: v}."),
    ] {
        let rest = format!("duration: 20s, kubernetesVersion: '{version}'");
        let found = run(&[&pinned], TWO, &rest);
        let start = format!("0/2 nodes are available: {said}");
        assert!(found[0].2.starts_with(&start), "{version}: {}", found[0].2);
    }
}

#[test]
fn only_what_the_rejecting_plugin_waits_for_brings_a_pod_back() {
    let near = ", affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: \
                [{topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: db}}}]}}";
    let disk = ", nodeSelector: {disk: hdd}";
    let tries = |spec: &str, container: &str, command: &str| {
        let action = format!("duration: 60s, actions: [{{at: 20s, run: \"{command}\"}}]");
        let found = run(&[&pod("p", container, spec)], TWO, &action);
        let found = found.into_iter().filter(|one| one.1 == "p").collect::<Vec<_>>();
        let last = found.last().expect("it was tried").clone();
        (found.len(), last.0 / 1000, last.2)
    };
    // Another Pod that it wants to be near; one that it does not.
    let (count, at, node) = tries(near, "", "kubectl run db --image=nginx --labels=app=db");
    assert_eq!((count, at, &*node), (2, 20, "n1"));
    assert_eq!(tries(near, "", "kubectl run db --image=nginx --labels=app=other").0, 1);
    // The label that it selects; another one.
    assert_eq!(tries(disk, "", "kubectl label node n1 disk=hdd"), (2, 20, "n1".to_owned()));
    assert_eq!(tries(disk, "", "kubectl label node n1 other=hdd").0, 1);
    // The taint goes.
    assert_eq!(tries("", LARGE, "kubectl taint nodes n2 k-"), (2, 20, "n2".to_owned()));
}

#[test]
fn after_five_minutes_a_pod_is_tried_again_anyway() {
    let found = run(&[&pod("p", LARGE, "")], "[{name: n1, capacity: {cpu: '2'}}]", "duration: 12m");
    let seconds: Vec<i64> = found.iter().map(|one| one.0 / 1000).collect();
    assert_eq!(seconds, [0, 330, 630]);
}

#[test]
fn a_claim_of_a_local_volume_leads_to_its_node() {
    let volume = [
        "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: local}, \
          provisioner: kubernetes.io/no-provisioner, volumeBindingMode: WaitForFirstConsumer}",
        "{apiVersion: v1, kind: PersistentVolume, metadata: {name: pv}, spec: {accessModes: [ReadWriteOnce], \
          capacity: {storage: 1Gi}, storageClassName: local, local: {path: /x}, nodeAffinity: {required: \
          {nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/hostname, operator: In, values: [n2]}]}]}}}}",
        "{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: c}, spec: {accessModes: [ReadWriteOnce], \
          storageClassName: local, resources: {requests: {storage: 1Gi}}}}",
    ];
    let nodes = "[{name: n1, capacity: {cpu: '2'}}, {name: n2, capacity: {cpu: '2'}}]";
    let claims = ", volumes: [{name: v, persistentVolumeClaim: {claimName: c}}]";
    let consumer = pod("p", ", resources: {requests: {cpu: '1'}}", claims);
    let mut objects = volume.to_vec();
    objects.push(&consumer);
    assert_eq!(run(&objects, nodes, "duration: 20s")[0].2, "n2");
    // Its node is full.
    let full = pod("q", ", resources: {requests: {cpu: '2'}}", ", nodeName: n2");
    objects.insert(0, &full);
    assert_eq!(
        run(&objects, nodes, "duration: 20s")[0].2,
        "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't find available persistent volumes to bind. \
         no new claims to deallocate, preemption: 0/2 nodes are available: 1 No preemption victims found for \
         incoming pod, 1 Preemption is not helpful for scheduling."
    );
    // There is no volume.
    assert_eq!(
        run(&[volume[0], volume[2], &consumer], nodes, "duration: 20s")[0].2,
        "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind. \
         no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
    );
}

#[test]
fn a_port_of_the_node_is_free_when_its_pod_has_gone() {
    let port = ", ports: [{containerPort: 80, hostPort: 80}]";
    let (first, second) = (pod("a", port, ""), pod("b", port, ""));
    let found = run(
        &[&first, &second],
        "[{name: n1, capacity: {cpu: '2'}}]",
        "duration: 60s, actions: [{at: 20s, run: \"kubectl delete pod a --grace-period=1\"}]",
    );
    let said =
        "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. ";
    assert!(found[1].1 == "b" && found[1].2.starts_with(said), "{found:?}");
    assert!(found[2].1 == "b" && found[2].0 > 20_000, "{found:?}");
}
