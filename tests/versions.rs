//! What changes with `kubernetesVersion`: fields that are younger, and words that were others.
#![cfg(not(target_arch = "wasm32"))]

use podarium::cluster::Cluster;
use podarium::diagnostic::{Finding, Message};
use podarium::scenario::Scenario;
use podarium::time::Instant;
use podarium::version::KubeVersion;
use podarium::view::kubectl;

/// A Pod with something in its spec, or in its container.
fn pod(spec: &str, container: &str) -> String {
    let comma = |text: &str| if text.is_empty() { String::new() } else { format!(", {text}") };
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: p}}, spec: {{containers: [{{name: a, \
         image: nginx{}}}]{}}}}}",
        comma(container),
        comma(spec)
    )
}

fn job(field: &str) -> String {
    format!(
        "{{apiVersion: batch/v1, kind: Job, metadata: {{name: j}}, spec: {{{field}, completions: \
         2, template: {{spec: {{restartPolicy: Never, containers: [{{name: a, image: nginx}}]}}}}}}}}"
    )
}

fn other(api: &str, kind: &str, spec: &str) -> String {
    format!("{{apiVersion: {api}, kind: {kind}, metadata: {{name: x}}, spec: {{{spec}}}}}")
}

const TEMPLATE: &str = "selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, \
                        spec: {containers: [{name: a, image: nginx}]}}";
const TARGET: &str =
    "maxReplicas: 3, scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}";

/// A text, the field that is young in it, and the release that has it by default.
#[rustfmt::skip]
fn young() -> Vec<(String, &'static str, u8)> {
    let spread = |more: &str| pod(&format!("topologySpreadConstraints: [{{maxSkew: 1, topologyKey: \
        zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {{matchLabels: {{a: b}}}}, {more}}}]"), "");
    let near = |kind: &str| pod(&format!("affinity: {{{kind}: {{requiredDuringSchedulingIgnoredDuringExecution: \
        [{{topologyKey: zone, labelSelector: {{matchLabels: {{a: b}}}}, matchLabelKeys: [c]}}]}}}}"), "");
    let required = "requiredDuringSchedulingIgnoredDuringExecution[0].matchLabelKeys";
    let near_field = |kind: &str| format!("spec.affinity.{kind}.{required}").leak() as &str;
    vec![
        (pod("", "livenessProbe: {grpc: {port: 80}}"), "spec.containers[0].livenessProbe.grpc", 24),
        (pod("", "livenessProbe: {tcpSocket: {port: 80}, terminationGracePeriodSeconds: 9}"),
            "spec.containers[0].livenessProbe.terminationGracePeriodSeconds", 25),
        (pod("initContainers: [{name: s, image: nginx, restartPolicy: Always}]", ""),
            "spec.initContainers[0].restartPolicy", 29),
        (pod("", "lifecycle: {preStop: {sleep: {seconds: 5}}}"),
            "spec.containers[0].lifecycle.preStop.sleep", 30),
        (pod("", "lifecycle: {preStop: {sleep: {seconds: 0}}}"),
            "spec.containers[0].lifecycle.preStop.sleep.seconds", 33),
        (pod("", "restartPolicy: Never"), "spec.containers[0].restartPolicy", 35),
        (pod("", "restartPolicy: Never, restartPolicyRules: [{action: Restart, exitCodes: \
            {operator: In, values: [42]}}]"), "spec.containers[0].restartPolicyRules[0]", 35),
        (pod("", "restartPolicy: Never, restartPolicyRules: [{action: RestartAllContainers, \
            exitCodes: {operator: In, values: [42]}}]"),
            "spec.containers[0].restartPolicyRules[0]", 36),
        (pod("resources: {limits: {cpu: 1}}", ""), "spec.resources", 34),
        (pod("", "resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]"),
            "spec.containers[0].resizePolicy", 33),
        (pod("hostUsers: false", ""), "spec.hostUsers", 33),
        (pod("hostnameOverride: other", ""), "spec.hostnameOverride", 35),
        (pod("os: {name: linux}", ""), "spec.os", 24),
        (pod("schedulingGates: [{name: a/b}]", ""), "spec.schedulingGates", 27),
        (pod("volumes: [{name: v, image: {reference: nginx}}]", ""), "spec.volumes[0].image", 35),
        (pod("volumes: [{name: v, ephemeral: {volumeClaimTemplate: {spec: {accessModes: \
            [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}]", ""),
            "spec.volumes[0].ephemeral", 21),
        (pod("securityContext: {appArmorProfile: {type: RuntimeDefault}}", ""),
            "spec.securityContext.appArmorProfile", 30),
        (pod("", "securityContext: {appArmorProfile: {type: RuntimeDefault}}"),
            "spec.containers[0].securityContext.appArmorProfile", 30),
        (pod("securityContext: {supplementalGroupsPolicy: Strict}", ""),
            "spec.securityContext.supplementalGroupsPolicy", 33),
        (spread("minDomains: 2"), "spec.topologySpreadConstraints[0].minDomains", 27),
        (spread("matchLabelKeys: [c]"), "spec.topologySpreadConstraints[0].matchLabelKeys", 27),
        (spread("nodeAffinityPolicy: Honor"),
            "spec.topologySpreadConstraints[0].nodeAffinityPolicy", 26),
        (spread("nodeTaintsPolicy: Honor"),
            "spec.topologySpreadConstraints[0].nodeTaintsPolicy", 26),
        (near("podAffinity"), near_field("podAffinity"), 31),
        (near("podAntiAffinity"), near_field("podAntiAffinity"), 31),
        (job("completionMode: Indexed"), "spec.completionMode", 22),
        (job("suspend: true"), "spec.suspend", 22),
        (job("podFailurePolicy: {rules: [{action: FailJob, onExitCodes: {operator: In, values: \
            [42]}}]}"), "spec.podFailurePolicy", 26),
        (job("podReplacementPolicy: Failed"), "spec.podReplacementPolicy", 29),
        (job("managedBy: example.com/other"), "spec.managedBy", 32),
        (job("completionMode: Indexed, successPolicy: {rules: [{succeededCount: 1}]}"),
            "spec.successPolicy", 31),
        (job("completionMode: Indexed, backoffLimitPerIndex: 1"), "spec.backoffLimitPerIndex", 29),
        (job("completionMode: Indexed, backoffLimitPerIndex: 1, maxFailedIndexes: 1"),
            "spec.maxFailedIndexes", 29),
        (other("batch/v1", "CronJob", "timeZone: Etc/UTC, schedule: '* * * * *', jobTemplate: \
            {spec: {template: {spec: {restartPolicy: Never, containers: [{name: a, image: nginx}]}}}}"),
            "spec.timeZone", 25),
        (other("batch/v1", "CronJob", "schedule: '* * * * *', jobTemplate: {spec: {template: \
            {spec: {restartPolicy: Never, containers: [{name: a, image: nginx}]}}}}"),
            "apiVersion", 21),
        (other("apps/v1", "DaemonSet", &format!("updateStrategy: {{rollingUpdate: {{maxSurge: 1, \
            maxUnavailable: 0}}}}, {TEMPLATE}")), "spec.updateStrategy.rollingUpdate.maxSurge", 22),
        (other("apps/v1", "StatefulSet", &format!("serviceName: x, minReadySeconds: 5, {TEMPLATE}")),
            "spec.minReadySeconds", 23),
        (other("apps/v1", "StatefulSet", &format!("serviceName: x, ordinals: {{start: 1}}, \
            {TEMPLATE}")), "spec.ordinals", 27),
        (other("apps/v1", "StatefulSet", &format!("serviceName: x, \
            persistentVolumeClaimRetentionPolicy: {{whenDeleted: Delete}}, {TEMPLATE}")),
            "spec.persistentVolumeClaimRetentionPolicy", 27),
        (other("autoscaling/v2", "HorizontalPodAutoscaler", TARGET), "apiVersion", 23),
        (other("autoscaling/v2", "HorizontalPodAutoscaler", &format!("{TARGET}, metrics: [{{type: \
            ContainerResource, containerResource: {{name: cpu, container: a, target: {{type: \
            Utilization, averageUtilization: 50}}}}}}]")), "spec.metrics[0].containerResource", 27),
        (other("autoscaling/v2", "HorizontalPodAutoscaler", &format!("{TARGET}, behavior: \
            {{scaleUp: {{tolerance: 0.2}}}}")), "spec.behavior.scaleUp.tolerance", 35),
        (other("autoscaling/v2", "HorizontalPodAutoscaler", &format!("{TARGET}, behavior: \
            {{scaleDown: {{tolerance: 0.2}}}}")), "spec.behavior.scaleDown.tolerance", 35),
        (other("policy/v1", "PodDisruptionBudget", "maxUnavailable: 1, selector: {matchLabels: \
            {a: b}}"), "apiVersion", 21),
        (other("policy/v1", "PodDisruptionBudget", "maxUnavailable: 1, unhealthyPodEvictionPolicy: \
            AlwaysAllow, selector: {matchLabels: {a: b}}"), "spec.unhealthyPodEvictionPolicy", 27),
        (other("v1", "Service", "internalTrafficPolicy: Local, ports: [{port: 80}]"),
            "spec.internalTrafficPolicy", 22),
        (other("v1", "Service", "trafficDistribution: PreferClose, ports: [{port: 80}]"),
            "spec.trafficDistribution", 31),
    ]
}

