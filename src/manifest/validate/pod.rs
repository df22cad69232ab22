//! What the API server refuses or warns about in Pods and in templates of Pods.
//!
//! Owns: the Pod as a whole. Does not own: its containers (`container.rs`), volumes (`volume.rs`),
//! probes (`probe.rs`) or where it may go (`affinity.rs`).
//!
//! Models pkg/apis/core/validation/validation.go ValidatePodSpec and pkg/api/pod/warnings.go.

use crate::manifest::pod::{Pod, PodSpec, PodTemplateSpec};
use crate::manifest::validate::affinity::{affinity, scheduling, toleration};
use crate::manifest::validate::meta::{
    NameRule, annotations, dns_label, dns_subdomain, labels, object_meta, qualified_name,
};
use crate::manifest::validate::number::id;
use crate::manifest::validate::profile::profiles;
use crate::manifest::validate::{Findings, container, quoted, volume};
use crate::map::Set;

/// Checks a Pod that is created.
pub fn create(pod: &Pod, findings: &mut Findings) {
    object_meta(&pod.metadata, NameRule::Subdomain, findings);
    pod_spec(&pod.spec, "spec", findings);
    container::pod_images(&pod.spec, findings);
    if !pod.spec.ephemeral_containers.is_empty() {
        findings.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    if !pod.spec.node_name.is_empty() && !pod.spec.scheduling_gates.is_empty() {
        let rule = "cannot be set until all schedulingGates have been cleared";
        findings.forbidden("spec.nodeName", rule);
    }
    let faults = dns_label(&pod.metadata.name);
    if !faults.is_empty() {
        findings.warn(
            "metadata.name",
            format!(
                "this is used in the Pod's hostname, which can result in surprising behavior; a \
                 DNS label is recommended: [{}]",
                faults.join(" ")
            ),
        );
    }
    warnings(&pod.spec, "spec", findings);
}

/// Checks the template of a controller; `path` is where it stands.
pub fn template(template: &PodTemplateSpec, path: &str, findings: &mut Findings) {
    template_metadata(template, path, findings);
    let spec = format!("{path}.spec");
    pod_spec(&template.spec, &spec, findings);
    if !template.spec.ephemeral_containers.is_empty() {
        let field = format!("{spec}.ephemeralContainers");
        findings.forbidden(&field, "ephemeral containers not allowed in pod template");
    }
    warnings(&template.spec, &spec, findings);
}

/// Checks labels and annotations of a template.
pub fn template_metadata(template: &PodTemplateSpec, path: &str, findings: &mut Findings) {
    let metadata = format!("{path}.metadata");
    labels(&template.metadata.labels, &format!("{metadata}.labels"), findings);
    annotations(&template.metadata.annotations, &format!("{metadata}.annotations"), findings);
}

/// Checks the spec of a Pod, in the order of ValidatePodSpec.
fn pod_spec(spec: &PodSpec, path: &str, findings: &mut Findings) {
    volume::volumes(&spec.volumes, &format!("{path}.volumes"), findings);
    container::containers(spec, path, findings);
    container::init_containers(spec, path, findings);
    let field = format!("{path}.restartPolicy");
    words(&spec.restart_policy, &field, &["Always", "OnFailure", "Never"], findings);
    let policies = &["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    words(&spec.dns_policy, &format!("{path}.dnsPolicy"), policies, findings);
    labels(&spec.node_selector, &format!("{path}.nodeSelector"), findings);
    security(spec, path, findings);
    if let Some(given) = &spec.affinity {
        affinity(given, &format!("{path}.affinity"), findings);
    }
    dns_config(spec, path, findings);
    for (index, gate) in spec.readiness_gates.iter().enumerate() {
        let field = format!("{path}.readinessGates[{index}].conditionType");
        for fault in qualified_name(&gate.condition_type) {
            findings.invalid_text(&field, &gate.condition_type, &fault);
        }
    }
    scheduling(spec, path, findings);
    names(spec, path, findings);
    for (index, given) in spec.tolerations.iter().enumerate() {
        toleration(given, &format!("{path}.tolerations[{index}]"), findings);
    }
    if let Some(resources) = &spec.resources {
        container::pod_resources(spec, resources, &format!("{path}.resources"), findings);
    }
}

fn words(word: &str, field: &str, possible: &[&str], findings: &mut Findings) {
    if word.is_empty() {
        findings.required(field, "");
    } else if !possible.contains(&word) {
        findings.unsupported(field, word, possible);
    }
}

fn security(spec: &PodSpec, path: &str, findings: &mut Findings) {
    let shares = spec.share_process_namespace == Some(true);
    if spec.host_network {
        for (index, container) in spec.containers.iter().enumerate() {
            for (at, port) in container.ports.iter().enumerate() {
                if port.host_port != 0 && port.host_port != port.container_port {
                    findings.invalid(
                        &format!("{path}.containers[{index}].ports[{at}].hostPort"),
                        &port.host_port.to_string(),
                        "must match `containerPort` when `hostNetwork` is true",
                    );
                }
            }
        }
    }
    if shares && spec.host_pid {
        findings.invalid(
            &format!("{path}.securityContext.shareProcessNamespace"),
            "true",
            "ShareProcessNamespace and HostPID cannot both be enabled",
        );
    }
    if spec.host_users == Some(false) {
        for (name, set) in [
            ("hostNetwork", spec.host_network),
            ("HostPID", spec.host_pid),
            ("HostIPC", spec.host_ipc),
        ] {
            if set {
                findings.forbidden(&format!("{path}.{name}"), "when `hostUsers` is false");
            }
        }
    }
    if let Some(context) = &spec.security_context {
        let field = format!("{path}.securityContext");
        let groups = context.supplemental_groups.iter().enumerate();
        for (index, group) in groups {
            id(Some(*group), &format!("{field}.supplementalGroups[{index}]"), findings);
        }
        id(context.fs_group, &format!("{field}.fsGroup"), findings);
        id(context.run_as_user, &format!("{field}.runAsUser"), findings);
        id(context.run_as_group, &format!("{field}.runAsGroup"), findings);
        let (seccomp, app_armor) = (&context.seccomp_profile, &context.app_armor_profile);
        profiles(seccomp.as_ref(), app_armor.as_ref(), &field, findings);
    }
}

fn dns_config(spec: &PodSpec, path: &str, findings: &mut Findings) {
    let field = format!("{path}.dnsConfig");
    let servers = spec.dns_config.as_ref().map_or(0, |config| config.nameservers.len());
    if spec.dns_policy == "None" {
        let rule = "must provide at least one DNS nameserver when `dnsPolicy` is None";
        if spec.dns_config.is_none() {
            findings.required(&field, "must provide `dnsConfig` when `dnsPolicy` is None");
        } else if servers == 0 {
            findings.required(&format!("{field}.nameservers"), rule);
        }
    }
    let Some(config) = &spec.dns_config else { return };
    for (name, list, limit, what) in [
        ("nameservers", &config.nameservers, 3, "nameservers"),
        ("searches", &config.searches, 32, "search paths"),
    ] {
        if list.len() > limit {
            let value: Vec<String> = list.iter().map(|item| quoted(item)).collect();
            let rule = format!("must not have more than {limit} {what}");
            findings.invalid(&format!("{field}.{name}"), &format!("[{}]", value.join(",")), &rule);
        }
    }
    for (index, option) in config.options.iter().enumerate() {
        if option.name.is_empty() {
            findings.required(&format!("{field}.options[{index}]"), "must not be empty");
        }
    }
}

fn names(spec: &PodSpec, path: &str, findings: &mut Findings) {
    for (name, value) in
        [("serviceAccountName", &spec.service_account_name), ("nodeName", &spec.node_name)]
    {
        if !value.is_empty() {
            for fault in dns_subdomain(value) {
                findings.invalid_text(&format!("{path}.{name}"), value, &fault);
            }
        }
    }
    if let Some(seconds) = spec.active_deadline_seconds
        && !(1..=i64::from(i32::MAX)).contains(&seconds)
    {
        findings.invalid(
            &format!("{path}.activeDeadlineSeconds"),
            &seconds.to_string(),
            "must be between 1 and 2147483647, inclusive",
        );
    }
    for (name, value) in [("hostname", &spec.hostname), ("subdomain", &spec.subdomain)] {
        if !value.is_empty() {
            for fault in dns_label(value) {
                findings.invalid_text(&format!("{path}.{name}"), value, &fault);
            }
        }
    }
    for (name, value) in [
        ("priorityClassName", Some(&spec.priority_class_name)),
        ("runtimeClassName", spec.runtime_class_name.as_ref()),
    ] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            for fault in dns_subdomain(value) {
                findings.invalid_text(&format!("{path}.{name}"), value, &fault);
            }
        }
    }
}

