//! Where a Pod may go: affinity, tolerations, spread, gates.
//!
//! Models pkg/apis/core/validation/validation.go validateAffinity, ValidateTolerations and
//! validateTopologySpreadConstraints. Does not own: what the scheduler makes of them.

use crate::manifest::meta::LabelSelectorRequirement;
use crate::manifest::pod::{
    Affinity, NodeSelectorTerm, PodAffinity, PodAffinityTerm, PodSpec, Toleration,
};
use crate::manifest::validate::Findings;
use crate::manifest::validate::meta::{dns_label, dns_subdomain, label_value, qualified_name};
use crate::map::Set;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Checks a Pod's affinity.
pub fn affinity(affinity: &Affinity, field: &str, findings: &mut Findings) {
    if let Some(node) = &affinity.node_affinity {
        let field = format!("{field}.nodeAffinity");
        if let Some(required) = &node.required {
            let field = format!("{field}.{REQUIRED}.nodeSelectorTerms");
            if required.node_selector_terms.is_empty() {
                findings.required(&field, "must have at least one node selector term");
            }
            for (index, term) in required.node_selector_terms.iter().enumerate() {
                node_term(term, true, &format!("{field}[{index}]"), findings);
            }
        }
        for (index, term) in node.preferred.iter().enumerate() {
            let field = format!("{field}.{PREFERRED}[{index}]");
            weight(term.weight, &field, findings);
            node_term(&term.preference, false, &format!("{field}.preference"), findings);
        }
    }
    let pods: [(&str, Option<&PodAffinity>); 2] = [
        ("podAffinity", affinity.pod_affinity.as_ref()),
        ("podAntiAffinity", affinity.pod_anti_affinity.as_ref()),
    ];
    for (name, pods) in pods {
        for (index, term) in pods.iter().flat_map(|pods| &pods.required).enumerate() {
            pod_term(term, &format!("{field}.{name}.{REQUIRED}[{index}]"), findings);
        }
        for (index, term) in pods.iter().flat_map(|pods| &pods.preferred).enumerate() {
            let field = format!("{field}.{name}.{PREFERRED}[{index}]");
            weight(term.weight, &field, findings);
            pod_term(&term.pod_affinity_term, &format!("{field}.podAffinityTerm"), findings);
        }
    }
}

fn weight(weight: i32, field: &str, findings: &mut Findings) {
    if !(1..=100).contains(&weight) {
        let rule = "must be in the range 1-100";
        findings.invalid(&format!("{field}.weight"), &weight.to_string(), rule);
    }
}

fn pod_term(term: &PodAffinityTerm, field: &str, findings: &mut Findings) {
    for (name, selector) in
        [("labelSelector", &term.label_selector), ("namespaceSelector", &term.namespace_selector)]
    {
        if let Some(selector) = selector {
            super::meta::selector(selector, &format!("{field}.{name}"), findings);
        }
    }
    for namespace in &term.namespaces {
        for fault in dns_label(namespace) {
            findings.invalid_text(&format!("{field}.namespace"), namespace, &fault);
        }
    }
    topology_key(&term.topology_key, field, findings);
}

fn topology_key(key: &str, field: &str, findings: &mut Findings) {
    let field = format!("{field}.topologyKey");
    if key.is_empty() {
        findings.required(&field, "can not be empty");
    }
    for fault in qualified_name(key) {
        findings.invalid_text(&field, key, &fault);
    }
}

