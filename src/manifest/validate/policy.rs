//! What is wrong with budgets, priorities, limits, quotas, claims and classes.
//!
//! Models pkg/apis/policy/validation, pkg/apis/scheduling/validation and the parts of
//! pkg/apis/core/validation and pkg/apis/storage/validation on these kinds. Does not own: names
//! and labels (`meta.rs`).

use std::cmp::Ordering;

use crate::manifest::policy::{
    LimitRange, LimitRangeItem, PodDisruptionBudget, PriorityClass, ResourceList, ResourceQuota,
    ResourceQuotaSpec, ScopeRequirement,
};
use crate::manifest::quantity::IntOrString;
use crate::manifest::storage::{PersistentVolumeClaim, StorageClass};
use crate::manifest::validate::meta::{NameRule, object_meta, selector};
use crate::manifest::validate::{Findings, quoted};

/// The highest priority that is not the system's own (scheduling.HighestUserDefinablePriority).
const PRIORITY_MAX: i32 = 1_000_000_000;

/// Checks a PodDisruptionBudget.
pub fn budget(budget: &PodDisruptionBudget, findings: &mut Findings) {
    object_meta(&budget.metadata, NameRule::Subdomain, findings);
    let spec = &budget.spec;
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        findings.invalid_plain("spec", "minAvailable and maxUnavailable cannot be both set");
    }
    for (name, value) in
        [("spec.minAvailable", &spec.min_available), ("spec.maxUnavailable", &spec.max_unavailable)]
    {
        let Some(value) = value else { continue };
        match value {
            IntOrString::Int(number) if *number < 0 => {
                let detail = "must be greater than or equal to 0";
                findings.invalid(name, &number.to_string(), detail);
            }
            IntOrString::Int(_) => {}
            IntOrString::String(text) => {
                let percent = text.strip_suffix('%').and_then(|rest| rest.parse::<u32>().ok());
                match percent {
                    Some(percent) if percent > 100 => {
                        findings.invalid_text(name, text, "must not be greater than 100%");
                    }
                    Some(_) => {}
                    None => findings.invalid_text(
                        name,
                        text,
                        "a valid percent string must be a numeric string followed by an ending \
                         '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
                    ),
                }
            }
        }
    }
    if let Some(wanted) = &spec.selector {
        selector(wanted, "spec.selector", findings);
    }
    if let Some(policy) = &spec.unhealthy_pod_eviction_policy
        && !matches!(policy.as_str(), "IfHealthyBudget" | "AlwaysAllow")
    {
        let field = "spec.unhealthyPodEvictionPolicy";
        findings.unsupported(field, policy, &["AlwaysAllow", "IfHealthyBudget"]);
    }
}

/// Checks a PriorityClass.
pub fn priority_class(class: &PriorityClass, findings: &mut Findings) {
    object_meta(&class.metadata, NameRule::Subdomain, findings);
    if class.metadata.name.starts_with("system-") {
        let detail = "priority class names with 'system-' prefix are reserved for system use only";
        findings.forbidden("metadata.name", detail);
    } else if class.value > PRIORITY_MAX {
        let detail = format!("maximum allowed value of a user defined priority is {PRIORITY_MAX}");
        findings.forbidden("value", &detail);
    }
    if !matches!(class.preemption_policy.as_str(), "Never" | "PreemptLowerPriority") {
        let known = ["Never", "PreemptLowerPriority"];
        findings.unsupported("preemptionPolicy", &class.preemption_policy, &known);
    }
}

/// Checks a LimitRange.
pub fn limit_range(range: &LimitRange, findings: &mut Findings) {
    object_meta(&range.metadata, NameRule::Subdomain, findings);
    for (index, item) in range.spec.limits.iter().enumerate() {
        limit_range_item(item, &format!("spec.limits[{index}]"), findings);
    }
}

fn limit_range_item(item: &LimitRangeItem, path: &str, findings: &mut Findings) {
    if item.kind.is_empty() {
        findings.required(&format!("{path}.type"), "");
    }
    let lists: [(&str, &str, &ResourceList); 4] = [
        ("min", "min", &item.min),
        ("defaultRequest", "default request", &item.default_request),
        ("default", "default", &item.default),
        ("max", "max", &item.max),
    ];
    // Which list must not be above which, and the list that is blamed.
    let pairs = [(0, 3, 0), (0, 1, 1), (1, 3, 1), (1, 2, 1), (0, 2, 2), (2, 3, 2)];
    for (low, high, blamed) in pairs {
        for (name, small) in lists[low].2 {
            let Some(large) = lists[high].2.get(name) else { continue };
            if small.compare(large) != Ordering::Greater {
                continue;
            }
            let Some(value) = lists[blamed].2.get(name) else { continue };
            let second = if (low, high) == (1, 2) { "default limit" } else { lists[high].1 };
            let detail = format!(
                "{} value {} is greater than {second} value {}",
                lists[low].1,
                small.text(),
                large.text()
            );
            findings.invalid_text(
                &format!("{path}.{}[{name}]", lists[blamed].0),
                value.text(),
                &detail,
            );
        }
    }
}