fn with_version(text: &str, minor: u8) -> String {
    format!(
        "{text}\n---\n{{apiVersion: podarium.dev/v1, kind: Scenario, metadata: {{name: t}}, spec: \
         {{duration: 30s, kubernetesVersion: '1.{minor}'}}}}\n"
    )
}

/// Fields that the release does not know, with the one that brought each.
fn too_young(text: &str, minor: u8) -> Vec<(String, String)> {
    let (_, diagnostics) = Scenario::from_text(&with_version(text, minor));
    let newer = diagnostics.into_iter().filter_map(|diagnostic| match diagnostic.message {
        Message::Ours(Finding::FieldNewerThanVersion { field, since }) => Some((field, since)),
        _ => None,
    });
    newer.collect()
}

#[test]
fn a_field_is_there_from_its_release_on_and_not_before() {
    for (text, field, since) in young() {
        let wanted = (field.to_owned(), format!("1.{since}"));
        assert!(too_young(&text, since - 1).contains(&wanted), "1.{}: {text}", since - 1);
        assert!(!too_young(&text, since).contains(&wanted), "1.{since}: {text}");
        // Nothing is too young for the newest.
        let latest = KubeVersion::LATEST.minor();
        assert_eq!(too_young(&text, latest), [], "{text}");
    }
}

#[test]
fn words_are_those_of_the_release() {
    let answer = |minor: u8, command: &str| {
        let text = with_version(&pod("", ""), minor);
        let trace = Cluster::run(&Scenario::from_text(&text).0);
        let state = trace.state_at(Instant::from_secs(20));
        kubectl::run(&state, &trace, command).expect("it reads only").stdout
    };
    let described = |minor: u8| answer(minor, "describe pod p");
    assert!(described(36).contains("spec.containers{a}: Container created"));
    assert!(
        described(34).contains("Created container: a")
            || described(34).contains("Created container a")
    );
    assert!(!described(34).contains("spec.containers{a}: "));
    assert!(answer(29, "version").contains("Server Version: v1.29"));
}
