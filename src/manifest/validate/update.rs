//! What the API server refuses when an object is applied again: fields that cannot change.
//!
//! Models ValidatePodUpdate and its neighbours in pkg/apis/*/validation. Does not own: how values
//! are printed (`manifest::internal`).

use crate::manifest::encode::{Encode, Tree};
use crate::manifest::meta::LabelSelector;
use crate::manifest::node::Node;
use crate::manifest::pod::{Container, Pod, PodSpec, Toleration};
use crate::manifest::storage::PersistentVolumeClaim;
use crate::manifest::validate::workload::text;
use crate::manifest::validate::{Findings, quoted};
use crate::manifest::workloads::Job;
use crate::manifest::{Object, defaults, diff, internal};

const POD_RULE: &str = "pod updates may not change fields other than \
    `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,\
    `spec.tolerations` (only additions to existing tolerations),\
    `spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)";
const CLAIM_RULE: &str = "spec is immutable after creation except resources.requests and \
    volumeAttributesClassName for bound claims";
const STATEFUL_SET_RULE: &str = "updates to statefulset spec for fields other than 'replicas', \
    'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', \
    'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

/// What the API server puts on the Pods of a Job; the document says none of it.
const JOB_LABELS: [&str; 4] = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
];
const IMMUTABLE: &str = "field is immutable";
const SEALED: &str = "field is immutable when `immutable` is set";

/// Checks an object against the one of the same name that was applied before it; the documents,
/// where there are any, hold what no type of ours reads.
pub fn check(old: (&Object, &Node), new: (&Object, &Node), findings: &mut Findings) {
    match (old.0, new.0) {
        (Object::Pod(before), Object::Pod(after)) => {
            pod((before, old.1), (after, new.1), findings);
        }
        (Object::Deployment(before), Object::Deployment(after)) => {
            selector(&before.spec.selector, &after.spec.selector, findings);
        }
        (Object::ReplicaSet(before), Object::ReplicaSet(after)) if !before.is_legacy() => {
            selector(&before.spec.selector, &after.spec.selector, findings);
        }
        (Object::DaemonSet(before), Object::DaemonSet(after)) => {
            selector(&before.spec.selector, &after.spec.selector, findings);
        }
        (Object::Service(before), Object::Service(after)) => {
            let (before, after) = (&before.spec.cluster_ip, &after.spec.cluster_ip);
            // The first one was given an address, whatever it was.
            if !after.is_empty() && before != after {
                let value = format!("[{}]", quoted(after));
                findings.invalid("spec.clusterIPs[0]", &value, "may not change once set");
            }
        }
        (Object::ConfigMap(before), Object::ConfigMap(after)) if before.immutable == Some(true) => {
            for (field, same) in [
                ("immutable", after.immutable == Some(true)),
                ("data", before.data == after.data),
                ("binaryData", before.binary_data == after.binary_data),
            ] {
                if !same {
                    findings.forbidden(field, SEALED);
                }
            }
        }
        (Object::Secret(before), Object::Secret(after)) => {
            if before.kind != after.kind {
                findings.invalid_text("type", &after.kind, IMMUTABLE);
            }
            if before.immutable == Some(true) {
                for (field, same) in [
                    ("immutable", after.immutable == Some(true)),
                    ("data", before.data == after.data),
                ] {
                    if !same {
                        findings.forbidden(field, SEALED);
                    }
                }
            }
        }
        (Object::StatefulSet(before), Object::StatefulSet(after)) => {
            let (one, other) = (&before.spec, &after.spec);
            if one.service_name != other.service_name
                || one.selector != other.selector
                || one.pod_management_policy != other.pod_management_policy
                || one.volume_claim_templates != other.volume_claim_templates
            {
                findings.forbidden("spec", STATEFUL_SET_RULE);
            }
        }
        (Object::Job(before), Object::Job(after)) => job(before, (after, new.1), findings),
        (Object::PersistentVolumeClaim(before), Object::PersistentVolumeClaim(after)) => {
            claim(before, after, findings);
        }
        (Object::PriorityClass(before), Object::PriorityClass(after)) => {
            if before.value != after.value {
                findings.forbidden("value", "may not be changed in an update.");
            }
            if before.preemption_policy != after.preemption_policy {
                findings.invalid_text("preemptionPolicy", &after.preemption_policy, IMMUTABLE);
            }
        }
        (Object::StorageClass(_), Object::StorageClass(_)) => {
            for field in ["parameters", "provisioner", "reclaimPolicy"] {
                if differs(old.1, new.1, field) {
                    findings.forbidden(field, &format!("updates to {field} are forbidden."));
                }
            }
            if differs(old.1, new.1, "volumeBindingMode") {
                let mode = text(new.1, "volumeBindingMode").unwrap_or_default();
                findings.invalid_text("volumeBindingMode", mode, IMMUTABLE);
            }
        }
        (Object::Unsimulated(before), Object::Unsimulated(_))
            if before.kind.ends_with("RoleBinding") && differs(old.1, new.1, "roleRef") =>
        {
            let word = |name: &str| text(new.1, &format!("roleRef.{name}")).unwrap_or_default();
            let value = format!(
                "{{\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":{},\"Name\":{}}}",
                quoted(word("kind")),
                quoted(word("name"))
            );
            findings.invalid("roleRef", &value, "cannot change roleRef");
        }
        _ => {}
    }
}

