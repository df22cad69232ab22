//! Fields that the chosen Kubernetes version does not know yet.
//!
//! Owns: which fields of a Pod came with which feature, and since when fields are there that make
//! no other difference here. Does not own: when features came (`version.rs`).
//!
//! A field counts from the release in which it works by default, not from its alpha.

use crate::manifest::node::Node;
use crate::manifest::pod::{Container, PodSpec};
use crate::manifest::probe::LifecycleHandler;
use crate::version::{Feature, KubeVersion};

/// Fields below a Pod's spec, and the minor release that has them by default.
///
/// Models pkg/features/kube_features.go and the changelogs.
const OF_PODS: &[(&str, u8)] = &[
    ("affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[].matchLabelKeys", 31),
    (
        "affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[].matchLabelKeys",
        31,
    ),
    ("containers[].resizePolicy", 33),
    ("containers[].resources.claims", 34),
    ("containers[].securityContext.appArmorProfile", 30),
    ("containers[].volumeMounts[].recursiveReadOnly", 31),
    ("hostUsers", 33),
    ("hostnameOverride", 35),
    ("initContainers[].resizePolicy", 33),
    ("os", 24),
    ("resourceClaims", 34),
    ("schedulingGates", 27),
    ("securityContext.appArmorProfile", 30),
    ("securityContext.supplementalGroupsPolicy", 33),
    ("topologySpreadConstraints[].matchLabelKeys", 27),
    ("topologySpreadConstraints[].minDomains", 27),
    ("topologySpreadConstraints[].nodeAffinityPolicy", 26),
    ("topologySpreadConstraints[].nodeTaintsPolicy", 26),
    ("volumes[].ephemeral", 21),
    ("volumes[].image", 35),
];

/// Fields of a Job's spec.
const OF_JOBS: &[(&str, u8)] = &[
    ("backoffLimitPerIndex", 29),
    ("completionMode", 22),
    ("managedBy", 32),
    ("maxFailedIndexes", 29),
    ("podFailurePolicy", 26),
    ("podReplacementPolicy", 29),
    ("successPolicy", 31),
    ("suspend", 22),
];

/// Fields of other kinds.
const OF_OTHERS: &[(&str, &str, u8)] = &[
    ("CronJob", "spec.timeZone", 25),
    ("DaemonSet", "spec.updateStrategy.rollingUpdate.maxSurge", 22),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleDown.tolerance", 35),
    ("HorizontalPodAutoscaler", "spec.behavior.scaleUp.tolerance", 35),
    ("HorizontalPodAutoscaler", "spec.metrics[].containerResource", 27),
    ("PersistentVolumeClaim", "spec.dataSourceRef", 24),
    ("PersistentVolumeClaim", "spec.volumeAttributesClassName", 34),
    ("PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy", 27),
    ("Service", "spec.allocateLoadBalancerNodePorts", 22),
    ("Service", "spec.internalTrafficPolicy", 22),
    ("Service", "spec.loadBalancerClass", 22),
    ("Service", "spec.trafficDistribution", 31),
    ("StatefulSet", "spec.minReadySeconds", 23),
    ("StatefulSet", "spec.ordinals", 27),
    ("StatefulSet", "spec.persistentVolumeClaimRetentionPolicy", 27),
];

/// Versions of the API that are younger than the oldest release here.
const VERSIONS: &[(&str, &str, u8)] = &[
    ("CronJob", "batch/v1", 21),
    ("HorizontalPodAutoscaler", "autoscaling/v2", 23),
    ("PodDisruptionBudget", "policy/v1", 21),
];

