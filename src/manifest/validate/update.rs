//! What the API server refuses when an object is applied again: fields that cannot change.
//!
//! Models ValidatePodUpdate, ValidateDeploymentUpdate, ValidateStatefulSetUpdate,
//! ValidateServiceUpdate, ValidateConfigMapUpdate, ValidateJobUpdate, ValidatePriorityClassUpdate,
//! ValidatePersistentVolumeClaimUpdate and ValidateStorageClassUpdate.

use crate::manifest::Object;
use crate::manifest::node::{Node, Value};
use crate::manifest::pod::{Container, Pod, PodSpec, Toleration};
use crate::manifest::quantity::Quantity;
use crate::manifest::validate::workload::text;
use crate::manifest::validate::{Findings, quoted};

const POD_RULE: &str = "pod updates may not change fields other than \
    `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const STATEFUL_SET_RULE: &str = "updates to statefulset spec for fields other than 'replicas', \
    'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', \
    'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const CLAIM_RULE: &str = "spec is immutable after creation except resources.requests and \
    volumeAttributesClassName for bound claims";
const REQUEST: &str = "spec.resources.requests.storage";

/// Checks an object against the one of the same name that was applied before it.
pub fn check(old: (&Object, &Node), new: (&Object, &Node), findings: &mut Findings) {
    match (old.0, new.0) {
        (Object::Pod(old), Object::Pod(new)) => pod(old, new, findings),
        (Object::Deployment(before), Object::Deployment(after))
            if before.spec.selector != after.spec.selector =>
        {
            immutable("spec.selector", new.1, findings);
        }
        (Object::ReplicaSet(before), Object::ReplicaSet(after))
            if before.spec.selector != after.spec.selector =>
        {
            immutable("spec.selector", new.1, findings);
        }
        (Object::Service(before), Object::Service(after)) => {
            let (before, after) = (&before.spec.cluster_ip, &after.spec.cluster_ip);
            // The first one was given an address, whatever it was.
            if !after.is_empty() && before != after {
                let value = format!("[{}]", quoted(after));
                findings.invalid("spec.clusterIPs[0]", &value, "may not change once set");
            }
        }
        (Object::ConfigMap(before), Object::ConfigMap(after))
            if before.immutable == Some(true) && before.data != after.data =>
        {
            findings.forbidden("data", "field is immutable when `immutable` is set");
        }
        (Object::Secret(before), Object::Secret(after)) => {
            if before.kind != after.kind {
                findings.invalid_text("type", &after.kind, "field is immutable");
            }
            if before.immutable == Some(true) && before.data != after.data {
                findings.forbidden("data", "field is immutable when `immutable` is set");
            }
        }
        (Object::StatefulSet(_), Object::StatefulSet(_)) => stateful_set(old.1, new.1, findings),
        (Object::DaemonSet(_), Object::DaemonSet(_)) if differs(old.1, new.1, "spec.selector") => {
            immutable("spec.selector", new.1, findings);
        }
        (Object::Job(_), Object::Job(after)) => {
            // ValidateJobSpecUpdate; an elastic Indexed Job may change both numbers together.
            let indexed = after.spec.completion_mode.as_deref() == Some("Indexed");
            let elastic = indexed && after.spec.completions == after.spec.parallelism;
            for field in ["completions", "selector", "template", "completionMode"] {
                let path = format!("spec.{field}");
                if differs(old.1, new.1, &path) && !(field == "completions" && elastic) {
                    immutable(&path, new.1, findings);
                }
            }
        }
        (Object::PersistentVolumeClaim(_), Object::PersistentVolumeClaim(_)) => {
            claim(old.1, new.1, findings);
        }
        (Object::PriorityClass(before), Object::PriorityClass(after)) => {
            if before.value != after.value {
                findings.forbidden("value", "may not be changed in an update.");
            }
            if differs(old.1, new.1, "preemptionPolicy") {
                immutable("preemptionPolicy", new.1, findings);
            }
        }
        (Object::StorageClass(_), Object::StorageClass(_)) => {
            // ValidateStorageClassUpdate
            for field in ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"] {
                if !differs(old.1, new.1, field) {
                } else if field == "reclaimPolicy" || field == "volumeBindingMode" {
                    immutable(field, new.1, findings);
                } else {
                    let what = format!("updates to {field} are forbidden.");
                    findings.forbidden(field, &what);
                }
            }
        }
        _ => {}
    }
}

fn immutable(field: &str, root: &Node, findings: &mut Findings) {
    findings.invalid(field, &json(root.at(field)), "field is immutable");
}

fn differs(old: &Node, new: &Node, field: &str) -> bool {
    json(old.at(field)) != json(new.at(field))
}

