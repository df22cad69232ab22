//! What the API server refuses or warns about in Pods and in templates of Pods.
//!
//! Owns: the Pod as a whole. Does not own: its containers (`container.rs`), volumes (`volume.rs`)
//! or probes (`probe.rs`).
//!
//! Models pkg/apis/core/validation/validation.go ValidatePodSpec and pkg/api/pod/warnings.go.

use crate::manifest::meta::LabelSelectorRequirement;
use crate::manifest::pod::{Affinity, Pod, PodAffinity, PodSpec, PodTemplateSpec, Toleration};
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
        container::pod_resources(resources, &format!("{path}.resources"), findings);
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
    if servers > 3 {
        let field = format!("{field}.nameservers");
        findings.too_many(&field, servers, 3);
    }
}

fn scheduling(spec: &PodSpec, path: &str, findings: &mut Findings) {
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        let field = format!("{path}.topologySpreadConstraints[{index}]");
        if spread.max_skew <= 0 {
            let skew = spread.max_skew.to_string();
            findings.invalid(&format!("{field}.maxSkew"), &skew, "must be greater than zero");
        }
        if spread.topology_key.is_empty() {
            findings.required(&format!("{field}.topologyKey"), "can not be empty");
        }
        let possible = ["DoNotSchedule", "ScheduleAnyway"];
        if !possible.contains(&spread.when_unsatisfiable.as_str()) {
            let field = format!("{field}.whenUnsatisfiable");
            findings.unsupported(&field, &spread.when_unsatisfiable, &possible);
        }
    }
    let mut names = Set::new();
    for (index, gate) in spec.scheduling_gates.iter().enumerate() {
        let field = format!("{path}.schedulingGates[{index}]");
        if !names.insert(&gate.name) {
            findings.duplicate(&field, &gate.name);
        }
        let field = format!("{field}.name");
        for fault in qualified_name(&gate.name) {
            findings.invalid_text(&field, &gate.name, &fault);
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

fn toleration(toleration: &Toleration, field: &str, findings: &mut Findings) {
    let operator = format!("{field}.operator");
    if toleration.key.is_empty() {
        if toleration.operator != "Exists" {
            findings.invalid_text(
                &operator,
                &toleration.operator,
                "operator must be Exists when `key` is empty, which means \"match all values and \
                 all keys\"",
            );
        }
    } else {
        for fault in qualified_name(&toleration.key) {
            findings.invalid_text(&format!("{field}.key"), &toleration.key, &fault);
        }
    }
    let seconds = toleration.toleration_seconds.is_some();
    if seconds && toleration.effect != "NoExecute" {
        let rule = "effect must be 'NoExecute' when `tolerationSeconds` is set";
        findings.invalid_text(&format!("{field}.effect"), &toleration.effect, rule);
    }
    match toleration.operator.as_str() {
        "" | "Equal" => {
            for fault in super::meta::label_value(&toleration.value) {
                findings.invalid_text(&operator, &toleration.value, &fault);
            }
        }
        "Exists" => {
            if !toleration.value.is_empty() {
                let rule = "value must be empty when `operator` is 'Exists'";
                findings.invalid_text(&operator, &toleration.value, rule);
            }
        }
        // Numeric comparison is behind a gate that is off.
        other => findings.unsupported(&operator, other, &["Equal", "Exists"]),
    }
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    if !toleration.effect.is_empty() && !effects.contains(&toleration.effect.as_str()) {
        findings.unsupported(&format!("{field}.effect"), &toleration.effect, &effects);
    }
}

fn affinity(affinity: &Affinity, field: &str, findings: &mut Findings) {
    const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
    if let Some(required) = affinity.node_affinity.as_ref().and_then(|node| node.required.as_ref())
    {
        let field = format!("{field}.nodeAffinity.{REQUIRED}.nodeSelectorTerms");
        if required.node_selector_terms.is_empty() {
            findings.required(&field, "must have at least one node selector term");
        }
        for (index, term) in required.node_selector_terms.iter().enumerate() {
            for (at, requirement) in term.match_expressions.iter().enumerate() {
                let field = format!("{field}[{index}].matchExpressions[{at}]");
                node_requirement(requirement, &field, findings);
            }
        }
    }
    let pods: [(&str, Option<&PodAffinity>); 2] = [
        ("podAffinity", affinity.pod_affinity.as_ref()),
        ("podAntiAffinity", affinity.pod_anti_affinity.as_ref()),
    ];
    for (name, pods) in pods {
        for (index, term) in pods.iter().flat_map(|pods| &pods.required).enumerate() {
            let field = format!("{field}.{name}.{REQUIRED}[{index}]");
            if let Some(selector) = &term.label_selector {
                super::meta::selector(selector, &format!("{field}.labelSelector"), findings);
            }
            if term.topology_key.is_empty() {
                findings.required(&format!("{field}.topologyKey"), "can not be empty");
            }
        }
    }
}

fn node_requirement(requirement: &LabelSelectorRequirement, field: &str, findings: &mut Findings) {
    let values = format!("{field}.values");
    match requirement.operator.as_str() {
        "In" | "NotIn" => {
            if requirement.values.is_empty() {
                let rule = "must be specified when `operator` is 'In' or 'NotIn'";
                findings.required(&values, rule);
            }
        }
        "Exists" | "DoesNotExist" => {
            if !requirement.values.is_empty() {
                let rule = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                findings.forbidden(&values, rule);
            }
        }
        "Gt" | "Lt" => {
            if requirement.values.len() != 1 {
                let rule = "must be specified single value when `operator` is 'Lt' or 'Gt'";
                findings.required(&values, rule);
            }
        }
        other => {
            let rule = "not a valid selector operator";
            findings.invalid_text(&format!("{field}.operator"), other, rule);
        }
    }
    for fault in qualified_name(&requirement.key) {
        findings.invalid_text(&format!("{field}.key"), &requirement.key, &fault);
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
    container::warnings(spec, path, findings);
}
