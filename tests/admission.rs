//! What other objects forbid a new Pod, as kubectl and controllers say it.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::scenario::Scenario;
use podarium::trace::{Change, Trace};

fn run(text: &str) -> Trace {
    let (scenario, _) = Scenario::from_text(text);
    Cluster::run(&scenario)
}

/// What kubectl said of objects that were refused.
fn refusals(trace: &Trace) -> Vec<String> {
    let entries = trace.entries().iter();
    let refused = entries.filter_map(|entry| match &entry.change {
        Change::Acted { output, exit: 1, .. } => Some(output.to_string()),
        _ => None,
    });
    let said = refused.flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    said.filter(|line| line.starts_with("Error")).collect()
}

fn failed_create(trace: &Trace, object: &str) -> String {
    let state = trace.state_at(trace.horizon());
    let found = state
        .events()
        .find(|event| event.reason == "FailedCreate" && event.involved_name.starts_with(object));
    found.expect("its Pods are forbidden").message.clone()
}

const NAMESPACES: &str = r#"
apiVersion: v1
kind: Namespace
metadata: {name: strict, labels: {pod-security.kubernetes.io/enforce: restricted}}
---
apiVersion: v1
kind: Namespace
metadata:
  name: base
  labels: {pod-security.kubernetes.io/enforce: baseline, pod-security.kubernetes.io/enforce-version: v1.30}
---
"#;

#[test]
fn the_labels_of_a_namespace_forbid_pods() {
    let text = NAMESPACES.to_owned()
        + r#"
apiVersion: v1
kind: Pod
metadata: {name: bad, namespace: base}
spec:
  hostPID: true
  securityContext: {sysctls: [{name: kernel.msgmax, value: '1'}]}
  volumes: [{name: h, hostPath: {path: /x}}]
  containers:
  - name: a
    image: nginx
    ports: [{containerPort: 80, hostPort: 80}]
    securityContext: {capabilities: {add: [SYS_TIME, NET_ADMIN, CHOWN]}, seccompProfile: {type: Unconfined}}
  - {name: b, image: nginx, securityContext: {privileged: true}}
---
apiVersion: v1
kind: Pod
metadata: {name: fine, namespace: base}
spec:
  containers: [{name: a, image: nginx}]
---
apiVersion: v1
kind: Pod
metadata: {name: worse, namespace: strict}
spec:
  securityContext: {runAsUser: 0, runAsNonRoot: false}
  volumes: [{name: h, hostPath: {path: /x}}]
  containers: [{name: a, image: nginx, securityContext: {capabilities: {add: [NET_ADMIN]}}}]
---
apiVersion: v1
kind: Pod
metadata: {name: good, namespace: strict}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 7, seccompProfile: {type: RuntimeDefault}}
  containers:
  - {name: a, image: nginx, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: strict}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: a, image: nginx}, {name: b, image: nginx}]}
"#;
    let trace = run(&text);
    let start = "Error from server (Forbidden): error when creating \"STDIN\": pods ";
    assert_eq!(
        refusals(&trace),
        [
            format!(
                "{start}\"bad\" is forbidden: violates PodSecurity \"baseline:v1.30\": non-default \
                 capabilities (container \"a\" must not include \"NET_ADMIN\", \"SYS_TIME\" in \
                 securityContext.capabilities.add), host namespaces (hostPID=true), hostPath volumes \
                 (volume \"h\"), hostPort (container \"a\" uses hostPort 80), privileged (container \"b\" \
                 must not set securityContext.privileged=true), seccompProfile (container \"a\" must not \
                 set securityContext.seccompProfile.type to \"Unconfined\"), forbidden sysctls \
                 (kernel.msgmax)"
            ),
            format!(
                "{start}\"worse\" is forbidden: violates PodSecurity \"restricted:latest\": \
                 allowPrivilegeEscalation != false (container \"a\" must set \
                 securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \
                 \"a\" must set securityContext.capabilities.drop=[\"ALL\"]; container \"a\" must not \
                 include \"NET_ADMIN\" in securityContext.capabilities.add), restricted volume types \
                 (volume \"h\" uses restricted volume type \"hostPath\"), runAsNonRoot != true (pod must \
                 not set securityContext.runAsNonRoot=false), runAsUser=0 (pod must not set runAsUser=0), \
                 seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type to \
                 \"RuntimeDefault\" or \"Localhost\")"
            ),
        ]
    );
    let said = failed_create(&trace, "web-");
    let (_, said) = said.split_once(" is forbidden: ").expect("it is");
    assert_eq!(
        said,
        "violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (containers \
         \"a\", \"b\" must set securityContext.allowPrivilegeEscalation=false), unrestricted \
         capabilities (containers \"a\", \"b\" must set securityContext.capabilities.drop=[\"ALL\"]), \
         runAsNonRoot != true (pod or containers \"a\", \"b\" must set \
         securityContext.runAsNonRoot=true), seccompProfile (pod or containers \"a\", \"b\" must set \
         securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"
    );
    // Before 1.23 nobody reads the labels.
    let old = "\n---\n{apiVersion: podarium.dev/v1, kind: Scenario, metadata: {name: old}, \
               spec: {kubernetesVersion: '1.22', duration: 10s}}\n";
    assert_eq!(refusals(&run(&(text + old))), Vec::<String>::new());
}

#[test]
fn who_may_still_change_a_pod_does_not_know_its_name() {
    let of = |kind: &str, name: &str, more: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: {kind}, metadata: {{name: {name}}}, spec: {{{more}selector: \
             {{matchLabels: {{app: {name}}}}}, template: {{metadata: {{labels: {{app: {name}}}}}, spec: \
             {{priorityClassName: nobody, containers: [{{name: a, image: nginx}}]}}}}}}}}\n---\n"
        )
    };
    let trace = run(&(of("ReplicaSet", "web", "") + &of("StatefulSet", "db", "serviceName: db, ")));
    assert_eq!(
        failed_create(&trace, "web"),
        "Error creating: pods \"web-\" is forbidden: no PriorityClass with name nobody was found"
    );
    let said = failed_create(&trace, "db");
    assert!(said.contains("pods \"db-0\" is forbidden: no PriorityClass"), "{said}");
}
