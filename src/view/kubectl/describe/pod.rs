//! `kubectl describe pod`.

use crate::manifest::meta::ObjectMeta;
use crate::manifest::pod::{Pod, PodCondition};
use crate::view::kubectl::pod_row::age;

use super::container::{Place, containers, resources, tolerations, topology_spread, volumes};
use super::{Context, Writer};

/// The controller of an object: `ReplicaSet/web-5d4`.
pub(super) fn controlled_by(w: &mut Writer, metadata: &ObjectMeta) {
    if let Some(owner) = metadata.owner_references.iter().find(|owner| owner.controller) {
        w.field(0, "Controlled By", &format!("{}/{}", owner.kind, owner.name));
    }
}

pub(super) fn describe(w: &mut Writer, context: &Context<'_>, pod: &Pod) {
    let Pod { metadata, spec, status } = pod;
    identity(w, context, pod);
    w.field(0, "IP", &status.pod_ip);
    if status.pod_ips.is_empty() {
        w.field(0, "IPs", "<none>");
    } else {
        w.line(0, "IPs:");
        for ip in &status.pod_ips {
            w.field(1, "IP", &ip.ip);
        }
    }
    controlled_by(w, metadata);
    if !status.nominated_node_name.is_empty() {
        w.field(0, "NominatedNodeName", &status.nominated_node_name);
    }
    if let Some(amounts) = &spec.resources {
        w.line(0, "Resources:");
        resources(w, 1, amounts);
    }
    let place = Place::Pod(pod);
    let init = &spec.init_containers;
    if !init.is_empty() {
        containers(w, "Init Containers", init, &status.init_container_statuses, &place);
    }
    containers(w, "Containers", &spec.containers, &status.container_statuses, &place);
    let ephemeral = &spec.ephemeral_containers;
    if !ephemeral.is_empty() {
        let statuses = &status.ephemeral_container_statuses;
        containers(w, "Ephemeral Containers", ephemeral, statuses, &place);
    }
    conditions(w, pod);
    volumes(w, &spec.volumes, &place);
    w.field(0, "QoS Class", &status.qos_class);
    w.labels("Node-Selectors", &spec.node_selector);
    tolerations(w, "Tolerations", &spec.tolerations);
    topology_spread(w, &spec.topology_spread_constraints, &place);
    w.events(context, metadata);
}

fn identity(w: &mut Writer, context: &Context<'_>, pod: &Pod) {
    let Pod { metadata, spec, status } = pod;
    w.field(0, "Name", &metadata.name);
    w.field(0, "Namespace", &metadata.namespace);
    if let Some(priority) = spec.priority {
        w.field(0, "Priority", &priority.to_string());
    }
    if !spec.priority_class_name.is_empty() {
        w.field(0, "Priority Class Name", &spec.priority_class_name);
    }
    if let Some(class) = spec.runtime_class_name.as_ref().filter(|class| !class.is_empty()) {
        w.field(0, "Runtime Class Name", class);
    }
    if !spec.service_account_name.is_empty() {
        w.field(0, "Service Account", &spec.service_account_name);
    }
    if spec.node_name.is_empty() {
        w.field(0, "Node", "<none>");
    } else {
        w.field(0, "Node", &format!("{}/{}", spec.node_name, status.host_ip));
    }
    if let Some(start) = status.start_time {
        w.field(0, "Start Time", &start.rfc1123z());
    }
    w.labels("Labels", &metadata.labels);
    w.annotations("Annotations", &metadata.annotations);
    if metadata.deletion_timestamp.is_some() && !pod.is_terminal() {
        // The timestamp lies ahead by the grace period: until then the age is invalid.
        let lasts = age(context.now(), metadata.deletion_timestamp);
        w.field(0, "Status", &format!("Terminating (lasts {lasts})"));
        let grace = metadata.deletion_grace_period_seconds.unwrap_or_default();
        w.field(0, "Termination Grace Period", &format!("{grace}s"));
    } else {
        w.field(0, "Status", &status.phase);
    }
    if !status.reason.is_empty() {
        w.field(0, "Reason", &status.reason);
    }
    if !status.message.is_empty() {
        w.field(0, "Message", &status.message);
    }
}

fn conditions(w: &mut Writer, pod: &Pod) {
    let row = |w: &mut Writer, kind: &str, status: &str| w.line(1, &format!("{kind} \t{status} "));
    if !pod.spec.readiness_gates.is_empty() {
        w.line(0, "Readiness Gates:\n  Type\tStatus");
        for gate in &pod.spec.readiness_gates {
            let status = pod.status.condition(&gate.condition_type);
            row(w, &gate.condition_type, status.map_or("<none>", |c| c.status.as_str()));
        }
    }
    if !pod.status.conditions.is_empty() {
        w.line(0, "Conditions:\n  Type\tStatus");
        for PodCondition { kind, status, .. } in &pod.status.conditions {
            row(w, kind, status);
        }
    }
}