/// Fields of an object that `version` does not have, by their paths alone; `pod` is where the spec
/// of its Pods stands.
pub fn by_path(
    kind: &str,
    root: &Node,
    pod: Option<&str>,
    version: KubeVersion,
) -> Vec<(String, u8)> {
    let mut found = Vec::new();
    let mut see = |path: &str, since: u8| {
        if version.minor() < since {
            root.each(path, &mut |place, node| {
                if node.is_some() {
                    found.push((place.to_owned(), since));
                }
            });
        }
    };
    for (path, since) in pod.iter().flat_map(|_| OF_PODS) {
        see(&format!("{}.{path}", pod.unwrap_or_default()), *since);
    }
    let job = match kind {
        "Job" => Some("spec"),
        "CronJob" => Some("spec.jobTemplate.spec"),
        _ => None,
    };
    for (path, since) in job.iter().flat_map(|_| OF_JOBS) {
        see(&format!("{}.{path}", job.unwrap_or_default()), *since);
    }
    for (_, path, since) in OF_OTHERS.iter().filter(|(of, ..)| *of == kind) {
        see(path, *since);
    }
    let written = root.get("apiVersion").and_then(Node::as_str);
    for (_, served, since) in VERSIONS.iter().filter(|(of, ..)| *of == kind) {
        if written == Some(served) {
            see("apiVersion", *since);
        }
    }
    found
}

/// Fields that are set and that `version` does not have, each with the release that brought it.
///
/// `path` is where the spec stands.
pub fn fields(spec: &PodSpec, path: &str, version: KubeVersion) -> Vec<(String, u8)> {
    let mut found = Found { version, list: Vec::new() };
    for (index, container) in spec.init_containers.iter().enumerate() {
        let field = format!("{path}.initContainers[{index}]");
        let policy = format!("{field}.restartPolicy");
        if container.is_sidecar() {
            found.see(true, policy, Feature::SidecarContainers);
        } else {
            let set = container.restart_policy.is_some();
            found.see(set, policy, Feature::ContainerRestartRules);
        }
        found.container(container, &field);
    }
    for (index, container) in spec.containers.iter().enumerate() {
        let field = format!("{path}.containers[{index}]");
        let set = container.restart_policy.is_some();
        found.see(set, format!("{field}.restartPolicy"), Feature::ContainerRestartRules);
        found.container(container, &field);
    }
    let set = spec.resources.is_some();
    found.see(set, format!("{path}.resources"), Feature::PodLevelResources);
    found.list
}

struct Found {
    version: KubeVersion,
    list: Vec<(String, u8)>,
}

impl Found {
    fn see(&mut self, set: bool, field: String, feature: Feature) {
        if set && !self.version.has(feature) {
            self.list.push((field, feature.since()));
        }
    }

    fn container(&mut self, container: &Container, field: &str) {
        for (index, rule) in container.restart_policy_rules.iter().enumerate() {
            let field = format!("{field}.restartPolicyRules[{index}]");
            let feature = match rule.action.as_str() {
                "RestartAllContainers" => Feature::RestartAllContainers,
                _ => Feature::ContainerRestartRules,
            };
            self.see(true, field, feature);
        }
        for (name, probe) in [
            ("livenessProbe", &container.liveness_probe),
            ("readinessProbe", &container.readiness_probe),
            ("startupProbe", &container.startup_probe),
        ] {
            if let Some(probe) = probe {
                let field = format!("{field}.{name}");
                self.see(probe.grpc.is_some(), format!("{field}.grpc"), Feature::GrpcProbe);
                let set = probe.termination_grace_period_seconds.is_some();
                let field = format!("{field}.terminationGracePeriodSeconds");
                self.see(set, field, Feature::ProbeTerminationGracePeriod);
            }
        }
        if let Some(lifecycle) = &container.lifecycle {
            for (name, hook) in
                [("postStart", &lifecycle.post_start), ("preStop", &lifecycle.pre_stop)]
            {
                let Some(LifecycleHandler { sleep: Some(sleep), .. }) = hook else { continue };
                let field = format!("{field}.lifecycle.{name}.sleep");
                self.see(true, field.clone(), Feature::SleepAction);
                if self.version.has(Feature::SleepAction) {
                    let nothing = sleep.seconds == 0;
                    self.see(nothing, format!("{field}.seconds"), Feature::SleepOfZeroSeconds);
                }
            }
        }
    }
}
