//! `kubectl get` of budgets, priorities, limits, quotas, claims, volumes and classes.
//!
//! Models pkg/printers/internalversion/printers.go. Does not own: the table (`table.rs`).

use crate::manifest::Object;
use crate::manifest::meta::ObjectMeta;
use crate::manifest::policy::ResourceQuota;
use crate::manifest::quantity::{IntOrString, Quantity};
use crate::map::Map;
use crate::time::Instant;
use crate::view::kubectl::pod_row::age;

/// The columns of a kind, and how many of them are shown without `-o wide`.
pub fn headers(kind: &str) -> (&'static [&'static str], usize) {
    match kind {
        "PodDisruptionBudget" => {
            (&["NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"], 5)
        }
        "PriorityClass" => (&["NAME", "VALUE", "GLOBAL-DEFAULT", "AGE", "PREEMPTIONPOLICY"], 5),
        "LimitRange" => (&["NAME", "CREATED AT"], 2),
        "ResourceQuota" => (&["NAME", "REQUEST", "LIMIT", "AGE"], 4),
        "PersistentVolumeClaim" => (
            &[
                "NAME",
                "STATUS",
                "VOLUME",
                "CAPACITY",
                "ACCESS MODES",
                "STORAGECLASS",
                "VOLUMEATTRIBUTESCLASS",
                "AGE",
                "VOLUMEMODE",
            ],
            8,
        ),
        "PersistentVolume" => (
            &[
                "NAME",
                "CAPACITY",
                "ACCESS MODES",
                "RECLAIM POLICY",
                "STATUS",
                "CLAIM",
                "STORAGECLASS",
                "VOLUMEATTRIBUTESCLASS",
                "REASON",
                "AGE",
                "VOLUMEMODE",
            ],
            10,
        ),
        "StorageClass" => (
            &[
                "NAME",
                "PROVISIONER",
                "RECLAIMPOLICY",
                "VOLUMEBINDINGMODE",
                "ALLOWVOLUMEEXPANSION",
                "AGE",
            ],
            6,
        ),
        _ => (&["NAME", "AGE"], 2),
    }
}

/// The cells of an object.
pub fn cells(object: &Object, now: Instant) -> Vec<String> {
    let metadata = object.metadata();
    let mut cells = vec![metadata.name.clone()];
    let age = age(now, metadata.creation_timestamp);
    let bound = |value: &Option<IntOrString>| match value {
        Some(value) => value.to_string(),
        None => "N/A".to_owned(),
    };
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "<unset>".to_owned());
    let storage =
        |list: &Map<String, Quantity>| list.get("storage").map_or("", Quantity::text).into();
    match object {
        Object::PodDisruptionBudget(budget) => cells.extend([
            bound(&budget.spec.min_available),
            bound(&budget.spec.max_unavailable),
            budget.status.disruptions_allowed.to_string(),
            age,
        ]),
        Object::PriorityClass(class) => cells.extend([
            class.value.to_string(),
            class.global_default.to_string(),
            age,
            class.preemption_policy.clone(),
        ]),
        Object::LimitRange(_) => {
            cells.push(metadata.creation_timestamp.unwrap_or_default().rfc3339());
        }
        Object::ResourceQuota(quota) => {
            let (requests, limits) = quota_cells(quota);
            cells.extend([requests, limits, age]);
        }
        Object::PersistentVolumeClaim(claim) => {
            let is_bound = !claim.spec.volume_name.is_empty();
            let (capacity, modes) = if is_bound {
                (storage(&claim.status.capacity), access_modes(&claim.status.access_modes))
            } else {
                (String::new(), String::new())
            };
            cells.extend([
                phase(&claim.metadata, &claim.status.phase),
                claim.spec.volume_name.clone(),
                capacity,
                modes,
                claim.spec.storage_class_name.clone().unwrap_or_default(),
                "<unset>".to_owned(),
                age,
                mode(&claim.spec.volume_mode),
            ]);
        }
        Object::PersistentVolume(volume) => {
            let spec = &volume.spec;
            let claim = spec.claim_ref.as_ref();
            cells.extend([
                storage(&spec.capacity),
                access_modes(&spec.access_modes),
                spec.reclaim_policy.clone(),
                phase(&volume.metadata, &volume.status.phase),
                claim.map(|c| format!("{}/{}", c.namespace, c.name)).unwrap_or_default(),
                spec.storage_class_name.clone(),
                "<unset>".to_owned(),
                volume.status.reason.clone(),
                age,
                mode(&spec.volume_mode),
            ]);
        }
        Object::StorageClass(class) => {
            if class.is_default() {
                cells[0].push_str(" (default)");
            }
            let or = |value: &Option<String>, default: &str| {
                value.clone().unwrap_or_else(|| default.to_owned())
            };
            cells.extend([
                class.provisioner.clone(),
                or(&class.reclaim_policy, "Delete"),
                or(&class.volume_binding_mode, "Immediate"),
                class.allow_volume_expansion.unwrap_or(false).to_string(),
                age,
            ]);
        }
        _ => cells.push(age),
    }
    cells
}

/// What is being deleted says so.
fn phase(metadata: &ObjectMeta, phase: &str) -> String {
    if metadata.deletion_timestamp.is_some() { "Terminating" } else { phase }.to_owned()
}

/// `RWO,ROX`, in the order of the API.
///
/// Models pkg/apis/core/helper GetAccessModesAsString.
pub(super) fn access_modes(modes: &[String]) -> String {
    [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ]
    .iter()
    .filter(|(name, _)| modes.iter().any(|mode| mode == name))
    .map(|(_, short)| *short)
    .collect::<Vec<_>>()
    .join(",")
}

/// `requests.cpu: 1/2, …`: what is used of what, limits apart.
fn quota_cells(quota: &ResourceQuota) -> (String, String) {
    let (mut requests, mut limits) = (Vec::new(), Vec::new());
    for (name, hard) in &quota.status.hard {
        let used = quota.status.used.get(name).map_or("0", Quantity::text);
        let cell = format!("{name}: {used}/{}", hard.text());
        if name.starts_with("limits") {
            limits.push(cell);
        } else {
            requests.push(cell);
        }
    }
    (requests.join(", "), limits.join(", "))
}