/// Checks a ResourceQuota.
pub fn quota(quota: &ResourceQuota, findings: &mut Findings) {
    object_meta(&quota.metadata, NameRule::Subdomain, findings);
    for (name, amount) in &quota.spec.hard {
        if amount.nanos() < 0 {
            let detail = "must be greater than or equal to 0";
            findings.invalid_text(&format!("spec.hard[{name}]"), amount.text(), detail);
        }
    }
    scopes(&quota.spec, findings);
}

/// Models validateResourceQuotaScopes and validateScopedResourceSelectorRequirement.
fn scopes(spec: &ResourceQuotaSpec, findings: &mut Findings) {
    const KNOWN: [&str; 7] = [
        "Terminating",
        "NotTerminating",
        "BestEffort",
        "NotBestEffort",
        "PriorityClass",
        "CrossNamespacePodAffinity",
        "VolumeAttributesClass",
    ];
    let given: Vec<&ScopeRequirement> =
        spec.scope_selector.iter().flat_map(|own| &own.match_expressions).collect();
    let plain: Vec<&str> = spec.scopes.iter().map(String::as_str).collect();
    let selected: Vec<&str> = given.iter().map(|scope| scope.scope_name.as_str()).collect();
    for (field, names) in
        [("spec.scopes", plain), ("spec.scopeSelector.matchExpressions", selected)]
    {
        let list = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            format!("[{}]", names.join(","))
        };
        for name in &names {
            if !KNOWN.contains(name) {
                findings.invalid(field, &list(&names), "unsupported scope");
                continue;
            }
            let fits = |resource: &str| match *name {
                "BestEffort" => resource == "pods",
                "VolumeAttributesClass" => {
                    resource == "persistentvolumeclaims" || resource == "requests.storage"
                }
                _ => {
                    let bare = resource.rsplit('.').next().unwrap_or_default();
                    matches!(bare, "pods" | "cpu" | "memory" | "ephemeral-storage")
                }
            };
            // Only the API's own names are judged; a count of other objects is not.
            if spec.hard.keys().any(|hard| !hard.contains('/') && !fits(hard)) {
                findings.invalid(field, &list(&names), "unsupported scope applied to resource");
            }
        }
        for (one, other) in [("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating")] {
            if names.contains(&one) && names.contains(&other) {
                findings.invalid(field, &list(&names), "conflicting scopes");
            }
        }
    }
    for scope in given {
        let field = "spec.scopeSelector.matchExpressions";
        let plain = !matches!(scope.scope_name.as_str(), "PriorityClass" | "VolumeAttributesClass");
        if plain && scope.operator != "Exists" {
            let detail = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, \
                          ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, \
                          ResourceQuotaScopeNotBestEffort or \
                          ResourceQuotaScopeCrossNamespacePodAffinity";
            findings.invalid_text(&format!("{field}.operator"), &scope.operator, detail);
        }
        match scope.operator.as_str() {
            "In" | "NotIn" if scope.values.is_empty() => {
                let detail = "must be at least one value when `operator` is 'In' or 'NotIn' for \
                              scope selector";
                findings.required(&format!("{field}.values"), detail);
            }
            "Exists" | "DoesNotExist" if !scope.values.is_empty() => {
                let list: Vec<String> = scope.values.iter().map(|value| quoted(value)).collect();
                let detail = "must be no value when `operator` is 'Exists' or 'DoesNotExist' for \
                              scope selector";
                findings.invalid(
                    &format!("{field}.values"),
                    &format!("[{}]", list.join(",")),
                    detail,
                );
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            other => {
                let detail = "not a valid selector operator";
                findings.invalid_text(&format!("{field}.operator"), other, detail);
            }
        }
    }
}

/// Checks a PersistentVolumeClaim.
pub fn claim(claim: &PersistentVolumeClaim, findings: &mut Findings) {
    object_meta(&claim.metadata, NameRule::Subdomain, findings);
    if claim.spec.access_modes.is_empty() {
        findings.required("spec.accessModes", "at least 1 access mode is required");
    }
    if !claim.spec.resources.requests.contains_key("storage") {
        findings.required("spec.resources[storage]", "");
    }
}

/// Checks a StorageClass.
pub fn storage_class(class: &StorageClass, findings: &mut Findings) {
    object_meta(&class.metadata, NameRule::Subdomain, findings);
    if class.provisioner.is_empty() {
        findings.required("provisioner", "");
    }
}