fn selector(
    before: &Option<LabelSelector>,
    after: &Option<LabelSelector>,
    findings: &mut Findings,
) {
    if before != after {
        findings.invalid("spec.selector", &internal::json(&after.encode()), IMMUTABLE);
    }
}

fn differs(old: &Node, new: &Node, field: &str) -> bool {
    let value = |root: &Node| internal::json(&internal::whole(Tree::Null, root.at(field)));
    value(old) != value(new)
}

/// Models ValidateJobSpecUpdate.
fn job(old: &Job, (new, document): (&Job, &Node), findings: &mut Findings) {
    let (before, after) = (&old.spec, &new.spec);
    let number = |number: Option<i32>| internal::json(&number.encode());
    let indexed = after.completion_mode.as_deref() == Some("Indexed");
    // An Indexed Job may grow and shrink, both numbers together.
    let elastic = indexed && after.completions == after.parallelism;
    if before.completions != after.completions && !elastic {
        findings.invalid("spec.completions", &number(after.completions), IMMUTABLE);
    }
    let mut template = after.template.clone();
    let uid = "00000000-0000-0000-0000-000000000000".to_owned();
    for label in JOB_LABELS {
        let known = before.template.metadata.labels.get(label).cloned();
        let made = if label.ends_with("uid") { uid.clone() } else { new.metadata.name.clone() };
        template.metadata.labels.insert(label.to_owned(), known.unwrap_or(made));
    }
    let mut bare = (before.template.clone(), template.clone());
    for label in JOB_LABELS {
        bare.0.metadata.labels.remove(label);
        bare.1.metadata.labels.remove(label);
    }
    if before.suspend == Some(true) && old.status.start_time.is_none() {
        // AllowMutableSchedulingDirectives: nothing of it has run yet.
        let (one, other) = (&mut bare.0, &bare.1);
        one.metadata = other.metadata.clone();
        one.spec.node_selector.clone_from(&other.spec.node_selector);
        one.spec.affinity.clone_from(&other.spec.affinity);
        one.spec.tolerations.clone_from(&other.spec.tolerations);
        one.spec.scheduling_gates.clone_from(&other.spec.scheduling_gates);
    }
    if bare.0 != bare.1 {
        let tree = internal::whole(template.encode(), document.at("spec.template"));
        findings.invalid("spec.template", &internal::template(&tree), IMMUTABLE);
    }
    if before.completion_mode != after.completion_mode {
        let mode = internal::json(&after.completion_mode.encode());
        findings.invalid("spec.completionMode", &mode, IMMUTABLE);
    }
    if before.backoff_limit_per_index != after.backoff_limit_per_index {
        let value = number(after.backoff_limit_per_index);
        findings.invalid("spec.backoffLimitPerIndex", &value, IMMUTABLE);
    }
}

/// Models ValidatePersistentVolumeClaimUpdate.
fn claim(old: &PersistentVolumeClaim, new: &PersistentVolumeClaim, findings: &mut Findings) {
    let storage =
        |claim: &PersistentVolumeClaim| claim.spec.resources.requests.get("storage").cloned();
    let mut spec = new.spec.clone();
    spec.volume_name.clone_from(&old.spec.volume_name);
    if old.status.phase == "Bound" {
        spec.resources.requests.clone_from(&old.spec.resources.requests);
    }
    if spec.storage_class_name.is_none() {
        // The first one was given a default.
        spec.storage_class_name.clone_from(&old.spec.storage_class_name);
    }
    if spec != old.spec {
        // The real answer goes on with a diff of the API server's internal object.
        findings.forbidden("spec", CLAIM_RULE);
    }
    if let (Some(before), Some(after)) = (storage(old), storage(new))
        && after.compare(&before).is_lt()
        && old.status.capacity.get("storage").is_none_or(|there| after.compare(there).is_le())
    {
        let rule = "field can not be less than status.capacity";
        findings.forbidden("spec.resources.requests.storage", rule);
    }
}

fn pod(old: (&Pod, &Node), new: (&Pod, &Node), findings: &mut Findings) {
    let ((old, old_document), (new, document)) = (old, new);
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
        let lines = |pod: &Pod, spec: PodSpec, document: &Node| {
            let mut pod = Pod { spec: spec.into(), ..pod.clone() };
            // A Pod that was never stored has not got what admission writes.
            if pod.spec.service_account.is_empty() {
                defaults::admit(&mut pod, "xxxxx");
            }
            let tree = internal::whole(pod.spec.encode(), document.at("spec"));
            internal::lines("PodSpec", &tree)
        };
        let (before, after) = (
            lines(old, frozen(before, before), old_document),
            lines(new, frozen(after, before), document),
        );
        findings.forbidden("spec", &format!("{POD_RULE}\n{}", diff::unified(&before, &after)));
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