/// What is accepted with a warning.
fn warnings(spec: &PodSpec, path: &str, findings: &mut Findings) {
    for key in spec.node_selector.keys() {
        let instead = match key.as_str() {
            "beta.kubernetes.io/arch" => "kubernetes.io/arch",
            "beta.kubernetes.io/os" => "kubernetes.io/os",
            "failure-domain.beta.kubernetes.io/region" => "topology.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone" => "topology.kubernetes.io/zone",
            _ => continue,
        };
        let since = if key.starts_with("beta") { "v1.14" } else { "v1.17" };
        findings.warn(
            &format!("{path}.nodeSelector[{key}]"),
            format!("deprecated since {since}; use {} instead", quoted(instead)),
        );
    }
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        if spread.label_selector.is_none() {
            let field = format!("{path}.topologySpreadConstraints[{index}].labelSelector");
            findings.warn(&field, "a null labelSelector results in matching no pod");
        }
    }
    let mut seen = Set::new();
    for (index, alias) in spec.host_aliases.iter().enumerate() {
        if !seen.insert(&alias.ip) {
            let field = format!("{path}.hostAliases[{index}].ip");
            findings.warn(&field, format!("duplicate ip {}", quoted(&alias.ip)));
        }
    }
    let mut seen = Set::new();
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        if !seen.insert(&secret.name) {
            let field = format!("{path}.imagePullSecrets[{index}].name");
            findings.warn(&field, format!("duplicate name {}", quoted(&secret.name)));
        }
    }
    for (index, secret) in spec.image_pull_secrets.iter().enumerate() {
        if secret.name.is_empty() {
            let field = format!("{path}.imagePullSecrets[{index}].name");
            findings.warn(&field, "invalid empty name \"\"");
        }
    }
    container::warnings(spec, path, findings);
}
