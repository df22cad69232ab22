//! `kubectl describe` of Deployments, ReplicaSets, StatefulSets and DaemonSets.

use crate::manifest::Object;
use crate::manifest::meta::{LabelSelector, ObjectMeta};
use crate::manifest::pod::PodTemplateSpec;
use crate::manifest::quantity::IntOrString;
use crate::manifest::selector;
use crate::manifest::workloads::{
    DaemonSet, Deployment, REPLICATION_CONTROLLER, ReplicaSet, StatefulSet, WorkloadCondition,
};

use super::container::{Place, containers, tolerations, topology_spread, volumes};
use super::pod::controlled_by;
use super::{Context, Writer};

/// The label that tells the ReplicaSets of a Deployment, and their Pods, apart.
const TEMPLATE_HASH: &str = "pod-template-hash";

pub(super) fn deployment(w: &mut Writer, context: &Context<'_>, deployment: &Deployment) {
    let Deployment { metadata, spec, status } = deployment;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    let created = metadata.creation_timestamp.unwrap_or_default();
    w.field(0, "CreationTimestamp", &created.rfc1123z());
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    w.field(0, "Selector", &spec.selector.as_ref().map(selector::format).unwrap_or_default());
    w.field(
        0,
        "Replicas",
        &format!(
            "{} desired | {} updated | {} total | {} available | {} unavailable",
            spec.replicas.unwrap_or(1),
            status.updated_replicas,
            status.replicas,
            status.available_replicas,
            status.unavailable_replicas
        ),
    );
    w.field(0, "StrategyType", &spec.strategy.kind);
    w.field(0, "MinReadySeconds", &spec.min_ready_seconds.to_string());
    if let Some(rolling) = &spec.strategy.rolling_update {
        let text = |value: &Option<IntOrString>| value.clone().unwrap_or_default().to_string();
        w.field(
            0,
            "RollingUpdateStrategy",
            &format!(
                "{} max unavailable, {} max surge",
                text(&rolling.max_unavailable),
                text(&rolling.max_surge)
            ),
        );
    }
    template(w, &spec.template);
    conditions(w, &status.conditions);
    let (old, new) = replica_sets(context, deployment);
    if !old.is_empty() || !new.is_empty() {
        w.field(0, "OldReplicaSets", &list(&old));
        w.field(0, "NewReplicaSet", &list(&new));
    }
    w.events(context, metadata);
}

pub(super) fn replica_set(w: &mut Writer, context: &Context<'_>, replica_set: &ReplicaSet) {
    let ReplicaSet { metadata, spec, status, .. } = replica_set;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    w.field(0, "Selector", &spec.selector.as_ref().map(selector::format).unwrap_or_default());
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    controlled_by(w, metadata);
    let desired = spec.replicas.unwrap_or(1);
    w.field(0, "Replicas", &format!("{} current / {desired} desired", status.replicas));
    pods_status(w, context, metadata, spec.selector.as_ref());
    template(w, &spec.template);
    if replica_set.kind != REPLICATION_CONTROLLER {
        conditions(w, &status.conditions);
    }
    w.events(context, metadata);
}

/// How many Pods of a selector there are in each phase.
fn pods_status(
    w: &mut Writer,
    context: &Context<'_>,
    metadata: &ObjectMeta,
    selector: Option<&LabelSelector>,
) {
    let count = |phase: &str| {
        context
            .state
            .pods()
            .filter(|pod| owned_by(&pod.metadata, &metadata.uid))
            .filter(|pod| selector.is_some_and(|s| s.matches(&pod.metadata.labels)))
            .filter(|pod| pod.status.phase == phase)
            .count()
    };
    w.field(
        0,
        "Pods Status",
        &format!(
            "{} Running / {} Waiting / {} Succeeded / {} Failed",
            count("Running"),
            count("Pending"),
            count("Succeeded"),
            count("Failed")
        ),
    );
}

pub(super) fn stateful_set(w: &mut Writer, context: &Context<'_>, set: &StatefulSet) {
    let StatefulSet { metadata, spec, status } = set;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    let created = metadata.creation_timestamp.unwrap_or_default();
    w.field(0, "CreationTimestamp", &created.rfc1123z());
    w.field(0, "Selector", &spec.selector.as_ref().map(selector::format).unwrap_or_default());
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    let desired = spec.replicas.unwrap_or(1);
    w.field(0, "Replicas", &format!("{desired} desired | {} total", status.replicas));
    w.field(0, "Update Strategy", &spec.update_strategy.kind);
    if let Some(rolling) = &spec.update_strategy.rolling_update {
        w.field(1, "Partition", &rolling.partition.unwrap_or(0).to_string());
    }
    pods_status(w, context, metadata, spec.selector.as_ref());
    template(w, &spec.template);
    if spec.volume_claim_templates.is_empty() {
        w.field(0, "Volume Claims", "<none>");
    } else {
        w.line(0, "Volume Claims:");
    }
    for claim in &spec.volume_claim_templates {
        w.field(1, "Name", &claim.metadata.name);
        let class = claim.spec.storage_class_name.clone().unwrap_or_default();
        w.field(1, "StorageClass", &class);
        w.labels("  Labels", &claim.metadata.labels);
        w.annotations("  Annotations", &claim.metadata.annotations);
        let capacity = claim.spec.resources.requests.get("storage");
        w.field(1, "Capacity", capacity.map_or("<default>", |quantity| quantity.text()));
        w.field(1, "Access Modes", &format!("[{}]", claim.spec.access_modes.join(" ")));
    }
    w.events(context, metadata);
}

