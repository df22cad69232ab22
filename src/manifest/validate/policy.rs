//! What is wrong with budgets, priorities, limits, quotas, claims and classes.
//!
//! Models pkg/apis/policy/validation, pkg/apis/scheduling/validation and the parts of
//! pkg/apis/core/validation and pkg/apis/storage/validation on these kinds. Does not own: names
//! and labels (`meta.rs`).

use std::cmp::Ordering;

use crate::manifest::encode::Encode;
use crate::manifest::internal;
use crate::manifest::node::Node;
use crate::manifest::policy::{
    LimitRange, LimitRangeItem, PodDisruptionBudget, PriorityClass, ResourceList, ResourceQuota,
    ResourceQuotaSpec, ScopeRequirement,
};
use crate::manifest::quantity::{IntOrString, Quantity};
use crate::manifest::storage::{PersistentVolume, PersistentVolumeClaim, StorageClass};
use crate::manifest::validate::container::resource_name;
use crate::manifest::validate::meta::{NameRule, object_meta, qualified_name, selector};
use crate::manifest::validate::{Findings, quoted};
use crate::map::Set;

/// The highest priority that is not the system's own (scheduling.HighestUserDefinablePriority).
const PRIORITY_MAX: i32 = 1_000_000_000;

/// Checks a PodDisruptionBudget.
pub fn budget(budget: &PodDisruptionBudget, findings: &mut Findings) {
    object_meta(&budget.metadata, NameRule::Subdomain, findings);
    let spec = &budget.spec;
    if spec.min_available.is_some() && spec.max_unavailable.is_some() {
        let value = internal::compact("PDB", &spec.encode());
        let rule = "minAvailable and maxUnavailable cannot be both set";
        findings.invalid("spec", &value, rule);
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
        let known = ["PreemptLowerPriority", "Never"];
        findings.unsupported("preemptionPolicy", &class.preemption_policy, &known);
    }
}

/// Checks a LimitRange.
pub fn limit_range(range: &LimitRange, findings: &mut Findings) {
    object_meta(&range.metadata, NameRule::Subdomain, findings);
    let mut kinds = Set::new();
    for (index, item) in range.spec.limits.iter().enumerate() {
        let path = format!("spec.limits[{index}]");
        let field = format!("{path}.type");
        let faults = qualified_name(&item.kind);
        for fault in &faults {
            findings.invalid_text(&field, &item.kind, fault);
        }
        let standard = ["Pod", "Container", "PersistentVolumeClaim"];
        if faults.is_empty() && !item.kind.contains('/') && !standard.contains(&item.kind.as_str())
        {
            let rule = "must be a standard limit type or fully qualified";
            findings.invalid_text(&field, &item.kind, rule);
        }
        if !kinds.insert(&item.kind) {
            findings.duplicate(&field, &item.kind);
        }
        limit_range_item(item, &path, findings);
    }
}

