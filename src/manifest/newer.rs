//! Fields that the chosen Kubernetes version does not know yet.
//!
//! Owns: which fields of a Pod came with which feature. Does not own: when features came
//! (`version.rs`).

use crate::manifest::pod::{Container, PodSpec};
use crate::manifest::probe::LifecycleHandler;
use crate::version::{Feature, KubeVersion};

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
                let sleeps = matches!(hook, Some(LifecycleHandler { sleep: Some(_), .. }));
                self.see(sleeps, format!("{field}.lifecycle.{name}.sleep"), Feature::SleepAction);
            }
        }
    }
}