/// ValidatePersistentVolumeClaimUpdate: of the spec, a bound claim may only grow.
fn claim(old: &Node, new: &Node, findings: &mut Findings) {
    let size = |root: &Node| Some(Quantity::parse(text(root, REQUEST)?).ok()?.value());
    if ["accessModes", "selector", "storageClassName", "volumeMode", "dataSource"]
        .iter()
        .any(|field| differs(old, new, &format!("spec.{field}")))
    {
        findings.forbidden("spec", CLAIM_RULE);
        return;
    }
    let bound = text(old, "status.phase") == Some("Bound");
    if let (Some(before), Some(after)) = (size(old), size(new)) {
        if before != after && !bound {
            findings.forbidden("spec", CLAIM_RULE);
        } else if after < before {
            findings.forbidden(REQUEST, "field can not be less than status.capacity");
        }
    }
}

fn stateful_set(old: &Node, new: &Node, findings: &mut Findings) {
    let fixed = ["serviceName", "selector", "podManagementPolicy", "volumeClaimTemplates"];
    if fixed.iter().any(|field| differs(old, new, &format!("spec.{field}")))
        && (text(old, "spec.podManagementPolicy"), text(new, "spec.podManagementPolicy"))
            != (Some("OrderedReady"), None)
    {
        findings.forbidden("spec", STATEFUL_SET_RULE);
    }
}

fn pod(old: &Pod, new: &Pod, findings: &mut Findings) {
    let (before, after) = (&old.spec, &new.spec);
    for (field, before, after) in [
        ("spec.containers", before.containers.len(), after.containers.len()),
        ("spec.initContainers", before.init_containers.len(), after.init_containers.len()),
    ] {
        if before != after {
            findings.forbidden(field, "pod updates may not add or remove containers");
            return;
        }
    }
    if let Some(seconds) = after.active_deadline_seconds {
        if before.active_deadline_seconds.is_some_and(|before| seconds > before) {
            let rule = "must be less than or equal to previous value";
            findings.invalid("spec.activeDeadlineSeconds", &seconds.to_string(), rule);
        }
    } else if before.active_deadline_seconds.is_some() {
        let rule = "must not update from a positive integer to nil value";
        findings.invalid("spec.activeDeadlineSeconds", "null", rule);
    }
    // How long they hold may change.
    let same = |a: &Toleration, b: &Toleration| {
        (&a.key, &a.operator, &a.value, &a.effect) == (&b.key, &b.operator, &b.value, &b.effect)
    };
    let kept = |toleration: &Toleration| after.tolerations.iter().any(|t| same(t, toleration));
    if !before.tolerations.iter().all(kept) {
        let rule = "existing toleration can not be modified except its tolerationSeconds";
        findings.forbidden("spec.tolerations", rule);
        return;
    }
    // Gates may go, and none may come.
    let gates = |spec: &PodSpec| {
        spec.scheduling_gates.iter().map(|gate| gate.name.clone()).collect::<Vec<_>>()
    };
    let there = gates(before);
    if let Some(new) = gates(after).iter().find(|gate| !there.contains(gate)) {
        let rule = format!("only deletion is allowed, but found new scheduling gate '{new}'");
        findings.forbidden("spec.schedulingGates", &rule);
        return;
    }
    if frozen(before, before) != frozen(after, before) {
        // The real answer goes on with a diff of the API server's internal object.
        findings.forbidden("spec", POD_RULE);
    }
}

/// The spec with everything that may change set back to what it was.
fn frozen(spec: &PodSpec, before: &PodSpec) -> PodSpec {
    let mut spec = spec.clone();
    let images = |containers: &mut Vec<Container>, before: &[Container]| {
        for (container, before) in containers.iter_mut().zip(before) {
            container.image.clone_from(&before.image);
        }
    };
    images(&mut spec.containers, &before.containers);
    images(&mut spec.init_containers, &before.init_containers);
    spec.active_deadline_seconds = before.active_deadline_seconds;
    spec.tolerations.clone_from(&before.tolerations);
    spec.scheduling_gates.clone_from(&before.scheduling_gates);
    spec
}

/// A value as compact JSON with sorted keys, as errors print it.
fn json(node: Option<&Node>) -> String {
    let Some(node) = node else { return "null".to_owned() };
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Float(value) => value.to_string(),
        Value::String(text) => quoted(text),
        Value::Seq(items) => {
            let items: Vec<String> = items.iter().map(|item| json(Some(item))).collect();
            format!("[{}]", items.join(","))
        }
        Value::Map(entries) => {
            let mut entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}:{}", quoted(&key.name), json(Some(value))))
                .collect();
            crate::order::sort(&mut entries);
            format!("{{{}}}", entries.join(","))
        }
    }
}