pub(super) fn daemon_set(w: &mut Writer, context: &Context<'_>, set: &DaemonSet) {
    let DaemonSet { metadata, spec, status } = set;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    w.field(0, "Selector", &spec.selector.as_ref().map(selector::format).unwrap_or_default());
    w.labels("Node-Selector", &spec.template.spec.node_selector);
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    for (label, number) in [
        ("Desired Number of Nodes Scheduled", status.desired_number_scheduled),
        ("Current Number of Nodes Scheduled", status.current_number_scheduled),
        ("Number of Nodes Scheduled with Up-to-date Pods", status.updated_number_scheduled),
        ("Number of Nodes Scheduled with Available Pods", status.number_available),
        ("Number of Nodes Misscheduled", status.number_misscheduled),
    ] {
        // describeDaemonSet prints these without columns.
        w.line(0, &format!("{label}: {number}"));
    }
    pods_status(w, context, metadata, spec.selector.as_ref());
    template(w, &spec.template);
    w.events(context, metadata);
}

fn owned_by(metadata: &ObjectMeta, uid: &str) -> bool {
    metadata.owner_references.iter().any(|owner| owner.controller && owner.uid == uid)
}

pub(super) fn template(w: &mut Writer, template: &PodTemplateSpec) {
    let spec = &template.spec;
    w.line(0, "Pod Template:");
    w.labels("  Labels", &template.metadata.labels);
    if !template.metadata.annotations.is_empty() {
        w.annotations("  Annotations", &template.metadata.annotations);
    }
    if !spec.service_account_name.is_empty() {
        w.field(1, "Service Account", &spec.service_account_name);
    }
    if !spec.init_containers.is_empty() {
        containers(w, "Init Containers", &spec.init_containers, &[], &Place::Template);
    }
    containers(w, "Containers", &spec.containers, &[], &Place::Template);
    volumes(w, &spec.volumes, &Place::Template);
    topology_spread(w, &spec.topology_spread_constraints, &Place::Template);
    if !spec.priority_class_name.is_empty() {
        w.field(1, "Priority Class Name", &spec.priority_class_name);
    }
    w.labels("  Node-Selectors", &spec.node_selector);
    tolerations(w, "  Tolerations", &spec.tolerations);
}

fn conditions(w: &mut Writer, conditions: &[WorkloadCondition]) {
    if conditions.is_empty() {
        return;
    }
    w.line(0, "Conditions:\n  Type\tStatus\tReason");
    w.line(1, "----\t------\t------");
    for WorkloadCondition { kind, status, reason, .. } in conditions {
        w.line(1, &format!("{kind} \t{status}\t{reason}"));
    }
}

/// The ReplicaSets of a Deployment, oldest first: those of earlier templates, and that of the
/// current one.
///
/// Models kubectl/pkg/util/deployment GetAllReplicaSets: the new one has the same template, its
/// hash aside.
fn replica_sets<'s>(
    context: &Context<'s>,
    deployment: &Deployment,
) -> (Vec<&'s ReplicaSet>, Vec<&'s ReplicaSet>) {
    let mut owned: Vec<&ReplicaSet> = context
        .state
        .objects
        .iter()
        .filter_map(|object| match object {
            Object::ReplicaSet(set) if owned_by(&set.metadata, &deployment.metadata.uid) => {
                Some(&**set)
            }
            _ => None,
        })
        .collect();
    crate::order::sort_by(&mut owned, |a, b| {
        let key = |set: &ReplicaSet| (set.metadata.creation_timestamp, set.metadata.name.clone());
        key(a).cmp(&key(b))
    });
    let new = owned.iter().position(|set| {
        let mut template = set.spec.template.clone();
        template.metadata.labels.remove(TEMPLATE_HASH);
        let mut wanted = deployment.spec.template.clone();
        wanted.metadata.labels.remove(TEMPLATE_HASH);
        template == wanted
    });
    let new = new.map(|index| owned.remove(index));
    (owned, new.into_iter().collect())
}

fn list(sets: &[&ReplicaSet]) -> String {
    if sets.is_empty() {
        return "<none>".to_owned();
    }
    let texts: Vec<String> = sets
        .iter()
        .map(|set| {
            format!(
                "{} ({}/{} replicas created)",
                set.metadata.name,
                set.status.replicas,
                set.spec.replicas.unwrap_or(1)
            )
        })
        .collect();
    texts.join(", ")
}