fn limit_range_item(item: &LimitRangeItem, path: &str, findings: &mut Findings) {
    let of_pods = matches!(item.kind.as_str(), "Pod" | "Container");
    for (list, names) in [
        ("max", &item.max),
        ("min", &item.min),
        ("default", &item.default),
        ("defaultRequest", &item.default_request),
        ("maxLimitRequestRatio", &item.max_limit_request_ratio),
    ] {
        if item.kind == "Pod" && list.starts_with("default") && !names.is_empty() {
            let rule = "may not be specified when `type` is 'Pod'";
            findings.forbidden(&format!("{path}.{list}"), rule);
            continue;
        }
        for name in names.keys() {
            let field = format!("{path}.{list}[{name}]");
            if of_pods {
                resource_name(name, &field, findings);
            } else {
                for fault in qualified_name(name) {
                    findings.invalid_text(&field, name, &fault);
                }
            }
        }
    }
    if item.kind == "PersistentVolumeClaim"
        && !item.min.contains_key("storage")
        && !item.max.contains_key("storage")
    {
        let rule = "either minimum or maximum storage value is required, but neither was provided";
        findings.required(&format!("{path}.limits"), rule);
    }
    ratios(item, path, findings);
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

fn ratios(item: &LimitRangeItem, path: &str, findings: &mut Findings) {
    for (name, ratio) in &item.max_limit_request_ratio {
        let field = format!("{path}.maxLimitRequestRatio[{name}]");
        if ratio.milli_value() < 1_000 {
            let rule = format!("ratio {} is less than 1", ratio.text());
            findings.invalid_text(&field, ratio.text(), &rule);
        }
        let (Some(min), Some(max)) = (item.min.get(name), item.max.get(name)) else { continue };
        let (low, high) = (i128::from(min.milli_value()), i128::from(max.milli_value()));
        if low > 0 && i128::from(ratio.milli_value()) * low > high * 1_000 {
            // Go's %f: six digits.
            let micro = high * 1_000_000 / low;
            let rule = format!(
                "ratio {} is greater than max/min = {}.{:06}",
                ratio.text(),
                micro / 1_000_000,
                micro % 1_000_000
            );
            findings.invalid_text(&field, ratio.text(), &rule);
        }
    }
}

/// Resources of which only whole ones can be counted, beside all that name a group
/// (helper.IsIntegerResourceName), and those that a quota may bound.
const COUNTED: &str = "pods services replicationcontrollers resourcequotas secrets configmaps \
    persistentvolumeclaims services.nodeports services.loadbalancers";
const MEASURED: &str = "cpu memory ephemeral-storage requests.cpu requests.memory \
    requests.storage requests.ephemeral-storage limits.cpu limits.memory \
    limits.ephemeral-storage";

fn quota_resource(name: &str, field: &str, findings: &mut Findings) {
    let faults = qualified_name(name);
    for fault in &faults {
        findings.invalid_text(field, name, fault);
    }
    if !faults.is_empty() || name.contains('/') {
        return;
    }
    let quota = COUNTED.split(' ').chain(MEASURED.split(' ')).any(|known| known == name)
        || name.starts_with("hugepages-")
        || name.starts_with("requests.hugepages-");
    if !quota && !["storage"].contains(&name) {
        let rule = "must be a standard resource type or fully qualified";
        findings.invalid_text(field, name, rule);
    }
    if !quota {
        findings.invalid_text(field, name, "must be a standard resource for quota");
    }
}

/// Checks a ResourceQuota.
pub fn quota(quota: &ResourceQuota, findings: &mut Findings) {
    object_meta(&quota.metadata, NameRule::Subdomain, findings);
    for (name, amount) in &quota.spec.hard {
        let field = format!("spec.hard[{name}]");
        quota_resource(name, &field, findings);
        let counted = COUNTED.split(' ').any(|known| known == name.as_str())
            || name.contains('/') && !name.starts_with("requests.");
        if counted && amount.nanos() % 1_000_000_000 != 0 {
            findings.invalid_text(&field, amount.text(), "must be an integer");
        }
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
    access_modes(&claim.spec.access_modes, findings);
    match claim.spec.resources.requests.get("storage") {
        None => findings.required("spec.resources[storage]", ""),
        Some(amount) => not_positive(amount, "spec.resources[storage]", findings),
    }
}

fn access_modes(modes: &[String], findings: &mut Findings) {
    let alone = modes.iter().any(|mode| mode == "ReadWriteOncePod");
    let others = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce"];
    if alone && modes.iter().any(|mode| others.contains(&mode.as_str())) {
        let rule = "may not use ReadWriteOncePod with other access modes";
        findings.forbidden("spec.accessModes", rule);
    }
}

fn not_positive(amount: &Quantity, field: &str, findings: &mut Findings) {
    if amount.nanos() <= 0 {
        findings.invalid_text(field, amount.text(), "must be greater than zero");
    }
}

/// Checks a PersistentVolume.
pub fn volume(volume: &PersistentVolume, root: &Node, findings: &mut Findings) {
    object_meta(&volume.metadata, NameRule::Subdomain, findings);
    access_modes(&volume.spec.access_modes, findings);
    let capacity = &volume.spec.capacity;
    if !capacity.contains_key("storage") || capacity.len() > 1 {
        let value = internal::json(&capacity.encode());
        findings.unsupported_value("spec.capacity", &value, &["storage"]);
    }
    for (name, amount) in capacity {
        not_positive(amount, &format!("spec.capacity[{name}]"), findings);
    }
    const OTHER: [&str; 8] = [
        "accessModes",
        "capacity",
        "claimRef",
        "mountOptions",
        "nodeAffinity",
        "persistentVolumeReclaimPolicy",
        "storageClassName",
        "volumeMode",
    ];
    let given: Vec<&str> = root
        .get("spec")
        .map(Node::entries)
        .unwrap_or_default()
        .iter()
        .map(|(key, _)| key.name.as_str())
        .filter(|name| !OTHER.contains(name) && *name != "volumeAttributesClassName")
        .collect();
    if given.is_empty() {
        findings.required("spec", "must specify a volume type");
    }
    for name in given.iter().skip(1) {
        let rule = "may not specify more than 1 volume type";
        findings.forbidden(&format!("spec.{name}"), rule);
    }
    if given.contains(&"local") && root.at("spec.nodeAffinity.required").is_none() {
        findings.required("spec.nodeAffinity", "Local volume requires node affinity");
    }
}

/// Checks a StorageClass.
pub fn storage_class(class: &StorageClass, findings: &mut Findings) {
    object_meta(&class.metadata, NameRule::Subdomain, findings);
    if class.provisioner.is_empty() {
        findings.required("provisioner", "");
    }
}