/// `strict`: the values must be possible values of labels, as those of preferences need not.
fn node_term(term: &NodeSelectorTerm, strict: bool, field: &str, findings: &mut Findings) {
    for (at, requirement) in term.match_expressions.iter().enumerate() {
        let field = format!("{field}.matchExpressions[{at}]");
        node_requirement(requirement, strict, &field, findings);
    }
    for (at, requirement) in term.match_fields.iter().enumerate() {
        let field = format!("{field}.matchFields[{at}]");
        match requirement.operator.as_str() {
            "In" | "NotIn" => {
                if requirement.values.len() != 1 {
                    let rule = "must be only one value when `operator` is 'In' or 'NotIn' for \
                                node field selector";
                    findings.required(&format!("{field}.values"), rule);
                }
            }
            other => {
                let rule = "not a valid selector operator";
                findings.invalid_text(&format!("{field}.operator"), other, rule);
            }
        }
        if requirement.key != "metadata.name" {
            let rule = "not a valid field selector key";
            findings.invalid_text(&format!("{field}.key"), &requirement.key, rule);
            continue;
        }
        for (index, value) in requirement.values.iter().enumerate() {
            for fault in dns_subdomain(value) {
                findings.invalid_text(&format!("{field}.values[{index}]"), value, &fault);
            }
        }
    }
}

fn node_requirement(
    requirement: &LabelSelectorRequirement,
    strict: bool,
    field: &str,
    findings: &mut Findings,
) {
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
    for (index, value) in requirement.values.iter().enumerate().filter(|_| strict) {
        for fault in label_value(value) {
            findings.invalid_text(&format!("{values}[{index}]"), value, &fault);
        }
    }
}

/// Checks spread and gates.
pub fn scheduling(spec: &PodSpec, path: &str, findings: &mut Findings) {
    let mut names = Set::new();
    for (index, gate) in spec.scheduling_gates.iter().enumerate() {
        let field = format!("{path}.schedulingGates[{index}]");
        for fault in qualified_name(&gate.name) {
            findings.invalid_text(&field, &gate.name, &fault);
        }
        if !names.insert(&gate.name) {
            findings.duplicate(&field, &gate.name);
        }
    }
    let mut seen = Set::new();
    for (index, spread) in spec.topology_spread_constraints.iter().enumerate() {
        let field = format!("{path}.topologySpreadConstraints[{index}]");
        if spread.max_skew <= 0 {
            let skew = spread.max_skew.to_string();
            findings.invalid(&format!("{field}.maxSkew"), &skew, "must be greater than zero");
        }
        if spread.topology_key.is_empty() {
            findings.required(&format!("{field}.topologyKey"), "can not be empty");
        }
        let when = spread.when_unsatisfiable.as_str();
        let possible = ["DoNotSchedule", "ScheduleAnyway"];
        if !possible.contains(&when) {
            let field = format!("{field}.whenUnsatisfiable");
            findings.unsupported(&field, when, &possible);
        }
        let pair = format!("{{{}, {when}}}", spread.topology_key);
        if !seen.insert(pair.clone()) {
            findings.duplicate(&field, &pair);
        }
        if let Some(least) = spread.min_domains {
            let field = format!("{field}.minDomains");
            if least <= 0 {
                findings.invalid(&field, &least.to_string(), "must be greater than 0");
            }
            if when != "DoNotSchedule" {
                let rule = format!(
                    "can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {when}"
                );
                findings.invalid(&field, &least.to_string(), &rule);
            }
        }
        let selector = spread.label_selector.as_ref();
        for (at, key) in spread.match_label_keys.iter().enumerate() {
            let field = format!("{field}.matchLabelKeys[{at}]");
            for fault in qualified_name(key) {
                findings.invalid_text(&field, key, &fault);
            }
            if selector.is_some_and(|selector| selector.match_labels.contains_key(key)) {
                let rule = "exists in both matchLabelKeys and labelSelector";
                findings.invalid_text(&field, key, rule);
            }
        }
        if let Some(selector) = selector {
            super::meta::selector(selector, &format!("{field}.labelSelector"), findings);
        }
    }
}

/// Checks a toleration.
pub fn toleration(toleration: &Toleration, field: &str, findings: &mut Findings) {
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
            let faults = label_value(&toleration.value);
            if !faults.is_empty() {
                findings.invalid_text(&operator, &toleration.value, &faults.join(";"));
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
